"""Loading by name: the offline set against the generator, the real files against torchvision."""

import gzip
import hashlib
import struct
from pathlib import Path

import pytest
import torch

from coursekit.data import REGISTRY, DataError, ImageDataset, LabelledImages, load, loading
from coursekit.data.characters import course_text
from coursekit.data.loading import read_labelled
from coursekit.data.synthetic.garments import garments
from coursekit.data.synthetic.glyphs import glyphs
from coursekit.data.synthetic.phrases import phrases
from coursekit.data.synthetic.reviews import reviews
from coursekit.data.synthetic.scenes import scenes

KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
REDUCED = "8,000 + 2,000 of the 10,000 test images of KMNIST (a reduced task, not the standard one)"


def assert_is_drawn(found: ImageDataset, expected: tuple[LabelledImages, LabelledImages]) -> None:
    digest = hashlib.sha256()
    assert found.origin == "offline"
    for part, drawn in zip((found.train, found.test), expected, strict=True):
        for ours, theirs in zip(part.tensors, drawn.tensors, strict=True):
            assert torch.equal(ours, theirs)
            digest.update(theirs.numpy().tobytes())
    assert found.sha256 == digest.hexdigest()


def test_offline_set_is_the_garments() -> None:
    fashion = load("fashion-mnist")
    assert fashion.name == "fashion-mnist"
    assert fashion.title == "garments, the offline stand-in for Fashion-MNIST, 10,000 + 2,000 images"
    assert_is_drawn(fashion, garments())


@pytest.mark.parametrize("name", ["kmnist", "kmnist-part"])
def test_offline_set_is_the_glyphs(name: str) -> None:
    kuzushiji = load(name)
    assert (kuzushiji.name, kuzushiji.classes) == (name, KANA)
    assert kuzushiji.title == "glyphs, the offline stand-in for KMNIST, 10,000 + 2,000 images"
    assert_is_drawn(kuzushiji, glyphs())


@pytest.mark.parametrize("name", ["cifar-10", "cifar-10-jpeg"])
def test_offline_set_is_the_scenes(name: str) -> None:
    cifar = load(name)
    assert cifar.name == name
    assert cifar.title == "scenes, the offline stand-in for CIFAR-10, 4,000 + 1,000 images"
    assert_is_drawn(cifar, scenes())
    assert load(name).train.images.data_ptr() == cifar.train.images.data_ptr(), "drawn once"


@pytest.mark.parametrize("name", ["imdb", "imdb-labelled"])
def test_offline_set_is_the_reviews(name: str) -> None:
    imdb = load(name)
    train, test, unlabelled = reviews()
    assert (imdb.name, imdb.origin, imdb.classes) == (name, "offline", ("negative", "positive"))
    assert imdb.title == (
        "reviews from a grammar, the offline stand-in for IMDB, "
        "4,000 + 1,000 reviews and 4,000 unlabelled ones"
    )
    for part, written in ((imdb.train, train), (imdb.test, test)):
        assert part.texts == written.texts
        assert torch.equal(part.labels, written.labels)
    assert imdb.unlabelled == unlabelled
    text = "\0".join(train.texts + test.texts + unlabelled).encode()
    labels = train.labels.numpy().tobytes() + test.labels.numpy().tobytes()
    assert imdb.sha256 == hashlib.sha256(text + labels).hexdigest()
    assert load(name) is imdb, "written once"


@pytest.mark.parametrize("name", ["spa-eng-ist", "spa-eng"])
def test_offline_set_is_the_phrases(name: str) -> None:
    found = load(name)
    assert (found.name, found.origin) == (name, "offline")
    assert found.title == "phrases from a grammar, the offline stand-in for Tatoeba, 4,000 + 500 + 500 pairs"
    parts = (found.train, found.validation, found.test)
    for part, written in zip(parts, phrases(), strict=True):
        if name == "spa-eng-ist":
            written = written.map(course_text)
        assert part == written
        assert max(len(text) for pair in part.map(course_text) for text in pair) < 20
    text = "\0".join(sentence for part in parts for pair in part for sentence in pair)
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert load(name) is found, "written once"


def test_unknown_name_is_refused() -> None:
    with pytest.raises(DataError, match=r"there is no data set 'fashion'; did you mean 'fashion-mnist'\?"):
        load("fashion")


