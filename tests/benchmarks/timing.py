"""Timing: ways of doing the same thing, each called once a round, and the moment of their first step."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from gc import collect
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook
from tqdm.auto import tqdm

from coursekit.training import seeded


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to do what a case is about.

    Parameters
    ----------
    name, title, note
        Its name in options and files, in a table, and what a reader should know about it.
    run
        The whole call that is timed; what it returns is handed to `score` and `detail`.
    ours
        Whether it is coursekit's.
    score
        A share from 0 to 1 of what is right, found outside the timing.
    detail
        What the call decided by itself, in words.
    needs
        A module of the extra ``bench``, imported before the timing.
    compiles
        Compile as on a machine that never did, instead of taking up what an earlier round left behind.
    """

    name: str
    title: str
    run: Callable[[], Any]
    note: str = ""
    ours: bool = False
    score: Callable[[Any], float] | None = None
    detail: Callable[[Any], str] | None = None
    needs: str | None = None
    compiles: bool = False


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A case with its data at hand.

    Parameters
    ----------
    data, origin
        The data set's title, and ``"real"`` or ``"offline"``.
    samples, steps
        Samples and optimiser steps of a whole call.
    gflop
        Arithmetic of a whole call, in units of 10⁹ operations; None where it is not counted.
    ways
        The first one is what the others are compared with.
    least
        Seconds that are measured at least; a way that is faster is called again and again.
    """

    data: str
    origin: str
    samples: int
    steps: int
    ways: tuple[Way, ...]
    gflop: float | None = None
    least: float = 0.0


@dataclass
class Times:
    """What was measured of one way, by round."""

    seconds: list[float] = field(default_factory=list)
    first_batch: list[float | None] = field(default_factory=list)
    accuracy: list[float | None] = field(default_factory=list)
    detail: str = ""


def size(full: int, scale: float, least: int) -> int:
    """What `full` is at a scale, `least` at least."""
    return max(least, round(scale * full))


_first_step: list[float] = []


def step_ended(*_: object) -> None:
    """Note the time if this is the end of a call's first step; torch's optimisers call it by themselves."""
    if not _first_step:
        _first_step.append(time.perf_counter())


@contextmanager
def noting_first_step() -> Iterator[list[float]]:
    """A list that gets the time at which the first optimiser step inside the block ends."""
    _first_step.clear()
    hook = register_optimizer_step_post_hook(step_ended)
    try:
        yield _first_step
    finally:
        hook.remove()


def in_turn(
    ways: tuple[Way, ...], rounds: int, by: Callable[[Way, Times], Times], *, title: str = ""
) -> dict[str, Times]:
    """Measure every way once a round, each round beginning one way further on.

    `by` adds a measurement of a way to its times: `measure`, or the same in other processes.
    """
    times = {way.name: Times() for way in ways}
    with tqdm(total=rounds * len(ways), desc=title, unit="run", leave=False) as bar:
        for number in range(rounds):
            first = number % len(ways)
            for way in (*ways[first:], *ways[:first]):
                bar.set_postfix_str(way.title)
                times[way.name] = by(way, times[way.name])
                bar.update()
    return times


def measure(way: Way, times: Times, least: float = 0.0) -> Times:
    """Call a way, for `least` seconds at least, and add what was measured to its times."""
    collect()
    with ExitStack() as around:
        around.enter_context(seeded(0))
        if way.compiles:
            around.enter_context(_nothing_compiled())
        first_step = around.enter_context(noting_first_step())
        begin = time.perf_counter()
        outcome, calls = way.run(), 1
        while time.perf_counter() - begin < least:
            outcome, calls = way.run(), calls + 1
        times.seconds.append((time.perf_counter() - begin) / calls)
        times.first_batch.append(first_step[0] - begin if first_step else None)
    times.accuracy.append(None if way.score is None else way.score(outcome))
    times.detail = "" if way.detail is None else way.detail(outcome)
    return times


def compiler_ready() -> None:
    """Import torch's compiler and let it look for its tools, so that no timing contains that."""
    with _nothing_compiled():
        torch.compile(torch.nn.Linear(2, 2))(torch.ones(2, 2)).sum().backward()


@contextmanager
def _nothing_compiled() -> Iterator[None]:
    from torch._inductor.utils import fresh_cache

    torch.compiler.reset()
    with fresh_cache():
        yield
