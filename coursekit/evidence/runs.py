"""One run of an experiment: what it returns, what is measured around it, how it is written down."""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from coursekit.evidence.card_files import rounded
from coursekit.evidence.provenance import versions
from coursekit.profile import describe_device


@runtime_checkable
class _History(Protocol):
    def to_dict(self) -> Mapping[str, Sequence[float]]: ...


@dataclass(frozen=True)
class Outcome:
    """What an experiment returns.

    Parameters
    ----------
    metrics
        Final figures by name; a name that ends in ``accuracy`` or ``error_rate`` is a share in [0, 1].
    history
        Figures by epoch: a mapping of lists, or a training history that has ``to_dict()``.
    confusion
        Optional counts ``(classes, classes)``, rows the true class.
    """

    metrics: Mapping[str, float]
    history: Mapping[str, Sequence[float]] | _History = field(default_factory=dict)
    confusion: Tensor | Sequence[Sequence[int]] | None = None


@dataclass(frozen=True)
class Run:
    """One finished run: what was asked, what came out, and on what; times in seconds, memory in MiB.

    On a GPU the memory is torch's peak during the run; on a CPU it is the peak of the whole process.
    """

    configuration: str
    settings: dict[str, Any]
    seed: int
    metrics: dict[str, float]
    history: dict[str, list[float]]
    confusion: list[list[int]] | None
    device: str
    seconds: float
    peak_memory_mib: int | None
    finished: str
    versions: dict[str, str]


def measure(
    configuration: str,
    experiment: Callable[..., Outcome],
    *,
    seed: int,
    settings: Mapping[str, Any],
    device: torch.device,
) -> Run:
    """Call ``experiment(seed=seed, **settings)`` once and measure time and memory on `device`.

    Raises
    ------
    TypeError
        If the experiment returns no `Outcome`.
    ValueError
        If a figure of it is not finite.
    """
    _reset_peak(device)
    start = time.perf_counter()
    outcome = experiment(seed=seed, **settings)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    seconds = time.perf_counter() - start
    if not isinstance(outcome, Outcome):
        raise TypeError(
            f"the experiment of {configuration!r} returned {type(outcome).__name__}; "
            "return evidence.Outcome(metrics={…})"
        )
    where = f"configuration {configuration!r}, seed {seed}"
    history = outcome.history
    history = history.to_dict() if isinstance(history, _History) else history
    return Run(
        configuration=configuration,
        settings=plain(settings),
        seed=seed,
        metrics={name: _finite(value, where, name) for name, value in outcome.metrics.items()},
        history={name: [_finite(v, where, name) for v in row] for name, row in history.items()},
        confusion=_counts(outcome.confusion),
        device=describe_device(device),
        seconds=rounded(seconds),
        peak_memory_mib=_peak_memory(device),
        finished=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        versions=versions(),
    )


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as a card holds them.

    Raises
    ------
    TypeError
        If a value has no place in JSON.

    Examples
    --------
    >>> plain({"filters": (32, 64)})
    {'filters': [32, 64]}
    """
    try:
        return dict(json.loads(json.dumps(dict(settings), allow_nan=False)))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"settings {dict(settings)!r} cannot be written to a card ({error}); use numbers, strings, "
            "booleans and lists of them"
        ) from error


def _finite(value: float, where: str, name: str) -> float:
    figure = value.item() if isinstance(value, Tensor) else value
    if not isfinite(figure):
        raise ValueError(f"{where}: {name} is {figure}; a card holds finite figures, so leave it out")
    return rounded(figure)


def _counts(confusion: Tensor | Sequence[Sequence[int]] | None) -> list[list[int]] | None:
    if confusion is None:
        return None
    rows = confusion.tolist() if isinstance(confusion, Tensor) else confusion
    return [[int(count) for count in row] for row in rows]


def _reset_peak(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)


def _peak_memory(device: torch.device) -> int | None:
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 2**20)
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 2**20 if sys.platform == "darwin" else peak / 2**10)
