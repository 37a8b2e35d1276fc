"""Rules on the claims of ist 1: formulas and matrices, compared on every small size until one disagrees."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from coursekit.convolution import circulant_matrix, output_shape, toeplitz_matrix
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, shape
from coursekit.evidence.formulas import formula_value
from coursekit.evidence.verdicts import Ruling, Verdict, rule

#: Sides of the largest image on which a formula and a matrix are compared.
FORMULA_SIDE, MATRIX_SIDE = 6, 4

CLASSES = 3


class Sizes(NamedTuple):
    """An image of H×W and a filter of M×N, by the letters of the question."""

    H: int
    W: int
    M: int
    N: int

    def __str__(self) -> str:
        return f"a {self.M}×{self.N} filter on a {self.H}×{self.W} image"


@rule("ist.1.1a.shape")
def output_of_the_filter(claim: Claim) -> Ruling:
    """Height and width of z, by the positions that the filter can take."""
    compared = list(_sizes(FORMULA_SIDE))
    actual = {s: output_shape((s.H, s.W), (s.M, s.N)) for s in compared}
    wrong = [s for s in compared if _claimed(claim, s) != _exact(*actual[s])]
    return Ruling(
        verdict="wrong" if wrong else "holds",
        actual="H−M+1 by W−N+1",
        evidence=f"output_shape on all {len(compared)} sizes up to {shape((FORMULA_SIDE, FORMULA_SIDE))}: "
        f"{number(len(compared) - len(wrong))} agree",
    )


@rule("ist.1.1b.band")
def band(claim: Claim) -> Ruling:
    """Whether M is the band whose row i holds the filter's entries from column i on."""
    compared = list(_sizes(MATRIX_SIDE))
    wrong = [s for s in compared if not torch.equal(_band(s), _matrix(s))]
    verdict: Verdict = "holds"
    if wrong:
        flat = [s for s in compared if 1 in (s.H, s.W)]
        verdict = "wrong" if set(wrong) & set(flat) else "imprecise"
    values = {}
    if wrong:
        values = {"sizes": str(wrong[0]), "matrix": _text(_matrix(wrong[0])), "band": _text(_band(wrong[0]))}
    return Ruling(
        verdict=verdict,
        actual="a band of bands: Toeplitz in blocks, each block Toeplitz",
        values=values,
        evidence=f"the band is M for {len(compared) - len(wrong)} of {_all(compared)}, among them all whose "
        "image has one row or one column"
        if verdict == "imprecise"
        else f"the band is M for {len(compared) - len(wrong)} of {_all(compared)}",
    )


@rule("ist.1.1b.circulant")
def circulant(claim: Claim) -> Ruling:
    """Whether M is the matrix of the convolution whose borders wrap, and whether that one is Toeplitz."""
    compared = list(_sizes(MATRIX_SIDE))
    wrong = [s for s in compared if not torch.equal(_matrix(s), _wrapped(s))]
    square = {s for s in compared if len(_matrix(s)) == s.H * s.W}
    single = {s for s in compared if s.M * s.N == 1}
    tall = next((s for s in wrong if len(_matrix(s)) > 1), None)
    broken = next((s for s in compared if _unequal(_wrapped(s))), None)
    values = {"square": "a 1×1 filter" if square == single else f"{len(square)} sizes"}
    if tall is not None and broken is not None:
        values |= {
            "sizes": str(tall),
            "dimensions": shape(_matrix(tall).shape),
            "matrix": _text(_matrix(tall)),
            "wrapped": _text(_wrapped(tall)),
            "broken": str(broken),
            "counterexample": _text(_wrapped(broken)),
        }
    return Ruling(
        verdict="wrong" if wrong or broken else "holds",
        actual="doubly blocked Toeplitz",
        values=values,
        evidence=f"M is circulant in blocks for {len(compared) - len(wrong)} of {_all(compared)}, "
        f"and square for {len(square)}",
    )


@rule("ist.1.1b.entry")
def general_element(claim: Claim) -> Ruling:
    """Whether elements of M with the same i − j are the same."""
    compared = list(_sizes(MATRIX_SIDE))
    wrong = [s for s in compared if _unequal(_matrix(s))]
    values = {}
    if wrong:
        (i, j), (k, m) = _unequal(_matrix(wrong[0])) or ((0, 0), (0, 0))
        matrix = _matrix(wrong[0])
        values = {
            "sizes": str(wrong[0]),
            "matrix": _text(matrix),
            "first": f"({i}, {j}) is {int(matrix[i, j])}",
            "second": f"({k}, {m}) is {int(matrix[k, m])}",
        }
    return Ruling(
        verdict="wrong" if wrong else "holds",
        actual="the filter's entry at (⌊j/W⌋ − ⌊i/W'⌋, j mod W − i mod W') where there is one, else 0",
        values=values,
        evidence=f"equal i − j means equal elements for {len(compared) - len(wrong)} of {_all(compared)}",
    )


