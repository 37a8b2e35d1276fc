"""What makes a run fast without changing what it computes, and when each of these pays."""

import ctypes
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self, cast

import torch
from torch import nn
from torch.optim import Optimizer

from coursekit.models.seq2seq import Translator
from coursekit.profile import computes_in_bfloat16
from coursekit.training.arrangement import rearranged
from coursekit.training.denormals import flushes_denormals, flushing_denormals
from coursekit.training.evaluation import Precision

Auto = Literal["auto"]

#: Everything that `fit` may choose by itself: ``fit(…, **AUTO)``.
AUTO: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(
        ("precision", "channels_last", "rearrange", "compile", "fused", "keep_memory", "flush_denormal"),
        "auto",
    )
)

#: Steps from which a GPU's run is compiled, which takes some 20 seconds. A guess: it was not measured.
LONG = 5_000

#: Samples of a batch from which bfloat16 is taken for convolutions: measured a gain at 32, a loss at 8.
ENOUGH = 32


@dataclass(frozen=True)
class Engine:
    """How a run computes; the fields are keywords of `fit`."""

    precision: Precision
    channels_last: bool
    rearrange: bool
    compile: bool
    fused: bool
    keep_memory: bool
    flush_denormal: bool

    @classmethod
    def choose(
        cls,
        asked: Mapping[str, Any],
        model: nn.Module,
        optimizer: Optimizer,
        *,
        device: torch.device,
        steps: int,
        batch_size: int,
    ) -> Self:
        """What was asked for, with a choice in place of every ``"auto"``.

        Raises
        ------
        ValueError
            If a value is neither a choice nor ``"auto"``.

        Examples
        --------
        >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten())
        >>> adam = torch.optim.Adam(model.parameters())
        >>> asked = AUTO | {"precision": "float32", "keep_memory": False, "flush_denormal": False}
        >>> print(Engine.choose(asked, model, adam, device=torch.device("cpu"), steps=9, batch_size=8))
        float32, channels last, rearrange, fused
        """
        for name, value in asked.items():
            if name == "precision" and value not in ("float32", "bfloat16", "auto"):
                raise ValueError(f"precision is {value!r}; choose 'float32', 'bfloat16' or 'auto'")
            if name != "precision" and value not in (True, False, "auto"):
                raise ValueError(f"{name} is {value!r}; choose True, False or 'auto'")
        gpu = device.type == "cuda"
        convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
        # With one channel, a CPU waits for memory and not for products.
        heavy = any(gpu or convolution.in_channels > 1 for convolution in convolutions)
        half = heavy and batch_size >= ENOUGH and computes_in_bfloat16(device)
        choices: dict[str, Any] = {
            "precision": "bfloat16" if half else "float32",
            "channels_last": bool(convolutions),
            "rearrange": bool(convolutions) or type(model) is Translator,
            "compile": gpu and steps >= LONG and shutil.which("c++") is not None,
            "fused": _may_be_fused(optimizer),
            "keep_memory": not gpu and _allocator() is not None,
            "flush_denormal": not gpu and flushes_denormals(),
        }
        return cls(**{name: choices[name] if value == "auto" else value for name, value in asked.items()})

    def view(self, model: nn.Module, *, batch_size: int) -> nn.Module:
        """The model as it is evaluated: rearranged where that was chosen."""
        return rearranged(model, batch_size=batch_size) if self.rearrange else model

    def compiled(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model as it is trained; on a GPU its steps are captured as CUDA graphs."""
        if not self.compile:
            return model
        mode = "reduce-overhead" if device.type == "cuda" else "default"
        return cast("nn.Module", torch.compile(model, mode=mode))

    def prepare(self, optimizer: Optimizer) -> None:
        """Set up the optimiser and the process."""
        if self.fused:
            fuse(optimizer)
        if self.keep_memory:
            keep_memory()

    def running(self) -> AbstractContextManager[None]:
        """What a run goes on inside of."""
        return flushing_denormals() if self.flush_denormal else nullcontext()

    def __str__(self) -> str:
        layout = "channels last" if self.channels_last else "channels first"
        on = [
            name.replace("_", " ")
            for name in ("rearrange", "compile", "fused", "keep_memory", "flush_denormal")
            if getattr(self, name)
        ]
        return ", ".join([str(self.precision), layout, *on])


def fuse(optimizer: Optimizer) -> None:
    """Let the optimiser take its step in one call, the same step up to rounding.

    Raises
    ------
    ValueError
        If torch has no such call for it.

    Examples
    --------
    >>> adam = torch.optim.Adam(nn.Linear(2, 1).parameters())
    >>> fuse(adam)
    >>> adam.param_groups[0]["fused"]
    True
    """
    if not _may_be_fused(optimizer):
        raise ValueError(
            f"fused is True, but torch has no fused {type(optimizer).__name__} with these settings; pass "
            "fused=False or 'auto'"
        )
    for group in optimizer.param_groups:
        group["fused"], group["foreach"] = True, False


def keep_memory() -> None:
    """Tell the C library to keep freed memory for the next step, for the rest of the process.

    Otherwise it gives large blocks back at once, and the next step pays for getting them again page by page.
    The first 256 MiB that it keeps are asked for in large pages, of which a processor has fewer to look up.

    Raises
    ------
    ValueError
        If the C library is not glibc.
    """
    allocator = _allocator()
    if allocator is None:
        raise ValueError(
            "keep_memory is True, but the C library of this system has no mallopt; pass False or 'auto'"
        )
    # The numbers are malloc.h's M_TRIM_THRESHOLD, M_TOP_PAD and M_MMAP_THRESHOLD with its largest value.
    for parameter, size in ((-1, 2**30), (-2, 2**26), (-3, 2**25)):
        allocator.mallopt(parameter, size)
    _ask_for_large_pages()


@cache
def _ask_for_large_pages() -> None:
    """Advise the kernel on a heap that was made larger first; one without such pages does nothing."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    # Blocks below the threshold above lie on the heap, which stays as large when they are freed.
    for block in [libc.malloc(2**24) for _ in range(16)]:
        libc.free(block)
    for line in Path("/proc/self/maps").read_text().splitlines():
        if line.endswith("[heap]"):
            begin, end = (int(address, 16) for address in line.split()[0].split("-"))
            libc.madvise(begin, end - begin, 14)  # MADV_HUGEPAGE of madvise(2)


def _allocator() -> ctypes.CDLL | None:
    import platform

    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None


def _may_be_fused(optimizer: Optimizer) -> bool:
    return (
        type(optimizer) in (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD)
        and not any(
            group.get("differentiable") or torch.is_tensor(group["lr"]) for group in optimizer.param_groups
        )
        and all(
            p.is_floating_point() and p.dtype != torch.float16
            for group in optimizer.param_groups
            for p in group["params"]
        )
    )
