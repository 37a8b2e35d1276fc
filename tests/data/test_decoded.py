"""The cache of arrays: what comes back, whose memory it takes, and what damage to it leads to."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from coursekit.data import decoded as module
from coursekit.data.decoded import decoded

ARRAYS = {
    "images": np.arange(6_000, dtype=np.uint8).reshape(20, 3, 10, 10),
    "labels": np.arange(20, dtype=np.int64),
}


class Decoder:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.calls += 1
        return {key: array.copy() for key, array in ARRAYS.items()}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache" / "deeper"
    monkeypatch.setenv("COURSEKIT_CACHE", str(folder))
    monkeypatch.setattr(module, "_opened", {})
    return folder


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What another process would not know."""
    return lambda: monkeypatch.setattr(module, "_opened", {})


def assert_is_whole(tensors: dict[str, torch.Tensor]) -> None:
    assert set(tensors) == set(ARRAYS)
    for key, array in ARRAYS.items():
        assert tensors[key].dtype == torch.from_numpy(array).dtype
        assert np.array_equal(tensors[key].numpy(), array)


def test_decoded_once_then_read(cache: Path, forget: Callable[[], None]) -> None:
    decoder = Decoder()
    for _ in range(3):
        assert_is_whole(decoded("set", decoder, identity="a"))
        forget()
    assert decoder.calls == 1
    (entry,) = cache.iterdir()
    assert entry.name.startswith("set-")
    assert sorted(path.name for path in entry.iterdir()) == ["images.npy", "labels.npy", "sha256.json"]
    assert np.array_equal(np.load(entry / "images.npy"), ARRAYS["images"])


def test_twice_in_a_process_is_the_same_memory(cache: Path) -> None:
    first, again = (decoded("set", Decoder(), identity="a") for _ in range(2))
    assert all(first[key].data_ptr() == again[key].data_ptr() for key in ARRAYS)


def test_another_identity_is_another_entry(cache: Path) -> None:
    decoder = Decoder()
    for identity in ("a", "b", "a"):
        decoded("set", decoder, identity=identity)
    assert decoder.calls == 2
    assert len(list(cache.iterdir())) == 2


def test_what_a_process_writes_stays_its_own(cache: Path, forget: Callable[[], None]) -> None:
    decoder = Decoder()
    decoded("set", decoder, identity="a")["images"].zero_()
    forget()
    assert_is_whole(decoded("set", decoder, identity="a"))
    assert decoder.calls == 1


def flip_a_byte(entry: Path) -> None:
    path = entry / "images.npy"
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)


def cut(entry: Path) -> None:
    path = entry / "labels.npy"
    path.write_bytes(path.read_bytes()[:-8])


def lose(entry: Path) -> None:
    (entry / "images.npy").unlink()


def lose_the_digests(entry: Path) -> None:
    (entry / "sha256.json").unlink()


def cut_the_digests(entry: Path) -> None:
    (entry / "sha256.json").write_text('{"images": "12', encoding="utf-8")


def list_the_digests(entry: Path) -> None:
    (entry / "sha256.json").write_text(json.dumps(["images"]), encoding="utf-8")


@pytest.mark.parametrize(
    "damage", [flip_a_byte, cut, lose, lose_the_digests, cut_the_digests, list_the_digests]
)
def test_a_damaged_entry_is_made_again(
    cache: Path, forget: Callable[[], None], damage: Callable[[Path], None]
) -> None:
    decoder = Decoder()
    decoded("set", decoder, identity="a")
    damage(next(cache.iterdir()))
    for _ in range(2):
        forget()
        assert_is_whole(decoded("set", decoder, identity="a"))
    assert decoder.calls == 2
    assert len(list(cache.iterdir())) == 1, "nothing is left beside the entry"


def test_an_array_of_objects_is_not_unpickled(cache: Path, forget: Callable[[], None]) -> None:
    import hashlib

    decoder = Decoder()
    decoded("set", decoder, identity="a")
    (entry,) = cache.iterdir()
    np.save(entry / "labels.npy", np.array([{}], dtype=object), allow_pickle=True)
    checks = json.loads((entry / "sha256.json").read_text(encoding="utf-8"))
    checks["labels"] = hashlib.sha256((entry / "labels.npy").read_bytes()).hexdigest()
    (entry / "sha256.json").write_text(json.dumps(checks), encoding="utf-8")
    forget()
    assert_is_whole(decoded("set", decoder, identity="a"))
    assert decoder.calls == 2


def test_nothing_half_written_stays_when_decoding_or_writing_fails(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> dict[str, np.ndarray]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decoded("set", fails, identity="a")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.np, "save", full)
    with pytest.warns(UserWarning, match=r"could not be kept in .*deeper \(No space left on device\)"):
        assert_is_whole(decoded("set", Decoder(), identity="a"))
    assert list(cache.iterdir()) == []


