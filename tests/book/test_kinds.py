"""How the numbers of an approximate cell are compared."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book" / "_tools"))
import kinds


def differ(stored: str, fresh: str, rtol: float = 0.05, atol: float = 0.0) -> str | None:
    return kinds.difference(stored, fresh, rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("", ""),
        ("no number", "no  number\n"),
        ("conv2d: 100", "conv2d: 104"),
        ("63,050 parameters", "63,051 parameters"),
        ("0.01", "0.02"),  # one unit of the last place
        ("a   9.9 |", "a  10.1 |"),
        ("────── 1.00", "──────── 1.01"),
        ("-1.00 and −1.00", "-1.01 and −0.99"),
        ("1e-3", "1.02e-3"),
        ("nan", "nan"),
        ("88.0 %", "88.9 %"),
    ],
)
def test_agree(stored: str, fresh: str) -> None:
    assert differ(stored, fresh) is None


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("no number", "no word"),
        ("conv2d: 100", "conv3d: 100"),
        ("100", "106"),
        ("0.010", "0.012"),
        ("1", "-1"),
        ("1.0", "nan"),
        ("nan", "1.0"),
        ("1.0", "inf"),
        ("inf", "-inf"),
        ("1 2", "1"),
        ("1,000", "1,100"),
        ("1e-3", "1e-2"),
        ("3 of 10", "4 of 10"),
    ],
)
def test_disagree(stored: str, fresh: str) -> None:
    assert differ(stored, fresh) is not None


def test_absolute_tolerance() -> None:
    assert differ("3 of 10", "4 of 10", atol=1) is None
    assert differ("3 of 10", "5 of 10", atol=1) == "5 is not within 5 % or 1 of 3"


@given(st.floats(1, 1e6), st.floats(0.001, 0.2), st.floats(-0.4, 0.4))
def test_tolerance_is_relative_to_the_stored_number(value: float, rtol: float, off: float) -> None:
    stored, fresh = f"loss {value:.9e}", f"loss {value * (1 + off):.9e}"
    if abs(abs(off) - rtol) > 1e-6:
        assert (differ(stored, fresh, rtol=rtol) is None) == (abs(off) < rtol)


@given(st.text(max_size=60))
def test_a_text_agrees_with_itself(text: str) -> None:
    assert differ(text, text) is None


def test_pictures_are_no_texts() -> None:
    figure = {"text/html": '<svg role="img">1</svg>', "text/plain": "Figure: a line"}
    output = {"output_type": "display_data", "data": figure}
    assert kinds.texts([output]) == ["Figure: a line"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([], (0.05, 0.0)),
        (["rtol-0.02"], (0.02, 0.0)),
        (["atol-1", "rtol-1e-3"], (0.001, 1.0)),
    ],
)
def test_tolerances_come_from_the_tags(tags: list[str], expected: tuple[float, float]) -> None:
    assert kinds.tolerances({"metadata": {"tags": tags}}) == expected
