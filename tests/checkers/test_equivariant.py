"""The checker of the lifting layer accepts the right maps and rejects plausible wrong ones."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers import CheckFailed
from coursekit.checkers.equivariant import check_p4_lifting
from coursekit.models.equivariant import P4Lifting


def convolve(image: Tensor, kernels: list[Tensor], *, padding: int = 0) -> Tensor:
    return F.conv2d(image[None, None], torch.stack(kernels)[:, None], padding=padding)[0]


def by_turning_the_image(image: Tensor, kernel: Tensor) -> Tensor:
    return torch.stack([convolve(image.rot90(-r), [kernel])[0].rot90(r) for r in range(4)])


def by_the_layer(image: Tensor, kernel: Tensor) -> Tensor:
    layer = P4Lifting(1, 1, len(kernel)).double()
    with torch.no_grad():
        layer.weight.copy_(kernel)
        layer.bias.zero_()
    return layer(image[None, None])[0, 0]


WRONG = {
    "no turns": lambda x, w: convolve(x, [w] * 4),
    "clockwise": lambda x, w: convolve(x, [w.rot90(-r) for r in range(4)]),
    "mirrored convolution": lambda x, w: convolve(x, [w.rot90(r).flip(0, 1) for r in range(4)]),
    "mirrors for turns": lambda x, w: convolve(x, [w, w.flip(0), w.flip(0, 1), w.flip(1)]),
    "transposed": lambda x, w: convolve(x, [w.T.rot90(r) for r in range(4)]),
    "maps turned too": lambda x, w: torch.stack(
        [convolve(x, [w.rot90(r)])[0].rot90(-r) if x.shape[0] == x.shape[1] else convolve(x, [w.rot90(r)])[0]
         for r in range(4)]
    ),
    "the image's turns": lambda x, w: torch.stack(
        [convolve(x.rot90(r), [w])[0] if x.shape[0] == x.shape[1] else convolve(x, [w.rot90(r)])[0]
         for r in range(4)]
    ),
    "two orientations": lambda x, w: convolve(x, [w, w.rot90(2)]),
    "padded": lambda x, w: convolve(x, [w.rot90(r) for r in range(4)], padding=len(w) // 2),
    "summed": lambda x, w: convolve(x, [w.rot90(r) for r in range(4)]).sum(dim=0),
    "symmetrised": lambda x, w: convolve(x, [sum(w.rot90(r) for r in range(4)) / 4] * 4),
    "activation": lambda x, w: convolve(x, [w.rot90(r) for r in range(4)]).relu(),
}  # fmt: skip


@pytest.mark.parametrize("right", [by_turning_the_image, by_the_layer])
def test_right_maps_pass(right, capsys) -> None:
    check_p4_lifting(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 6 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_maps_are_rejected(wrong) -> None:
    def mine(image: Tensor, kernel: Tensor) -> Tensor:
        return wrong(image, kernel)

    with pytest.raises(CheckFailed, match=r"^mine\(\[\[.*\]\], \[\[.*\]\]\): expected .* came$"):
        check_p4_lifting(mine)


def test_sentence_shows_the_call() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_p4_lifting(WRONG["clockwise"])
    assert str(failure.value) == (
        "<lambda>([[1, 0], [0, 0]], [[1, 2], [3, 4]]): expected the maps to hold 2 at [1, 0, 0], but 3 came"
    )