def pair(folder: Path, images: tuple[int, ...], labels: tuple[int, ...]) -> tuple[Path, Path]:
    for name, shape in (("images", images), ("labels", labels)):
        values = bytes(torch.Size(shape).numel())
        (folder / name).write_bytes(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + values)
    return folder / "images", folder / "labels"


def test_word_vectors_are_loaded_elsewhere() -> None:
    with pytest.raises(DataError) as caught:
        load("glove.6b")
    assert str(caught.value) == (
        "'glove.6b' is a set of word vectors; load it with coursekit.word_vectors.load_vectors"
    )


def test_pair_of_files_gives_labelled_images(tmp_path: Path) -> None:
    data = read_labelled(*pair(tmp_path, (4, 5, 6), (4,)))
    assert data.images.shape == (4, 1, 5, 6)
    assert data.labels.dtype == torch.int64


def test_images_and_labels_that_differ_in_number(tmp_path: Path) -> None:
    images, labels = pair(tmp_path, (4, 2, 2), (3,))
    with pytest.raises(DataError) as caught:
        read_labelled(images, labels)
    assert str(caught.value) == (f"{images} holds 4 images but labels beside it 3 labels; replace both files")


def test_file_under_the_wrong_name(tmp_path: Path) -> None:
    images, labels = pair(tmp_path, (4, 2, 2), (4,))
    with pytest.raises(DataError) as caught:
        read_labelled(labels, images)
    assert str(caught.value) == f"{labels} has 1 instead of 3 axes; is it another file under this name?"


