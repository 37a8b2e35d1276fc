"""CIFAR-10's two forms, on tiny archives, against torchvision's reader and decoder; and the real archives."""

import hashlib
import io
import os
import pickle
import struct
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from coursekit.data import REGISTRY, DataError, load, loading, registry, sources
from coursekit.data.cifar import CLASSES, jpeg_decoder, read_batches, read_jpegs

BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")


def message(action: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        action()
    return str(caught.value)


def python2_pickle(pixels: NDArray[np.uint8], labels: list[int]) -> bytes:
    """A batch as Python 2 and NumPy 1 wrote it, opcode by opcode."""
    data = pixels.tobytes()
    shape = b"K" + bytes([len(pixels)]) + b"M" + struct.pack("<H", pixels.shape[1]) + b"\x86"
    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01" + (
        shape + dtype + b"\x89T" + struct.pack("<i", len(data)) + data + b"tb"
    )
    listed = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\x02}(U\x06labels" + listed + b"U\x04data" + array + b"u."


def batch(seed: int, n: int = 4) -> tuple[NDArray[np.uint8], list[int]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 3072), dtype=np.uint8), rng.integers(0, 10, n).tolist()


def pack(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def batches() -> dict[str, bytes]:
    return {f"cifar-10-batches-py/{name}": python2_pickle(*batch(seed)) for seed, name in enumerate(BATCHES)}


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A tiny archive in the authors' layout; its members are not in the batches' order, as theirs are not."""
    members = dict(sorted(batches().items(), key=lambda item: item[1]))
    return pack(tmp_path / "cifar-10-python.tar.gz", {"cifar-10-batches-py/readme.html": b"<p>", **members})


def test_official_batches_equal_what_torchvision_reads(official: Path, tmp_path: Path) -> None:
    from torchvision.datasets import CIFAR10

    with tarfile.open(official) as tar:
        tar.extractall(tmp_path, filter="data")
    folder = tmp_path / CIFAR10.base_folder
    with (folder / "batches.meta").open("wb") as stream:
        pickle.dump({"label_names": list(CLASSES)}, stream)

    def md5(name: str) -> str:
        return hashlib.md5((folder / name).read_bytes()).hexdigest()

    class Tiny(CIFAR10):
        train_list: ClassVar = [[name, md5(name)] for name in BATCHES[:-1]]
        test_list: ClassVar = [[BATCHES[-1], md5(BATCHES[-1])]]
        meta: ClassVar = {**CIFAR10.meta, "md5": md5("batches.meta")}

    arrays = read_batches(official)
    for part in ("train", "test"):
        theirs = Tiny(str(tmp_path), train=part == "train")
        assert np.array_equal(arrays[f"{part}-images"].transpose(0, 2, 3, 1), theirs.data)
        assert arrays[f"{part}-labels"].tolist() == theirs.targets
    assert arrays["train-images"].shape == (20, 3, 32, 32)


class Burglar:
    """Its pickle makes a file when a careless reader loads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_calls_anything_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "made"
    members = batches()
    members["cifar-10-batches-py/test_batch"] = pickle.dumps({b"data": Burglar(made)})
    archive = pack(tmp_path / "a.tar.gz", members)
    assert message(lambda: read_batches(archive)) == (
        f"test_batch in {archive} is no batch of CIFAR-10: it calls {os.mkdir.__module__}.mkdir; "
        "replace the file"
    )
    assert not made.exists()


@pytest.mark.parametrize("name", ["numpy.load", "numpy.core.multiarray.fromfile", "numpyx.ndarray"])
def test_numpy_s_own_functions_are_refused_too(tmp_path: Path, name: str) -> None:
    module, _, function = name.rpartition(".")
    content = f"c{module}\n{function}\n.".encode()
    archive = pack(tmp_path / "a.tar.gz", {**batches(), "cifar-10-batches-py/data_batch_2": content})
    assert f"data_batch_2 in {archive} is no batch of CIFAR-10: it calls {name};" in message(
        lambda: read_batches(archive)
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (python2_pickle(batch(0)[0][:, :3000], batch(0)[1]), r"uint8 of shape \(4, 3000\) with 4 labels"),
        (python2_pickle(batch(0)[0], [1, 2, 3]), r"uint8 of shape \(4, 3072\) with 3 labels"),
        (python2_pickle(batch(0)[0], [1, 2, 3, 10]), "its labels run from 1 to 10"),
        (pickle.dumps([1, 2]), "list indices"),
        (pickle.dumps({b"labels": []}), "b'data'"),
        (b"", "Ran out of input"),
    ],
)
def test_a_batch_that_is_none(tmp_path: Path, content: bytes, reason: str) -> None:
    archive = pack(tmp_path / "a.tar.gz", {**batches(), "cifar-10-batches-py/data_batch_3": content})
    with pytest.raises(DataError, match=f"data_batch_3 in .* is no batch of CIFAR-10: .*{reason}.*; replace"):
        read_batches(archive)


