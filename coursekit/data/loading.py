"""Loading a data set by name: the real files where there is a data folder, else the offline set."""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Literal, overload

import torch
from torch import Tensor

from coursekit.data import cifar, imdb, spanish
from coursekit.data.decoded import decoded
from coursekit.data.errors import DataError
from coursekit.data.images import ImageDataset, LabelledImages, read_idx
from coursekit.data.kuzushiji import CLASSES as KANA
from coursekit.data.kuzushiji import split_classes
from coursekit.data.pairs import SentencePairs, TranslationDataset
from coursekit.data.registry import REGISTRY, available, locate
from coursekit.data.synthetic.garments import CLASSES as GARMENTS
from coursekit.data.synthetic.garments import garments
from coursekit.data.synthetic.glyphs import glyphs
from coursekit.data.synthetic.phrases import phrases
from coursekit.data.synthetic.reviews import reviews
from coursekit.data.synthetic.scenes import scenes
from coursekit.data.texts import ReviewDataset


@overload
def load(name: Literal["imdb", "imdb-labelled"]) -> ReviewDataset: ...  # type: ignore[overload-overlap]
@overload
def load(name: Literal["spa-eng-ist", "spa-eng"]) -> TranslationDataset: ...  # type: ignore[overload-overlap]
@overload
def load(name: str) -> ImageDataset: ...
def load(name: str) -> ImageDataset | ReviewDataset | TranslationDataset:
    """Load a data set: the real one where ``COURSEKIT_DATA`` names a folder, else the one that stands in.

    Every real file is compared with its sha256 first. With ``COURSEKIT_DOWNLOAD=1`` missing files are
    fetched. Without it, "kmnist" in a folder that has only KMNIST's test images is the reduced task
    "kmnist-part", "cifar-10" in a folder that has only JPEG copies is "cifar-10-jpeg", and "imdb" in one that
    has only the labelled reviews "imdb-labelled". Reviews and sentence pairs are read once in a process.
    CIFAR-10 is decoded once into a file; the processes of a machine share its memory, and so do repeated
    calls.

    Raises
    ------
    DataError
        If the name is unknown or that of word vectors, or a file is missing, damaged or cannot be fetched.

    Examples
    --------
    >>> fashion = load("fashion-mnist")
    >>> fashion.classes[:3]
    ('T-shirt/top', 'Trouser', 'Pullover')
    >>> fashion.test.images.shape[1:], fashion.test.images.dtype
    (torch.Size([1, 28, 28]), torch.uint8)
    >>> load("imdb").classes
    ('negative', 'positive')
    """
    name = available(name)
    if name not in _LOADERS:
        raise DataError(
            f"'{name}' is a set of word vectors; load it with coursekit.word_vectors.load_vectors"
        )
    folder = locate(name)
    read, draw = _LOADERS[name]
    return draw() if folder is None else read(folder)


def _read_fashion_mnist(folder: Path) -> ImageDataset:
    train, test = (_read_part(folder / "FashionMNIST" / "raw", part) for part in ("train", "t10k"))
    return _real("fashion-mnist", GARMENTS, train, test)


def _read_kmnist(folder: Path) -> ImageDataset:
    train, test = (_read_part(folder / "KMNIST" / "raw", part) for part in ("train", "t10k"))
    return _real("kmnist", KANA, train, test)


def _read_kmnist_part(folder: Path) -> ImageDataset:
    return _real(
        "kmnist-part", KANA, *split_classes(_read_part(folder / "KMNIST" / "raw", "t10k"), n_test=200)
    )


def _read_cifar_10(folder: Path) -> ImageDataset:
    archive = folder / REGISTRY["cifar-10"].files[0].path
    return _decoded("cifar-10", partial(cifar.read_batches, archive), "1")


def _read_cifar_10_jpeg(folder: Path) -> ImageDataset:
    archives = [folder / file.path for file in REGISTRY["cifar-10-jpeg"].files]
    return _decoded("cifar-10-jpeg", partial(cifar.read_jpegs, *archives), cifar.jpeg_decoder())


def _decoded(name: str, decode: Callable[[], cifar.Arrays], decoder: str) -> ImageDataset:
    arrays = decoded(name, decode, identity=f"{REGISTRY[name].sha256} {decoder}")
    train, test = (
        LabelledImages(arrays[f"{part}-images"], arrays[f"{part}-labels"]) for part in ("train", "test")
    )
    return _real(name, cifar.CLASSES, train, test)


def _read_part(raw: Path, part: str) -> LabelledImages:
    return read_labelled(raw / f"{part}-images-idx3-ubyte.gz", raw / f"{part}-labels-idx1-ubyte.gz")


