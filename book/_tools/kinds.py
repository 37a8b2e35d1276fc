"""The three kinds of code cells: exact, approximate, free; their tags and how two outputs are compared."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

EXACT, APPROXIMATE, FREE = "exact", "approximate", "free"
RTOL = 0.05
OTHER_TAGS = {"experiment", "bootstrap", "raises-exception", "nbval-check-output"}
HIDING = re.compile(r"(hide|remove)-(cell|input|output|stderr|stdout)|scroll-output|full-width|margin")
TOLERANCE = re.compile(r"(rtol|atol)-(\d+(?:\.\d+)?(?:e-?\d+)?)")
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?(?:[eE][-+]?\d+)?(?![\w])"
    r"|(?<![\w.])[-+−]?(?:nan|inf)(?![\w])"
)
WARNING = re.compile(r"Traceback \(most recent call last\)|^\S+:\d+: \w*Warning:", re.MULTILINE)


def kind_of(cell: Mapping[str, Any]) -> str:
    """``"exact"``, ``"approximate"`` or ``"free"``.

    Raises
    ------
    ValueError
        If a tag is unknown (a misspelt one would turn a checked cell into a free one), if two kinds
        are named, or if a tolerance stands on a cell that has no use for it.
    """
    tags = list(cell["metadata"].get("tags", []))
    kinds = [tag for tag in tags if tag in (EXACT, APPROXIMATE, FREE)]
    for tag in tags:
        known = tag in kinds or tag in OTHER_TAGS or HIDING.fullmatch(tag) or TOLERANCE.fullmatch(tag)
        if not known:
            raise ValueError(f"the tag {tag!r} is unknown; it would have no effect")
    if len(kinds) > 1:
        raise ValueError(f"a cell is of one kind, this one is tagged {' and '.join(kinds)}")
    kind = kinds[0] if kinds else FREE
    if kind != APPROXIMATE and any(TOLERANCE.fullmatch(tag) for tag in tags):
        raise ValueError(f"a tolerance means nothing on a cell of kind {kind}")
    return str(kind)


def tolerances(cell: Mapping[str, Any]) -> tuple[float, float]:
    """Relative and absolute tolerance of an approximate cell, by its tags ``rtol-0.02``, ``atol-1``."""
    found = {"rtol": RTOL, "atol": 0.0}
    for tag in cell["metadata"].get("tags", []):
        if match := TOLERANCE.fullmatch(tag):
            found[match[1]] = float(match[2])
    return found["rtol"], found["atol"]


def complaint(outputs: Sequence[Mapping[str, Any]], tags: Sequence[str]) -> str | None:
    """What is wrong with a cell's outputs: warnings, tracebacks, an announced error that did not come."""
    announced = "raises-exception" in tags
    errors = [output for output in outputs if output["output_type"] == "error"]
    if announced and not errors:
        return "The cell is tagged raises-exception and raises none"
    if errors and not announced:
        return f"The cell raises {errors[0]['ename']}: {errors[0]['evalue']}"
    for output in outputs:
        if output["output_type"] == "stream":
            text = "".join(output["text"])
            if output["name"] == "stderr" and text.strip():
                return f"The cell writes to stderr:\n{text.strip()}"
            if WARNING.search(text):
                return f"The cell prints a warning or a traceback:\n{text.strip()}"
    return None


def texts(outputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The texts of a cell's outputs that carry numbers a reader sees: streams, text, tables; no pictures."""
    found: list[str] = []
    for output in outputs:
        if output["output_type"] == "stream":
            found.append("".join(output["text"]))
        for mime, value in sorted(output.get("data", {}).items()):
            text = "".join(value) if isinstance(value, list | str) else ""
            if mime.startswith("text/") and "<svg" not in text:
                found.append(text)
    return found


def disagreement(
    cell: Mapping[str, Any],
    stored: Sequence[Mapping[str, Any]],
    fresh: Sequence[Mapping[str, Any]],
) -> str | None:
    """Where the outputs of an approximate cell differ by more than its tolerances; None if nowhere."""
    rtol, atol = tolerances(cell)
    one, other = texts(stored), texts(fresh)
    if len(one) != len(other):
        return f"{len(other)} outputs instead of {len(one)}"
    pairs = zip(one, other, strict=True)
    found = (difference(before, after, rtol=rtol, atol=atol) for before, after in pairs)
    return next((text for text in found if text), None)


def difference(stored: str, fresh: str, *, rtol: float, atol: float) -> str | None:
    """The first place where two texts differ: in words at all, in numbers beyond the tolerance.

    A number agrees when ``|fresh - stored| <= atol + rtol * |stored|``, or when a printed decimal is
    one unit of its last place away. Blank space and rules may be of another length.

    Examples
    --------
    >>> difference("loss 0.50", "loss 0.52", rtol=0.05, atol=0)
    >>> difference("loss 0.50", "loss 0.60", rtol=0.05, atol=0)
    '0.60 is not within 5 % of 0.50'
    """
    words, fresh_words = _words(stored), _words(fresh)
    if len(words) != len(fresh_words):
        return f"{len(fresh_words) - 1} numbers instead of {len(words) - 1}"
    for before, after in zip(words, fresh_words, strict=True):
        if before != after:
            return f"{after.strip()!r} instead of {before.strip()!r}"
    for one, other in zip(NUMBER.finditer(stored), NUMBER.finditer(fresh), strict=True):
        expected, got = _value(one[0]), _value(other[0])
        unit = 1.001 * 10.0 ** -(len(one[1]) - 1) if one[1] and "e" not in one[0].lower() else 0.0
        allowed = max(atol + rtol * abs(expected), unit)
        same = one[0] == other[0] or (isfinite(expected) and abs(got - expected) <= allowed)
        if not same:
            extra = f" or {atol:g}" if atol else ""
            return f"{other[0]} is not within {100 * rtol:g} %{extra} of {one[0]}"
    return None


def share(cells: Sequence[Mapping[str, Any]]) -> str:
    """How many of the cells are compared, in one line."""
    kinds = [kind_of(cell) for cell in cells]
    exact, approximate = kinds.count(EXACT), kinds.count(APPROXIMATE)
    percent = 100 * (exact + approximate) / max(1, len(kinds))
    of = f"of {len(kinds)} code cells ({percent:.0f} %)"
    return f"compared: {exact} exact, {approximate} approximate {of}"


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def _words(text: str) -> list[str]:
    text = text.strip()
    ends = [0, *(edge for match in NUMBER.finditer(text) for edge in match.span()), len(text)]
    between = [text[start:end] for start, end in list(pairwise(ends))[::2]]
    return [re.sub(r"[-─━═_]{3,}", "---", re.sub(r"\s+", " ", part)) for part in between]
