"""How near a training step is to its arithmetic: the step against its kernels, into ``kernels.json``.

``PYTHONPATH=tests python -m benchmarks.kernels``; ``--scale 0.1 --output FILE`` is for trying.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.utils._python_dispatch import TorchDispatchMode

from coursekit.evidence.card_files import render, rounded
from coursekit.training.denormals import flushing_denormals

from .cases import CASES
from .cost import seconds
from .files import head, spare, write
from .machine import peak_gflops
from .recipes import Recipe, library

RECORD = Path("book/performance/kernels.json")

# A kernel is called for that long at least: hundreds of times if it is small, once if it takes longer.
LEAST_SECONDS = 0.01
# So many times all kernels of a step are called in their order.
PASSES = 50
ROUNDS = 5


class Call(NamedTuple):
    """A kernel with what it was called with."""

    kernel: torch._ops.OpOverload
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    def __call__(self) -> None:
        self.kernel(*self.arguments, **self.keywords)


class Recorder(TorchDispatchMode):
    """Notes every kernel that is called; views, which compute nothing, are no kernels."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if not func.is_view:
            self.calls.append(Call(func, args, kwargs or {}))
        return func(*args, **(kwargs or {}))


@contextmanager
def at_every_step(note: Callable[[], object]) -> Iterator[None]:
    """Call `note` whenever an optimiser has taken a step."""
    hook = register_optimizer_step_post_hook(lambda *_: note())
    try:
        yield
    finally:
        hook.remove()


def kernels_of_a_step(run: Callable[[], object]) -> list[Call]:
    """What the last step of a run calls, from the end of the step before to its own."""
    with Recorder() as recorder:
        ends: list[int] = []
        with at_every_step(lambda: ends.append(len(recorder.calls))):
            run()
    return recorder.calls[ends[-2] : ends[-1]]


def seconds_of_a_step(run: Callable[[], object]) -> float:
    """Median of the steps of a run, from the end of one to the end of the next."""
    ends: list[float] = []
    with at_every_step(lambda: ends.append(time.perf_counter())):
        run()
    return median(end - begin for begin, end in pairwise(ends))


def seconds_of_a_call(call: Call) -> float:
    """Mean over `LEAST_SECONDS`, after a call that fetches what it needs."""
    call()
    return seconds(call, least=LEAST_SECONDS)


def seconds_in_order(calls: list[Call]) -> float:
    """Median of the passes through all calls, one behind the other as in the step."""
    spent = []
    for _ in range(1 + PASSES):
        begin = time.perf_counter()
        for call in calls:
            call()
        spent.append(time.perf_counter() - begin)
    return median(spent[1:])


def shortened(recipe: Recipe, steps: int) -> Recipe:
    """The recipe with so many steps at most, in one epoch."""
    inputs, targets = recipe.train
    n = steps * recipe.batch_size
    return replace(recipe, train=(inputs[:n], targets[:n]), epochs=1)


def measured(name: str, rounds: int, scale: float) -> dict[str, Any] | None:
    """A case as JSON; None where nothing is trained, or on batches that differ in their arithmetic."""
    prepared = CASES[name].prepare(scale)
    runs = [way.run for way in prepared.ways if way.name == "coursekit-auto"]
    if prepared.gflop is None or not runs:
        return None
    (recipe,), options = runs[0].args, runs[0].keywords
    whole = partial(library, shortened(recipe, 100), **options)
    trained = whole()
    calls = kernels_of_a_step(partial(library, shortened(recipe, 3), **options))
    flushing = flushing_denormals if trained.history.chosen["flush_denormal"] else nullcontext
    step, in_order, alone = [], [], []
    for _ in range(rounds):
        step.append(rounded(seconds_of_a_step(whole)))
        with torch.no_grad(), flushing():
            in_order.append(rounded(seconds_in_order(calls)))
            alone.append(rounded(sum(map(seconds_of_a_call, calls))))
    return {
        "name": name,
        "title": CASES[name].title,
        "precision": trained.history.chosen["precision"],
        "gflop": prepared.gflop / prepared.samples * recipe.batch_size,
        "calls": len(calls),
        "seconds": step,
        "in_order": in_order,
        "alone": alone,
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure the training cases and write them down."""
    parser = argparse.ArgumentParser(prog="benchmarks.kernels", description=__doc__.partition(":")[0])
    parser.add_argument("--case", nargs="+", choices=CASES, metavar="NAME")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the size of every case")
    parser.add_argument("--output", type=Path, default=RECORD)
    options = parser.parse_args(arguments)
    spare(RECORD, options.output, trial=options.scale != 1 or bool(options.case))
    steps = []
    for name in options.case or CASES:
        step = measured(name, options.rounds, options.scale)
        if step is not None:
            steps.append(step)
            print(
                f"{step['title']}: a step {1e3 * median(step['seconds']):.2f} ms, "
                f"its kernels in order {1e3 * median(step['in_order']):.2f} ms, "
                f"each by itself {1e3 * median(step['alone']):.2f} ms",
                flush=True,
            )
    write(options.output, render({**head(), "peak_gflops": peak_gflops(), "steps": steps}))


if __name__ == "__main__":
    main()
