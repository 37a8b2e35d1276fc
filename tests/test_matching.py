"""Matches against counts by formula, on networks too large to exist."""

from itertools import count, islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.matching import Counted, Refused, match_parameters
from coursekit.models import course_cnn


def line(width: int) -> nn.Module:
    return nn.Linear(1, width, bias=False)


@given(
    widths=st.lists(st.integers(1, 500), min_size=1, max_size=20),
    budget=st.integers(1, 400),
    tolerance=st.integers(0, 50),
)
def test_nearest_and_within_by_plain_search(widths, budget, tolerance) -> None:
    match = match_parameters(line, widths, budget=budget, tolerance=tolerance)
    assert [row.candidate for row in match.rows] == widths
    assert [(row.parameters, row.difference) for row in match.counted] == [(w, w - budget) for w in widths]
    nearest = min(abs(width - budget) for width in widths)
    smallest = min(width for width in widths if abs(width - budget) == nearest)
    assert match.best.parameters == smallest
    assert [row.candidate for row in match.within] == [w for w in widths if abs(w - budget) <= tolerance]


def test_biases_count_and_a_shared_layer_counts_once() -> None:
    def shared(times: int) -> nn.Module:
        layer = nn.Linear(4, 4)
        return nn.Sequential(*[layer] * times)

    assert [row.parameters for row in match_parameters(shared, [1, 3], budget=20).counted] == [20, 20]
    assert match_parameters(lambda _: course_cnn(), ["course"], budget=63_050).best == Counted(
        "course", 63_050, 0
    )


def test_a_tie_goes_to_the_smaller_network_wherever_it_stands() -> None:
    assert match_parameters(line, [12, 8], budget=10).best.candidate == 8
    assert match_parameters(line, [8, 12], budget=10).best.candidate == 8


def test_huge_candidates_cost_nothing_and_no_random_number_is_drawn() -> None:
    before = torch.get_rng_state()
    match = match_parameters(lambda width: nn.Linear(width, width), [10, 10**7], budget=10**14)
    assert match.best.parameters == 10**14 + 10**7
    assert torch.equal(torch.get_rng_state(), before)


def test_what_cannot_be_built_is_listed_with_its_reason() -> None:
    def even(width: int) -> nn.Module:
        if width % 2:
            raise ValueError(f"{width} is odd\nand has a second line")
        return line(width)

    match = match_parameters(even, islice(count(1), 4), budget=3)
    assert match.refused == (Refused(1, "1 is odd"), Refused(3, "3 is odd"))
    assert [row.candidate for row in match.counted] == [2, 4]
    assert match.best.candidate == 2
    assert str(match).splitlines()[-2].split() == ["3", "–", "–", "3", "is", "odd"]


def test_there_may_be_none_within() -> None:
    match = match_parameters(line, [1, 9], budget=5, tolerance=3)
    assert match.within == ()
    assert "within" not in str(match)


def test_text_and_html_hold_the_same_cells() -> None:
    match = match_parameters(line, [900, 1_100, 5_000], budget=1_000, tolerance=150)
    rows = [line.split() for line in str(match).splitlines()[4:]]
    assert rows == [
        ["900", "900", "-100", "nearest,", "within", "150"],
        ["1100", "1,100", "+100", "within", "150"],
        ["5000", "5,000", "+4,000"],
    ]
    html = match._repr_html_()
    assert html.count("<tr>") == 4
    assert '<th scope="row">900</th><td data-label="parameters">900</td>' in html
    assert "nearest, within 150" in html
    assert "budget of 1,000" in html


def test_html_escapes_what_the_user_gave() -> None:
    assert "<b>" not in match_parameters(lambda _: line(1), ["<b>"], budget=1)._repr_html_()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"candidates": [], "budget": 5}, "there are no candidates; give the depths"),
        ({"candidates": [1], "budget": 0}, "budget is 0; a network to match has at least 1"),
        ({"candidates": [1], "budget": 5, "tolerance": -1}, "tolerance is -1; give the parameters"),
    ],
)
def test_mistakes_get_one_sentence(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        match_parameters(line, **options)


def test_when_none_can_be_built_the_first_reason_is_told() -> None:
    def never(width: int) -> nn.Module:
        raise ValueError(f"{width} does not fit")

    with pytest.raises(
        ValueError, match=r"none of 2 candidates makes a network; the first, 7.* 7 does not fit"
    ):
        match_parameters(never, [7, 8], budget=1)


def test_build_must_return_a_module_and_other_errors_pass_through() -> None:
    with pytest.raises(TypeError, match="build returned int for 3; return the network"):
        match_parameters(lambda width: width, [3], budget=1)  # type: ignore[arg-type, return-value]
    with pytest.raises(ZeroDivisionError):
        match_parameters(lambda width: line(width // 0), [3], budget=1)
