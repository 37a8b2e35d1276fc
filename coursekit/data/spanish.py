"""Spanish sentences and English translations of them from Tatoeba: the course's own files, and all pairs."""

from pathlib import Path

from coursekit.data.characters import course_text
from coursekit.data.connected import divide
from coursekit.data.errors import DataError
from coursekit.data.pairs import SentencePairs

Parts = tuple[SentencePairs, SentencePairs, SentencePairs]

#: The course keeps a pair if both sides have fewer characters than this.
COURSE_CHARACTERS = 20


def read_pairs(path: Path) -> SentencePairs:
    """The pairs of a table without a header, whose first columns are English and Spanish, in its order.

    Spanish is the source. The sentences are kept as they are written, further columns are not. A line ends at
    a line feed and nowhere else; a carriage return before it is no part of the sentence.

    Raises
    ------
    DataError
        If the file cannot be read or is empty, or a line is not UTF-8 or lacks a column or a sentence; the
        message has its number.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; put the file there") from error
    if not content:
        raise DataError(f"{path} is empty; replace the file")
    sources, targets = [], []
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), 1):
        try:
            fields = line.removesuffix(b"\r").decode().split("\t")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}, line {number}, is not UTF-8 text: {error.reason}; replace the file"
            ) from error
        if len(fields) < 2:
            raise DataError(
                f"{path}, line {number}, does not have two columns, English and Spanish; replace the file"
            )
        for language, sentence in zip(("English", "Spanish"), fields, strict=False):
            if not sentence.strip():
                raise DataError(f"{path}, line {number}, has no {language} sentence; replace the file")
        targets.append(fields[0])
        sources.append(fields[1])
    return SentencePairs(tuple(sources), tuple(targets))


def read_course(train: Path, validation: Path, test: Path) -> Parts:
    """The course's own three parts as its reader makes them: prepared by `course_text`, in the files' order.

    A pair is kept if both sides are shorter than 20 characters then. The parts share sentences: of the test
    part's, about every third English one stands in the training part as well.

    Raises
    ------
    DataError
        If a file cannot be read, as in `read_pairs`, or has no pair that is short enough.
    """
    return _course_part(train), _course_part(validation), _course_part(test)


def _course_part(path: Path) -> SentencePairs:
    pairs = course_form(read_pairs(path))
    if not len(pairs):
        raise DataError(
            f"{path} has no pair of which both sides are shorter than {COURSE_CHARACTERS} characters; "
            "replace the file"
        )
    return pairs


def course_form(pairs: SentencePairs) -> SentencePairs:
    """The pairs prepared by `course_text` and kept where both sides are shorter than 20 characters.

    Examples
    --------
    >>> raw = SentencePairs(("Él duerme.", "No sé qué hacer mañana."), ("He sleeps.", "I don't know."))
    >>> list(course_form(raw))
    [('el duerme .', 'he sleeps .')]
    """
    return pairs.map(course_text).shorter_than(COURSE_CHARACTERS)


def read_all(path: Path) -> Parts:
    """All pairs, as they are written, in three parts that share no sentence; see `connected.divide`.

    Raises
    ------
    DataError
        If the file cannot be read, as in `read_pairs`, or has too few pairs for three parts.
    """
    parts = divide(read_pairs(path))
    for name, part in zip(("training", "validation", "test"), parts, strict=True):
        if not len(part):
            raise DataError(f"{path} has no pair for the {name} part; replace the file")
    return parts
