"""From a text to the ids of its words: the course's preparation, a better one, and the vocabulary."""

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

if TYPE_CHECKING:
    from nltk.tokenize import TweetTokenizer

_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)
#: What an HTML tag looks like; unlike "<3 … >" it begins with a letter.
TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


def course_words(text: str) -> list[str]:
    """The course's preparation: lower case, ASCII punctuation removed, split at blanks.

    What stood on both sides of a removed sign grows together, ``<br />`` leaves the word ``br``.

    Examples
    --------
    >>> course_words("Not bad...at all!<br /><br />It's fun.")
    ['not', 'badat', 'allbr', 'br', 'its', 'fun']
    """
    return text.lower().translate(_WITHOUT_PUNCTUATION).split()


def tokenize(text: str) -> list[str]:
    """Lower-case words and signs, without HTML tags: contractions, emoticons and emoji stay in one piece.

    References
    ----------
    ``nltk.tokenize.TweetTokenizer``, which also turns HTML entities into the signs that they stand for. Its
    few tokens with blanks (``. . .``) are closed up.

    Examples
    --------
    >>> tokenize("Not bad...at all!<br /><br />It's fun &amp; short :-)")
    ['not', 'bad', '...', 'at', 'all', '!', "it's", 'fun', '&', 'short', ':-)']
    """
    return ["".join(token.split()).lower() for token in _tokenizer().tokenize(TAG.sub(" ", text))]


@cache
def _tokenizer() -> "TweetTokenizer":
    from nltk.tokenize import TweetTokenizer

    return TweetTokenizer(match_phone_numbers=False)


class Vocabulary:
    """The ids of words: 0 is padding, the words follow by falling frequency, equal ones alphabetically.

    Parameters
    ----------
    counts
        How often each word occurs.
    min_count, most
        Words that occur less often get no id; nor do those after the `most` most frequent ones.
    unknown
        Give words without an id one of their own, 1. Without it they share 0 with the padding, as in the
        course.

    Raises
    ------
    ValueError
        If `min_count` or `most` is below 1.

    Examples
    --------
    >>> found = Vocabulary.of([["a", "fine", "film"], ["a", "dull", "film"], ["a", "joke"]], min_count=2)
    >>> found.words, len(found), found.ids(["a", "dull", "film"])
    (('a', 'film'), 3, [1, 0, 2])
    >>> Vocabulary.of([["fine"]], unknown=True).ids(["fine", "dull"])
    [2, 1]
    """

    def __init__(
        self, counts: Counter[str], *, min_count: int = 1, most: int | None = None, unknown: bool = False
    ) -> None:
        for name, value in (("min_count", min_count), ("most", most)):
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; it must be at least 1")
        kept = sorted((-n, word) for word, n in counts.items() if n >= min_count)[:most]
        self.words = tuple(word for _, word in kept)
        self.counts = tuple(-n for n, _ in kept)
        self.first = 2 if unknown else 1
        self._unknown = self.first - 1
        self._ids = {word: index for index, word in enumerate(self.words, self.first)}

    @classmethod
    def of(
        cls,
        texts: Iterable[Sequence[str]],
        *,
        min_count: int = 1,
        most: int | None = None,
        unknown: bool = False,
    ) -> "Vocabulary":
        """The vocabulary of texts that are split into words."""
        counts = Counter(word for words in texts for word in words)
        return cls(counts, min_count=min_count, most=most, unknown=unknown)

    def ids(self, words: Iterable[str]) -> list[int]:
        """The id of every word."""
        return [self._ids.get(word, self._unknown) for word in words]

    def word(self, index: int) -> str:
        """The word of an id; ``""`` for padding and ``"?"`` for the unknown.

        Raises
        ------
        IndexError
            If there is no such id.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there is no id {index}; the vocabulary has 0 to {len(self) - 1}")
        if index < self.first:
            return "" if index == 0 else "?"
        return self.words[index - self.first]

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __len__(self) -> int:
        """How many ids there are: the rows of an embedding."""
        return self.first + len(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.words):,} words)"


def encode(
    texts: Iterable[Sequence[str]],
    vocabulary: Vocabulary,
    *,
    length: int,
    padding: Literal["left", "right"],
    keep: Literal["first", "last"] = "first",
) -> Tensor:
    """The ids of many texts, cut and padded with 0 to one length.

    Parameters
    ----------
    texts
        Each split into words.
    length
        Ids of each text.
    padding
        The side on which short texts are padded.
    keep
        Which words of longer texts are kept.

    Returns
    -------
    Tensor, int32 (n, length)

    Raises
    ------
    ValueError
        If `length` is below 1, or `padding` or `keep` is none of these words.

    Examples
    --------
    >>> some = Vocabulary.of([["a", "a", "fine", "fine", "film"]])
    >>> encode([["a", "film"], []], some, length=3, padding="left")
    tensor([[0, 1, 3],
            [0, 0, 0]], dtype=torch.int32)
    >>> encode([["a", "fine", "film"]], some, length=2, padding="right", keep="last")
    tensor([[2, 3]], dtype=torch.int32)
    """
    if length < 1:
        raise ValueError(f"length is {length}; it must be at least 1")
    for name, value, allowed in (("padding", padding, ("left", "right")), ("keep", keep, ("first", "last"))):
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}; choose {allowed[0]!r} or {allowed[1]!r}")
    part = slice(length) if keep == "first" else slice(-length, None)
    rows = [vocabulary.ids(words[part]) for words in texts]
    encoded = torch.zeros(len(rows), length, dtype=torch.int32)
    for row, ids in zip(encoded, rows, strict=True):
        if ids:
            place = slice(-len(ids), None) if padding == "left" else slice(len(ids))
            row[place] = torch.tensor(ids, dtype=torch.int32)
    return encoded
