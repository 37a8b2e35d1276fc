"""Claims of ist 1, decided without the rules and without coursekit's code; and the rules, which must agree.

Sizes are counted position by position, matrices are what torch's convolution makes of images with a single
bright pixel, parameters are those of torch's modules.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.convolution import circulant_matrix
from coursekit.evidence import Claim, Ruling, load_claims, ruling_of
from coursekit.evidence.rulings import ist_1

BOOK = Path(__file__).parents[2] / "book"
CLAIMS = {claim.id: claim for claim in load_claims(book=BOOK)}
FLOORED = "3 * ((H - M + 1) // 2) * ((W - N + 1) // 2)"


def ruled(name: str, **changes: str) -> tuple[Claim, Ruling]:
    claim = replace(CLAIMS[f"ist.1.{name}"], **changes)
    ruling = ruling_of(claim)
    if ruling.verdict != "holds":
        missing = claim.placeholders() - {"actual", *ruling.values}
        assert not missing, f"the ruling on {claim.id} does not fill in {missing}"
    return claim, ruling


def sizes(side: int) -> Iterator[tuple[int, int, int, int]]:
    for height, width in product(range(1, side + 1), repeat=2):
        for rows, columns in product(range(1, height + 1), range(1, width + 1)):
            yield height, width, rows, columns


def matrix_of(height: int, width: int, rows: int, columns: int, *, wraps: bool = False) -> Tensor:
    """Column j is the convolution of the image whose pixel j is 1, by torch."""
    kernel = torch.arange(1.0, rows * columns + 1).view(1, 1, rows, columns)
    images = torch.eye(height * width).view(-1, 1, height, width)
    if wraps:
        images = F.pad(images, (0, columns - 1, 0, rows - 1), mode="circular")
    return F.conv2d(images, kernel).flatten(1).T.long()


def is_toeplitz(matrix: Tensor) -> bool:
    rows, columns = matrix.shape
    return all(matrix[i, j] == matrix[i - 1, j - 1] for i in range(1, rows) for j in range(1, columns))


def test_shape() -> None:
    for height, width, rows, columns in sizes(5):
        down = [i for i in range(height) if i + rows <= height]
        across = [j for j in range(width) if j + columns <= width]
        image, kernel = torch.zeros(1, 1, height, width), torch.zeros(1, 1, rows, columns)
        assert F.conv2d(image, kernel).shape[2:] == (len(down), len(across))
        assert (len(down), len(across)) == (height - rows + 1, width - columns + 1)
    claim, ruling = ruled("1a.shape")
    assert claim.claimed == ("H - M + 1", "W - N + 1")
    assert ruling.verdict == "holds"


def test_band() -> None:
    smallest = matrix_of(2, 2, 1, 2)
    band = torch.tensor([[1, 2, 0, 0], [0, 1, 2, 0]])
    assert smallest.tolist() == [[1, 2, 0, 0], [0, 0, 1, 2]] != band.tolist()
    for length, taps in ((4, 2), (5, 3), (3, 1)):
        rows = [[0] * i + [*range(1, taps + 1)] + [0] * (length - taps - i) for i in range(length - taps + 1)]
        assert matrix_of(1, length, 1, taps).tolist() == rows == matrix_of(length, 1, taps, 1).tolist()
    ruling = ruled("1b.band")[1]
    assert ruling.verdict == "imprecise"
    assert ruling.values["sizes"] == "a 1×2 filter on a 2×2 image"
    assert ruling.values["matrix"] == str(smallest.tolist())
    assert ruling.values["band"] == str(band.tolist())


def test_circulant() -> None:
    square = {size for size in sizes(4) if len(matrix_of(*size)) == matrix_of(*size).shape[1]}
    assert square == {size for size in sizes(4) if size[2:] == (1, 1)}
    wrapped = matrix_of(1, 3, 1, 2, wraps=True)
    assert matrix_of(1, 3, 1, 2).tolist() == [[1, 2, 0], [0, 1, 2]]
    assert wrapped.tolist() == [[1, 2, 0], [0, 1, 2], [2, 0, 1]]
    assert is_toeplitz(wrapped) and not is_toeplitz(matrix_of(2, 2, 1, 2, wraps=True))
    _, ruling = ruled("1b.circulant")
    assert ruling.verdict == "wrong"
    assert ruling.values == {
        "square": "a 1×1 filter",
        "sizes": "a 1×2 filter on a 1×3 image",
        "dimensions": "2×3",
        "matrix": "[[1, 2, 0], [0, 1, 2]]",
        "wrapped": str(wrapped.tolist()),
        "broken": "a 1×2 filter on a 2×2 image",
        "counterexample": str(matrix_of(2, 2, 1, 2, wraps=True).tolist()),
    }


def test_entry() -> None:
    smaller = [size for size in sizes(4) if size[0] * size[1] < 4]
    assert all(is_toeplitz(matrix_of(*size)) for size in smaller), "no smaller image will do"
    assert matrix_of(2, 2, 1, 2).tolist() == [[1, 2, 0, 0], [0, 0, 1, 2]]
    _, ruling = ruled("1b.entry")
    assert ruling.verdict == "wrong"
    assert ruling.values["sizes"] == "a 1×2 filter on a 2×2 image"
    assert (ruling.values["first"], ruling.values["second"]) == ("(0, 0) is 1", "(1, 1) is 0")


def counted(height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
    image = torch.zeros(1, 1, height, width)
    features = nn.Sequential(
        nn.Conv2d(1, 1, (rows, columns), bias=False), nn.ReLU(), nn.MaxPool2d(2, stride=2), nn.Flatten()
    )
    hidden = features(image).shape[1]
    last = nn.Linear(hidden, 3, bias=False)
    connected = nn.Sequential(nn.Flatten(), nn.Linear(height * width, hidden, bias=False), last)
    assert last(features(image)).shape == connected(image).shape == (1, 3)
    first = sum(weights.numel() for weights in (*features.parameters(), *last.parameters()))
    return first, sum(weights.numel() for weights in connected.parameters())


def claimed_counts(height: int, width: int, rows: int, columns: int) -> tuple[float, float]:
    pooled = (height - rows + 1) / 2 * (width - columns + 1) / 2
    return rows * columns + 3 * pooled, rows * columns * pooled + 3 * pooled


def test_convolutional() -> None:
    assert counted(2, 3, 1, 1)[0] == 4 and claimed_counts(2, 3, 1, 1)[0] == 5.5
    assert counted(2, 2, 1, 1)[0] == claimed_counts(2, 2, 1, 1)[0] == 4, "the one smaller case is right"
    assert counted(28, 28, 5, 5)[0] == claimed_counts(28, 28, 5, 5)[0] == 25 + 3 * 12 * 12
    for size in ((6, 5, 3, 2), (7, 7, 2, 4), (5, 9, 4, 4)):
        assert counted(*size)[0] == claimed_counts(*size)[0]
    for size in ((5, 5, 3, 3), (6, 6, 2, 2), (8, 7, 5, 3)):
        assert counted(*size)[0] < claimed_counts(*size)[0]
    _, ruling = ruled("1c.convolutional")
    assert ruling.verdict == "imprecise"
    assert ruling.values == {"sizes": "a 1×1 filter on a 2×3 image", "claimed": "5.5", "counted": "4"}


def test_connected() -> None:
    assert counted(2, 2, 1, 1)[1] == 7 and claimed_counts(2, 2, 1, 1)[1] == 4
    assert counted(28, 28, 5, 5)[1] == 28 * 28 * 144 + 3 * 144 != claimed_counts(28, 28, 5, 5)[1]
    _, ruling = ruled("1c.connected")
    assert ruling.verdict == "wrong"
    assert ruling.values == {"sizes": "a 1×1 filter on a 2×2 image", "claimed": "4", "counted": "7"}


@pytest.mark.parametrize(
    ("name", "claimed", "verdict"),
    [
        ("1a.shape", ("H - M", "W - N"), "wrong"),
        ("1a.shape", ("W - N + 1", "H - M + 1"), "wrong"),
        ("1c.convolutional", f"M*N + {FLOORED}", "holds"),
        ("1c.convolutional", f"M*N + 1 + {FLOORED}", "wrong"),
        ("1c.connected", f"H*W * ((H - M + 1) // 2) * ((W - N + 1) // 2) + {FLOORED}", "holds"),
        (
            "1c.connected",
            "H*W * ((H-M+1)/2) * ((W-N+1)/2) + 3 * ((H-M+1)/2) * ((W-N+1)/2)",
            "imprecise",
        ),
    ],
)
def test_another_formula_gets_another_verdict(name: str, claimed: str, verdict: str) -> None:
    assert ruled(name, claimed=claimed)[1].verdict == verdict


def test_another_matrix_gets_another_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ist_1, "toeplitz_matrix", circulant_matrix)
    assert "circulant in blocks for 100 of 100" in ruling_of(CLAIMS["ist.1.1b.circulant"]).evidence
    monkeypatch.setattr(ist_1, "_matrix", lambda sizes: torch.eye(2, 4))
    assert ruled("1b.entry")[1].verdict == "holds"
    assert ruled("1b.band")[1].verdict == "wrong"
    monkeypatch.undo()
    monkeypatch.setattr(ist_1, "MATRIX_SIDE", 1)
    assert ruled("1b.band")[1].verdict == ruled("1b.circulant")[1].verdict == "holds"


@pytest.mark.parametrize("formula", ["K + 1", "H ** 2", "H + 0.5", "round(H)"])
def test_a_formula_of_other_things_is_named(formula: str) -> None:
    with pytest.raises(ValueError, match=r"the claimed formula holds .*; use whole numbers, H, W, M, N and"):
        ruled("1a.shape", claimed=formula)


def test_the_corrections_are_sentences() -> None:
    claim, ruling = ruled("1c.convolutional")
    assert ruling.correction(claim) == (
        "MN + 3·⌊(H−M+1)/2⌋·⌊(W−N+1)/2⌋. Pooling rounds down, so that the formula needs H−M+1 and W−N+1 to "
        "be even; the smallest case where it fails is a 1×1 filter on a 2×3 image: 5.5 by the formula, "
        "4 counted."
    )
