"""Sweeps: an experiment under every configuration with every seed, as one tidy table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coursekit.training.attempt import Done, Ending, Failed
from coursekit.training.grid import RESERVED, Task, grid, seeds_outermost
from coursekit.training.processes import run_all
from coursekit.training.progress import tqdm
from coursekit.training.run_files import Metrics, RunFiles

if TYPE_CHECKING:
    from pandas import DataFrame


def sweep(
    experiment: Callable[..., Mapping[str, float]],
    configurations: Mapping[str, Mapping[str, Any]],
    *,
    seeds: Iterable[int],
    folder: str | Path | None = None,
    workers: int | None = None,
    threads: int = 1,
    progress: bool = True,
) -> "DataFrame":
    """Run ``experiment(seed=seed, **settings)`` for every configuration and seed; a table with a row a run.

    The table is the same, bit for bit, from one process, from several and from a cluster of like
    processors: rows stand in the order of the configurations and seeds, every run starts from random
    numbers (torch's, NumPy's, Python's) that its seed fixes, and every run has the same number of threads.

    The first seed of every configuration runs before the second of any. A run that fails does not stop the
    others: its row says why, and the next call with the same `folder` tries it again. Ctrl-C keeps
    what is finished (a cluster ends the runs it has begun, and drops them).

    Parameters
    ----------
    experiment
        Returns numbers by name. It may be defined in a notebook. Other processes get it with the values
        that it takes from outside, at most 1 MiB of them: let it load its data by name. What it leaves in
        variables outside, or sets for the process (torch's default type, say), is not seen elsewhere.
    configurations
        Settings by name, ``{"base": {}, "wide": {"width": 512}}``: numbers, strings, booleans, None, and
        lists or mappings of them.
    seeds
        Whole numbers; every configuration is run with each.
    folder
        Where every finished run is written down, and not repeated by the next call. A run counts as the
        same if configuration, settings, seed, and name and code of the experiment are the same; a change
        in what the experiment calls, or of `threads`, is not seen: take another folder then.
    workers
        Processes on this machine, -1 for one a core, 1 for none but this. None does what joblib is
        configured to, which is 1 where nothing is: ``with joblib.parallel_config(backend="dask")`` runs on
        the cluster of the current ``distributed.Client`` (``pip install coursekit[cluster]``), whose size
        then decides.
    threads
        Threads of every run.
    progress
        Show a bar (``TQDM_DISABLE=1`` hides it everywhere). Bars of `fit` in several processes write over
        each other: give it ``progress=False``.

    Returns
    -------
    pandas.DataFrame
        Columns ``configuration``, ``seed``, the settings, the metrics, and ``error``: missing where all
        went well; ``"loss is nan"`` where a metric is not finite, which counts as finished; otherwise type
        and message of what ended the run.

    Raises
    ------
    ValueError, TypeError
        If an argument does not fit, the experiment cannot be sent to other processes, or a file in
        `folder` is damaged; the message names it.
    KeyboardInterrupt
        After Ctrl-C.

    Examples
    --------
    >>> def train(*, seed, rate):
    ...     return {"loss": 1 / (rate + seed)}
    >>> sweep(train, {"slow": {"rate": 0}, "fast": {"rate": 3}}, seeds=(0, 1), workers=1, progress=False)
      configuration  seed  rate      loss                                error
    0          slow     0     0       NaN  ZeroDivisionError: division by zero
    1          slow     1     0  1.000000                                 <NA>
    2          fast     0     3  0.333333                                 <NA>
    3          fast     1     3  0.250000                                 <NA>
    """
    if not callable(experiment):
        raise TypeError(f"experiment is a {type(experiment).__name__}; pass the function to run first")
    tasks = grid(configurations, seeds)
    files = None if folder is None else RunFiles(folder, experiment)
    endings: dict[int, Ending[Metrics]] = {}
    for index, task in enumerate(tasks):
        metrics = None if files is None else files.read(task)
        if metrics is not None:
            endings[index] = Done(metrics, 0.0)
    todo = [index for index in seeds_outermost(tasks) if index not in endings]
    hidden: dict[str, Any] = {} if progress else {"disable": True}
    runs = run_all(partial(_metrics, experiment), [tasks[i] for i in todo], workers=workers, threads=threads)
    with closing(runs), tqdm(total=len(tasks), initial=len(endings), unit="run", **hidden) as bar:
        try:
            for position, ending in runs:
                task = tasks[todo[position]]
                if files is not None:
                    files.write(task, ending)
                endings[todo[position]] = ending
                bar.update()
                if isinstance(ending, Failed) and progress:
                    bar.write(f"{task}: {ending.error}")
        except KeyboardInterrupt:
            kept = "kept in memory only, so they are lost" if files is None else f"kept in {files.folder}"
            bar.write(f"stopped with {len(endings)} of {len(tasks)} runs finished; they are {kept}")
            raise
    return _table(tasks, [endings[index] for index in range(len(tasks))])


def _metrics(experiment: Callable[..., Mapping[str, float]], task: Task) -> Metrics:
    returned = experiment(seed=task.seed, **task.settings)
    if not isinstance(returned, Mapping):
        raise TypeError(
            f"the experiment returned a {type(returned).__name__}; return a mapping of names to numbers, "
            "{'test_accuracy': 0.9} say"
        )
    return {_name(name): _number(name, value) for name, value in returned.items()}


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the experiment returned a metric named {name!r}; name metrics by strings")
    return name


def _number(name: str, value: Any) -> float:
    """A Python number for one of NumPy's, or a tensor with a single element."""
    figure = value.item() if getattr(value, "shape", None) == () else value
    if isinstance(figure, int):
        return int(figure)
    if isinstance(figure, float):
        return float(figure)
    raise TypeError(f"the metric {name!r} is a {type(value).__name__}; a metric is one number")


def _table(tasks: Sequence[Task], endings: Sequence[Ending[Metrics]]) -> "DataFrame":
    from pandas import DataFrame

    settings = list(dict.fromkeys(name for task in tasks for name in task.settings))
    taken = {*RESERVED, *settings}
    rows = [
        {"configuration": task.configuration, "seed": task.seed, **task.settings, **_result(ending, taken)}
        for task, ending in zip(tasks, endings, strict=True)
    ]
    metrics = list(dict.fromkeys(name for row in rows for name in row if name not in taken))
    table = DataFrame(rows, columns=["configuration", "seed", *settings, *metrics, "error"])
    return table.astype({"error": "string"})


def _result(ending: Ending[Metrics], taken: set[str]) -> dict[str, Any]:
    if isinstance(ending, Failed):
        return {"error": ending.error}
    for name in ending.value:
        if name in taken:
            return {"error": f"ValueError: the metric {name!r} has the name of another column; rename it"}
    odd = [f"{name} is {value}" for name, value in ending.value.items() if not isfinite(value)]
    return {**ending.value, "error": ", ".join(odd) or None}
