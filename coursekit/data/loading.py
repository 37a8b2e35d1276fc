"""Loading a data set by name: the real files where there is a data folder, else the offline set."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from torch import Tensor

from coursekit.data.errors import DataError
from coursekit.data.images import ImageDataset, LabelledImages, read_idx
from coursekit.data.registry import REGISTRY, locate
from coursekit.data.synthetic.garments import CLASSES as GARMENTS
from coursekit.data.synthetic.garments import garments


def load(name: str) -> ImageDataset:
    """Load a data set: the real one where ``COURSEKIT_DATA`` names a folder, else the one that stands in.

    Every real file is compared with its sha256 first. With ``COURSEKIT_DOWNLOAD=1`` missing files are
    fetched.

    Raises
    ------
    DataError
        If the name is unknown, or a file is missing, damaged or cannot be fetched.

    Examples
    --------
    >>> fashion = load("fashion-mnist")
    >>> fashion.classes[:3]
    ('T-shirt/top', 'Trouser', 'Pullover')
    >>> fashion.test.images.shape[1:], fashion.test.images.dtype
    (torch.Size([1, 28, 28]), torch.uint8)
    """
    folder = locate(name)
    read, draw = _LOADERS[name]
    return draw() if folder is None else read(folder)


def _read_fashion_mnist(folder: Path) -> ImageDataset:
    source, raw = REGISTRY["fashion-mnist"], folder / "FashionMNIST" / "raw"
    return ImageDataset(
        name=source.name,
        origin="real",
        title=source.title,
        classes=GARMENTS,
        train=read_labelled(raw / "train-images-idx3-ubyte.gz", raw / "train-labels-idx1-ubyte.gz"),
        test=read_labelled(raw / "t10k-images-idx3-ubyte.gz", raw / "t10k-labels-idx1-ubyte.gz"),
        sha256=source.sha256,
    )


def _draw_garments() -> ImageDataset:
    train, test = garments()
    return ImageDataset(
        name="fashion-mnist",
        origin="offline",
        title=f"garments, the offline stand-in for Fashion-MNIST, {len(train):,} + {len(test):,} images",
        classes=GARMENTS,
        train=train,
        test=test,
        sha256=_digest(*train.tensors, *test.tensors),
    )


_LOADERS: dict[str, tuple[Callable[[Path], ImageDataset], Callable[[], ImageDataset]]] = {
    "fashion-mnist": (_read_fashion_mnist, _draw_garments),
}


def read_labelled(images: Path, labels: Path) -> LabelledImages:
    """Grey images ``(n, 1, height, width)`` and their labels from a pair of IDX files.

    Raises
    ------
    DataError
        If a file cannot be read, has another number of axes, or they differ in number.
    """
    pixels, classes = _with_axes(images, 3), _with_axes(labels, 1)
    if len(pixels) != len(classes):
        raise DataError(
            f"{images} holds {len(pixels):,} images but {labels.name} beside it {len(classes):,} labels; "
            "replace both files"
        )
    return LabelledImages(pixels.unsqueeze(1), classes.long())


def _with_axes(path: Path, axes: int) -> Tensor:
    values = read_idx(path)
    if values.ndim != axes:
        raise DataError(
            f"{path} has {values.ndim} instead of {axes} axes; is it another file under this name?"
        )
    return values


def _digest(*tensors: Tensor) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()