def test_real_set_equals_what_torchvision_reads(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import FashionMNIST

    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in REGISTRY["fashion-mnist"].files:
        packed = real_data / file.path
        (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    before = sorted(path.name for path in (real_data / "FashionMNIST" / "raw").iterdir())

    fashion = load("fashion-mnist")
    assert (fashion.origin, fashion.title) == ("real", "Fashion-MNIST, 60,000 + 10,000 images")
    assert fashion.sha256 == REGISTRY["fashion-mnist"].sha256
    for ours, train in ((fashion.train, True), (fashion.test, False)):
        theirs = FashionMNIST(str(tmp_path), train=train)
        assert torch.equal(ours.images.squeeze(1), theirs.data)
        assert torch.equal(ours.labels, theirs.targets)
        assert list(fashion.classes) == theirs.classes
    after = sorted(path.name for path in (real_data / "FashionMNIST" / "raw").iterdir())
    assert after == before, "nothing is unpacked beside the files"


def places(part: LabelledImages) -> list[int]:
    """Where the images of the tiny KMNIST stand in their file, modulo 251."""
    return part.images.flatten().tolist()


def test_all_four_files_are_the_official_set(tiny_kmnist) -> None:
    kuzushiji = load("kmnist")
    assert (kuzushiji.name, kuzushiji.origin, kuzushiji.classes) == ("kmnist", "real", KANA)
    assert kuzushiji.title == "KMNIST, 60,000 + 10,000 images"
    assert kuzushiji.sha256 == tiny_kmnist.source.sha256
    for part, n in ((kuzushiji.train, 30), (kuzushiji.test, 2_030)):
        assert places(part) == [place % 251 for place in range(n)]
        assert part.labels.tolist() == [place % 10 for place in range(n)]


@pytest.mark.parametrize("name", ["kmnist", "kmnist-part"])
@pytest.mark.parametrize("gone", [["images"], ["images", "labels"]])
def test_test_images_alone_are_the_reduced_task(
    tiny_kmnist, tmp_path: Path, name: str, gone: list[str]
) -> None:
    for path in (tmp_path / "KMNIST" / "raw").glob("train-*"):
        if any(kind in path.name for kind in gone):
            path.unlink()
    assert_is_the_tiny_reduced_task(load(name))


def test_the_reduced_task_can_be_had_where_all_files_are(tiny_kmnist) -> None:
    assert_is_the_tiny_reduced_task(load("kmnist-part"))


def assert_is_the_tiny_reduced_task(kuzushiji: ImageDataset) -> None:
    assert (kuzushiji.name, kuzushiji.origin, kuzushiji.title) == ("kmnist-part", "real", REDUCED)
    assert kuzushiji.sha256 == loading.REGISTRY["kmnist-part"].sha256
    assert places(kuzushiji.train) == list(range(30))
    assert places(kuzushiji.test) == [place % 251 for place in range(30, 2_030)]
    assert kuzushiji.test.labels.bincount().tolist() == [200] * 10


def test_a_folder_without_kmnist_gets_one_sentence(
    tiny_kmnist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "KMNIST"))
    for name, first in (("kmnist", "train"), ("kmnist-part", "t10k")):
        with pytest.raises(DataError) as caught:
            load(name)
        assert str(caught.value) == (
            f"{tmp_path / 'KMNIST/KMNIST/raw' / first}-images-idx3-ubyte.gz is missing; set "
            "COURSEKIT_DOWNLOAD=1 to fetch it, or unset COURSEKIT_DATA to use the offline data"
        )


@pytest.mark.parametrize(
    ("gone", "named"),
    [(["train-images", "t10k-labels"], "t10k-labels"), (["t10k-images"], "t10k-images")],
)
def test_half_a_task_is_refused(tiny_kmnist, tmp_path: Path, gone: list[str], named: str) -> None:
    for path in (tmp_path / "KMNIST" / "raw").iterdir():
        if path.name.startswith(tuple(gone)):
            path.unlink()
    with pytest.raises(DataError, match=rf"{named}-idx\d-ubyte\.gz is missing"):
        load("kmnist")


def test_damaged_training_images_are_no_reason_to_take_the_reduced_task(tiny_kmnist, tmp_path: Path) -> None:
    (tmp_path / "KMNIST" / "raw" / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz has 7 bytes instead of"):
        load("kmnist")


def test_a_download_that_fails_is_no_reason_to_take_the_reduced_task(
    tiny_kmnist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "KMNIST" / "raw" / "train-images-idx3-ubyte.gz").unlink()
    assert load("kmnist").name == "kmnist-part"
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "1")
    with pytest.raises(
        DataError, match=r"train-images-idx3-ubyte\.gz could not be fetched from any of 1 mirr"
    ):
        load("kmnist")
    assert load("kmnist-part").name == "kmnist-part", "which lacks nothing"


def test_the_missing_training_images_are_fetched_where_they_may_be(
    tiny_kmnist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from pooch import HTTPDownloader

    (tmp_path / "KMNIST" / "raw" / "train-images-idx3-ubyte.gz").unlink()
    content = tiny_kmnist.contents["KMNIST/raw/train-images-idx3-ubyte.gz"]
    monkeypatch.setattr(HTTPDownloader, "__call__", lambda _, url, part, __: Path(part).write_bytes(content))
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "1")
    kuzushiji = load("kmnist")
    assert (kuzushiji.name, len(kuzushiji.train)) == ("kmnist", 30)


def test_real_reduced_task_is_the_test_file_divided(real_data: Path) -> None:
    raw = real_data / "KMNIST" / "raw"
    pixels = gzip.decompress((raw / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((raw / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    assert len(labels) == 10_000
    last = {label: [i for i, one in enumerate(labels) if one == label][-200:] for label in range(10)}
    test = sorted(place for kept in last.values() for place in kept)
    train = sorted(set(range(10_000)) - set(test))

    kuzushiji = load("kmnist-part")
    assert (kuzushiji.name, kuzushiji.origin, kuzushiji.title) == ("kmnist-part", "real", REDUCED)
    assert kuzushiji.sha256 == REGISTRY["kmnist-part"].sha256
    for part, where in ((kuzushiji.train, train), (kuzushiji.test, test)):
        assert part.labels.tolist() == [labels[i] for i in where]
        expected = b"".join(pixels[784 * i : 784 * (i + 1)] for i in where)
        assert part.images.numpy().tobytes() == expected
    if not (raw / "train-images-idx3-ubyte.gz").is_file():
        assert load("kmnist").name == "kmnist-part"


def test_real_kmnist_equals_what_torchvision_reads(real_data: Path, tmp_path: Path) -> None:
    from torchvision.datasets import KMNIST

    if not (real_data / "KMNIST" / "raw" / "train-images-idx3-ubyte.gz").is_file():
        pytest.skip("COURSEKIT_DATA has no training images of KMNIST")
    raw = tmp_path / "KMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in REGISTRY["kmnist"].files:
        packed = real_data / file.path
        (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    kuzushiji = load("kmnist")
    assert (kuzushiji.name, kuzushiji.title) == ("kmnist", "KMNIST, 60,000 + 10,000 images")
    for ours, train in ((kuzushiji.train, True), (kuzushiji.test, False)):
        theirs = KMNIST(str(tmp_path), train=train)
        assert torch.equal(ours.images.squeeze(1), theirs.data)
        assert torch.equal(ours.labels, theirs.targets)
    assert list(kuzushiji.classes) == KMNIST.classes
