"""Words and ids, against slow references; and the texts that nobody thinks of."""

import re
import string
from collections import Counter

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor

from coursekit.data.words import Vocabulary, course_words, encode, tokenize

ODD = {
    "empty": "",
    "blanks": " \t\n\u00a0\u2028",
    "one word": "Film",
    "signs": "?!... -- (*)",
    "Cyrillic": "Хороший фильм, но не для меня.",
    "Chinese": "我喜欢这部电影。不错！",
    "Arabic": "فيلم جيد",
    "HTML": '<div class="a">Fine<br/>film</div>',
    "emoji": "Fine 👍🏽 film 🎬🎬 👩‍👩‍👧",
    "combining": "e\u0301clair I\u0307stanbul",
    "control": "a\x00b\x85c",
    "10,000 words": "word " * 10_000,
    "one word of 10,000 letters": "a" * 10_000,
    "unclosed tags": "<" * 500 + "<a" * 500,
}
some_words = st.lists(st.sampled_from(["a", "b", "c", "d", "é", "ß"]), max_size=9)
some_texts = st.lists(some_words, max_size=6)


def course_words_slowly(text: str) -> list[str]:
    """Character by character, as the course's description has it."""
    words, word = [], ""
    for sign in text.lower():
        if sign.isspace():
            words.append(word)
            word = ""
        elif sign not in string.punctuation:
            word += sign
    return [word for word in [*words, word] if word]


@given(text=st.text() | st.text(alphabet="aB.'<>/- \n\u00a0é—", max_size=60))
@example(text="Not bad...at all!<br /><br />It's fun.")
def test_course_words_are_those_of_a_slow_reading(text: str) -> None:
    assert course_words(text) == course_words_slowly(text)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_course_words_of_odd_texts(text: str) -> None:
    assert course_words(text) == course_words_slowly(text)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_tokens_of_odd_texts(text: str) -> None:
    tokens = tokenize(text)
    assert all(tokens)
    assert not any(re.search(r"\s", token) for token in tokens)
    assert tokens == [token.lower() for token in tokens]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Film", ["film"]),
        ("word " * 10_000, ["word"] * 10_000),
        ("Хороший фильм, но не для меня.", ["хороший", "фильм", ",", "но", "не", "для", "меня", "."]),
        ("我喜欢这部电影。", ["我喜欢这部电影", "。"]),
        ('<div class="a">Fine<br/>film</div>', ["fine", "film"]),
        ("fine<BR>film </I>", ["fine", "film"]),
        ("I <3 it, a > b", ["i", "<3", "it", ",", "a", ">", "b"]),
        ("I <3 it > that", ["i", "<3", "it", ">", "that"]),
        ("don't well-made o'clock", ["don't", "well-made", "o'clock"]),
        ("so :-) bad :(", ["so", ":-)", "bad", ":("]),
        ("fine 👍🏽🎬", ["fine", "👍🏽", "🎬"]),
        ("wait . . . what ....", ["wait", "...", "what", "..."]),
        ("1977 - 1982", ["1977", "-", "1982"]),
        ("Tom &amp; Jerry &lt;b&gt;", ["tom", "&", "jerry", "<b>"]),
        ("10/10 7.5", ["10/10", "7.5"]),
    ],
)
def test_what_becomes_one_token(text: str, expected: list[str]) -> None:
    assert tokenize(text) == expected


# Python and the tokenizer disagree on whether the four separators of ASCII are blanks.
@given(text=st.text(st.characters(exclude_characters="\x1c\x1d\x1e\x1f"), max_size=80))
def test_any_text_gives_lower_case_tokens_without_blanks(text: str) -> None:
    for token in tokenize(text):
        assert token
        assert token == "".join(token.split())
        assert token.lower() == token


def ranked(texts: list[list[str]], *, min_count: int, most: int | None) -> list[tuple[str, int]]:
    """Words and counts, by taking out the best again and again."""
    counts = Counter(word for words in texts for word in words)
    left = {word for word in counts if counts[word] >= min_count}
    found: list[tuple[str, int]] = []
    while left and (most is None or len(found) < most):
        best = max(counts[word] for word in left)
        first = min(word for word in left if counts[word] == best)
        found.append((first, best))
        left.remove(first)
    return found


