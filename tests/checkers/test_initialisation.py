"""The checker of the weights' deviation accepts the right formula and rejects plausible wrong ones."""

from math import sqrt

import pytest
import torch

from coursekit.checkers.initialisation import INPUTS, SLOPES, check_weight_deviation
from coursekit.checkers.reports import CheckFailed


def deviation(inputs: int, slope: float) -> float:
    return sqrt(2 / (inputs * (1 + slope**2)))


WRONG = {
    "the variance": lambda n, a: deviation(n, a) ** 2,
    "ReLU's whatever the slope": lambda n, a: deviation(n, 0.0),
    "no activation": lambda n, a: 1 / sqrt(n),
    "the slope not squared": lambda n, a: sqrt(2 / (n * (1 + a))),
    "a minus for the plus": lambda n, a: sqrt(2 / (n * abs(1 - a**2))) if a != 1 else 1 / sqrt(n),
    "torch's default": lambda n, a: 1 / sqrt(3 * n),
    "bound of a uniform weight": lambda n, a: sqrt(3) * deviation(n, a),
    "outputs forgotten": lambda n, a: sqrt(2 / (1 + a**2)),
    "a text": lambda n, a: "wide",
    "an error": lambda n, a: 1 / 0,
}


def test_reference_passes(capsys) -> None:
    check_weight_deviation(deviation)
    assert capsys.readouterr().out == "deviation: all 15 cases are right.\n"


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("inputs", INPUTS)
def test_deviation_keeps_the_second_moment(inputs: int, slope: float) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(inputs, generator=generator)
    weights = torch.randn(20_000, inputs, generator=generator) * deviation(inputs, slope)
    h = torch.nn.functional.leaky_relu(weights @ x, slope)
    assert h.square().mean().item() == pytest.approx(x.square().mean().item(), rel=0.05)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_formulas_are_rejected(wrong) -> None:
    def mine(inputs: int, slope: float) -> object:
        return wrong(inputs, slope)

    with pytest.raises(CheckFailed, match=r"^mine\(\d+, [\d.]+\)(: expected .* came| raised )"):
        check_weight_deviation(mine)