def test_missing_batches_are_named(tmp_path: Path) -> None:
    members = batches()
    del members["cifar-10-batches-py/data_batch_4"], members["cifar-10-batches-py/test_batch"]
    archive = pack(tmp_path / "a.tar.gz", members)
    assert message(lambda: read_batches(archive)) == (
        f"{archive} has no member data_batch_4 and no test_batch; replace the file"
    )


@pytest.mark.parametrize("mode", ["w:gz", "w:xz"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "other"])
def test_damaged_archives(tmp_path: Path, mode: str, damage: str) -> None:
    archive = pack(tmp_path / "a", batches(), mode)
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    else:
        content[:] = b"no archive at all" * 99
    archive.write_bytes(content)
    assert message(lambda: read_batches(archive)).startswith(f"{archive} is damaged: ")


def test_missing_archive(tmp_path: Path) -> None:
    assert message(lambda: read_batches(tmp_path / "none")) == (
        f"{tmp_path / 'none'} cannot be read: No such file or directory; put the file there"
    )


def jpeg(seed: int, *, size: tuple[int, int] = (32, 32), mode: str = "RGB") -> bytes:
    """A smooth picture, compressed as the copies are: quality 75, colours at half the resolution."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    blotches = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)).resize(size, 3).convert(mode)
    stream = io.BytesIO()
    blotches.save(stream, "JPEG", quality=75, **({"subsampling": 2} if mode == "RGB" else {}))
    return stream.getvalue()


def copies(part: str, n: int) -> dict[str, bytes]:
    """`n` copies of every class, sorted by class."""
    return {
        f"{part}/{name}/{i:04}.jpg": jpeg(100 * label + i)
        for label, name in enumerate(CLASSES)
        for i in range(n)
    }


@pytest.fixture
def archives(tmp_path: Path) -> tuple[Path, Path]:
    return (
        pack(tmp_path / "cifar-10-jpeg" / "train.tar.xz", copies("train", 3), "w:xz"),
        pack(tmp_path / "cifar-10-jpeg" / "test.tar.xz", copies("test", 2), "w:xz"),
    )


@pytest.mark.filterwarnings("ignore:The image decoding and encoding capabilities of TorchVision")
def test_copies_are_decoded_as_torchvision_does_and_ordered_by_digest(archives: tuple[Path, Path]) -> None:
    from torchvision.io import decode_jpeg

    arrays = read_jpegs(*archives)
    for part, n in (("train", 3), ("test", 2)):
        members = copies(part, n)
        order = sorted(members, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        assert arrays[f"{part}-labels"].tolist() == [CLASSES.index(name.split("/")[1]) for name in order]
        for ours, name in zip(arrays[f"{part}-images"], order, strict=True):
            theirs = decode_jpeg(torch.frombuffer(bytearray(members[name]), dtype=torch.uint8)).numpy()
            assert np.abs(ours.astype(int) - theirs).max() <= 3, "decoders may differ by little"


def test_order_does_not_hang_on_the_archive_s(archives: tuple[Path, Path], tmp_path: Path) -> None:
    backwards = dict(reversed(copies("train", 3).items()))
    again = read_jpegs(pack(tmp_path / "b.tar.xz", backwards, "w:xz"), archives[1])
    for name, array in read_jpegs(*archives).items():
        assert np.array_equal(array, again[name])


@pytest.mark.parametrize("name", ["train/lorry/0000.jpg", "test/cat/0000.jpg", "train/cat/0.png", "cat.jpg"])
def test_copies_under_other_names(archives: tuple[Path, Path], name: str) -> None:
    pack(archives[0], {"train/cat/0000.jpg": jpeg(0), name: jpeg(1)}, "w:xz")
    assert message(lambda: read_jpegs(*archives)) == (
        f"{archives[0]} has a member '{name}' instead of one like 'train/airplane/0000.jpg'; replace the file"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no picture", "is no JPEG image: Pillow reports 'cannot identify image file"),
        (jpeg(0)[:300], "is no JPEG image: Pillow reports '"),
        (jpeg(0, size=(32, 31)), "has the shape 31 × 32 × 3 instead of 32 × 32 × 3; replace the archive"),
        (jpeg(0, mode="L"), "has the shape 32 × 32 instead of 32 × 32 × 3; replace the archive"),
    ],
)
def test_copies_that_are_none(archives: tuple[Path, Path], content: bytes, reason: str) -> None:
    pack(archives[1], {"test/dog/0001.jpg": content}, "w:xz")
    assert message(lambda: read_jpegs(*archives)).startswith(f"test/dog/0001.jpg in {archives[1]} {reason}")


def test_decoding_shows_its_progress(
    archives: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    read_jpegs(*archives)
    shown = capsys.readouterr().err
    assert "decoding train.tar.xz" in shown
    assert "decoding test.tar.xz" in shown


@pytest.fixture
def tiny(
    official: Path, archives: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A data folder with both forms, and the records of both."""
    records = {}
    for name in ("cifar-10", "cifar-10-jpeg"):
        files = []
        for file in REGISTRY[name].files:
            content = (tmp_path / file.path).read_bytes()
            files.append(replace(file, sha256=hashlib.sha256(content).hexdigest(), size=len(content)))
        records[name] = replace(REGISTRY[name], files=tuple(files))
    registered = MappingProxyType({**REGISTRY, **records})
    for module in (sources, registry, loading):
        monkeypatch.setattr(module, "REGISTRY", registered)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    return tmp_path


