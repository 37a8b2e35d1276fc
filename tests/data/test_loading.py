"""Loading by name: the offline set against the generator, the real files against torchvision."""

import gzip
import hashlib
import struct
from pathlib import Path

import pytest
import torch

from coursekit.data import REGISTRY, DataError, load
from coursekit.data.loading import read_labelled
from coursekit.data.synthetic.garments import garments


def test_offline_set_is_the_garments() -> None:
    fashion = load("fashion-mnist")
    assert (fashion.name, fashion.origin) == ("fashion-mnist", "offline")
    assert fashion.title == "garments, the offline stand-in for Fashion-MNIST, 10,000 + 2,000 images"
    digest = hashlib.sha256()
    for found, expected in zip((fashion.train, fashion.test), garments(), strict=True):
        for ours, theirs in zip(found.tensors, expected.tensors, strict=True):
            assert torch.equal(ours, theirs)
            digest.update(theirs.numpy().tobytes())
    assert fashion.sha256 == digest.hexdigest()


def test_unknown_name_is_refused() -> None:
    with pytest.raises(DataError, match=r"there is no data set 'fashion'; did you mean 'fashion-mnist'\?"):
        load("fashion")


def pair(folder: Path, images: tuple[int, ...], labels: tuple[int, ...]) -> tuple[Path, Path]:
    for name, shape in (("images", images), ("labels", labels)):
        values = bytes(torch.Size(shape).numel())
        (folder / name).write_bytes(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + values)
    return folder / "images", folder / "labels"


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
