"""The reviews of the Large Movie Review Dataset, from its archive or from a table of all labelled ones."""

import gzip
import hashlib
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from coursekit.data.errors import DataError
from coursekit.data.texts import LabelledTexts

CLASSES = ("negative", "positive")

_HEADER = ["split", "label", "id", "rating", "text"]
_MEMBER = re.compile(r"aclImdb/((train|test)/(neg|pos|unsup)/\d+_\d+\.txt)")


@dataclass(frozen=True)
class Review:
    """A review and the name that it has in the archive, such as ``train/pos/17_9.txt``."""

    member: str
    text: str

    @property
    def part(self) -> str:
        """``train`` or ``test``."""
        return self.member.split("/")[0]

    @property
    def label(self) -> str:
        """``neg``, ``pos`` or ``unsup``."""
        return self.member.split("/")[1]


def read_table(path: Path) -> Iterator[Review]:
    """The reviews of an xz-packed table with the columns split, label, id, rating and text.

    The text is the last column and may hold tabs; a line ends at a line feed and nowhere else.

    Raises
    ------
    DataError
        If the file cannot be read or unpacked, or a line is not of that form; the message has its number.
    """
    try:
        with lzma.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                fields = line.rstrip("\n").split("\t", 4)
                if number == 1:
                    _require(fields == _HEADER, path, number, "the header " + ", ".join(_HEADER))
                    continue
                _require(len(fields) == 5, path, number, "five columns")
                part, label, index, rating, text = fields
                member = f"{part}/{label}/{index}_{rating}.txt"
                _require(_MEMBER.fullmatch(f"aclImdb/{member}") is not None, path, number, "train or test, "
                         "neg or pos, and two numbers")  # fmt: skip
                yield Review(member, text)
    except (EOFError, lzma.LZMAError) as error:
        raise DataError(f"{path} is damaged: xz reports '{error}'; replace the file") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason}; replace the file") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; put the file there") from error


def read_archive(path: Path) -> Iterator[Review]:
    """The reviews of the official archive ``aclImdb_v1.tar.gz``, unlabelled ones included.

    Nothing is unpacked beside the file.

    Raises
    ------
    DataError
        If the file cannot be read or is no such archive.
    """
    try:
        # Unlike tarfile's own mode "r|gz", gzip reports a stream without end and a wrong checksum.
        with gzip.open(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                found = _MEMBER.fullmatch(entry.name)
                content = archive.extractfile(entry) if found else None
                if found and content is not None:
                    yield Review(found[1], content.read().decode())
            while stream.read(1 << 20):
                pass
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is damaged: tarfile reports '{error}'; replace the file") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} holds a review that is not UTF-8 text; replace the file") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; put the file there") from error


def parts(reviews: Iterable[Review]) -> tuple[LabelledTexts, LabelledTexts, tuple[str, ...]]:
    """Training part, test part and unlabelled texts, each by the sha256 of the reviews' names.

    The files have all negative reviews before all positive ones and the reviews of one film side by side.

    Raises
    ------
    DataError
        If one of the parts has no review.
    """
    ordered = sorted(reviews, key=lambda review: hashlib.sha256(review.member.encode()).digest())
    labelled = [review for review in ordered if review.label != "unsup"]
    train, test = (_labelled([r for r in labelled if r.part == part]) for part in ("train", "test"))
    for part, found in (("training", train), ("test", test)):
        if not len(found):
            raise DataError(f"there is no {part} review in the files of 'imdb'; replace them")
    return train, test, tuple(review.text for review in ordered if review.label == "unsup")


def _labelled(reviews: list[Review]) -> LabelledTexts:
    labels = torch.tensor([int(review.label == "pos") for review in reviews], dtype=torch.int64)
    return LabelledTexts(tuple(review.text for review in reviews), labels)


def _require(fulfilled: bool, path: Path, number: int, wanted: str) -> None:
    if not fulfilled:
        raise DataError(f"{path}, line {number}, does not have {wanted}; replace the file")