def test_the_official_archive_comes_first(tiny: Path) -> None:
    cifar = load("cifar-10")
    assert (cifar.name, cifar.origin, cifar.classes) == ("cifar-10", "real", CLASSES)
    assert cifar.title == "CIFAR-10, 50,000 + 10,000 images"
    assert cifar.sha256 == loading.REGISTRY["cifar-10"].sha256
    for part, seeds in ((cifar.train, range(5)), (cifar.test, [5])):
        pixels, labels = zip(*map(batch, seeds), strict=True)
        assert part.labels.tolist() == [label for some in labels for label in some]
        assert np.array_equal(part.images.flatten(1).numpy(), np.concatenate(pixels))


def test_copies_step_in_where_they_alone_are(tiny: Path) -> None:
    (tiny / "cifar-10-python.tar.gz").unlink()
    cifar, asked = load("cifar-10"), load("cifar-10-jpeg")
    assert cifar.name == asked.name == "cifar-10-jpeg"
    assert cifar.title == "CIFAR-10, 50,000 + 10,000 images, from JPEG copies (lossy, in an order of our own)"
    assert cifar.sha256 == loading.REGISTRY["cifar-10-jpeg"].sha256
    expected = read_jpegs(*(tiny / file.path for file in REGISTRY["cifar-10-jpeg"].files))
    for name, part in (("train", cifar.train), ("test", cifar.test)):
        assert np.array_equal(part.images.numpy(), expected[f"{name}-images"])
        assert np.array_equal(part.labels.numpy(), expected[f"{name}-labels"])
        assert part.labels.dtype == torch.int64


def test_copies_can_be_had_where_both_are(tiny: Path) -> None:
    assert load("cifar-10-jpeg").name == "cifar-10-jpeg"


def test_loaded_twice_is_the_same_memory_and_slices_are_views(tiny: Path) -> None:
    for name in ("cifar-10", "cifar-10-jpeg"):
        cifar, again = load(name), load(name)
        assert again.train.images.data_ptr() == cifar.train.images.data_ptr()
        train, validation = cifar.hold_out(5)
        assert train.images.data_ptr() == cifar.train.images.data_ptr()
        assert validation.images.data_ptr() == cifar.train.images[-5].data_ptr()


