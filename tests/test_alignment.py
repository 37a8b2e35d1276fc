"""How an attention runs: against loops, SciPy's correlation, and at the edges."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy, spearmanr

from coursekit.alignment import alignment, mean_positions

SIZES = st.integers(2, 7)


def drawn(seed: int, n: int, steps: int, positions: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (3 * torch.randn(n, steps, positions, generator=generator, dtype=torch.float64)).softmax(dim=2)


@given(st.integers(0, 1_000), SIZES, SIZES)
@settings(deadline=None, max_examples=40)
def test_measures_are_those_of_loops_and_scipy(seed: int, steps: int, positions: int) -> None:
    p = drawn(seed, 1, steps, positions)
    found = alignment(p, torch.tensor([steps]), torch.tensor([positions]))
    means = [sum(i * p[0, t, i].item() for i in range(positions)) for t in range(steps)]
    assert mean_positions(p)[0].tolist() == pytest.approx(means)
    onward = [later >= earlier for earlier, later in pairwise(means)]
    assert found.forward.item() == pytest.approx(sum(onward) / len(onward))
    assert found.rank_correlation.item() == pytest.approx(spearmanr(means, range(steps)).statistic)
    spread = sum(entropy(p[0, t].numpy()) for t in range(steps)) / steps
    assert found.entropy.item() == pytest.approx(spread / math.log(positions))


def test_padding_changes_nothing() -> None:
    p = drawn(0, 2, 4, 5)
    wide = torch.zeros(2, 6, 9, dtype=torch.float64)
    wide[:, :4, :5] = p
    wide[:, 4:] = 1 / 9
    counts = torch.tensor([4, 4]), torch.tensor([5, 5])
    narrow, padded = alignment(p, *counts), alignment(wide, *counts)
    for name in ("forward", "rank_correlation", "entropy"):
        assert torch.equal(getattr(narrow, name), getattr(padded, name))


def test_a_look_from_right_to_left_and_an_even_one() -> None:
    back = torch.eye(4).flip(0)
    even = torch.full((4, 4), 0.25)
    found = alignment(torch.stack([back, even]), torch.tensor([4, 4]), torch.tensor([4, 4]))
    assert found.forward.tolist() == [0, 1]
    assert found.rank_correlation[0].item() == pytest.approx(-1)
    assert found.rank_correlation[1].isnan()
    assert found.entropy.tolist() == pytest.approx([0, 1])


def test_sentences_that_are_too_short_have_no_measure() -> None:
    p = torch.full((3, 2, 3), 1 / 3)
    found = alignment(p, torch.tensor([1, 0, 2]), torch.tensor([3, 3, 1]))
    assert found.forward.isnan().tolist() == [True, True, False]
    assert found.rank_correlation.isnan().all()
    assert found.entropy.isnan().tolist() == [False, True, True]


def test_no_sentence() -> None:
    none = torch.empty(0, dtype=torch.int64)
    assert len(alignment(torch.empty(0, 3, 4), none, none).forward) == 0


@pytest.mark.parametrize(
    ("shape", "steps", "positions", "message"),
    [
        ((2, 3), [1, 1], [1, 1], "pass (n, steps, positions), (n,) and (n,)"),
        ((2, 3, 4), [1], [1, 1], "steps (1,) and positions (2,)"),
        ((1, 3, 4), [4], [4], "3 steps and 4 positions, but 4 and 4 are to be counted"),
        ((1, 3, 4), [3], [5], "3 steps and 4 positions, but 3 and 5 are to be counted"),
    ],
)
def test_what_does_not_fit_is_named(
    shape: tuple[int, ...], steps: list[int], positions: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match="pass") as error:
        alignment(torch.zeros(shape), torch.tensor(steps), torch.tensor(positions))
    assert message in str(error.value)
