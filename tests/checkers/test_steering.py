"""The checker of steered filters accepts the right combination and rejects plausible wrong ones."""

from math import cos, degrees, radians, sin

import pytest
from torch import Tensor

from coursekit.activations import edge_filters
from coursekit.checkers import CheckFailed
from coursekit.checkers.steering import check_steered_filter

FILTERS = edge_filters()
H, V = FILTERS["horizontal"], FILTERS["vertical"]


def steered(angle: float) -> Tensor:
    return cos(radians(angle)) * V + sin(radians(angle)) * H


WRONG = {
    "radians": lambda angle: steered(degrees(angle)),
    "rows counted upwards": lambda angle: cos(radians(angle)) * V - sin(radians(angle)) * H,
    "sine and cosine swapped": lambda angle: sin(radians(angle)) * V + cos(radians(angle)) * H,
    "sign of the strong side lost": lambda angle: abs(cos(radians(angle))) * V + abs(sin(radians(angle))) * H,
    "mixed in proportion": lambda angle: (1 - angle / 90) * V + angle / 90 * H,
    "the nearest of four": lambda angle: steered(45 * round(angle / 45)),
    "diagonals not scaled": lambda angle: H + V if angle == 45 else steered(angle),
    "half the strength": lambda angle: steered(angle) / 2,
    "transposed": lambda angle: steered(angle).T,
    "flattened": lambda angle: steered(angle).flatten(),
    "nothing": lambda angle: None,
}


def test_reference_passes(capsys) -> None:
    check_steered_filter(steered)
    check_steered_filter(lambda angle: steered(angle).numpy())
    assert capsys.readouterr().out == "steered: all 10 cases are right.\n<lambda>: all 10 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_filters_are_rejected(wrong) -> None:
    def mine(angle: float) -> object:
        return wrong(angle)

    with pytest.raises(CheckFailed, match=r"^mine\(-?[\d.]+\): expected .* came$"):
        check_steered_filter(mine)


def test_sentence_shows_the_angle() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_steered_filter(lambda angle: -steered(angle))
    assert str(failure.value) == (
        "<lambda>(0): expected the filter to hold -0.0208333 at [0, 0], but 0.0208333 came"
    )
