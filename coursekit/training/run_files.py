"""The files of a sweep: one for every run, found again by what was run, so that a sweep can go on."""

import hashlib
import inspect
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from math import isfinite
from pathlib import Path
from types import CodeType
from typing import Any

from coursekit.training.attempt import Done, Ending
from coursekit.training.grid import Task

Metrics = dict[str, float]


class RunFiles:
    """A folder with one JSON file a run, named by a digest of experiment, configuration, settings and seed.

    The experiment counts by its name and its own code: change a line of it, or a default value, and its
    runs are made anew, as they are under another version of Python. Comments, layout and the docstring do
    not count. What it calls is not looked into, nor are values that it takes from outside, nor the number
    of threads: after a change of those use another folder.

    Parameters
    ----------
    folder
        Made with the first run.
    experiment
        The function that is run.

    Raises
    ------
    ValueError
        If `folder` is a file.
    """

    def __init__(self, folder: str | Path, experiment: Callable[..., object]) -> None:
        self.folder = Path(folder)
        self._experiment = identity(experiment)
        if self.folder.is_file():
            raise ValueError(f"folder is '{self.folder}', which is a file; name a folder for the runs")

    def read(self, task: Task) -> Metrics | None:
        """The metrics of a finished run; None where there is none, or where it failed.

        Raises
        ------
        ValueError
            If the file is damaged; the message names it.
        """
        path = self.path(task)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if {name: document[name] for name in self._key(task)} != self._key(task):
                raise ValueError("it is about another run")
            if document["error"] is not None:
                return None
            return {name: float(v) if isinstance(v, str) else v for name, v in document["metrics"].items()}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path} is not a whole record of a run ({error}); delete it, and its run is made anew"
            ) from error

    def write(self, task: Task, ending: Ending[Metrics]) -> None:
        """Record how a run ended: beside its place, then renamed, so that no half of a file is ever there.

        Raises
        ------
        OSError
            If the file cannot be written; the message names it.
        """
        document: dict[str, Any] = {"schema": 1, **self._key(task)}
        if isinstance(ending, Done):
            metrics = {name: v if isfinite(v) else str(v) for name, v in ending.value.items()}
            document |= {"metrics": metrics, "error": None, "seconds": round(ending.seconds, 3)}
        else:
            document |= {"error": ending.error, "traceback": ending.traceback.splitlines()}
        document["finished"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        path = self.path(task)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(text + "\n", encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise OSError(
                f"{path} could not be written ({error.strerror}); make room or set its permissions, then "
                "call again: runs that were written before are kept"
            ) from error
        finally:
            with suppress(OSError):
                beside.unlink()

    def path(self, task: Task) -> Path:
        """Where the record of a run is or will be."""
        key = json.dumps(self._key(task), sort_keys=True)
        words = re.sub(r"[^A-Za-z0-9]+", "-", task.configuration).strip("-")[:40]
        return self.folder / f"{words}-{task.seed}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"

    def _key(self, task: Task) -> dict[str, Any]:
        return {
            "experiment": self._experiment,
            "configuration": task.configuration,
            "settings": task.settings,
            "seed": task.seed,
        }


def identity(experiment: Callable[..., object]) -> str:
    """Name and code of a function, as far as the function itself goes.

    Examples
    --------
    >>> def train(*, seed, rate=0.1):
    ...     return {"loss": rate}
    >>> before = identity(train)
    >>> def train(*, seed, rate=0.1):  # the same with a comment
    ...     return {"loss": rate}
    >>> identity(train) == before
    True
    >>> def train(*, seed, rate=0.2):
    ...     return {"loss": rate}
    >>> identity(train) == before
    False
    """
    bound: list[object] = []
    while isinstance(experiment, partial):
        bound.append([experiment.args, experiment.keywords])
        experiment = experiment.func
    function: Any = inspect.unwrap(experiment)
    if not hasattr(function, "__code__"):
        function = type(function).__call__
    bound.append([getattr(function, "__defaults__", None), getattr(function, "__kwdefaults__", None)])
    code = getattr(function, "__code__", None)
    parts = [json.dumps(bound, default=lambda value: type(value).__qualname__, sort_keys=True)]
    if code is not None:
        parts += _parts(code, docstring=function.__doc__)
    name = getattr(experiment, "__qualname__", type(experiment).__qualname__)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{experiment.__module__}.{name} {digest[:16]}"


def _parts(code: CodeType, *, docstring: str | None = None) -> list[str]:
    """What a function does, without where it stands in its file."""
    parts = [code.co_code.hex(), repr((code.co_names, code.co_varnames, code.co_freevars))]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            parts += _parts(constant)
        elif isinstance(constant, frozenset):
            parts.append(repr(sorted(map(repr, constant))))
        elif constant != docstring:
            parts.append(repr(constant))
    return parts
