"""Where the data sets lie on this machine: what is there, whether it is what it should be, fetching the rest.

Three environment variables are read, here and nowhere else: ``COURSEKIT_DATA`` names the folder of the real
data sets (unset: the offline sets stand in), ``COURSEKIT_DOWNLOAD=1`` allows fetching what is missing, and
``COURSEKIT_CACHE`` names the cache of decoded images and trained vectors (unset: beside the data, or the
user's cache folder).
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from coursekit.data.download import check_room, download
from coursekit.data.errors import DataError
from coursekit.data.sources import REGISTRY, DataSource, RemoteFile, find_source

__all__ = [
    "REGISTRY",
    "DataError",
    "DataSource",
    "FileStatus",
    "RemoteFile",
    "available",
    "cache_folders",
    "data_folder",
    "fetch",
    "find_source",
    "locate",
    "may_download",
    "verify",
]


@dataclass(frozen=True)
class FileStatus:
    """What was found where a file of a data set belongs; `size` in bytes, None when it is missing."""

    path: Path
    state: Literal["ok", "missing", "wrong size", "wrong checksum"]
    size: int | None
    sha256: str | None = None


def data_folder() -> Path | None:
    """The folder that ``COURSEKIT_DATA`` names, or None where it is unset.

    Raises
    ------
    DataError
        If there is no such folder.
    """
    value = os.environ.get("COURSEKIT_DATA")
    if not value:
        return None
    folder = Path(value).expanduser()
    if not folder.exists():
        raise DataError(
            f"COURSEKIT_DATA names '{folder}', which does not exist; create that folder, or unset "
            "COURSEKIT_DATA to use the offline data"
        )
    if not folder.is_dir():
        raise DataError(
            f"COURSEKIT_DATA names '{folder}', which is a file; name the folder that holds the data sets"
        )
    return folder


def may_download() -> bool:
    """Whether ``COURSEKIT_DOWNLOAD`` allows fetching what is missing: 1 does, 0 or unset does not.

    Raises
    ------
    DataError
        If it holds anything else.
    """
    value = os.environ.get("COURSEKIT_DOWNLOAD") or "0"
    if value not in ("0", "1"):
        raise DataError(f"COURSEKIT_DOWNLOAD is '{value}'; set it to 1 to fetch missing data, or unset it")
    return value == "1"


def cache_folders() -> tuple[Path, ...]:
    """Folders that may hold the cache of arrays, in the order in which they are tried; they need not exist.

    The one that ``COURSEKIT_CACHE`` names and no other, or else one beside the data and the user's cache
    folder, which lies where the operating system's convention has it.
    """
    value = os.environ.get("COURSEKIT_CACHE")
    if value:
        return (Path(value).expanduser(),)
    from pooch import os_cache

    folder = data_folder()
    beside = () if folder is None else (folder / "coursekit-cache",)
    return (*beside, Path(os_cache("coursekit")))


def verify(name: str) -> list[FileStatus]:
    """Compare every file of a data set with its size and sha256; what is wrong is reported, not raised.

    Raises
    ------
    DataError
        If there is no such data set or no data folder to look into.
    """
    source, folder = find_source(name), _needed_folder("verify", name)
    return [_status(folder, file) for file in source.files]


def fetch(name: str) -> list[Path]:
    """Download every file of a data set that is missing or damaged into the data folder.

    Returns
    -------
    The paths of all files of the data set; every one of them has the registry's sha256.

    Raises
    ------
    DataError
        If there is no such data set, no data folder, no room, no mirror that delivers (or none at all), or no
        right to write.
    """
    source, folder = find_source(name), _needed_folder("fetch", name)
    wanted = [file for file in source.files if _status(folder, file).state != "ok"]
    for file in wanted:
        if not file.urls:
            _require(_status(folder, file), file, name)
    check_room(folder, sum(file.size for file in wanted))
    for file in wanted:
        download(folder / file.path, urls=file.urls, sha256=file.sha256)
    return [folder / file.path for file in source.files]


def available(name: str) -> str:
    """The record that `load` takes for a data set here: its own, or that of the part whose files are there.

    Where nothing may be fetched and the data folder lacks the first file of a data set, its part steps in if
    that one's first file is there. No file is checked.

    Raises
    ------
    DataError
        If there is no such data set, or a switch holds what it cannot mean.
    """
    source, folder = find_source(name), data_folder()
    if folder is None or source.part is None or may_download():
        return name
    whole, part = (folder / record.files[0].path for record in (source, find_source(source.part)))
    return source.part if part.is_file() and not whole.is_file() else name


def locate(name: str) -> Path | None:
    """The folder with the checked files of a data set, or None where the offline set stands in.

    Where ``COURSEKIT_DOWNLOAD=1``, missing files are fetched first.

    Raises
    ------
    DataError
        If a file is missing or differs from the registry's size or sha256.
    """
    source, folder, download_allowed = find_source(name), data_folder(), may_download()
    if folder is None:
        if download_allowed:
            _needed_folder("download", name)
        return None
    if download_allowed and any(not (folder / file.path).is_file() for file in source.files):
        fetch(name)
    for file in source.files:
        _require(_status(folder, file), file, name)
    return folder


def _needed_folder(verb: str, name: str) -> Path:
    folder = data_folder()
    if folder is None:
        raise DataError(
            f"there is no folder to {verb} '{name}' in: COURSEKIT_DATA is not set; set it to the folder that "
            "holds (or shall hold) the data sets"
        )
    return folder


def _status(folder: Path, file: RemoteFile) -> FileStatus:
    path = folder / file.path
    if not path.is_file():
        return FileStatus(path, "missing", None)
    size = path.stat().st_size
    if size != file.size:
        return FileStatus(path, "wrong size", size)
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileStatus(path, "ok" if found == file.sha256 else "wrong checksum", size, found)


def _require(status: FileStatus, file: RemoteFile, name: str) -> None:
    again = f"delete it and fetch it again (python -m coursekit data fetch {name})"
    if not file.urls:
        again = "replace the file"
    if status.state == "missing" and not file.urls:
        raise DataError(
            f"{status.path} is missing and offered nowhere for download; put the file there, or unset "
            "COURSEKIT_DATA to use the offline data"
        )
    if status.state == "missing":
        raise DataError(
            f"{status.path} is missing; set COURSEKIT_DOWNLOAD=1 to fetch it, or unset COURSEKIT_DATA to use "
            "the offline data"
        )
    if status.state == "wrong size":
        raise DataError(f"{status.path} has {status.size:,} bytes instead of {file.size:,}; {again}")
    if status.state == "wrong checksum":
        raise DataError(
            f"{status.path} has the sha256 {str(status.sha256)[:12]}… instead of {file.sha256[:12]}…; {again}"
        )