def test_both_forms_are_decoded_once(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = {name: load(name) for name in ("cifar-10", "cifar-10-jpeg")}

    def never(*_: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(loading.cifar, "read_batches", never)
    monkeypatch.setattr(loading.cifar, "read_jpegs", never)
    monkeypatch.setattr("coursekit.data.decoded._opened", {})
    for name, cifar in first.items():
        again = load(name)
        assert again.train.images.data_ptr() != cifar.train.images.data_ptr(), "opened again"
        assert torch.equal(again.train.images, cifar.train.images)


def test_another_decoder_decodes_anew(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load("cifar-10-jpeg")
    monkeypatch.setattr(loading.cifar, "jpeg_decoder", lambda: "libjpeg 0.1")
    load("cifar-10-jpeg")
    assert len(list((tiny / "coursekit-cache").iterdir())) == 2


def test_a_damaged_archive_is_refused_whatever_is_in_the_cache(tiny: Path) -> None:
    load("cifar-10")
    archive = tiny / "cifar-10-python.tar.gz"
    size = archive.stat().st_size
    archive.write_bytes(archive.read_bytes()[:-1])
    assert message(lambda: load("cifar-10")).startswith(
        f"{archive} has {size - 1:,} bytes instead of {size:,}; "
    )


@pytest.mark.parametrize("gone", ["train.tar.xz", "test.tar.xz"])
def test_one_archive_of_copies_is_not_enough(tiny: Path, gone: str) -> None:
    (tiny / "cifar-10-python.tar.gz").unlink()
    (tiny / "cifar-10-jpeg" / gone).unlink()
    lacks = "cifar-10-python.tar.gz" if gone == "train.tar.xz" else "test.tar.xz"
    with pytest.raises(DataError, match=f"{lacks} is missing"):
        load("cifar-10")


def test_decoder_names_a_version() -> None:
    assert jpeg_decoder().split()[0] in ("libjpeg-turbo", "libjpeg")
    assert jpeg_decoder().split()[1][0].isdigit()


#: Digests of the copies' pixels, train and test, by decoder; another may differ by a step here and there.
DECODED = {
    "libjpeg-turbo 3.2.0": (
        "a4a2dce49eee78ed0b77d175f7bfffcf4a856df1f95f682a1f89cbcba8d60bc1",
        "30a7853345b798d1861a37a1d4d1f334dc24222ecfe75bf0f88cab3776b46300",
    )
}


def test_real_copies(real_data: Path) -> None:
    cifar = load("cifar-10-jpeg")
    assert cifar.train.labels.bincount().tolist() == [5_000] * 10
    assert cifar.test.labels.bincount().tolist() == [1_000] * 10
    pixels = cifar.train.images.numpy().astype(np.float64).transpose(1, 0, 2, 3).reshape(3, -1) / 255
    assert pixels.mean(axis=1) == pytest.approx([0.4913, 0.4821, 0.4465], abs=2e-4)
    assert pixels.std(axis=1) == pytest.approx([0.2452, 0.2428, 0.2606], abs=2e-4)
    for some in (cifar.train[:1_000], cifar.train[-1_000:], cifar.test[:1_000]):
        counts = some.labels.bincount(minlength=10)
        assert counts.min() > 60, "a fair sample has about a hundred of each"
        assert counts.max() < 145
    digests = tuple(
        hashlib.sha256(part.images.numpy().tobytes()).hexdigest() for part in (cifar.train, cifar.test)
    )
    assert DECODED.get(jpeg_decoder(), digests) == digests


def test_real_archive_where_it_is(real_data: Path) -> None:
    if not (real_data / "cifar-10-python.tar.gz").is_file():
        pytest.skip("COURSEKIT_DATA has no cifar-10-python.tar.gz")
    cifar = load("cifar-10")
    assert cifar.name == "cifar-10"
    assert cifar.train.labels[:10].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert cifar.train.labels.bincount().tolist() == [5_000] * 10
    pixels = cifar.train.images.numpy().astype(np.float64).transpose(1, 0, 2, 3).reshape(3, -1) / 255
    assert pixels.mean(axis=1) == pytest.approx([0.4914, 0.4822, 0.4465], abs=1e-4)
    assert pixels.std(axis=1) == pytest.approx([0.2470, 0.2435, 0.2616], abs=1e-4)