@given(
    texts=some_texts, min_count=st.integers(1, 4), most=st.none() | st.integers(1, 7), unknown=st.booleans()
)
def test_vocabulary_is_ranked_by_count_and_then_by_letters(
    texts: list[list[str]], min_count: int, most: int | None, unknown: bool
) -> None:
    vocabulary = Vocabulary.of(texts, min_count=min_count, most=most, unknown=unknown)
    expected = ranked(texts, min_count=min_count, most=most)
    assert list(zip(vocabulary.words, vocabulary.counts, strict=True)) == expected
    assert len(vocabulary) == len(expected) + (2 if unknown else 1)
    for index, word in enumerate(vocabulary.words, 2 if unknown else 1):
        assert vocabulary.ids([word]) == [index]
        assert vocabulary.word(index) == word
        assert word in vocabulary
    assert vocabulary.word(0) == ""
    assert "other" not in vocabulary
    assert vocabulary.ids(["other"]) == [1 if unknown else 0]
    if unknown:
        assert vocabulary.word(1) == "?"


def test_order_does_not_depend_on_the_order_of_the_texts() -> None:
    texts = [["b", "a"], ["c", "b"], ["a", "d"]]
    assert Vocabulary.of(texts).words == Vocabulary.of(texts[::-1]).words == ("a", "b", "c", "d")


def test_vocabulary_of_nothing() -> None:
    for texts in ([], [[]]):
        assert len(Vocabulary.of(texts)) == 1
        assert Vocabulary.of(texts, unknown=True).ids(["a"]) == [1]


def test_vocabulary_is_printed_by_its_size() -> None:
    assert repr(Vocabulary(Counter(map(str, range(1_234))))) == "Vocabulary(1,234 words)"


@pytest.mark.parametrize(("name", "value"), [("min_count", 0), ("most", 0), ("min_count", -3), ("most", -1)])
def test_limits_below_one_are_refused(name: str, value: int) -> None:
    with pytest.raises(ValueError) as caught:
        Vocabulary.of([["a"]], **{name: value})
    assert str(caught.value) == f"{name} is {value}; it must be at least 1"


@pytest.mark.parametrize("index", [-1, 3])
def test_id_that_there_is_not(index: int) -> None:
    with pytest.raises(IndexError) as caught:
        Vocabulary.of([["a", "b"]]).word(index)
    assert str(caught.value) == f"there is no id {index}; the vocabulary has 0 to 2"


def encode_slowly(
    texts: list[list[str]], vocabulary: Vocabulary, *, length: int, padding: str, keep: str
) -> Tensor:
    """Place by place."""
    ids = torch.zeros(len(texts), length, dtype=torch.int32)
    for row, words in enumerate(texts):
        kept = min(len(words), length)
        cut = len(words) - kept if keep == "last" else 0
        shift = length - kept if padding == "left" else 0
        for place in range(kept):
            word = words[cut + place]
            found = vocabulary.words.index(word) + vocabulary.first if word in vocabulary.words else None
            ids[row, shift + place] = vocabulary.first - 1 if found is None else found
    return ids


@given(
    texts=some_texts,
    known=some_texts,
    length=st.integers(1, 12),
    padding=st.sampled_from(["left", "right"]),
    keep=st.sampled_from(["first", "last"]),
    unknown=st.booleans(),
)
def test_encoding_is_that_of_place_by_place(
    texts: list[list[str]], known: list[list[str]], length: int, padding: str, keep: str, unknown: bool
) -> None:
    vocabulary = Vocabulary.of(known, unknown=unknown)
    ids = encode(texts, vocabulary, length=length, padding=padding, keep=keep)
    assert ids.dtype == torch.int32
    assert ids.shape == (len(texts), length)
    assert torch.equal(ids, encode_slowly(texts, vocabulary, length=length, padding=padding, keep=keep))
    assert torch.equal(ids, encode(iter(texts), vocabulary, length=length, padding=padding, keep=keep))


@pytest.mark.parametrize("split", [course_words, tokenize])
def test_odd_texts_are_encoded(split) -> None:
    texts = [split(text) for text in ODD.values()]
    vocabulary = Vocabulary.of(texts, unknown=True)
    ids = encode(texts, vocabulary, length=200, padding="left")
    assert torch.equal((ids > 0).sum(dim=1), torch.tensor([min(len(words), 200) for words in texts]))


def test_text_of_unknown_words_alone() -> None:
    known = [["fine"]]
    for unknown, expected in ((False, [[0, 0, 0]]), (True, [[1, 1, 0]])):
        vocabulary = Vocabulary.of(known, unknown=unknown)
        assert encode([["no", "idea"]], vocabulary, length=3, padding="right").tolist() == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"length": 0, "padding": "left"}, "length is 0; it must be at least 1"),
        ({"length": 3, "padding": "both"}, "padding is 'both'; choose 'left' or 'right'"),
        ({"length": 3, "padding": "left", "keep": "middle"}, "keep is 'middle'; choose 'first' or 'last'"),
    ],
)
def test_settings_that_are_none(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        encode([["a"]], Vocabulary.of([["a"]]), **settings)
    assert str(caught.value) == message
