"""Numbers too small to be normal, which a processor may take for 0: a setting of each of torch's threads."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch


@contextmanager
def flushing_denormals() -> Iterator[None]:
    """Take denormal numbers for 0 inside the block, in all of torch's threads.

    Between 0 and the least normal number, 1.2e-38 in 32 bits, a processor computes with fewer digits, and up
    to a hundred times as slowly. Gradients get there that vanish on their way back through many steps of a
    recurrent network, and so do their squares in the optimiser.

    `torch.set_flush_denormal` sets this for the thread that calls it; a thread inherits it when it starts. So
    torch's other threads are let go, on entry and on leaving, and start anew with the next operation.

    Raises
    ------
    ValueError
        If `flushes_denormals` is false.

    Examples
    --------
    >>> tiny = torch.full((2,), 1e-39)
    >>> with flushing_denormals():
    ...     flushed = tiny * 1
    >>> flushed.count_nonzero().item(), (tiny * 1).count_nonzero().item()
    (0, 2)
    """
    if not flushes_denormals():
        raise ValueError(
            "flush_denormal is True, but torch cannot flush denormal numbers in all of its threads here; "
            "pass False or 'auto'"
        )
    before = _flushed()
    _set(on=True)
    try:
        yield
    finally:
        _set(on=before)


def flushes_denormals() -> bool:
    """Whether torch can flush denormal numbers here: the processor can, and threads can be started anew."""
    before = _flushed()
    able = torch.set_flush_denormal(True)
    torch.set_flush_denormal(before)
    return able and (torch.get_num_threads() == 1 or bool(_thread_libraries()))


def _flushed() -> bool:
    return bool(torch.tensor(1e-39) * 1 == 0)


def _set(*, on: bool) -> None:
    torch.set_flush_denormal(on)
    for library in _thread_libraries():
        library.omp_pause_resource_all(1)  # omp_pause_soft of OpenMP 5.0


@cache
def _thread_libraries() -> tuple[ctypes.CDLL, ...]:
    """The OpenMP libraries in this process, torch's among them, where the system tells which these are."""
    maps = Path("/proc/self/maps")
    loaded = {line.split()[-1] for line in maps.read_text().splitlines()} if maps.exists() else set()
    found = [path for path in loaded if Path(path).name.startswith(("libgomp", "libiomp", "libomp"))]
    libraries = [ctypes.CDLL(path) for path in sorted(found)]
    return tuple(library for library in libraries if hasattr(library, "omp_pause_resource_all"))