def _real(name: str, classes: tuple[str, ...], train: LabelledImages, test: LabelledImages) -> ImageDataset:
    source = REGISTRY[name]
    return ImageDataset(name, "real", source.title, classes, train, test, source.sha256)


def _draw_garments() -> ImageDataset:
    return _offline(
        "fashion-mnist", "garments, the offline stand-in for Fashion-MNIST", GARMENTS, *garments()
    )


def _draw_glyphs(name: str) -> ImageDataset:
    return _offline(name, "glyphs, the offline stand-in for KMNIST", KANA, *glyphs())


@cache
def _draw_scenes(name: str) -> ImageDataset:
    return _offline(name, "scenes, the offline stand-in for CIFAR-10", cifar.CLASSES, *scenes())


@cache
def _read_imdb(folder: Path) -> ReviewDataset:
    return _real_reviews("imdb", imdb.read_archive(folder / REGISTRY["imdb"].files[0].path))


@cache
def _read_imdb_labelled(folder: Path) -> ReviewDataset:
    return _real_reviews("imdb-labelled", imdb.read_table(folder / REGISTRY["imdb-labelled"].files[0].path))


def _real_reviews(name: str, found: Iterable[imdb.Review]) -> ReviewDataset:
    source = REGISTRY[name]
    return ReviewDataset(name, "real", source.title, imdb.CLASSES, *imdb.parts(found), source.sha256)


@cache
def _write_reviews(name: str) -> ReviewDataset:
    train, test, unlabelled = reviews()
    title = (
        f"reviews from a grammar, the offline stand-in for IMDB, {len(train):,} + {len(test):,} reviews and "
        f"{len(unlabelled):,} unlabelled ones"
    )
    text = "\0".join(train.texts + test.texts + unlabelled)
    sha256 = _digest(torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8), train.labels, test.labels)
    return ReviewDataset(name, "offline", title, imdb.CLASSES, train, test, unlabelled, sha256)


@cache
def _read_course_pairs(folder: Path) -> TranslationDataset:
    paths = (folder / file.path for file in REGISTRY["spa-eng-ist"].files)
    return _real_pairs("spa-eng-ist", spanish.read_course(*paths))


@cache
def _read_all_pairs(folder: Path) -> TranslationDataset:
    return _real_pairs("spa-eng", spanish.read_all(folder / REGISTRY["spa-eng"].files[0].path))


def _real_pairs(name: str, parts: spanish.Parts) -> TranslationDataset:
    source = REGISTRY[name]
    return TranslationDataset(name, "real", source.title, *parts, source.sha256)


@cache
def _write_course_phrases() -> TranslationDataset:
    train, validation, test = (spanish.course_form(part) for part in phrases())
    return _offline_pairs("spa-eng-ist", train, validation, test)


@cache
def _write_phrases() -> TranslationDataset:
    return _offline_pairs("spa-eng", *phrases())


def _offline_pairs(
    name: str, train: SentencePairs, validation: SentencePairs, test: SentencePairs
) -> TranslationDataset:
    title = (
        f"phrases from a grammar, the offline stand-in for Tatoeba, {len(train):,} + {len(validation):,} + "
        f"{len(test):,} pairs"
    )
    text = "\0".join(sentence for part in (train, validation, test) for pair in part for sentence in pair)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return TranslationDataset(name, "offline", title, train, validation, test, sha256)


def _offline(
    name: str, title: str, classes: tuple[str, ...], train: LabelledImages, test: LabelledImages
) -> ImageDataset:
    title = f"{title}, {len(train):,} + {len(test):,} images"
    sha256 = _digest(*train.tensors, *test.tensors)
    return ImageDataset(name, "offline", title, classes, train, test, sha256)


_Dataset = ImageDataset | ReviewDataset | TranslationDataset
_LOADERS: dict[str, tuple[Callable[[Path], _Dataset], Callable[[], _Dataset]]] = {
    "fashion-mnist": (_read_fashion_mnist, _draw_garments),
    "kmnist": (_read_kmnist, partial(_draw_glyphs, "kmnist")),
    "kmnist-part": (_read_kmnist_part, partial(_draw_glyphs, "kmnist-part")),
    "cifar-10": (_read_cifar_10, partial(_draw_scenes, "cifar-10")),
    "cifar-10-jpeg": (_read_cifar_10_jpeg, partial(_draw_scenes, "cifar-10-jpeg")),
    "imdb": (_read_imdb, partial(_write_reviews, "imdb")),
    "imdb-labelled": (_read_imdb_labelled, partial(_write_reviews, "imdb-labelled")),
    "spa-eng-ist": (_read_course_pairs, _write_course_phrases),
    "spa-eng": (_read_all_pairs, _write_phrases),
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
