"""A sweep whose runs go to a result card: measured where they are made, kept one by one as they end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from coursekit.data.registry import data_folder
from coursekit.evidence.runs import Outcome, Run, measure
from coursekit.profile import current
from coursekit.training.attempt import Failed
from coursekit.training.grid import Task, grid, seeds_outermost
from coursekit.training.processes import run_all
from coursekit.training.progress import tqdm

if TYPE_CHECKING:
    from coursekit.evidence.cards import Card


def sweep_card(
    card: "Card",
    configurations: Mapping[str, Mapping[str, Any]],
    experiment: Callable[..., Outcome],
    *,
    seeds: Iterable[int],
    workers: int | None = None,
    threads: int = 1,
    progress: bool = True,
) -> tuple[Run, ...]:
    """`Card.run` for every configuration with every seed, in several processes or on a cluster if asked to.

    Takes what `coursekit.training.sweep` takes, and is the card's method `sweep`. Runs are measured where
    they are made (on a CPU their peak memory is that process's) and kept by the card as they end, in the
    order of `configurations`; the first seed of each is run before the second of any. Recorded runs are not
    repeated, as with `Card.run`.

    Returns
    -------
    tuple of Run
        The first configuration with all seeds, then the second.

    Raises
    ------
    RuntimeError
        If runs failed, when the others are kept; the message names the first, notes give the tracebacks.
    ValueError, TypeError, CardError
        If an argument does not fit, or the card cannot be written.
    """
    tasks = grid(configurations, seeds)
    held = [card._recorded(task.configuration, task.seed, task.settings) for task in tasks]
    runs = {index: run for index, run in enumerate(held) if run is not None}
    todo = [index for index in seeds_outermost(tasks) if index not in runs]
    failed: dict[int, Failed] = {}
    hidden: dict[str, Any] = {} if progress else {"disable": True}
    function = partial(_measure, experiment, card.device, _surroundings())
    endings = run_all(function, [tasks[index] for index in todo], workers=workers, threads=threads)
    with closing(endings), tqdm(total=len(tasks), initial=len(runs), unit="run", **hidden) as bar:
        for position, ending in endings:
            index = todo[position]
            if isinstance(ending, Failed):
                failed[index] = ending
                if progress:
                    bar.write(f"{tasks[index]}: {ending.error}")
            else:
                runs[index] = ending.value
                card._keep(ending.value, among=tuple(configurations))
            bar.update()
    if failed:
        raise _report(tasks, failed)
    return tuple(runs[index] for index in range(len(tasks)))


def _measure(experiment: Callable[..., Outcome], device: torch.device, asked: str, task: Task) -> Run:
    if _surroundings() != asked:
        raise RuntimeError(
            f"the worker process sees {_surroundings()}, this one {asked}; start workers with the same "
            "COURSEKIT_PROFILE and COURSEKIT_DATA"
        )
    return measure(task.configuration, experiment, seed=task.seed, settings=task.settings, device=device)


def _surroundings() -> str:
    return f"{current().name} scale and {'offline' if data_folder() is None else 'real'} data"


def _report(tasks: Sequence[Task], failed: dict[int, Failed]) -> RuntimeError:
    first = min(failed)
    which = f"{len(failed)} of {len(tasks)} runs failed, first that" if len(failed) > 1 else "the run"
    what = "" if len(failed) > 1 else "failed "
    error = RuntimeError(
        f"{which} of {tasks[first]} {what}({failed[first].error}); the others are kept: the same call again "
        "makes what is missing"
    )
    for index in sorted(failed):
        error.add_note(f"{tasks[index]}:\n{failed[index].traceback}")
    return error
