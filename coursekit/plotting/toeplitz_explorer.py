"""A figure to move: an output pixel of a convolution, its patch, and its row of the Toeplitz matrix."""

import json
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.convolution import output_shape, toeplitz_matrix
from coursekit.plotting.style import COLOURS

SIDE = 6
STRIDES = (1, 2)
PADDINGS = (0, 1)

IMAGES = MappingProxyType(
    {
        "square": ((0,) * 6, *((0, 9, 9, 9, 9, 0),) * 4, (0,) * 6),
        "diagonal": tuple(tuple(9 - 4 * min(abs(r - c), 2) for c in range(6)) for r in range(6)),
        "0 to 35": tuple(tuple(range(6 * r, 6 * r + 6)) for r in range(6)),
    }
)
"""Whole numbers, so that every sum is exact; in the last one a pixel's value is its place in vec(x)."""

KERNELS = MappingProxyType(
    {
        "edge 3×3": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        "blur 3×3": ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
        "identity 3×3": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
        "diagonal 3×3": ((2, -1, -1), (-1, 2, -1), (-1, -1, 2)),
        "numbered 2×2": ((1, 2), (3, 4)),
        "corner 2×2": ((1, -1), (-1, 1)),
    }
)

# A colour for a row of the kernel, which is a block of M; a strength for a column within it. Text in the
# page's colour keeps a contrast of 4.5:1 on the strongest of them, on white and on dark.
_STRENGTHS = (26, 42, 58)
_NO_TAP = "."


class ToeplitzExplorer:
    """What `toeplitz_explorer` returns: it shows itself as HTML, and as a sentence where there is none."""

    def values(self) -> dict[str, Any]:
        """Every number that the figure can show.

        Returns
        -------
        dict
            ``images``: by name and padding, the padded image, ``(rows, columns)``.
            ``kernels``: by name, the weights, ``(rows, columns)``.
            ``layouts``: by ``"side of the kernel,stride,padding"``, the ``shape`` of the output, for every
            output pixel the ``patches``, places in the padded image counted row after row, one for each
            weight, and the ``taps``: a string for every row of :math:`M` with the number of the weight that
            stands in each column, or a dot.
            ``matrices``: by ``"kernel,stride,padding"``, :math:`M`.
            ``outputs``: by ``"image,kernel,stride,padding"``, the output, ``(rows, columns)``.
        """
        images = {name: torch.tensor(rows, dtype=torch.float64) for name, rows in IMAGES.items()}
        kernels = {name: torch.tensor(rows, dtype=torch.float64) for name, rows in KERNELS.items()}
        choices = [(stride, padding) for stride in STRIDES for padding in PADDINGS]
        return {
            "images": {
                name: {str(padding): _whole(F.pad(image, (padding,) * 4)) for padding in PADDINGS}
                for name, image in images.items()
            },
            "kernels": {name: _whole(kernel) for name, kernel in kernels.items()},
            "layouts": {
                f"{side},{stride},{padding}": _layout(side, stride, padding)
                for side in sorted({len(kernel) for kernel in kernels.values()})
                for stride, padding in choices
            },
            "matrices": {
                f"{name},{stride},{padding}": _whole(
                    toeplitz_matrix(kernel, (SIDE, SIDE), stride=stride, padding=padding)
                )
                for name, kernel in kernels.items()
                for stride, padding in choices
            },
            "outputs": {
                f"{image_name},{name},{stride},{padding}": _whole(
                    F.conv2d(image[None, None], kernel[None, None], stride=stride, padding=padding)[0, 0]
                )
                for image_name, image in images.items()
                for name, kernel in kernels.items()
                for stride, padding in choices
            },
        }

    def __repr__(self) -> str:
        return (
            "Figure to move: choose an image, a kernel, a stride and a padding, then an output pixel, and "
            "see the pixel's patch in the image and its row of the matrix M, with the shared weights in "
            f"the same colours. Images of {SIDE}×{SIDE}: {_listed(IMAGES)}. Kernels: {_listed(KERNELS)}. "
            f"Strides {_listed(STRIDES)}; paddings {_listed(PADDINGS)}."
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        # "</" would end the element that holds the values.
        values = json.dumps(self.values(), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        folder = files("coursekit.plotting")
        style = folder.joinpath("toeplitz_explorer.css").read_text(encoding="utf-8")
        script = folder.joinpath("toeplitz_explorer.js").read_text(encoding="utf-8")
        colours = "".join(
            f"--te-{m}{n}:rgb({_channels(COLOURS[m])} / {strength}%);"
            for m in range(3)
            for n, strength in enumerate(_STRENGTHS)
        )
        return (
            f'<div class="toeplitz-explorer" style="{colours}">\n<style>\n{style}</style>\n'
            f'<p class="te-fallback">{self} It needs JavaScript, from this page alone.</p>\n'
            f'<script type="application/json">{values}</script>\n<script>\n{script}</script>\n</div>'
        )


def toeplitz_explorer() -> ToeplitzExplorer:
    """A figure to move, in HTML that needs no kernel, no other host and no mouse.

    The reader chooses a small image, a kernel, a stride and a padding. An output pixel that is pointed at, or
    reached with the arrow keys, shows its patch in the image and its row of :math:`M`; a weight of the kernel
    shows all of its places in :math:`M`. A sentence and a table say the same in words. torch computes every
    number beforehand; the script in the page selects and paints.

    Examples
    --------
    >>> explorer = toeplitz_explorer()
    >>> explorer.values()["outputs"]["0 to 35,numbered 2×2,2,0"]
    [[48, 68, 88], [168, 188, 208], [288, 308, 328]]
    >>> explorer.values()["layouts"]["2,2,0"]["taps"][0]
    '01....23............................'
    """
    return ToeplitzExplorer()


def _layout(side: int, stride: int, padding: int) -> dict[str, Any]:
    """What depends on the kernel's size, and not on its weights."""
    padded = SIDE + 2 * padding
    places = torch.arange(padded**2, dtype=torch.float64).view(1, 1, padded, padded)
    numbered = torch.arange(1, side**2 + 1).view(side, side)
    taps = toeplitz_matrix(numbered, (SIDE, SIDE), stride=stride, padding=padding)
    return {
        "shape": list(output_shape((SIDE, SIDE), side, stride=stride, padding=padding)),
        "patches": _whole(F.unfold(places, side, stride=stride)[0].mT),
        "taps": ["".join(str(tap - 1) if tap else _NO_TAP for tap in row) for row in taps.tolist()],
    }


def _whole(numbers: Tensor) -> list[list[int]]:
    return [[int(value) for value in row] for row in numbers.tolist()]


def _listed(names: Any) -> str:
    return ", ".join(f"“{name}”" if isinstance(name, str) else str(name) for name in names)


def _channels(colour: str) -> str:
    return " ".join(str(channel) for channel in bytes.fromhex(colour.removeprefix("#")))
