"""The checker of feature-wise standardisation accepts the right function and rejects plausible wrong ones."""

import pytest
import torch

from coursekit.checkers.reports import CheckFailed
from coursekit.checkers.standardise import check_standardise_pixels


def scaled(images, mean, std):
    return (images.double() - mean) / torch.where(std > 0, std, 1.0)


def standardise(train, images):
    pixels = train.double()
    return scaled(images, pixels.mean(dim=0), pixels.std(dim=0, correction=0))


def in_place(train, images):
    images -= train.double().mean(dim=0).byte()
    return images


def own_deviation(train, images):
    return scaled(images, train.double().mean(dim=0), images.double().std(dim=0, correction=0))


WRONG = {
    "statistics of the images themselves": lambda t, x: standardise(x, x),
    "own deviation": own_deviation,
    "one mean and deviation for all pixels": lambda t, x: scaled(
        x, t.double().mean(), t.double().std(correction=0)
    ),
    "divided by n − 1": lambda t, x: scaled(x, t.double().mean(dim=0), t.double().std(dim=0)),
    "division by zero": lambda t, x: (
        (x.double() - t.double().mean(dim=0)) / t.double().std(dim=0, correction=0)
    ),
    "constant pixels set to 0": lambda t, x: standardise(t, x) * (t.double().std(dim=0) > 0),
    "divided by the variance": lambda t, x: scaled(
        x, t.double().mean(dim=0), t.double().var(dim=0, correction=0)
    ),
    "not shifted": lambda t, x: x / t.double().std(dim=0, correction=0).clamp(min=1.0),
    "shifted only": lambda t, x: x - t.double().mean(dim=0),
    "the training images": lambda t, x: standardise(t, t),
    "scaled by 255": lambda t, x: x / 255,
    "bytes": in_place,
    "nothing": lambda t, x: None,
    "an error": lambda t, x: t + x,
}


def test_reference_passes(capsys) -> None:
    check_standardise_pixels(standardise)
    assert capsys.readouterr().out == "standardise: all 4 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(train, images):
        return wrong(train, images)

    with pytest.raises(
        CheckFailed, match=r"^mine\(\d+ training images, \d+ images of \d×\d\)(: expected .* came| raised )"
    ):
        check_standardise_pixels(mine)


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_standardise_pixels(3)  # type: ignore[arg-type]
