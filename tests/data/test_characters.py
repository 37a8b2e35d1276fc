"""Characters and ids: what the preparations keep, and what a decoder is given and asked for."""

import re
import unicodedata

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from coursekit.data.characters import (
    EOS,
    PAD,
    REPLACEMENT,
    SOS,
    UNK,
    Characters,
    book_text,
    course_text,
    encode_characters,
    teacher_forced,
)

# Letters of both languages, composed and in two signs, other scripts, signs, blanks.
mixed = st.text(alphabet="aZñÑéßİ¿¡?!.,'’\"«»–—-0123 \t\n\u00a0\u0301\u0303дΣ你", max_size=30)
any_text = st.text(max_size=30) | mixed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Go.", "go ."),
        ("¿Cuántos años tienes?", " cuantos anos tienes ?"),
        ("¡Ay, qué pingüino!", " ay que pinguino !"),
        ("  Run!  ", " run ! "),
        ("That isn't real.", "that isn t real ."),
        ("That isn’t real.", "that isn t real ."),
        ("n\u0303 e\u0301 u\u0308", "n e u"),
        ("Wait...", "wait . . ."),
        ("What?!", "what ? !"),
        ("It's 10 o'clock.", "it s o clock ."),
        ("1984", " "),
        ("no — sí", "no si"),
        ("a,b", "a b"),
        ("Хорошо.", " ."),
        ("I saw Юра and left", "i saw and left"),
        ("ß", " "),
        ("Ø", " "),
        ("İstanbul", "istanbul"),
        ("\u212a", "k"),
        ("end,", "end "),
        ("a\tb\nc\u00a0d", "a b c d"),
        ("...", " . . ."),
    ],
)
def test_course_text(text: str, expected: str) -> None:
    assert course_text(text) == expected


@given(text=any_text)
def test_the_course_leaves_30_characters_and_single_blanks(text) -> None:
    assert re.fullmatch(r"[a-z.!? ]*", course_text(text))
    assert "  " not in course_text(text)
    # A sentence's end always stands alone.
    assert not re.search(r"[^ ][.!?]", course_text(text))
    assert not re.match(r"[.!?]", course_text(text))


@given(text=any_text)
@example(text="¿a?")
def test_the_course_s_preparation_leaves_prepared_text_alone(text) -> None:
    once = course_text(text)
    assert course_text(once) == once


@given(text=any_text)
def test_composed_and_decomposed_are_the_same_to_the_course(text) -> None:
    assert course_text(unicodedata.normalize("NFC", text)) == course_text(unicodedata.normalize("NFD", text))


@given(text=st.text(alphabet="abcxyz .!?", max_size=30))
def test_the_course_keeps_every_plain_letter(text) -> None:
    assert re.sub("[ .!?]", "", course_text(text)) == re.sub("[ .!?]", "", text)
    assert re.sub("[ a-z]", "", course_text(text)) == re.sub("[ a-z]", "", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \u00a0\t", ""),
        ("¿Cuántos an\u0303os  tienes?", "¿cuántos años tienes?"),
        ("That isn’t «real».", 'that isn\'t "real".'),
        ("‘a’ `b´ “c”", "'a' 'b' \"c\""),
        ("no — sí…", "no — sí…"),
        ("Хорошо 10", "хорошо 10"),
        ("E\u0301l", "él"),
        ("ΑΣ", "ας"),
    ],
)
def test_book_text(text: str, expected: str) -> None:
    assert book_text(text) == expected


# Two signs of Greek are quotation marks in NFC only; the capital comes apart in lower case.
@given(text=any_text)
@example(text="\u1fef\u1ffd\u0130")
def test_the_book_s_preparation_is_the_same_for_every_spelling_and_twice(text) -> None:
    found = book_text(text)
    assert found == book_text(unicodedata.normalize("NFC", text))
    assert found == book_text(unicodedata.normalize("NFD", text))
    assert found == book_text(found)
    assert unicodedata.is_normalized("NFC", found)
    assert found == found.strip() and not re.search(r"\s\s|[^\S ]", found)


@given(text=any_text)
def test_the_book_loses_no_letter(text) -> None:
    def letters(any_: str) -> list[str]:
        marked = unicodedata.normalize("NFC", any_.lower())
        return [sign for sign in marked if unicodedata.category(sign)[0] in "LMN"]

    assert letters(book_text(text)) == letters(text)


