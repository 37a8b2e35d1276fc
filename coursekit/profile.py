"""How much to run, on what device, with which seeds: the one place that reads those switches.

A chapter asks the profile for ``epochs(50)``, ``seeds(3)`` and ``subset(data, 2_000)`` and contains no
``if quick:`` of its own.
"""

import os
from dataclasses import dataclass
from typing import Literal, Protocol, Self, TypeVar

import torch


class _Sliceable(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, index: slice, /) -> Self: ...


Data = TypeVar("Data", bound=_Sliceable)


@dataclass(frozen=True)
class Profile:
    """A scale and a device.

    Parameters
    ----------
    name
        ``"quick"`` (a chapter takes seconds on two cores) or ``"full"`` (the course's settings).
    device
        Where models and data live while training.

    Examples
    --------
    >>> quick = Profile(name="quick", device=torch.device("cpu"))
    >>> quick.epochs(50), quick.seeds(5)
    (2, (0, 1))
    >>> full = Profile(name="full", device=torch.device("cpu"))
    >>> full.epochs(50), full.seeds(5)
    (50, (0, 1, 2, 3, 4))
    """

    name: Literal["quick", "full"]
    device: torch.device

    def epochs(self, full: int, *, quick: int = 2) -> int:
        """Epochs to train: `full` at full scale, at most `quick` otherwise."""
        return full if self.name == "full" else min(full, quick)

    def seeds(self, full: int, *, quick: int = 2) -> tuple[int, ...]:
        """Seeds ``0, 1, …`` to repeat a run with: `full` of them at full scale, at most `quick` otherwise."""
        return tuple(range(full if self.name == "full" else min(full, quick)))

    def subset(self, data: Data, quick: int) -> Data:
        """All of `data` at full scale, its first `quick` items otherwise.

        Examples
        --------
        >>> Profile(name="quick", device=torch.device("cpu")).subset("abcdef", 3)
        'abc'
        """
        return data if self.name == "full" else data[:quick]

    def __str__(self) -> str:
        return f"{self.name} scale on {describe_device(self.device)}"


def current() -> Profile:
    """The profile that the environment asks for.

    ``COURSEKIT_PROFILE`` is ``quick`` (default) or ``full``; ``COURSEKIT_DEVICE`` is a torch device such
    as ``cpu`` or ``cuda:1`` (default: the GPU where torch finds one, else the CPU).

    Raises
    ------
    ValueError
        If a variable holds anything else; the message names it and what it accepts.
    """
    name = os.environ.get("COURSEKIT_PROFILE") or "quick"
    if name not in ("quick", "full"):
        raise ValueError(f"COURSEKIT_PROFILE is {name!r}; set it to 'quick' or 'full', or unset it")
    return Profile(name="full" if name == "full" else "quick", device=_device())


def _device() -> torch.device:
    wanted = os.environ.get("COURSEKIT_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(
            f"COURSEKIT_DEVICE is {wanted!r}, which torch cannot use here; set it to 'cpu', or to the "
            "name of a device that this machine has, or unset it"
        ) from error
    return device


def describe_device(device: torch.device) -> str:
    """The device in words: the GPU's name, or the processor's with the number of torch's threads."""
    if device.type == "cuda":
        return f"{device}: {torch.cuda.get_device_name(device)}"
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"cpu: {_processor()}, {threads} thread{'s' if threads != 1 else ''}"
    return str(device)


def _processor() -> str:
    import platform
    from pathlib import Path

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()
