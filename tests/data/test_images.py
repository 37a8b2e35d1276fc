"""IDX files against bytes written by `struct`, and the small containers of images."""

import gzip
import struct
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit.data import DataError, ImageDataset, LabelledImages
from coursekit.data.images import read_idx


def idx_bytes(shape: tuple[int, ...], values: bytes) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + values


def refused(path: Path, content: bytes) -> str:
    """The message with which `read_idx` refuses a file of this content."""
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_idx(path)
    return str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=hnp.arrays(np.uint8, hnp.array_shapes(max_dims=4, min_side=0, max_side=6)), zipped=st.booleans()
)
def test_read_idx_gives_back_what_was_written(tmp_path: Path, values: np.ndarray, zipped: bool) -> None:
    path = tmp_path / "values"
    content = idx_bytes(values.shape, values.tobytes())
    path.write_bytes(gzip.compress(content) if zipped else content)
    found = read_idx(path)
    assert found.dtype == torch.uint8
    assert found.shape == values.shape
    assert np.array_equal(found.numpy(), values)
    assert list(tmp_path.iterdir()) == [path], "reading leaves nothing beside the file"


@given(shape=hnp.array_shapes(max_dims=3, max_side=5), change=st.sampled_from([-1, 1, 7]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_count_and_length_that_disagree_are_refused(
    tmp_path: Path, shape: tuple[int, ...], change: int
) -> None:
    path, held = tmp_path / "values", max(0, prod(shape) + change)
    stated = " × ".join(map(str, shape))
    assert refused(path, idx_bytes(shape, bytes(held))) == (
        f"{path} states {stated} = {prod(shape)} values but holds {held}; replace the file"
    )


def test_wrong_magic_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "values"
    assert refused(path, b"\x89PNG\r\n") == (
        f"{path} begins with 89 50 4e 47; an IDX file of unsigned bytes begins with 00 00 08 and the number "
        "of axes; replace the file"
    )
    assert "begins with nothing;" in refused(path, b"")
    assert "begins with 00 00 0d 01;" in refused(path, struct.pack(">HBBIf", 0, 13, 1, 1, 0.5))


def test_header_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "values"
    assert refused(path, b"\0\0\x08\x03\0\0\0\x01\0\0") == (
        f"{path} is cut short: it ends inside its own header; replace the file"
    )


def test_truncated_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "values.gz"
    content = gzip.compress(idx_bytes((1000,), np.random.default_rng(0).bytes(1000)))
    assert refused(path, content[:500]) == (
        f"{path} is cut short: its gzip stream of 500 bytes has no end; replace the file"
    )


@pytest.mark.parametrize("position", [20, -6])
def test_damaged_gzip_is_refused(tmp_path: Path, position: int) -> None:
    path = tmp_path / "values.gz"
    content = bytearray(gzip.compress(idx_bytes((1000,), bytes(range(250)) * 4)))
    content[position] ^= 0xFF
    message = refused(path, bytes(content))
    assert message.startswith(f"{path} is damaged: gzip reports '")
    assert message.endswith("'; replace the file")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_idx(tmp_path / "absent")
    assert str(caught.value) == (
        f"{tmp_path / 'absent'} cannot be read: No such file or directory; put the file there"
    )


def some_images(n: int) -> LabelledImages:
    return LabelledImages(torch.arange(n * 4, dtype=torch.uint8).reshape(n, 1, 2, 2), torch.arange(n))


def test_index_selects_images_and_labels_together() -> None:
    data = some_images(6)
    for index in (slice(1, 4), torch.tensor([5, 0, 0]), torch.tensor([True, False] * 3)):
        part = data[index]
        assert torch.equal(part.labels, data.labels[index])
        assert torch.equal(part.images[:, 0, 0, 0], 4 * part.labels.to(torch.uint8))


def test_tensors_are_images_and_labels() -> None:
    data = some_images(3)
    assert data.tensors[0] is data.images
    assert data.tensors[1] is data.labels


def test_to_moves_both() -> None:
    moved = some_images(3).to("meta")
    assert moved.images.device.type == moved.labels.device.type == "meta"


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (
            torch.zeros(2, 1, 3, 3),
            torch.zeros(2, dtype=torch.int64),
            "images are torch.float32 of shape (2, 1, 3, 3); pass torch.uint8 of shape "
            "(n, channels, height, width)",
        ),
        (
            torch.zeros(2, 3, 3, dtype=torch.uint8),
            torch.zeros(2, dtype=torch.int64),
            "images are torch.uint8 of shape (2, 3, 3); pass torch.uint8 of shape "
            "(n, channels, height, width)",
        ),
        (
            torch.zeros(2, 1, 3, 3, dtype=torch.uint8),
            torch.zeros(2, dtype=torch.uint8),
            "labels are torch.uint8 of shape (2,); pass torch.int64 of shape (n,)",
        ),
        (
            torch.zeros(2, 1, 3, 3, dtype=torch.uint8),
            torch.zeros(3, dtype=torch.int64),
            "2 images but 3 labels; pass one label an image",
        ),
    ],
)
def test_what_is_not_labelled_images_is_refused(
    images: torch.Tensor, labels: torch.Tensor, message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        LabelledImages(images, labels)
    assert str(caught.value) == message


def dataset(n: int) -> ImageDataset:
    return ImageDataset("toy", "offline", "toys", ("a", "b"), some_images(n), some_images(1), "0" * 64)


@given(n=st.integers(2, 30), data=st.data())
def test_hold_out_splits_without_overlap_or_loss(n: int, data: st.DataObject) -> None:
    held = data.draw(st.integers(1, n - 1))
    train, validation = dataset(n).hold_out(held)
    assert len(validation) == held
    assert torch.equal(torch.cat([train.labels, validation.labels]), torch.arange(n))


@pytest.mark.parametrize("held", [0, -1, 5, 6])
def test_hold_out_of_nothing_or_everything_is_refused(held: int) -> None:
    with pytest.raises(ValueError) as caught:
        dataset(5).hold_out(held)
    assert str(caught.value) == f"cannot hold out {held} of 5 training images; choose between 1 and 4"
