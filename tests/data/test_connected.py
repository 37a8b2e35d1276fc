"""Parts that share no sentence: components against a search by hand, and random pairs divided."""

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import SentencePairs
from coursekit.data.characters import course_text
from coursekit.data.connected import components, divide

Pair = tuple[str, str]
#: Few enough that many pairs share a sentence, as it is or in other clothes.
some = st.sampled_from(["no", "No", "¡Ño!", "sí", "Si.", "si .", "ven", "vén", "ya", "a b", "a, b", "c", "d"])
pairs_of = st.lists(st.tuples(some, some), max_size=14)


def paired(pairs: list[Pair]) -> SentencePairs:
    return SentencePairs(tuple(one for one, _ in pairs), tuple(other for _, other in pairs))


def connected_by_hand(pairs: list[Pair]) -> list[set[int]]:
    left, found = set(range(len(pairs))), []
    while left:
        group = {left.pop()}
        while more := {
            place
            for place in left
            if any(pairs[place][side] == pairs[one][side] for one in group for side in (0, 1))
        }:
            group |= more
            left -= more
        found.append(group)
    return found


@given(pairs=pairs_of)
def test_components_are_what_a_search_finds(pairs: list[Pair]) -> None:
    labels = components(pairs)
    assert (labels.dtype, len(labels)) == (np.int64, len(pairs))
    groups = [set(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())]
    assert sorted(groups, key=min) == sorted(connected_by_hand(pairs), key=min)


def test_the_same_word_in_both_languages_connects_nothing() -> None:
    assert len(set(components([("no", "come"), ("ven", "no")]).tolist())) == 2


@given(pairs=pairs_of, share=st.floats(0, 0.5), largest=st.integers(0, 5))
def test_no_sentence_stands_in_two_parts(pairs: list[Pair], share: float, largest: int) -> None:
    parts = divide(paired(pairs), share=share, largest=largest)
    assert sorted(pair for part in parts for pair in part) == sorted(pairs), "none is lost"
    prepared = [part.map(lambda text: course_text(text).strip()) for part in parts]
    for i in range(3):
        for j in range(i):
            assert not set(prepared[i].sources) & set(prepared[j].sources)
            assert not set(prepared[i].targets) & set(prepared[j].targets)
    for part in parts:
        digests = [sha256("\t".join(pair).encode()).hexdigest() for pair in part]
        assert digests == sorted(digests)


@given(pairs=pairs_of, data=st.data())
def test_parts_do_not_depend_on_the_order_of_the_pairs(pairs: list[Pair], data: st.DataObject) -> None:
    other = data.draw(st.permutations(pairs))
    for one, two in zip(divide(paired(pairs), share=0.3), divide(paired(other), share=0.3), strict=True):
        assert list(one) == list(two)


def test_about_the_asked_share_is_kept_apart() -> None:
    pairs = paired([(f"uno {'a' * (i % 50)} {'b' * (i // 50)}", f"one{'c' * i}") for i in range(2_000)])
    train, validation, test = divide(pairs, share=0.1)
    for part in (validation, test):
        assert abs(len(part) - 200) < 4 * (2_000 * 0.1 * 0.9) ** 0.5
    assert len(train) == 2_000 - len(validation) - len(test)


def test_large_components_go_to_training() -> None:
    pairs = paired([("ven", "come" + "e" * i) for i in range(5)])
    assert [len(part) for part in divide(pairs, share=0.5, largest=4)] == [5, 0, 0]
    assert len(divide(pairs, share=0.5, largest=5)[0]) == 0


@pytest.mark.parametrize("share", [-0.1, 0.6, float("nan")])
def test_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError) as caught:
        divide(paired([]), share=share)
    assert str(caught.value) == f"share is {share}; give a share of the components from 0 to 0.5"
