"""The GloVe text format: a word and its numbers a line, with single blanks between, in UTF-8, no header."""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from coursekit.data.errors import DataError
from coursekit.word_vectors.vectors import WordVectors


class VectorFileError(DataError):
    """A file of word vectors that cannot be read or written; the message names the file and the line."""


def read_vectors(
    source: str | os.PathLike[str] | IO[bytes] | IO[str],
    *,
    member: str | None = None,
    dimension: int | None = None,
    words: Collection[str] | None = None,
    title: str | None = None,
    origin: Literal["real", "offline"] = "real",
) -> WordVectors:
    """Read a file in the GloVe text format, line by line: memory is taken for the vectors that are kept only.

    A word may contain blanks: the last `dimension` pieces of a line are the numbers, what is before them the
    word. A piece before them that is a number too is taken for one number too many.

    Parameters
    ----------
    source
        A path, or a stream of bytes or text that is read to its end.
    member
        Name of the file within a .zip that `source` is the path of; nothing is unpacked.
    dimension
        Numbers a line; by default as many as the first line has.
    words
        Keep only these; of other lines only the number of pieces and their first number are looked at.
    title, origin
        As in `WordVectors`; the title is the file's name by default.

    Raises
    ------
    VectorFileError
        If the file cannot be read, holds no line, or a line is empty, is not UTF-8, has no word, another
        number of numbers, something that is no finite number, or a word that was there before; the message
        has the line's number.

    References
    ----------
    Pennington, Socher & Manning (2014), GloVe: global vectors for word representation; its tool writes such
    files.

    Examples
    --------
    >>> import io
    >>> text = "good 1 0.5\\nat home -1 2e-1\\n"
    >>> found = read_vectors(io.StringIO(text), title="two")
    >>> found.words, found["at home"]
    (('good', 'at home'), tensor([-1.0000,  0.2000]))
    >>> try:
    ...     read_vectors(io.StringIO("good 1 0.5\\nbad 1\\n"))
    ... except VectorFileError as error:
    ...     print(str(error)[:50])
    the stream, line 2, has fewer than 2 numbers after
    """
    name = _name(source, member)
    wanted = None if words is None else frozenset(words)
    index: dict[str, int] = {}
    values = bytearray()
    width = dimension
    with _opened(source, member, name) as lines:
        for number, line in _numbered(lines, name):
            if width is None:
                width = _width(line)
            word, pieces = _split(line, width, name, number)
            if wanted is not None and word not in wanted:
                continue
            if word in index:
                raise _wrong(name, number, f"has the word {word!r} of line {index[word]} again")
            index[word] = number
            values += _row(pieces, name, number).tobytes()
    if width is None:
        raise VectorFileError(f"{name} holds no vector; replace the file")
    rows = torch.frombuffer(values, dtype=torch.float32) if values else torch.empty(0)
    return WordVectors(tuple(index), rows.view(-1, width), name if title is None else title, origin)


def write_vectors(path: str | os.PathLike[str], vectors: WordVectors) -> None:
    """Write vectors in the GloVe text format, with as many digits as bring the same float32 back.

    The file is written under another name beside its place and renamed in one step.

    Raises
    ------
    VectorFileError
        If a word cannot stand in such a file (it is empty, has a line break, is not valid text, or ends in a
        blank and a number), or the file cannot be written.
    """
    path = Path(path)
    for word in vectors.words:
        _require_writable(word, path)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as stream:
            beside = Path(stream.name)
            try:
                stream.writelines(_lines(vectors))
                stream.close()
                beside.chmod(0o666 & ~_umask())
                beside.replace(path)
            finally:
                with suppress(FileNotFoundError):
                    beside.unlink()
    except OSError as error:
        raise VectorFileError(f"{path} cannot be written: {error.strerror}; choose another place") from error


def _lines(vectors: WordVectors) -> Iterator[str]:
    # Nine significant digits bring every float32 back; fewer may round to its neighbour.
    for word, row in zip(vectors.words, vectors.values, strict=True):
        yield f"{word} {' '.join(format(value, '.9g') for value in row.tolist())}\n"


