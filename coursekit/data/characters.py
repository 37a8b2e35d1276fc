"""From a sentence to the ids of its characters: the course's preparation, a gentler one, the vocabulary."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

PAD, SOS, EOS, UNK = 0, 1, 2, 3

# U+FFFD stands for an unknown character in a text.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_SENTENCE_END = re.compile(r"([.!?])")
_OTHER = re.compile(r"[^a-z.!?]+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"'})


def course_text(text: str) -> str:
    """The course's preparation: what is left are the letters a to z, ``.``, ``!``, ``?`` and single blanks.

    Lower case; accents stripped (NFD without the marks, Mn); a blank before ``.``, ``!`` and ``?``; every run
    of other signs becomes one blank. ``¿`` at the beginning leaves a blank there, ``ñ`` becomes ``n``.

    Examples
    --------
    >>> course_text("¿Cuántos años tienes?"), course_text("That isn't real.")
    (' cuantos anos tienes ?', 'that isn t real .')
    """
    marked = unicodedata.normalize("NFD", text.lower())
    bare = "".join(character for character in marked if unicodedata.category(character) != "Mn")
    return _OTHER.sub(" ", _SENTENCE_END.sub(r" \1", bare))


def book_text(text: str) -> str:
    """A preparation that loses no letter: NFC, lower case, plain quotation marks, single blanks.

    Composed and decomposed spellings of a letter become one; ``ñ``, accents, ``¿`` and ``¡`` stay.

    References
    ----------
    Unicode Standard Annex #15, normalisation form C.

    Examples
    --------
    >>> book_text("¿Cuántos an\\u0303os  tienes?"), book_text("That isn’t real.")
    ('¿cuántos años tienes?', "that isn't real.")
    """
    # Before, as some signs compose to others; behind, as some letters come apart in lower case.
    plain = unicodedata.normalize("NFC", text).translate(_QUOTES).lower()
    return " ".join(unicodedata.normalize("NFC", plain).split())


class Characters:
    """The ids of characters: 0 is padding, 1 begins and 2 ends a sentence, 3 is unknown; then by code points.

    Parameters
    ----------
    texts
        Sentences whose characters get an id each.

    Examples
    --------
    >>> letters = Characters(["hola", "ola"])
    >>> len(letters), letters.ids("halo"), letters.ids("ñ")
    (8, [5, 4, 6, 7], [3])
    >>> letters.text([5, 7, 6, 4, 2, 4])
    'hola'
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.characters = "".join(sorted({character for text in texts for character in text}))
        self._ids = {character: index for index, character in enumerate(self.characters, UNK + 1)}

    def ids(self, text: str) -> list[int]:
        """The id of every character."""
        return [self._ids.get(character, UNK) for character in text]

    def text(self, ids: Iterable[int] | Tensor) -> str:
        """The characters of ids up to the first that ends the sentence; beginnings and padding are left out.

        Raises
        ------
        IndexError
            If there is no such id.
        """
        found = []
        for index in ids.tolist() if isinstance(ids, Tensor) else ids:
            if not 0 <= index < len(self):
                raise IndexError(f"there is no id {index}; the vocabulary has 0 to {len(self) - 1}")
            if index == EOS:
                break
            if index > UNK:
                found.append(self.characters[index - UNK - 1])
            elif index == UNK:
                found.append(REPLACEMENT)
        return "".join(found)

    def __len__(self) -> int:
        """How many ids there are: the rows of an embedding."""
        return UNK + 1 + len(self.characters)

    def __repr__(self) -> str:
        return f"Characters({len(self.characters)})"


def encode_characters(
    texts: Sequence[str], characters: Characters, *, wrap: bool = False, length: int | None = None
) -> Tensor:
    """The ids of sentences, padded on the right with 0.

    Parameters
    ----------
    texts
        n sentences; an empty one is a row of padding.
    wrap
        Put the beginning (1) before each and the end (2) behind it, as for the target of a translation.
    length
        Ids of each row; those of the longest sentence, at least 1, if not given.

    Returns
    -------
    Tensor, int64 (n, length)

    Raises
    ------
    ValueError
        If a sentence is longer than `length`.

    Examples
    --------
    >>> letters = Characters(["hola"])
    >>> encode_characters(["hola", "no", ""], letters, wrap=True)
    tensor([[1, 5, 7, 6, 4, 2],
            [1, 3, 7, 2, 0, 0],
            [1, 2, 0, 0, 0, 0]])
    """
    rows = [characters.ids(text) for text in texts]
    if wrap:
        rows = [[SOS, *row, EOS] for row in rows]
    longest = max(map(len, rows), default=0)
    width = max(1, longest) if length is None else length
    if longest > width:
        raise ValueError(
            f"a sentence has {longest} ids, more than length, {length}; give a length of {longest}"
        )
    encoded = torch.full((len(rows), width), PAD)
    for row, ids in zip(encoded, rows, strict=True):
        row[: len(ids)] = torch.tensor(ids, dtype=torch.int64)
    return encoded


def teacher_forced(
    pairs: Iterable[tuple[str, str]], source: Characters, target: Characters
) -> tuple[Tensor, Tensor]:
    """Sentence pairs as inputs and labels of a decoder that is given the true characters before each.

    Parameters
    ----------
    pairs
        Sentences and their translations, n at least.
    source, target
        The vocabulary of each side.

    Returns
    -------
    inputs, labels : int64 (n, 2, length) and (n, length)
        ``inputs[:, 0]`` are the sources and ``inputs[:, 1]`` the targets behind their beginning (1), padded
        on the right with 0; ``labels`` are the targets in front of their end (2): what is to be predicted.

    Raises
    ------
    ValueError
        If there is no pair.

    Examples
    --------
    >>> letters = Characters(["no", "si"])
    >>> inputs, labels = teacher_forced([("si", "so")], letters, letters)
    >>> inputs[0].tolist(), labels[0].tolist()
    ([[7, 4, 0], [1, 7, 6]], [7, 6, 2])
    """
    sources, targets = zip(*pairs, strict=True) if (pairs := list(pairs)) else ((), ())
    if not sources:
        raise ValueError("there are no sentence pairs; pass at least one")
    wrapped = encode_characters(targets, target, wrap=True)
    length = max(wrapped.shape[1] - 1, *map(len, sources))
    sources_in = encode_characters(sources, source, length=length)
    missing = length - wrapped.shape[1] + 1
    wrapped = torch.nn.functional.pad(wrapped, (0, missing), value=PAD)
    # The input in front of a label of padding does not matter; without the end it is padding, too.
    targets_in = wrapped[:, :-1].masked_fill(wrapped[:, :-1] == EOS, PAD)
    return torch.stack([sources_in, targets_in], dim=1), wrapped[:, 1:]
