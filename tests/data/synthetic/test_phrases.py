"""Phrases: what they are made of, that they are right in both languages, and that no part knows another."""

import hashlib
import re
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import SentencePairs
from coursekit.data.characters import course_text
from coursekit.data.synthetic.phrase_grammar import Speaker
from coursekit.data.synthetic.phrase_verbs import VERBS
from coursekit.data.synthetic.phrase_words import ADJECTIVES, NOUNS
from coursekit.data.synthetic.phrases import phrases

Parts = tuple[SentencePairs, SentencePairs, SentencePairs]


@pytest.fixture(scope="module")
def parts() -> Parts:
    return phrases()


@pytest.fixture(scope="module")
def said() -> list[tuple[str, str]]:
    """Much of what the grammar has to say, long sentences too."""
    speaker = Speaker(np.random.default_rng(5))
    return [speaker.phrase() for _ in range(15_000)]


def prepared(part: SentencePairs) -> SentencePairs:
    return part.map(lambda text: course_text(text).strip())


def digest(parts: Parts) -> str:
    return hashlib.sha256(repr([list(part) for part in parts]).encode()).hexdigest()


def test_three_parts_of_short_pairs(parts: Parts) -> None:
    assert [len(part) for part in parts] == [4_000, 500, 500]
    for part in parts:
        assert len(set(part)) == len(part)
        lengths = [len(course_text(text)) for pair in part for text in pair]
        assert max(lengths) == 19
        assert min(lengths) >= 4
        assert 13 < np.mean(lengths) < 16
        assert np.std(lengths) > 2


@given(
    n_train=st.integers(0, 9),
    n_validation=st.integers(0, 9),
    n_test=st.integers(0, 9),
    seed=st.integers(0, 2**32),
)
def test_any_number_of_phrases(n_train: int, n_validation: int, n_test: int, seed: int) -> None:
    found = phrases(n_train, n_validation, n_test, seed=seed)
    assert [len(part) for part in found] == [n_train, n_validation, n_test]


def test_same_seed_same_phrases_other_seed_other_phrases() -> None:
    assert digest(phrases(50, 20, 30, seed=3)) == digest(phrases(50, 20, 30, seed=3))
    assert digest(phrases(50, 20, 30, seed=3)) != digest(phrases(50, 20, 30, seed=4))


def test_a_part_does_not_depend_on_the_size_of_the_others() -> None:
    assert phrases(5, 20, 30)[1] == phrases(50, 20, 3)[1]
    assert phrases(5, 20, 30)[2] == phrases(50, 2, 30)[2]


def test_phrases_are_the_same_on_every_machine() -> None:
    assert (
        digest(phrases(300, 100, 200)) == "6769187c80f11d5d6e8779d9af992d4d73af4c94b9bd995a13a3ef994d906d65"
    )


@pytest.mark.parametrize("numbers", [(-1, 2, 3), (1, -2, 3), (1, 2, -3)])
def test_negative_number_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError) as caught:
        phrases(*numbers)
    assert str(caught.value) == (
        f"cannot write {numbers[0]} + {numbers[1]} + {numbers[2]} phrases; give numbers that are not negative"
    )


def test_more_than_the_grammar_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coursekit.data.synthetic.phrases._PATIENCE", 30)
    with pytest.raises(ValueError, match=r"^cannot write 5000 phrases of one part, for the grammar has few "):
        phrases(0, 0, 5_000)


def test_no_sentence_stands_in_two_parts_whatever_the_seeds(parts: Parts) -> None:
    others = phrases(2_000, 300, 300, seed=1)
    for i, one in enumerate(map(prepared, parts)):
        for j, other in enumerate(map(prepared, (*parts, *others))):
            if i != j % 3:
                assert not set(one.sources) & set(other.sources)
                assert not set(one.targets) & set(other.targets)


def test_a_spanish_sentence_has_one_translation(said: list[tuple[str, str]]) -> None:
    translations = defaultdict(set)
    for spanish, english in said:
        translations[course_text(spanish).strip()].add(english)
    assert len(translations) > 9_000
    assert all(len(found) == 1 for found in translations.values())


def test_tested_sentences_are_new_combinations_of_known_words(parts: Parts) -> None:
    train, validation, test = map(prepared, parts)
    for side in ("sources", "targets"):
        known = Counter(word for text in getattr(train, side) for word in text.split())
        assert 300 < len(known) < 900
        for part in (validation, test):
            words = [word for text in getattr(part, side) for word in text.split()]
            assert sum(word in known for word in words) > 0.97 * len(words)