def _require_writable(word: str, path: Path) -> None:
    reason = None
    if not word:
        reason = "is empty"
    elif "\n" in word:
        reason = "has a line break"
    elif " " in word and _is_number(word.rpartition(" ")[2]):
        reason = "ends in a blank and a number"
    else:
        try:
            word.encode()
        except UnicodeEncodeError:
            reason = "is not valid text"
    if reason:
        raise VectorFileError(f"{path} cannot hold the word {word!r}, which {reason}; leave that word out")


def _name(source: object, member: str | None) -> str:
    if not isinstance(source, str | os.PathLike):
        return "the stream"
    return f"{member} in {os.fspath(source)}" if member else str(os.fspath(source))


@contextmanager
def _opened(source: object, member: str | None, name: str) -> Iterator[Iterable[bytes | str]]:
    """The lines of a path, a member of a .zip or a stream; what goes wrong while they are read is named."""
    if not isinstance(source, str | os.PathLike):
        if member is not None:
            raise VectorFileError(
                f"the member {member!r} of a stream was asked for; pass the path of the .zip"
            )
        yield source  # type: ignore[misc]
        return
    path = Path(source)
    try:
        if member is None:
            if path.suffix == ".zip":
                raise VectorFileError(f"{path} is a .zip; name one of its files as `member`")
            with path.open("rb") as lines:
                yield lines
        else:
            with zipfile.ZipFile(path) as archive:
                if member not in archive.namelist():
                    known = ", ".join(archive.namelist()) or "nothing"
                    raise VectorFileError(f"{path} has no member {member!r}; it holds {known}")
                with archive.open(member) as lines:
                    yield lines
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise VectorFileError(f"{name} is damaged: zip reports '{error}'; replace the file") from error
    except OSError as error:
        raise VectorFileError(f"{name} cannot be read: {error.strerror}; put the file there") from error


def _numbered(lines: Iterable[bytes | str], name: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        try:
            text = line if isinstance(line, str) else line.decode()
        except UnicodeDecodeError as error:
            raise _wrong(name, number, f"is not UTF-8 text ({error.reason})") from error
        text = text.rstrip("\r\n").rstrip(" ")
        if not text:
            raise _wrong(name, number, "is empty")
        yield number, text


def _width(line: str) -> int:
    """How many numbers end the first line; its first piece is a word, whatever it looks like."""
    width = 0
    for piece in reversed(line.split(" ")[1:]):
        if not _is_number(piece):
            break
        width += 1
    return max(width, 1)


def _split(line: str, width: int, name: str, number: int) -> tuple[str, list[str]]:
    word, *pieces = line.rsplit(" ", width)
    if len(pieces) < width:
        raise _wrong(name, number, f"has fewer than {width} numbers after its word")
    if not word:
        raise _wrong(name, number, "has no word before its numbers")
    if " " in word and _is_number(word.rpartition(" ")[2]):
        raise _wrong(name, number, f"has more than {width} numbers after its word")
    if not _is_number(pieces[0]):
        raise _wrong(name, number, f"has {pieces[0]!r} where a number should be")
    return word, pieces


def _row(pieces: list[str], name: str, number: int) -> NDArray[np.float32]:
    try:
        with np.errstate(over="ignore"):
            row = np.array([float(piece) for piece in pieces]).astype(np.float32)
    except ValueError:
        piece = next(piece for piece in pieces if not _is_number(piece))
        raise _wrong(name, number, f"has {piece!r} where a number should be") from None
    if not np.isfinite(row).all():
        piece = pieces[int(np.isfinite(row).argmin())]
        raise _wrong(name, number, f"has {piece!r}, which is no finite float32")
    return row


def _is_number(piece: str) -> bool:
    try:
        float(piece)
    except ValueError:
        return False
    return True


def _wrong(name: str, number: int, what: str) -> VectorFileError:
    return VectorFileError(f"{name}, line {number}, {what}; correct the line or replace the file")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
