"""Arrays that take long to make (decoded images, trained vectors), kept on disk and shared by processes.

An entry of the cache is a folder of ``.npy`` files with their sha256, named for what it was made from and
by which method. It is written under another name and renamed in one step, so it is there whole or not at
all; each process compares the digests the first time it opens one, and makes again what is damaged.
"""

import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from coursekit.data.registry import cache_folders

Decode = Callable[[], Mapping[str, NDArray[np.generic]]]

_CHECKS = "sha256.json"
_DAY = 86_400

_opened: dict[Path, dict[str, Tensor]] = {}


def decoded(name: str, decode: Decode, *, identity: str) -> dict[str, Tensor]:
    """The arrays that `decode` returns, from the cache where it has them.

    The tensors lie in pages that all processes which load them share; a process that writes into them gets
    pages of its own, and the file stays as it is. A second call in one process returns the same memory.

    Parameters
    ----------
    name
        What the entry is called, for people who look into the folder.
    identity
        All that decides the values: digests of the files, versions of the decoder.

    Warns
    -----
    UserWarning
        If no folder can be written to; the arrays then take this process's own memory.
    """
    entry = f"{name}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    folders = [folder / entry for folder in cache_folders()]
    for folder in folders:
        tensors = _open(folder)
        if tensors is not None:
            return tensors
    arrays = decode()
    failures = []
    for folder in folders:
        try:
            _write(folder, arrays)
        except OSError as error:
            failures.append(f"{folder.parent} ({error.strerror or error})")
            continue
        tensors = _open(folder)
        if tensors is not None:
            return tensors
        failures.append(f"{folder.parent} (what was written did not come back)")
    warnings.warn(
        f"the arrays of {name} could not be kept in {' or '.join(failures)}; they are made "
        "again in every process; let COURSEKIT_CACHE name a folder of your own",
        stacklevel=2,
    )
    return {key: torch.from_numpy(array) for key, array in arrays.items()}


def _open(folder: Path) -> dict[str, Tensor] | None:
    """The tensors of an entry that is there and whole, else None."""
    with suppress(OSError):
        folder = folder.resolve()
    if folder not in _opened:
        tensors = _checked(folder)
        if tensors is None:
            return None
        _opened[folder] = tensors
    return _opened[folder]


def _checked(folder: Path) -> dict[str, Tensor] | None:
    try:
        checks = json.loads((folder / _CHECKS).read_text(encoding="utf-8"))
        for key, expected in checks.items():
            with (folder / f"{key}.npy").open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != expected:
                    return None
        return {
            key: torch.from_numpy(np.load(folder / f"{key}.npy", mmap_mode="c", allow_pickle=False))
            for key in checks
        }
    except (OSError, ValueError, AttributeError):
        return None


def _write(folder: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    above = next(path for path in folder.absolute().parents if path.exists())
    if not above.stat().st_mode & 0o222:
        # A folder that nobody may write to is left as it is by an administrator's processes too.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(above))
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        checks = {}
        for key, array in arrays.items():
            path = beside / f"{key}.npy"
            np.save(path, array, allow_pickle=False)
            with path.open("rb") as stream:
                checks[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        (beside / _CHECKS).write_text(json.dumps(checks), encoding="utf-8")
        beside.chmod(0o777 & ~_umask())
        _put(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _put(beside: Path, folder: Path) -> None:
    """Rename `beside` to `folder`; what another process put there stays if it is whole."""
    try:
        beside.rename(folder)
    except OSError:
        if _checked(folder) is not None:
            return
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as damaged:
            with suppress(FileNotFoundError):
                folder.rename(Path(damaged) / "entry")
            beside.rename(folder)


def _sweep(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote this entry, a day ago or earlier."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
