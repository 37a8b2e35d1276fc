"""Fetching one file from the first mirror that delivers it whole.

The transfer goes to a temporary file beside the target, is compared with the sha256, and only then takes the
target's name, in one step. So the target is always either absent or complete.
"""

import errno
import hashlib
import os
import platform
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from coursekit.data.errors import DataError

TIMEOUT = 30
"""Seconds without an answer after which a mirror is given up."""

_DAY = 86_400
_SUFFIX = ".coursekit-part"


def download(target: Path, *, urls: Sequence[str], sha256: str) -> None:
    """Fetch `target` from the first of `urls` whose content has the digest `sha256`.

    Whatever ends the download early, nothing half-written stays: the temporary file is removed at once, or,
    where the process was killed, by the next download into the same folder.

    Raises
    ------
    DataError
        If no mirror delivers (the message gives each one's reason), the disk is full, or the folder cannot be
        written to.
    """
    part = temporary_name(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        part.touch()
    except OSError as error:
        _raise_if_full(error, target.parent)
        raise DataError(
            f"cannot write to {target.parent}: {error.strerror}; let COURSEKIT_DATA name a folder of your own"
        ) from error
    failures = []
    try:
        for url in urls:
            failure = _transfer(url, part, sha256)
            if failure is None:
                part.replace(target)
                return
            failures.append(f"{url} ({failure})")
    finally:
        part.unlink(missing_ok=True)
    raise DataError(
        f"{target.name} could not be fetched from any of {len(urls)} mirrors: {'; '.join(failures)}; "
        f"check the network and try again, or put the file into {target.parent} yourself"
    )


def temporary_name(target: Path) -> Path:
    """Where this process writes while it fetches `target`; names the machine and the process."""
    return target.with_name(f".{target.name}.{platform.node()}.{os.getpid()}{_SUFFIX}")


def check_room(folder: Path, size: int) -> None:
    """Raise a DataError if fewer than `size` bytes are free where `folder` lies."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise DataError(
            f"no room on the disk of {folder}: {size:,} bytes are needed, {free:,} are free; make room, or "
            "let COURSEKIT_DATA name a folder on another disk"
        )


def _transfer(url: str, part: Path, sha256: str) -> str | None:
    """Fetch `url` into `part`; why that failed, or None."""
    from pooch import HTTPDownloader
    from tqdm.auto import tqdm

    # A total that is not None, since pooch asks for the bar's truth before it sets the real one.
    name = url.rpartition("/")[2]
    with tqdm(desc=name, total=1, unit="B", unit_scale=True, leave=False) as progress:
        try:
            HTTPDownloader(progressbar=progress, timeout=TIMEOUT)(url, str(part), None)
        except (OSError, ValueError) as error:
            _raise_if_full(error, part.parent)
            return _reason(error)
    with part.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return None if found == sha256 else f"its sha256 is {found[:12]}… instead of {sha256[:12]}…"


def _raise_if_full(error: Exception, folder: Path) -> None:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise DataError(
            f"no room on the disk of {folder}: it filled up during the download; make room, or let "
            "COURSEKIT_DATA name a folder on another disk"
        ) from error


def _reason(error: Exception) -> str:
    """One phrase for what requests reports in paragraphs."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP status {response.status_code}"
    phrases = {
        "ConnectionError": "no connection",
        "ConnectTimeout": f"no connection within {TIMEOUT} s",
        "ReadTimeout": f"no answer within {TIMEOUT} s",
        "ChunkedEncodingError": "the transfer broke off",
        "SSLError": "no trusted certificate",
    }
    return phrases.get(type(error).__name__, str(error))


def _sweep(folder: Path) -> None:
    """Remove the temporary files of downloads that were killed, and leave those of live ones."""
    for part in folder.glob(f".*{_SUFFIX}"):
        name, _, process = part.name.removesuffix(_SUFFIX).rpartition(".")
        here = name.endswith(f".{platform.node()}") and os.name == "posix"
        with suppress(FileNotFoundError):
            if (here and not _alive(int(process))) or time.time() - part.stat().st_mtime > _DAY:
                part.unlink()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
