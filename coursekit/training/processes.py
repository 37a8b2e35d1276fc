"""Independent runs on one process, several or a cluster, through joblib: what became of each, as they end.

joblib says where to run: its `parallel_config` chooses the backend, and its `Parallel` feeds the processes of
this machine. On a Dask cluster the runs go to joblib's client by Dask's own calls: behind `Parallel` a run
whose workers keep dying never ends, and one that has ended may be repeated when its worker dies later.
"""

import pickle
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, TypeVar

from coursekit.training.attempt import Ending, Failed, attempt, describe, inside_a_run
from coursekit.training.grid import Task

T = TypeVar("T")

#: What an experiment may bring along to other processes; larger things are data, which it loads there.
CARRIED_MIB = 1

DIED = "WorkerDied: the process that ran it died (killed for its memory, say, or a crash in compiled code)"

Outcomes = Generator[tuple[int, Ending[T]], None, None]
_Work = Callable[[int, Task], tuple[int, Ending[T]]]


def run_all(
    function: Callable[[Task], T], tasks: Sequence[Task], *, workers: int | None = None, threads: int = 1
) -> Outcomes[T]:
    """Call `function` on every task; yields ``(index of the task, Done or Failed)`` in the order they end.

    Every call starts from random numbers (torch's, NumPy's, Python's) that the task's seed fixes and
    computes with `threads` threads; both are put back behind it. A call that raises does not stop the
    others. Nor does one that kills its process: what was under way with it is done again, one at a time,
    and the deadly one is `Failed`. Close the generator to stop what is still running.

    Parameters
    ----------
    workers
        Processes on this machine: 1 stays in this process, -1 takes one a core, None does what joblib is
        configured to. On a cluster its size decides.

    Raises
    ------
    ValueError
        If `workers` or `threads` is impossible, or the function is too large to be sent around.
    TypeError
        If the function cannot be sent to other processes.
    RuntimeError
        If a cluster gives up a task that nobody asked it to.

    Examples
    --------
    >>> from coursekit.training.grid import grid
    >>> tasks = grid({"half": {"x": 0.5}, "none": {"x": 0}}, seeds=(0,))
    >>> for index, ending in run_all(lambda task: 1 / task.settings["x"], tasks, workers=1):
    ...     print(index, getattr(ending, "value", None) or ending.error)
    0 2.0
    1 ZeroDivisionError: division by zero
    """
    from joblib import effective_n_jobs
    from joblib.parallel import get_active_backend

    if workers == 0:
        raise ValueError("workers is 0; pass how many processes to use, or -1 for one a core")
    if threads < 1:
        raise ValueError(f"threads is {threads}; it must be at least 1")
    if workers == 1 or not tasks or inside_a_run():
        return _here(function, tasks, threads)
    backend, _ = get_active_backend()
    client = getattr(backend, "client", None)
    if client is not None:
        return _on_cluster(client, backend.submit_kwargs, _sent(function, threads), tasks)
    jobs = effective_n_jobs(workers)
    if jobs == 1:
        return _here(function, tasks, threads)
    return _in_processes(jobs, _sent(function, threads), tasks)


def _here(function: Callable[[Task], T], tasks: Sequence[Task], threads: int) -> Outcomes[T]:
    for index, task in enumerate(tasks):
        yield index, attempt(function, task, threads=threads)


def _in_processes(jobs: int, work: _Work[T], tasks: Sequence[Task]) -> Outcomes[T]:
    """Through `joblib.Parallel`, which fails as a whole when one of its processes dies."""
    from concurrent.futures.process import BrokenProcessPool

    waiting, suspects = deque(range(len(tasks))), deque[int]()
    while waiting or suspects:
        alone = bool(suspects)
        under_way: list[int] = []
        try:
            with _parallel(
                work, tasks, suspects or waiting, under_way, at_once=1 if alone else jobs, jobs=jobs
            ) as results:
                for index, ending in results:
                    under_way.remove(index)
                    yield index, ending
        except BrokenProcessPool as error:
            if not under_way:
                raise
            if alone:
                yield under_way.pop(), Failed(DIED, str(error))
            suspects.extendleft(reversed(under_way))


@contextmanager
def _parallel(
    work: _Work[T], tasks: Sequence[Task], todo: deque[int], under_way: list[int], *, at_once: int, jobs: int
) -> Iterator[Iterator[tuple[int, Ending[T]]]]:
    from joblib import Parallel, delayed

    def calls() -> Iterator[Any]:
        while todo:
            under_way.append(todo.popleft())
            yield delayed(work)(under_way[-1], tasks[under_way[-1]])

    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1, pre_dispatch=at_once)
    results = parallel(calls())
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            # joblib advises on runs that it stops here; they are meant to stop.
            warnings.simplefilter("ignore")
            results.close()


def _on_cluster(client: Any, options: dict[str, Any], work: _Work[T], tasks: Sequence[Task]) -> Outcomes[T]:
    """By Dask's own calls: a run is released as soon as its result is here, so that it is never repeated."""
    from distributed import KilledWorker, as_completed

    todo = list(range(len(tasks)))
    for alone in (False, True):
        killed: list[int] = []
        for part in [[index] for index in todo] if alone else [todo]:
            futures = {client.submit(work, i, tasks[i], pure=False, **options): i for i in part}
            completed = as_completed(list(futures), loop=client.loop, with_results=True, raise_errors=False)
            try:
                for future, answer in completed:
                    index, status = futures.pop(future), future.status
                    future.release()
                    if status == "finished":
                        yield answer
                    elif status != "error":
                        raise RuntimeError(
                            f"the cluster gave up the run of {tasks[index]} ({status}); see whether its "
                            "scheduler is alive, then call again"
                        )
                    elif not isinstance(answer[1], KilledWorker):
                        yield index, Failed.by(answer[1])
                    elif alone:
                        yield index, Failed(DIED, str(answer[1]))
                    else:
                        killed.append(index)
            finally:
                if futures:
                    client.cancel(list(futures))
        todo = killed


def _sent(function: Callable[[Task], T], threads: int) -> _Work[T]:
    """The call as other processes get it: the function pickled by value, once, and checked here."""
    import cloudpickle

    try:
        carried = cloudpickle.dumps(function)
    except Exception as error:
        raise TypeError(
            f"the experiment cannot be sent to other processes ({describe(error)}); make such things "
            "inside it, or stay in this process with workers=1"
        ) from error
    if len(carried) > CARRIED_MIB * 2**20:
        raise ValueError(
            f"the experiment would carry {len(carried) / 2**20:.0f} MiB to every run, since it uses "
            "data from outside; load them by name inside it, or stay in this process with workers=1"
        )
    return partial(_receive, carried, threads)


def _receive(carried: bytes, threads: int, index: int, task: Task) -> tuple[int, Ending[Any]]:
    try:
        function = _unpacked(carried)
    except Exception as error:
        problem = (
            f"the worker process cannot load the experiment ({describe(error)}); install there what it uses, "
            "or define it in the notebook itself"
        )
        return index, Failed(problem, Failed.by(error).traceback)
    return index, attempt(function, task, threads=threads)


@lru_cache(maxsize=1)
def _unpacked(carried: bytes) -> Callable[[Task], Any]:
    return pickle.loads(carried)  # type: ignore[no-any-return]
