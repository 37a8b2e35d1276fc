"""The machine: what it is, which versions run on it and how much arithmetic it does at its best."""

import os
import time
from importlib.metadata import PackageNotFoundError, version

import torch

from coursekit.evidence.card_files import rounded
from coursekit.profile import Profile, describe_device

PACKAGES = (
    *("coursekit", "torch", "torchvision", "numpy"),
    *("lightning", "skorch", "fastai", "keras", "pytorch-ignite"),
)


def machine() -> dict[str, str | int | float | bool]:
    """Processor, torch's threads, memory in GiB, and whether there are instructions for bfloat16."""
    cpu = torch.device("cpu")
    processor = describe_device(cpu).removeprefix("cpu: ").rpartition(", ")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": processor,
        "threads": torch.get_num_threads(),
        "memory_gib": round(memory / 2**30, 1),
        "bfloat16": Profile(name="full", device=cpu).precision == "bfloat16",
    }


def versions() -> dict[str, str]:
    """The version of every package that is compared, of those that are installed."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def peak_gflops(*, size: int = 2048, seconds: float = 1.0) -> dict[str, float]:
    """The best rate of a product of square matrices with all threads, in 10⁹ operations a second.

    Only what the processor has instructions for: without them a product in bfloat16 takes minutes.
    """
    types = {"float32": torch.float32} | ({"bfloat16": torch.bfloat16} if machine()["bfloat16"] else {})
    return {name: rounded(_rate(size, kind, seconds)) for name, kind in types.items()}


def _rate(size: int, kind: torch.dtype, seconds: float) -> float:
    left, right = (torch.ones(size, size, dtype=kind) for _ in range(2))
    torch.mm(left, right)
    best, begin = float("inf"), time.perf_counter()
    while time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        torch.mm(left, right)
        best = min(best, time.perf_counter() - before)
    return 2 * size**3 / best / 1e9