def test_what_killed_processes_left_is_swept_after_a_day(cache: Path) -> None:
    decoded("set", Decoder(), identity="a")
    (entry,) = cache.iterdir()
    old, young = (cache / f".{entry.name}.{name}" for name in ("old", "young"))
    for left in (old, young):
        left.mkdir()
        (left / "images.npy").write_bytes(b"half")
    os.utime(old, (0, time.time() - 90_000))
    entry.rename(cache / "gone")
    module._opened.clear()
    decoded("set", Decoder(), identity="a")
    assert not old.exists()
    assert young.exists()


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A data folder's cache and the user's."""
    data, user = tmp_path / "data", tmp_path / "user"
    data.mkdir()
    monkeypatch.setattr(module, "cache_folders", lambda: (data / "coursekit-cache", user))
    monkeypatch.setattr(module, "_opened", {})
    return data, user


def test_kept_beside_the_data(folders: tuple[Path, Path]) -> None:
    decoded("set", Decoder(), identity="a")
    assert [len(list((folder).iterdir())) for folder in (folders[0] / "coursekit-cache",)] == [1]
    assert not folders[1].exists()


def test_a_read_only_data_folder_is_left_alone(
    folders: tuple[Path, Path], forget: Callable[[], None]
) -> None:
    """By the superuser as well, whom no permission stops."""
    data, user = folders
    data.chmod(0o555)
    decoder = Decoder()
    for _ in range(2):
        assert_is_whole(decoded("set", decoder, identity="a"))
        forget()
    assert decoder.calls == 1
    assert list(data.iterdir()) == []
    assert len(list(user.iterdir())) == 1
    data.chmod(0o755)


def test_an_entry_in_a_read_only_folder_is_read(
    folders: tuple[Path, Path], forget: Callable[[], None]
) -> None:
    data, user = folders
    decoder = Decoder()
    decoded("set", decoder, identity="a")
    forget()
    (data / "coursekit-cache").chmod(0o555)
    assert_is_whole(decoded("set", decoder, identity="a"))
    assert decoder.calls == 1
    (data / "coursekit-cache").chmod(0o755)
    assert not user.exists()


def test_no_folder_to_write_to(folders: tuple[Path, Path]) -> None:
    data, user = folders
    data.chmod(0o555)
    user.write_text("a file", encoding="utf-8")
    with pytest.warns(UserWarning) as caught:
        assert_is_whole(decoded("set", Decoder(), identity="a"))
    assert str(caught[0].message) == (
        f"the arrays of set could not be kept in {data / 'coursekit-cache'} (Permission denied) or "
        f"{user} (File exists); they are made again in every process; let COURSEKIT_CACHE name a folder "
        "of your own"
    )
    data.chmod(0o755)


SIZE = 32 * 2**20
SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np, torch
from coursekit.data.decoded import decoded

folder, me, processes, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024

def mapped(name):
    kib, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):
            inside = line.endswith("images.npy")
        elif inside and first == name:
            kib += int(rest[0])
    return 1024 * kib

def decode():
    Path(folder, f"decoding-{me}").touch()
    time.sleep(0.3)
    return {"images": np.resize(np.arange(251, dtype=np.uint8), size)}

def wait(what):
    Path(folder, f"{what}-{me}").touch()
    while len(list(folder.glob(f"{what}-*"))) < processes:
        time.sleep(0.01)

wait("ready")
before = resident()
images = decoded("set", decode, identity="a")["images"]
growth = resident() - before
total = sum(int(part.sum()) for part in images.split(2**20))
wait("read")
shared, own, fair = mapped("Shared_Clean:") + mapped("Shared_Dirty:"), mapped("Anonymous:"), mapped("Pss:")
wait("done")
print(total, growth, shared, own, fair)
"""


def run_together(folder: Path, cache: Path, n: int) -> list[list[int]]:
    """What `n` processes say that run side by side: their sum, growth, and shared, own and fair share."""
    folder.mkdir()
    environment = {**os.environ, "COURSEKIT_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), str(i), str(n), str(SIZE)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for i in range(n)
    ]
    found = [process.communicate(timeout=120)[0] for process in processes]
    assert all(process.returncode == 0 for process in processes)
    return [[int(number) for number in line.split()] for line in found]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_processes_share_the_pages_and_may_decode_at_once(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    expected = int(np.resize(np.arange(251, dtype=np.uint8), SIZE).sum(dtype=np.int64))

    for total, *_ in run_together(tmp_path / "first", cache, 2):
        assert total == expected
    assert len(list((tmp_path / "first").glob("decoding-*"))) == 2, "both decoded at once"
    assert [path.name.startswith("set-") for path in cache.iterdir()] == [True]

    for total, growth, shared, own, fair in run_together(tmp_path / "second", cache, 2):
        assert total == expected
        assert growth < SIZE / 4, "opening takes no memory for the images"
        assert shared > 0.95 * SIZE, "once read, their pages are there, and those of both processes"
        assert own < 0.05 * SIZE
        assert fair < 0.6 * SIZE, "each process is charged with half"
    assert not list((tmp_path / "second").glob("decoding-*"))
