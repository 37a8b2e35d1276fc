"""Files of recorded timings: the formats that they have, read whole or refused, and their items by name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

FORMAT = 1


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Item = TypeVar("_Item", bound=_Named)


@dataclass(frozen=True)
class Head:
    """When, on which machine and with which versions a file was recorded, and what the machine can do."""

    date: str
    machine: Mapping[str, Any]
    peak_gflops: Mapping[str, float]
    versions: Mapping[str, str]

    @property
    def where(self) -> str:
        """The machine and the day, in words."""
        kinds = "with" if self.machine["bfloat16"] else "without"
        return f"{self.machine['processor']}, {kinds} bfloat16, {self.date}"


class BenchmarkError(ValueError):
    """A file of timings that cannot be read; the message says which, why, and what to do."""


def read_file(path: Path, schema: Mapping[str, Any], written: str) -> Any:
    """The document in a file; `written` says what writes it.

    Raises
    ------
    BenchmarkError
        If the file is missing, no JSON, or does not match the schema; one sentence.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BenchmarkError(f"there is no {path}; {written}") from None
    except ValueError as error:
        raise BenchmarkError(f"{path} is no JSON ({error}); {written} anew") from error
    wrong = best_match(Draft202012Validator(schema).iter_errors(document))
    if wrong is not None:
        place = wrong.json_path.removeprefix("$").lstrip(".") or "its top level"
        raise BenchmarkError(
            f"{path} is not of format {FORMAT} (at {place}: {wrong.message}); {written} anew"
        )
    return document


def named(items: Sequence[_Item], name: str, says: str) -> _Item:
    """The item of that name; what an error says begins with `says`."""
    for item in items:
        if item.name == name:
            return item
    raise KeyError(f"{says} {name!r}; there are {', '.join(item.name for item in items) or 'none'}")


def as_tuples(value: Any) -> Any:
    """The same with a tuple for every list."""
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


def _all(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 1}
_POSITIVE = {"type": "number", "exclusiveMinimum": 0}
_OR_NONE = {"type": "null"}
_HEAD = {
    "format": {"const": FORMAT},
    "date": _TEXT,
    "machine": _all(processor=_TEXT, threads=_COUNT, memory_gib=_POSITIVE, bfloat16={"type": "boolean"}),
    "versions": {"type": "object", "additionalProperties": _TEXT},
}
_PEAKS = {"type": "object", "minProperties": 1, "additionalProperties": _POSITIVE}
_WAY = _all(
    name=_TEXT,
    title=_TEXT,
    ours={"type": "boolean"},
    note=_TEXT,
    seconds=_list(_POSITIVE),
    first_batch={"anyOf": [_list(_POSITIVE), _OR_NONE]},
    accuracy={"anyOf": [_list({"type": "number", "minimum": 0, "maximum": 1}), _OR_NONE]},
    detail=_TEXT,
)
_CASE = _all(
    name=_TEXT,
    title=_TEXT,
    data=_TEXT,
    origin={"enum": ["real", "offline"]},
    samples=_COUNT,
    steps=_COUNT,
    gflop={"anyOf": [_POSITIVE, _OR_NONE]},
    baseline=_TEXT,
    ways=_list(_WAY),
)
BENCHMARKS = _all(
    **_HEAD,
    peak_gflops=_PEAKS,
    cases=_list(_CASE),
)
_LINE = _all(name=_TEXT, x=_list(_POSITIVE), seconds=_list(_list(_POSITIVE)))
_STEP = _all(
    name=_TEXT,
    title=_TEXT,
    precision={"enum": ["float32", "bfloat16"]},
    gflop=_POSITIVE,
    calls=_COUNT,
    seconds=_list(_POSITIVE),
    in_order=_list(_POSITIVE),
    alone=_list(_POSITIVE),
)
KERNELS = _all(
    **_HEAD,
    peak_gflops=_PEAKS,
    steps=_list(_STEP),
)
COSTS = _all(**_HEAD, sweeps=_list(_all(name=_TEXT, title=_TEXT, varies=_TEXT, lines=_list(_LINE))))
