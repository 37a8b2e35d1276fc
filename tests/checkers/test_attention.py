"""The checker of pixel attention accepts the reference and rejects plausible wrong answers."""

import pytest
import torch
from torch import Tensor

from coursekit.attention import pixel_attention
from coursekit.checkers import CheckFailed, check_pixel_attention

Answer = tuple[Tensor, Tensor]


def attend(image: Tensor, *, scale: float = 1.0, axis: int = 1, order: str = "row") -> Answer:
    x = (image if order == "row" else image.mT).flatten()
    probabilities = (scale * torch.outer(x, x)).softmax(dim=axis)
    return probabilities @ x, probabilities


def without_shift(image: Tensor) -> Answer:
    x = image.flatten()
    powers = torch.outer(x, x).exp()
    probabilities = powers / powers.sum(dim=1, keepdim=True)
    return probabilities @ x, probabilities


def over_all_pairs(image: Tensor) -> Answer:
    x = image.flatten()
    probabilities = torch.outer(x, x).flatten().softmax(dim=0).view(len(x), len(x))
    return probabilities @ x, probabilities


def over_rows_of_the_image(image: Tensor) -> Answer:
    probabilities = (image @ image.mT).softmax(dim=1)
    return probabilities @ image, probabilities


def without_softmax(image: Tensor) -> Answer:
    x = image.flatten()
    return torch.outer(x, x) @ x, torch.outer(x, x)


def normalised_by_the_sum(image: Tensor) -> Answer:
    x = image.flatten()
    scores = torch.outer(x, x)
    probabilities = scores / scores.sum(dim=1, keepdim=True)
    return probabilities @ x, probabilities


def transposed_product(image: Tensor) -> Answer:
    probabilities = attend(image)[1]
    return probabilities.mT @ image.flatten(), probabilities


WRONG = {
    "softmax over the wrong axis": lambda image: attend(image, axis=0),
    "scaled by the number of pixels": lambda image: attend(image, scale=image.numel() ** -0.5),
    "column-major": lambda image: attend(image, order="column"),
    "overflows": without_shift,
    "softmax over all pairs": over_all_pairs,
    "rows of the image as tokens": over_rows_of_the_image,
    "no softmax": without_softmax,
    "divided by the sum": normalised_by_the_sum,
    "transposed product": transposed_product,
    "output as an image": lambda image: (attend(image)[0].view(image.shape), attend(image)[1]),
    "output and probabilities swapped": lambda image: attend(image)[::-1],
    "uniform probabilities": lambda image: attend(image, scale=0.0),
    "each pixel looks at itself": lambda image: (
        image.flatten(),
        torch.eye(image.numel(), dtype=image.dtype),
    ),
    "output alone": lambda image: attend(image)[0],
    "nothing": lambda image: None,
}


def test_reference_passes(capsys) -> None:
    check_pixel_attention(pixel_attention)
    check_pixel_attention(attend)
    check_pixel_attention(lambda image: attend(image.float()))
    check_pixel_attention(lambda image: [answer.tolist() for answer in attend(image)])
    assert capsys.readouterr().out.splitlines() == [
        "pixel_attention: all 8 cases are right.",
        "attend: all 8 cases are right.",
        "<lambda>: all 8 cases are right.",
        "<lambda>: all 8 cases are right.",
    ]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_attention_is_rejected(wrong) -> None:
    def mine(image: Tensor) -> object:
        return wrong(image)

    with pytest.raises(CheckFailed, match=r"^mine\(\[\[.*\]\]\): expected .* came$"):
        check_pixel_attention(mine)


def test_only_the_large_pixels_need_the_shift() -> None:
    with pytest.raises(CheckFailed, match=r"^without_shift\(\[\[0, 40\], \[-40, 1\]\]\): .* but nan came$"):
        check_pixel_attention(without_shift)
