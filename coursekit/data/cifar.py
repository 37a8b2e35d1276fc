"""CIFAR-10's two forms: the authors' archive of pickled batches, and archives of JPEG copies."""

import gzip
import hashlib
import io
import lzma
import pickle
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coursekit.data.errors import DataError

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
"""In the order of the labels."""

Arrays = Mapping[str, NDArray[np.generic]]

_SHAPE = (3, 32, 32)
_BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")


def read_batches(archive: Path) -> Arrays:
    """The authors' archive, ``cifar-10-python.tar.gz``, in its own order: five batches and the test batch.

    Returns
    -------
    ``train-images`` and ``test-images``, uint8 ``(n, 3, 32, 32)``, ``train-labels`` and ``test-labels``,
    int64 ``(n,)``.

    Raises
    ------
    DataError
        If the archive is cut short or damaged, or a batch is missing or is not what a batch should be.

    References
    ----------
    Krizhevsky (2009), Learning multiple layers of features from tiny images; the layout is described at
    https://www.cs.toronto.edu/~kriz/cifar.html.
    """
    batches = {}
    for name, content in _members(archive, len(_BATCHES), "batches"):
        batch = name.rpartition("/")[2]
        if batch in _BATCHES:
            batches[batch] = _batch(content, f"{batch} in {archive}")
    missing = [name for name in _BATCHES if name not in batches]
    if missing:
        raise DataError(f"{archive} has no member {' and no '.join(missing)}; replace the file")
    return _parts([batches[name] for name in _BATCHES[:-1]], [batches[_BATCHES[-1]]])


def read_jpegs(train: Path, test: Path) -> Arrays:
    """Two archives with members ``train/airplane/0000.jpg`` and so on, in the order of the names' sha256.

    The copies come sorted by class, and nothing tells the authors' order. Sorted by the digest of its name,
    an image lies anywhere, on every machine and under every version at the same place: so the last thousand
    training images are a fair sample, and the first few hundred as well.

    Returns
    -------
    As `read_batches` does.

    Raises
    ------
    DataError
        If an archive is cut short or damaged, or a member has another name or is no colour image of 32 × 32.
    """
    return _parts([_jpegs(train, "train", 50_000)], [_jpegs(test, "test", 10_000)])


def jpeg_decoder() -> str:
    """The decoder behind `read_jpegs`: two versions of it may differ by a step of 255 here and there."""
    from PIL import features

    kind = "libjpeg-turbo" if features.check_feature("libjpeg_turbo") else "libjpeg"
    version = features.version_feature("libjpeg_turbo") or features.version_codec("jpg")
    return f"{kind} {version}"


def _jpegs(archive: Path, part: str, expected: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    images, labels, keys = [], [], []
    for name, content in _members(archive, expected, "images"):
        kind = name.split("/")[1:2]
        if not name.startswith(f"{part}/") or not name.endswith(".jpg") or kind[0] not in CLASSES:
            raise DataError(
                f"{archive} has a member '{name}' instead of one like '{part}/airplane/0000.jpg'; "
                "replace the file"
            )
        images.append(_jpeg(content, f"{name} in {archive}"))
        labels.append(CLASSES.index(kind[0]))
        keys.append(hashlib.sha256(name.encode()).digest())
    order = sorted(range(len(keys)), key=keys.__getitem__)
    pixels = np.empty((len(order), *_SHAPE), dtype=np.uint8)
    for place, i in enumerate(order):
        pixels[place] = images[i].transpose(2, 0, 1)
    return pixels, np.array([labels[i] for i in order], dtype=np.int64)


def _jpeg(content: bytes, where: str) -> NDArray[np.uint8]:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            pixels = np.asarray(image)
    except OSError as error:
        raise DataError(f"{where} is no JPEG image: Pillow reports '{error}'; replace the archive") from error
    if pixels.shape != (32, 32, 3):
        raise DataError(
            f"{where} has the shape {' × '.join(map(str, pixels.shape))} instead of 32 × 32 × 3; "
            "replace the archive"
        )
    return pixels


def _members(archive: Path, expected: int, unit: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a compressed tar, with a progress bar."""
    from tqdm.auto import tqdm

    try:
        with (
            tarfile.open(archive) as tar,
            tqdm(desc=f"decoding {archive.name}", total=expected, unit=f" {unit}", leave=False) as progress,
        ):
            for member in tar:
                stream = tar.extractfile(member)
                if stream is not None:
                    yield member.name, stream.read()
                    progress.update()
            # The checksum at the end of the file is compared when that is reached.
            while tar.fileobj is not None and tar.fileobj.read(1 << 20):
                pass
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise DataError(f"{archive} is damaged: tarfile reports '{error}'; replace the file") from error
    except OSError as error:
        raise DataError(f"{archive} cannot be read: {error.strerror or error}; put the file there") from error


class _ArraysOnly(pickle.Unpickler):
    """Builds lists, dictionaries and NumPy arrays, and calls nothing else that a pickle may name."""

    def find_class(self, module: str, name: str) -> Any:
        allowed: dict[str, Any] = {
            "_reconstruct": np.empty(0).__reduce__()[0],
            "ndarray": np.ndarray,
            "dtype": np.dtype,
        }
        if module.split(".")[0] != "numpy" or name not in allowed:
            raise pickle.UnpicklingError(f"it calls {module}.{name}")
        return allowed[name]


def _batch(content: bytes, where: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    try:
        batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
        pixels, labels = batch[b"data"], np.asarray(batch[b"labels"], dtype=np.int64)
        if pixels.dtype != np.uint8 or pixels.shape != (len(labels), 3072):
            raise ValueError(f"its data are {pixels.dtype} of shape {pixels.shape} with {len(labels)} labels")
        if not set(labels.tolist()) <= set(range(len(CLASSES))):
            raise ValueError(f"its labels run from {labels.min()} to {labels.max()}")
    except Exception as error:
        raise DataError(f"{where} is no batch of CIFAR-10: {error}; replace the file") from error
    return pixels.reshape(-1, *_SHAPE), labels


def _parts(
    train: list[tuple[NDArray[np.uint8], NDArray[np.int64]]],
    test: list[tuple[NDArray[np.uint8], NDArray[np.int64]]],
) -> Arrays:
    return {
        f"{part}-{kind}": np.concatenate([batch[i] for batch in batches])
        for part, batches in (("train", train), ("test", test))
        for i, kind in enumerate(("images", "labels"))
    }