@given(texts=st.lists(st.text(max_size=12), max_size=6))
def test_texts_go_to_ids_and_back(texts) -> None:
    characters = Characters(texts)
    assert len(characters) == 4 + len(set("".join(texts)))
    assert characters.characters == "".join(sorted(set("".join(texts))))
    for text in texts:
        ids = characters.ids(text)
        assert len(ids) == len(text) and all(UNK < index < len(characters) for index in ids)
        assert characters.text(ids) == text
        assert characters.text(torch.tensor(ids, dtype=torch.int64)) == text
        # What stands around a sentence is no part of it.
        assert characters.text([SOS, *ids, EOS, *ids, PAD]) == text
        assert characters.text([PAD, *ids, PAD, PAD]) == text
    for row, text in zip(encode_characters(texts, characters, wrap=True), texts, strict=True):
        assert characters.text(row) == text


def test_ids_do_not_depend_on_the_order_of_texts() -> None:
    one, other = Characters(["hola", "ñu"]), Characters(iter(["ñu", "hola", "hola"]))
    assert one.ids("hola ñu") == other.ids("hola ñu") == [5, 7, 6, 4, 3, 9, 8]
    assert repr(one) == "Characters(6)" and one.characters == "ahlouñ"


def test_unknown_characters_have_one_id_and_one_sign() -> None:
    characters = Characters(["ab"])
    assert characters.ids("a日\u0301b") == [4, 3, 3, 5]
    assert characters.text([4, 3, 3, 5]) == f"a{REPLACEMENT}{REPLACEMENT}b" and REPLACEMENT == "\ufffd"
    assert len(Characters([])) == 4 and Characters([]).ids("a") == [3]


@pytest.mark.parametrize("index", [6, -1, 10_000])
def test_there_are_no_other_ids(index) -> None:
    with pytest.raises(IndexError, match=rf"^there is no id {index}; the vocabulary has 0 to 5$"):
        Characters(["ab"]).text([4, index])


def test_behind_the_end_nothing_is_read() -> None:
    assert Characters(["ab"]).text([4, EOS, 99, 5]) == "a"


@given(
    texts=st.lists(st.text(alphabet="abcé", max_size=6), max_size=5),
    wrap=st.booleans(),
    more=st.integers(0, 3),
)
def test_rows_are_ids_and_padding(texts, wrap, more) -> None:
    characters = Characters(["abc"])
    longest = max([len(text) + 2 * wrap for text in texts], default=0)
    for length in (None, longest + more):
        encoded = encode_characters(texts, characters, wrap=wrap, length=length)
        assert encoded.dtype == torch.int64
        assert encoded.shape == (len(texts), max(1, longest) if length is None else length)
        for row, text in zip(encoded.tolist(), texts, strict=True):
            ids = characters.ids(text)
            expected = [SOS, *ids, EOS] if wrap else ids
            assert row == expected + [PAD] * (len(row) - len(expected))


def test_a_sentence_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"^a sentence has 4 ids, more than length, 3; give a length of 4$"):
        encode_characters(["a", "ab"], Characters(["ab"]), wrap=True, length=3)
    assert encode_characters(["a", "ab"], Characters(["ab"]), wrap=True, length=4).shape == (2, 4)


pairs_of_texts = st.lists(
    st.tuples(st.text(alphabet="abé", max_size=6), st.text(alphabet="xyz", max_size=6)),
    min_size=1,
    max_size=5,
)


@given(pairs=pairs_of_texts)
@example(pairs=[("aaaaaa", "x")])
@example(pairs=[("a", "xxxxxx"), ("", "")])
def test_the_label_is_the_next_input_and_the_end_is_no_input(pairs) -> None:
    source, target = Characters(["ab"]), Characters(["xyz"])
    inputs, labels = teacher_forced(iter(pairs), source, target)
    length = max(max(len(s), len(t) + 1) for s, t in pairs)
    assert inputs.shape == (len(pairs), 2, length) and labels.shape == (len(pairs), length)
    assert inputs.dtype == labels.dtype == torch.int64
    for (sources, targets), wanted, (s, t) in zip(inputs.tolist(), labels.tolist(), pairs, strict=True):
        assert sources == source.ids(s) + [PAD] * (length - len(s))
        ids = target.ids(t)
        assert targets == [SOS, *ids] + [PAD] * (length - 1 - len(ids))
        assert wanted == [*ids, EOS] + [PAD] * (length - 1 - len(ids))
        assert EOS not in targets and SOS not in wanted
        # Shifted by one, for as long as there is something to predict.
        assert targets[1 : len(ids) + 1] == wanted[: len(ids)]


def test_pairs_that_are_none() -> None:
    with pytest.raises(ValueError, match=r"^there are no sentence pairs; pass at least one$"):
        teacher_forced([], Characters(["a"]), Characters(["a"]))
