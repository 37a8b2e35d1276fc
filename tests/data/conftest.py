"""A tiny data set that stands in the registry under its own name, and an environment without switches."""

import gzip
import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from types import MappingProxyType

import pytest

from coursekit.data import loading, registry, sources
from coursekit.data.sources import DataSource, RemoteFile


def idx(*shape: int, values: bytes | None = None) -> bytes:
    """A gzipped IDX file of this shape, full of ones unless `values` are given."""
    values = bytes([1]) * prod(shape) if values is None else values
    return gzip.compress(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + values, mtime=0)


@dataclass(frozen=True)
class Toy:
    """A data set of two files: their contents by relative path, and its record in the registry."""

    contents: dict[str, bytes]
    source: DataSource

    def write(self, folder: Path) -> None:
        for path, content in self.contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


@pytest.fixture(autouse=True)
def _no_switches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset both switches, save for tests that ask for the real data."""
    if "real_data" not in request.fixturenames:
        monkeypatch.delenv("COURSEKIT_DATA", raising=False)
        monkeypatch.delenv("COURSEKIT_CACHE", raising=False)
    monkeypatch.delenv("COURSEKIT_DOWNLOAD", raising=False)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], tuple[str, ...]]], Toy]:
    """Put the data set "toys" into the registry, with the mirrors that a function of the path names."""

    def put(mirrors: Callable[[str], tuple[str, ...]]) -> Toy:
        contents = {"toys/images.gz": idx(3, 2, 2), "toys/labels.gz": idx(3)}
        files = tuple(
            RemoteFile(path, hashlib.sha256(content).hexdigest(), len(content), mirrors(path))
            for path, content in contents.items()
        )
        source = DataSource("toys", "three toys", "CC0", "nobody (2000), Toys", "http://127.0.0.1", files)
        registered = MappingProxyType({**sources.REGISTRY, "toys": source})
        monkeypatch.setattr(sources, "REGISTRY", registered)
        monkeypatch.setattr(registry, "REGISTRY", registered)
        return Toy(contents, source)

    return put


@pytest.fixture
def toys(register: Callable[[Callable[[str], tuple[str, ...]]], Toy]) -> Toy:
    """The data set "toys", with a mirror that nobody serves."""
    return register(lambda path: (f"http://127.0.0.1:9/{path}",))


@pytest.fixture
def tiny_kmnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Toy:
    """The four files of KMNIST with images of one pixel: 30 and 2,030, in the registry and written.

    Labels run 0, 1, …, 9, 0, …; an image's value is its place in the file modulo 251.
    """
    contents = {}
    for part, n in (("train", 30), ("t10k", 2_030)):
        pixels, labels = (bytes(place % period for place in range(n)) for period in (251, 10))
        contents[f"KMNIST/raw/{part}-images-idx3-ubyte.gz"] = idx(n, 1, 1, values=pixels)
        contents[f"KMNIST/raw/{part}-labels-idx1-ubyte.gz"] = idx(n, values=labels)

    def tiny(file: RemoteFile) -> RemoteFile:
        content = contents[file.path]
        digest, url = hashlib.sha256(content).hexdigest(), f"http://127.0.0.1:9/{Path(file.path).name}"
        return RemoteFile(file.path, digest, len(content), (url,))

    records = {
        name: replace(source, files=tuple(map(tiny, source.files)))
        for name, source in sources.REGISTRY.items()
        if name in ("kmnist", "kmnist-part")
    }
    registered = MappingProxyType({**sources.REGISTRY, **records})
    for module in (sources, registry, loading):
        monkeypatch.setattr(module, "REGISTRY", registered)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    toy = Toy(contents, records["kmnist"])
    toy.write(tmp_path)
    return toy
