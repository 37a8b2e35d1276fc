"""Rules on the claims of mila on what layers and transforms do to images, tried on images and matrices."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.data.images import LabelledImages
from coursekit.data.pixelwise import StandardisePixels
from coursekit.data.synthetic.garments import garments
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, percent
from coursekit.evidence.verdicts import Ruling, judge_statement, rule

#: Draws of random weights, and the garment that their maps are made of.
DRAWS, IMAGE = 50, 0

#: Images on which standardisation is looked at.
IMAGES = 2_000

#: Rounding of 32-bit figures near 1 stays far below it.
ROUNDING = 0.0001

#: Sides of the images whose 1×1 convolutions are written out as matrices.
SIDES = (2, 3, 4)


@rule("mila.2.1.dark")
def dark(claim: Claim) -> Ruling:
    """Whether both difference images have one colour, over draws of the two random convolutions."""
    image = _garments().images[IMAGE : IMAGE + 1].double() / 255
    uniform, blank = {}, 0
    for seed in range(DRAWS):
        f = _random_convolutions(seed)
        uniform[seed] = all(_is_uniform(t(f(image)) - f(t(image))) for t in (_shift, _rotate))
        blank += uniform[seed] and _is_uniform(f(image))
    return judge_statement(
        uniform,
        actual=f"both have one colour in {sum(uniform.values())} of {DRAWS} draws of the weights",
        evidence="both difference images have one colour",
        blank=str(blank),
    )


@rule("mila.2.2.inputs")
def standardised_inputs(claim: Claim) -> Ruling:
    """Whether standardised pixels have both signs and, unless they are constant, one deviation."""
    images = _garments().images
    standardised = StandardisePixels.of(images)(images).flatten(1)
    varies = images.flatten(1).double().std(dim=0) > 0
    pixels = standardised[:, varies]
    signs = ((pixels < 0).any(dim=0) & (pixels > 0).any(dim=0)).double().mean().item()
    raw_signs = bool((images.double() < 0).any())
    alike = ((pixels.double().std(dim=0, correction=0) - 1).abs() < ROUNDING).double().mean().item()
    return Ruling(
        verdict="holds" if signs == alike == 1 and not raw_signs else "wrong",
        actual=f"{percent(signs)} of the pixels take both signs, and {percent(alike)} have deviation 1",
        values={"constant": number(int((~varies).sum()))},
        evidence=f"{number(len(images))} garments, pixels that are not the same in all of them",
    )


@rule("mila.2.5.one-by-one")
def one_by_one(claim: Claim) -> Ruling:
    """Whether every value that a 1×1 convolution puts out depends on every value that goes in."""
    full = [side for side in SIDES if bool((_matrix_of_one_by_one(side) != 0).all())]
    matrix = _matrix_of_one_by_one(SIDES[-1])
    read = (matrix != 0).sum(dim=1)
    dense = nn.Linear(matrix.shape[1], matrix.shape[0], device="meta").weight
    return Ruling(
        verdict="holds" if len(full) == len(SIDES) else "imprecise" if full else "wrong",
        actual=f"{int(read.max())} of {matrix.shape[1]} inputs",
        values={
            "image": f"{SIDES[-1]}×{SIDES[-1]}",
            "weights": number(len(matrix.unique()) - 1),
            "dense": number(dense.numel()),
            "single": "all" if bool((_matrix_of_one_by_one(1) != 0).all()) else "not all",
        },
        evidence=f"matrix of a 1×1 convolution from 2 to 3 channels: without zeros for {len(full)} of "
        f"{len(SIDES)} image sizes above one pixel",
    )


@cache
def _garments() -> LabelledImages:
    return garments(IMAGES, 0, seed=0)[0]


def _random_convolutions(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU(), nn.Conv2d(1, 1, 3), nn.ReLU()).double()


def _shift(images: Tensor) -> Tensor:
    return images.roll((5, 5), dims=(-2, -1))


def _rotate(images: Tensor) -> Tensor:
    return images.rot90(dims=(-2, -1))


def _is_uniform(maps: Tensor) -> bool:
    return bool(maps.max() - maps.min() < ROUNDING)


def _matrix_of_one_by_one(side: int) -> Tensor:
    """Matrix of a 1×1 convolution from 2 to 3 channels, whose weights are all different and not 0."""
    kernels = torch.arange(1.0, 7).view(3, 2, 1, 1)
    pixels = torch.eye(2 * side * side).view(-1, 2, side, side)
    return F.conv2d(pixels, kernels).flatten(1).T
