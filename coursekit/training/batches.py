"""Mini-batches: what counts as data, in which order an epoch visits it, and which random numbers it sees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

Transform = Callable[[Tensor], Tensor]


@runtime_checkable
class HasTensors(Protocol):
    """Data that hold their tensors in `tensors`, as `torch.utils.data.TensorDataset` does."""

    @property
    def tensors(self) -> tuple[Tensor, ...]: ...


Data = tuple[Tensor, Tensor] | HasTensors


def as_tensors(data: Data) -> tuple[Tensor, Tensor]:
    """Inputs ``(n, …)`` and targets ``(n, …)`` of a pair, a ``TensorDataset`` or a ``LabelledImages``.

    Raises
    ------
    TypeError
        If `data` is none of these.
    ValueError
        If there is no sample, or inputs and targets differ in number.
    """
    tensors = data.tensors if isinstance(data, HasTensors) else data
    if not isinstance(tensors, tuple) or len(tensors) != 2 or not all(map(torch.is_tensor, tensors)):
        raise TypeError(
            f"data is a {type(data).__name__}; pass a pair (inputs, targets) of tensors or an object "
            "whose .tensors is such a pair"
        )
    inputs, targets = tensors
    if len(inputs) != len(targets):
        raise ValueError(
            f"data has {len(inputs)} inputs and {len(targets)} targets; each input needs one target"
        )
    if not len(inputs):
        raise ValueError("data has no samples; pass at least one")
    return inputs, targets


def require_positive(**numbers: int) -> None:
    """Raise a `ValueError` that names the first of `numbers` that is below 1."""
    for name, value in numbers.items():
        if value < 1:
            raise ValueError(f"{name} is {value}; it must be at least 1")


def to_float(batch: Tensor) -> Tensor:
    """The batch as 32-bit floats, values unchanged: pixels stay 0..255."""
    return batch.float()


def rows(inputs: Tensor, targets: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
    """The samples with the numbers `index`."""
    return inputs.index_select(0, index), targets.index_select(0, index)


def epoch_order(n: int, *, seed: int, epoch: int) -> Tensor:
    """The order in which an epoch visits `n` samples: a permutation ``(n,)`` that `seed` and `epoch` fix.

    Epochs are independent of each other, so that a resumed run sees what an unbroken one would have seen.

    Examples
    --------
    >>> first, again = epoch_order(5, seed=0, epoch=1), epoch_order(5, seed=0, epoch=1)
    >>> bool((first == again).all()), sorted(first.tolist())
    (True, [0, 1, 2, 3, 4])
    """
    generator = torch.Generator().manual_seed(_mix(seed, epoch))
    return torch.randperm(n, generator=generator)


@contextmanager
def seeded(seed: int, *, epoch: int = 0, device: torch.device | None = None) -> Iterator[None]:
    """Seed torch's random numbers inside the block, and put the outer state back behind it.

    Examples
    --------
    >>> with seeded(0):
    ...     first = torch.rand(())
    >>> with seeded(0):
    ...     second = torch.rand(())
    >>> bool(first == second)
    True
    """
    gpus = [device] if device is not None and device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus):
        torch.manual_seed(_mix(seed, epoch))
        yield


def _mix(seed: int, epoch: int) -> int:
    return int(np.random.SeedSequence((seed, epoch)).generate_state(1, np.uint64)[0] >> 1)