def test_words_are_many_and_none_stands_twice() -> None:
    assert len(NOUNS) >= 60
    assert len(ADJECTIVES) >= 40
    assert len(VERBS) >= 40
    for words in ([n.spanish[0] for n in NOUNS], [a.forms["m"][0] for a in ADJECTIVES],
                  [v.infinitive for v in VERBS]):  # fmt: skip
        assert len(set(words)) == len(words)


def test_verbs_have_the_endings_of_their_persons() -> None:
    for verb in VERBS:
        assert (len(verb.present), len(verb.past)) == (5, 4)
        vowels = {"ar": ("a", "a", "a"), "er": ("e", "e", "e"), "ir": ("e", "i", "e"), "ír": ("e", "í", "e")}
        you, we, they = vowels[verb.infinitive[-2:]]
        assert verb.present[0].endswith("o")
        assert verb.present[1] == verb.present[2] + "s"
        assert verb.present[2].endswith(you)
        assert verb.present[3] == verb.infinitive[:-2] + we + "mos"
        assert verb.present[4] == verb.present[2][:-1] + they + "n"
        assert verb.past[1].endswith("ste")
        assert verb.past[3].endswith("ron")
        assert verb.english[1].endswith("s")


def test_sentences_look_like_sentences(said: list[tuple[str, str]]) -> None:
    for spanish, english in said:
        for text in (spanish, english):
            assert re.fullmatch(r"[¿¡]?[A-ZÁÉ][\wáéíóúñ']*( [\wáéíóúñ']+)*[.?!]", text), text
        assert english[-1] == spanish[-1]
        assert {".": "", "?": "¿", "!": "¡"}[spanish[-1]] == "".join(re.findall("[¿¡]", spanish))
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|\ba el\b", english.lower()), english
        assert " a el " not in spanish
    shares = Counter(spanish[-1] for spanish, _ in said)
    assert all(shares[sign] > 0.08 * len(said) for sign in ".?!")
    assert sum(" no " in f" {spanish.lower()} " for spanish, _ in said) > 0.08 * len(said)


#: What stands before a noun in the masculine and in the feminine, for one and for many.
AGREEING = {
    ("m", 0): r"el|un|este|ese|nuestro|al",
    ("f", 0): r"la|una|esta|esa|nuestra",
    ("m", 1): r"los|estos|esos|nuestros",
    ("f", 1): r"las|estas|esas|nuestras",
}


def test_determiners_agree_with_their_nouns(said: list[tuple[str, str]]) -> None:
    nouns = {}
    for noun in NOUNS:
        for number in (0, 1) if noun.spanish[0] != noun.spanish[1] else (0,):
            nouns[noun.spanish[number]] = (noun.gender, number)
    seen = Counter()
    for spanish, _ in said:
        words = re.findall(r"[\wáéíóúñ]+", spanish.lower())
        for before, word in pairwise(words):
            for agreement, pattern in AGREEING.items():
                # "los" also is "them", in front of a verb.
                if re.fullmatch(pattern, before) and word in nouns:
                    assert nouns[word] == agreement, spanish
                    seen[agreement] += 1
    assert all(seen[agreement] > 100 for agreement in AGREEING)


def test_an_adjective_behind_its_noun_agrees_and_comes_first_in_english(said: list[tuple[str, str]]) -> None:
    nouns = {form: (noun, i) for noun in NOUNS for i, form in reversed(list(enumerate(noun.spanish)))}
    endings = {"m": ("o", "os"), "f": ("a", "as")}
    varied = {a.forms["m"][0][:-1]: a.english for a in ADJECTIVES if a.forms["m"] != a.forms["f"]}
    seen = 0
    for spanish, english in said:
        words = re.findall(r"[\wáéíóúñ]+", spanish.lower())
        for word, after in pairwise(words):
            stem = re.sub("[oa]s?$", "", after)
            if word in nouns and stem in varied:
                noun, number = nouns[word]
                assert after == stem + endings[noun.gender][number], spanish
                if f"{varied[stem]} {noun.english[number]}" not in english:
                    assert re.match(r"What|Is|Are|Was|Were", english), english
                seen += 1
    assert seen > 800


def test_a_dropped_pronoun_comes_back() -> None:
    expected = {}
    for verb in VERBS:
        if not verb.takes:
            for form, who in zip(verb.present, ("I", "You", None, "We", "They"), strict=True):
                expected[form] = who
            for form, who in zip(verb.past, ("I", "You", None, "They"), strict=True):
                expected[form] = who
    found = [
        (spanish[:-1].lower(), english.split()[0])
        for part in phrases()
        for spanish, english in part
        if re.fullmatch(r"\w+\.", spanish)
    ]
    assert len(found) > 60
    assert all(expected[form] == who for form, who in found)