@rule("ist.1.1c.convolutional", "ist.1.1c.connected")
def parameters(claim: Claim) -> Ruling:
    """Parameters of the network with the convolution, and of the one with a fully connected layer for it."""
    compared = [s for s in _sizes(FORMULA_SIDE) if s.H > s.M and s.W > s.N]
    network = 0 if claim.name == "convolutional" else 1
    actual = {s: _parameters(s)[network] for s in compared}
    wrong = [s for s in compared if _claimed(claim, s) != _exact(actual[s])]
    even = [s for s in compared if (s.H - s.M) % 2 == (s.W - s.N) % 2 == 1]
    verdict: Verdict = "holds"
    if wrong:
        verdict = "wrong" if set(wrong) & set(even) else "imprecise"
    values = {}
    if wrong:
        (claimed,) = _claimed(claim, wrong[0])
        values = {
            "sizes": str(wrong[0]),
            "claimed": number(float(claimed)),
            "counted": number(actual[wrong[0]]),
        }
    right = sum(s not in wrong for s in even)
    return Ruling(
        verdict=verdict,
        actual=("MN", "HW·⌊(H−M+1)/2⌋·⌊(W−N+1)/2⌋")[network] + " + 3·⌊(H−M+1)/2⌋·⌊(W−N+1)/2⌋",
        values=values,
        evidence=f"weights of torch's layers, {_all(compared)}: the formula agrees for {right} of the "
        f"{len(even)} with even H−M+1 and W−N+1, and for {len(compared) - len(wrong) - right} of the "
        f"{len(compared) - len(even)} others",
    )


def _sizes(side: int) -> Iterator[Sizes]:
    """Every filter on every image up to side×side, small images first and then small filters."""
    axis = [(n, k) for n in range(1, side + 1) for k in range(1, n + 1)]
    found = [Sizes(H, W, M, N) for (H, M), (W, N) in product(axis, axis)]
    return iter(sorted(found, key=lambda s: (s.H * s.W, s.M * s.N, s)))


def _all(compared: list[Sizes]) -> str:
    height, width = max((s.H, s.W) for s in compared)
    return f"{number(len(compared))} sizes up to {shape((height, width))}"


def _filter(sizes: Sizes) -> Tensor:
    """The whole numbers from 1: no two entries alike, and none of them 0."""
    return torch.arange(1, sizes.M * sizes.N + 1).view(sizes.M, sizes.N)


def _matrix(sizes: Sizes) -> Tensor:
    return toeplitz_matrix(_filter(sizes), (sizes.H, sizes.W))


def _wrapped(sizes: Sizes) -> Tensor:
    return circulant_matrix(_filter(sizes), (sizes.H, sizes.W))


def _band(sizes: Sizes) -> Tensor:
    entries = _filter(sizes).flatten()
    rows, columns = _matrix(sizes).shape
    distance = torch.arange(columns) - torch.arange(rows)[:, None]
    inside = (distance >= 0) & (distance < len(entries))
    return torch.where(inside, entries[distance.clamp(0, len(entries) - 1)], 0)


def _unequal(matrix: Tensor) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The first two neighbours on a diagonal that differ."""
    differ = (matrix[:-1, :-1] != matrix[1:, 1:]).nonzero()
    if not len(differ):
        return None
    i, j = differ[0].tolist()
    return (i, j), (i + 1, j + 1)


@cache
def _parameters(sizes: Sizes) -> tuple[int, ...]:
    positions = output_shape((sizes.H, sizes.W), (sizes.M, sizes.N))
    pooled = prod(output_shape(positions, 2, stride=2))
    # Layers on "meta" have shapes and no values: nothing is drawn from the generator of random numbers.
    convolution = nn.Conv2d(1, 1, (sizes.M, sizes.N), bias=False, device="meta")
    connected = nn.Linear(sizes.H * sizes.W, pooled, bias=False, device="meta")
    last = nn.Linear(pooled, CLASSES, bias=False, device="meta")
    return tuple(layer.weight.numel() + last.weight.numel() for layer in (convolution, connected))


def _claimed(claim: Claim, sizes: Sizes) -> tuple[Fraction, ...]:
    formulas = claim.claimed if isinstance(claim.claimed, tuple) else (claim.claimed,)
    return tuple(formula_value(str(formula), sizes._asdict()) for formula in formulas)


def _exact(*counts: int) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, counts))


def _text(matrix: Tensor) -> str:
    return str(matrix.tolist())
