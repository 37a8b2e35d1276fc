"""Neighbours, analogies, coverage and tables against slow copies of their definitions."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data.words import Vocabulary
from coursekit.word_vectors import Coverage, WordVectors

WORDS = ("film", "plot", "joke", "cast", "crew", "song")


def drawn(seed: int = 0, n: int = len(WORDS), dimension: int = 4) -> WordVectors:
    generator = torch.Generator().manual_seed(seed)
    return WordVectors(WORDS[:n], torch.randn(n, dimension, generator=generator), "drawn")


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / math.sqrt(a @ a) / math.sqrt(b @ b))


def exact(vectors: WordVectors) -> dict[str, np.ndarray]:
    return {word: vectors[word].double().numpy() for word in vectors.words}


def ranked(vectors: WordVectors, target: np.ndarray, without: set[str]) -> list[tuple[str, float]]:
    cosines = {word: cosine(v, target) for word, v in exact(vectors).items() if word not in without}
    return sorted(cosines.items(), key=lambda pair: -pair[1])


def assert_same(found: list[tuple[str, float]], expected: list[tuple[str, float]]) -> None:
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert [value for _, value in found] == pytest.approx([value for _, value in expected], abs=1e-5)


@given(st.integers(0, 1_000), st.integers(1, 9), st.sampled_from(WORDS))
def test_neighbours_of_a_word(seed, k, word) -> None:
    vectors = drawn(seed)
    assert_same(vectors.neighbours(word, k), ranked(vectors, exact(vectors)[word], {word})[:k])


@given(st.integers(0, 1_000), st.integers(1, 9))
def test_neighbours_of_a_vector(seed, k) -> None:
    vectors, other = drawn(seed), torch.randn(4, generator=torch.Generator().manual_seed(seed + 1))
    expected = ranked(vectors, other.double().numpy(), set())[:k]
    assert_same(vectors.neighbours(other, k), expected)
    assert_same(vectors.neighbours(other.double() * 1e-3, k), expected)


@given(st.integers(0, 1_000), st.permutations(WORDS), st.integers(1, 9))
def test_analogies(seed, order, k) -> None:
    vectors, (a, b, c) = drawn(seed), order[:3]
    unit = {word: v / math.sqrt(v @ v) for word, v in exact(vectors).items()}
    expected = ranked(vectors, unit[b] - unit[a] + unit[c], {a, b, c})[:k]
    assert_same(vectors.analogy(a, b, c, k), expected)


@given(st.integers(0, 1_000))
def test_analogies_of_a_made_up_structure(seed) -> None:
    generator = torch.Generator().manual_seed(seed)
    countries, roles = torch.randn(2, 4, 30, generator=generator)
    words, rows = [], []
    for i in range(4):
        for j in range(4):
            words.append(f"role {j} in {i}")
            rows.append(countries[i] + roles[j] + 0.05 * torch.randn(30, generator=generator))
    vectors = WordVectors(tuple(words), torch.stack(rows), "a country and a role each")
    ((best, value),) = vectors.analogy("role 0 in 0", "role 1 in 0", "role 0 in 2", k=1)
    assert best == "role 1 in 2" and value > 0.8


def test_a_vector_of_zeros_is_like_none() -> None:
    values = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    vectors = WordVectors(("none", "short", "long"), values, "three")
    assert vectors.neighbours("none") == [("short", 0.0), ("long", 0.0)]
    assert vectors.neighbours("short") == [("long", 1.0), ("none", 0.0)]


def test_equals_come_in_their_own_order_and_no_cosine_is_above_one() -> None:
    values = torch.full((50, 3), 0.1)
    vectors = WordVectors(tuple(f"{i:02}" for i in range(50)), values, "equal")
    found = vectors.neighbours("07", 49)
    assert [word for word, _ in found] == [f"{i:02}" for i in range(50) if i != 7]
    assert all(value <= 1 for _, value in found)


@given(st.lists(st.sampled_from([*WORDS, "other", "Film", ""])))
def test_coverage_counts_types_and_tokens(tokens) -> None:
    vectors = drawn()
    found = vectors.coverage(Counter(tokens))
    known = [token for token in tokens if token in WORDS]
    assert found == Coverage(len(set(tokens)), len(set(known)), len(tokens), len(known))
    if tokens:
        assert found.by_token == len(known) / len(tokens)
        assert found.by_type == len(set(known)) / len(set(tokens))


def test_coverage_of_nothing_is_no_number() -> None:
    found = drawn().coverage({})
    assert math.isnan(found.by_type) and math.isnan(found.by_token)


@pytest.mark.parametrize("unknown", [False, True])
def test_rows_of_a_table(unknown) -> None:
    vectors = drawn()
    vocabulary = Vocabulary.of([["film", "song", "zebra", "film", "apple"]], unknown=unknown)
    table = vectors.table(vocabulary)
    assert table.shape == (len(vocabulary), 4) and table.dtype == torch.float32
    assert not table[0].any()
    for word in ("film", "song"):
        (i,) = vocabulary.ids([word])
        assert table[i].equal(vectors[word])
    others = [i for i in range(1, len(table)) if vocabulary.word(i) not in vectors]
    assert len(others) == 2 + unknown and table[others].abs().min() > 0


def test_other_rows_have_the_spread_of_the_known_words() -> None:
    vectors = WordVectors(("a", "b", "c"), torch.tensor([[3.0, -3.0], [3.0, -3.0], [90.0, 90.0]]), "wide")
    vocabulary = Vocabulary.of([["a", "b", *(f"unseen {i}" for i in range(20_000))]])
    table = vectors.table(vocabulary, seed=3)
    unseen = table[3:]
    assert float(unseen.std()) == pytest.approx(3, rel=0.02)
    assert float(unseen.mean()) == pytest.approx(0, abs=0.1)


def test_without_a_known_word_the_spread_is_that_of_all() -> None:
    vectors = WordVectors(("a",), torch.tensor([[2.0, -2.0]]), "two numbers")
    table = vectors.table(Vocabulary.of([[f"unseen {i}" for i in range(20_000)]]))
    assert float(table.std()) == pytest.approx(2, rel=0.02) and not table[0].any()


def test_drawn_rows_depend_on_the_seed_and_their_number_only() -> None:
    some = Vocabulary.of([["film", "apple", "zebra"]])
    vectors = drawn()
    assert vectors.table(some, seed=1).equal(vectors.table(some, seed=1))
    assert not vectors.table(some, seed=1).equal(vectors.table(some, seed=2))
    fewer = WordVectors(("film",), vectors["film"][None], "one")
    (zebra,) = some.ids(["zebra"])
    assert vectors.table(some)[zebra].equal(fewer.table(some)[zebra])


def test_a_table_leaves_the_vectors_and_the_generator_alone() -> None:
    vectors, state = drawn(), torch.get_rng_state()
    before = vectors.values.clone()
    vectors.table(Vocabulary.of([["film", "apple"]])).fill_(7)
    vectors["film"].fill_(7)
    assert vectors.values.equal(before) and torch.get_rng_state().equal(state)


def test_a_vocabulary_without_words() -> None:
    assert drawn().table(Vocabulary.of([])).tolist() == [[0.0] * 4]


def test_looking_up() -> None:
    vectors = drawn()
    assert "film" in vectors and "Film" not in vectors and 3 not in vectors
    assert len(vectors) == 6 and vectors.dimension == 4 and vectors.index["plot"] == 1
    assert vectors["plot"].equal(vectors.values[1])
    assert repr(vectors) == "WordVectors(6 words, 4 numbers each: drawn)"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("zebra", "there is no vector for 'zebra' among 6 words; look with `in` first"),
        ("Film", "there is no vector for 'Film' among 6 words; 'film' has one"),
    ],
)
def test_a_word_without_a_vector(word, message) -> None:
    vectors = drawn()
    for ask in (vectors.__getitem__, vectors.neighbours, lambda w: vectors.analogy("film", w, "plot")):
        with pytest.raises(KeyError) as caught:
            ask(word)
        assert caught.value.args == (message,)


def test_a_vector_of_another_shape() -> None:
    with pytest.raises(ValueError, match=r"^the vector has shape \(3,\); pass one of shape \(4,\)$"):
        drawn().neighbours(torch.zeros(3))


def test_at_least_one_neighbour() -> None:
    with pytest.raises(ValueError, match=r"^k is 0; ask for at least 1 word$"):
        drawn().neighbours("film", 0)


def test_no_table_from_nothing() -> None:
    with pytest.raises(ValueError, match=r"^there is no vector to fill a table with; read some words"):
        WordVectors((), torch.empty(0, 3), "none").table(Vocabulary.of([["film"]]))


@pytest.mark.parametrize(
    ("words", "values", "message"),
    [
        (
            ("a",),
            torch.zeros(1, 2).double(),
            r"values are torch.float64 of shape \(1, 2\); pass torch.float32",
        ),
        (("a",), torch.zeros(2), r"values are torch.float32 of shape \(2,\); pass torch.float32 of shape"),
        (("a",), torch.zeros(1, 0), r"of shape \(1, 0\); pass torch.float32 of shape \(n, d\)"),
        (("a",), torch.zeros(2, 2), "1 words but 2 vectors; pass one vector a word"),
        (("a", "b", "a"), torch.zeros(3, 2), "'a' occurs twice among the words; pass each word once"),
        (
            ("a", "b"),
            torch.tensor([[0.0], [math.nan]]),
            "the vector of 'b' is not finite; pass finite values",
        ),
    ],
)
def test_what_is_no_set_of_vectors(words, values, message) -> None:
    with pytest.raises(ValueError, match=message):
        WordVectors(words, values, "wrong")
