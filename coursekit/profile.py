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
Value = TypeVar("Value")


@dataclass(frozen=True)
class Profile:
    """A scale and a device.

    Parameters
    ----------
    name
        ``"quick"`` (a chapter takes seconds on two cores) or ``"full"`` (the course's settings).
    device
        Where models and data live while training.
    most_epochs
        Bound on the epochs of a run at either scale; None for no bound.
    workers
        Processes for the runs of a sweep; None for what joblib is configured to (one, if it is not).

    Examples
    --------
    >>> quick = Profile(name="quick", device=torch.device("cpu"))
    >>> quick.epochs(50), quick.seeds(5)
    (2, (0, 1))
    >>> full = Profile(name="full", device=torch.device("cpu"))
    >>> full.epochs(50), full.seeds(5)
    (50, (0, 1, 2, 3, 4))
    >>> Profile(name="full", device=torch.device("cpu"), most_epochs=12).epochs(50)
    12
    """

    name: Literal["quick", "full"]
    device: torch.device
    most_epochs: int | None = None
    workers: int | None = None

    def epochs(self, full: int, *, quick: int = 2) -> int:
        """Epochs to train: `full` at full scale, at most `quick` otherwise, and never over `most_epochs`."""
        asked = full if self.name == "full" else min(full, quick)
        return asked if self.most_epochs is None else min(asked, self.most_epochs)

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

    def fitting(self, *, gpu: Value, cpu: Value) -> Value:
        """What suits the device: `gpu` on a GPU, else `cpu`.

        Examples
        --------
        >>> Profile(name="full", device=torch.device("cpu")).fitting(gpu=64, cpu=16)
        16
        """
        return cpu if self.device.type == "cpu" else gpu

    @property
    def precision(self) -> Literal["float32", "bfloat16"]:
        """``"bfloat16"`` at full scale where the device has instructions for it, else ``"float32"``."""
        return "bfloat16" if self.name == "full" and computes_in_bfloat16(self.device) else "float32"

    def __str__(self) -> str:
        return f"{self.name} scale on {describe_device(self.device)}"


def current() -> Profile:
    """The profile that the environment asks for.

    ``COURSEKIT_PROFILE`` is ``quick`` (default) or ``full``; ``COURSEKIT_DEVICE`` is a torch device such
    as ``cpu`` or ``cuda:1`` (default: the GPU where torch finds one, else the CPU). ``COURSEKIT_EPOCHS``
    bounds the epochs of every run, which makes full scale affordable without a GPU; ``COURSEKIT_WORKERS``
    is how many processes make the runs of a sweep (default: one).

    Raises
    ------
    ValueError
        If a variable holds anything else; the message names it and what it accepts.
    """
    name = os.environ.get("COURSEKIT_PROFILE") or "quick"
    if name not in ("quick", "full"):
        raise ValueError(f"COURSEKIT_PROFILE is {name!r}; set it to 'quick' or 'full', or unset it")
    return Profile(
        name="full" if name == "full" else "quick",
        device=_device(),
        most_epochs=_count("COURSEKIT_EPOCHS"),
        workers=_count("COURSEKIT_WORKERS"),
    )


def _count(variable: str) -> int | None:
    wanted = os.environ.get(variable)
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdigit() and int(wanted)):
        raise ValueError(f"{variable} is {wanted!r}; set it to a whole number from 1 up, or unset it")
    return int(wanted)


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


def computes_in_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def _processor() -> str:
    import platform
    from pathlib import Path

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()
