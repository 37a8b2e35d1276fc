"""Labelled images, an image data set made of two parts of them, and the IDX files that hold such sets."""

import gzip
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from coursekit.data.errors import DataError


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Images and the class of each, kept compact: a batch is an index selection.

    Parameters
    ----------
    images : uint8 (n, channels, height, width)
    labels : int64 (n,)

    Raises
    ------
    ValueError
        If dtypes or shapes are others, or the numbers of images and labels differ.

    Examples
    --------
    >>> five = LabelledImages(torch.zeros(5, 1, 28, 28, dtype=torch.uint8), torch.arange(5))
    >>> len(five), five[1:3].labels, five[torch.tensor([4, 0])].labels
    (5, tensor([1, 2]), tensor([4, 0]))
    """

    images: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        if self.images.dtype != torch.uint8 or self.images.ndim != 4:
            raise ValueError(
                f"images are {self.images.dtype} of shape {tuple(self.images.shape)}; "
                "pass torch.uint8 of shape (n, channels, height, width)"
            )
        if self.labels.dtype != torch.int64 or self.labels.ndim != 1:
            raise ValueError(
                f"labels are {self.labels.dtype} of shape {tuple(self.labels.shape)}; "
                "pass torch.int64 of shape (n,)"
            )
        if len(self.images) != len(self.labels):
            raise ValueError(
                f"{len(self.images)} images but {len(self.labels)} labels; pass one label an image"
            )

    @property
    def tensors(self) -> tuple[Tensor, Tensor]:
        """Images and labels, as the `tensors` of a ``torch.utils.data.TensorDataset``."""
        return self.images, self.labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Tensor | slice) -> "LabelledImages":
        return LabelledImages(self.images[index], self.labels[index])

    def __repr__(self) -> str:
        return f"LabelledImages({len(self)} of {' × '.join(map(str, self.images.shape[1:]))})"

    def to(self, device: torch.device | str) -> "LabelledImages":
        """The same images and labels on `device`."""
        return LabelledImages(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """A training and a test part, and what a page says about them.

    Parameters
    ----------
    name
        The name that `load` was called with, for example ``"fashion-mnist"``.
    origin
        ``"real"``, or ``"offline"`` for the set that stands in for it.
    title
        What a page prints about the data.
    classes
        Names of the classes, in the order of the labels.
    sha256
        Digest of the data.
    """

    name: str
    origin: Literal["real", "offline"]
    title: str
    classes: tuple[str, ...]
    train: LabelledImages
    test: LabelledImages
    sha256: str

    def __repr__(self) -> str:
        return f"ImageDataset({self.title})"

    def hold_out(self, n: int) -> tuple[LabelledImages, LabelledImages]:
        """Training part without its last `n` images, and those `n`, to choose settings with.

        Raises
        ------
        ValueError
            If `n` is below 1 or leaves no image to train on.
        """
        if not 1 <= n < len(self.train):
            raise ValueError(
                f"cannot hold out {n:,} of {len(self.train):,} training images; "
                f"choose between 1 and {len(self.train) - 1:,}"
            )
        return self.train[:-n], self.train[-n:]


def read_idx(path: Path | str) -> Tensor:
    """Read an IDX file of unsigned bytes, gzipped or not, into a uint8 tensor of the shape it states.

    Nothing is unpacked beside the file.

    Raises
    ------
    DataError
        If the file is missing, cut short, not IDX, or holds more or fewer bytes than its header states.

    References
    ----------
    LeCun, Cortes & Burges, The MNIST database, section "File formats": two zero bytes, a type (8 is
    unsigned byte), the number of axes, the length of each axis (big-endian, 32 bits), the values.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "two-by-three-idx2-ubyte"
    >>> _ = path.write_bytes(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(6)))
    >>> read_idx(path).tolist()
    [[0, 1, 2], [3, 4, 5]]
    >>> folder.cleanup()
    """
    path = Path(path)
    content = _content(path)
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise DataError(
            f"{path} begins with {content[:4].hex(' ') or 'nothing'}; an IDX file of unsigned bytes begins "
            "with 00 00 08 and the number of axes; replace the file"
        )
    axes = content[3]
    start = 4 + 4 * axes
    shape = [int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4)]
    if len(content) < start:
        raise DataError(f"{path} is cut short: it ends inside its own header; replace the file")
    stated = prod(shape)
    if len(content) - start != stated:
        raise DataError(
            f"{path} states {' × '.join(map(str, shape))} = {stated:,} values but holds "
            f"{len(content) - start:,}; replace the file"
        )
    if not stated:
        return torch.empty(shape, dtype=torch.uint8)
    return torch.frombuffer(content, dtype=torch.uint8, offset=start).view(shape)


def _content(path: Path) -> bytearray:
    try:
        content = path.read_bytes()
        return bytearray(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except EOFError as error:
        raise DataError(
            f"{path} is cut short: its gzip stream of {len(content):,} bytes has no end; replace the file"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is damaged: gzip reports '{error}'; replace the file") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; put the file there") from error
