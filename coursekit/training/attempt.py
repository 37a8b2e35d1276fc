"""One run of a sweep: from which random numbers and with how many threads it starts, and how it ends."""

import random
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch

from coursekit.training.batches import seeded
from coursekit.training.grid import Task

T = TypeVar("T")

# Threads of one process share torch's random numbers, so runs take turns; a run may itself start runs.
_turn = threading.RLock()
_this_thread = threading.local()


@dataclass(frozen=True)
class Done(Generic[T]):
    """What a run returned, and the seconds it took."""

    value: T
    seconds: float


@dataclass(frozen=True)
class Failed:
    """What ended a run before its time: type and message of the error in one line, and its traceback."""

    error: str
    traceback: str

    @classmethod
    def by(cls, error: BaseException) -> "Failed":
        """The record of an error."""
        return cls(describe(error), "".join(traceback.format_exception(error)))


Ending = Done[T] | Failed


def attempt(function: Callable[[Task], T], task: Task, *, threads: int) -> Ending[T]:
    """Call `function` on the task; what it raises is returned, but for Ctrl-C.

    Torch's, NumPy's and Python's random numbers start from the task's seed, and torch and the libraries
    behind NumPy use `threads` threads, since the number of threads changes how sums are rounded. Both are
    put back afterwards.

    Examples
    --------
    >>> attempt(lambda task: 1 / task.seed, Task("base", {}, 0), threads=1).error
    'ZeroDivisionError: division by zero'
    """
    begin = time.perf_counter()
    try:
        with _turn, _fixed(task.seed, threads), _interruptions():
            value = function(task)
    except (Exception, SystemExit) as error:
        return Failed.by(error)
    return Done(value, time.perf_counter() - begin)


def inside_a_run() -> bool:
    """Whether this thread is in the middle of a run."""
    return getattr(_this_thread, "running", False)


def describe(error: BaseException) -> str:
    """Type and message of an error in one line.

    Examples
    --------
    >>> describe(ValueError("too\\nlong"))
    'ValueError: too long'
    """
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


@contextmanager
def _fixed(seed: int, threads: int) -> Iterator[None]:
    from threadpoolctl import threadpool_limits

    before = random.getstate(), np.random.get_state(), torch.get_num_threads()
    outer, _this_thread.running = inside_a_run(), True
    try:
        with seeded(seed), threadpool_limits(threads):
            random.seed(seed)
            np.random.seed(seed % 2**32)
            torch.set_num_threads(threads)
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_num_threads(before[2])
        _this_thread.running = outer


@contextmanager
def _interruptions() -> Iterator[None]:
    """Ctrl-C ends a run even where it is answered with an early return, as `fit` does: that is no result."""
    handle = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handle):
        yield
        return
    pressed = []

    def note(number: int, frame: Any) -> None:
        pressed.append(number)
        handle(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handle)
    if pressed:
        raise KeyboardInterrupt
