"""What is counted in an epoch, kept on the device and read back once; for one run or a stack of seeds."""

import time
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from coursekit.training.history import Epoch, History


class NonFiniteLossError(ArithmeticError):
    """The training loss became infinite or not a number; `history` holds the epochs before it."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class Tally:
    """Losses of the steps and hits of an epoch.

    A step's losses and guesses stay on the device, as little as can be done in a step, and are counted when
    the epoch has ended.

    Parameters
    ----------
    seeds
        Their number, where everything has a first dimension for them; None for one run without it.
    """

    def __init__(self, *, seeds: int | None = None) -> None:
        self._first = 0 if seeds is None else 1
        self._losses: list[Tensor] = []
        self._guesses: list[Tensor] = []
        self._labels: list[Tensor] = []
        self._sizes: list[int] = []

    def add(self, losses: Tensor, outputs: Tensor, labels: Tensor) -> None:
        """Count a batch: its mean losses, its scores ``(…, n, classes, …)``, its labels ``(…, n, …)``."""
        self._losses.append(losses.detach())
        self._guesses.append(outputs.detach().argmax(dim=self._first + 1).flatten(self._first))
        self._labels.append(labels.flatten(self._first))
        self._sizes.append(labels.shape[self._first])

    @property
    def step(self) -> int:
        """Batches counted so far."""
        return len(self._losses)

    @cached_property
    def _steps(self) -> NDArray[np.float32]:
        """The losses ``(steps, seeds)``, when the epoch has ended."""
        steps: NDArray[np.float32] = torch.stack(self._losses).float().reshape(self.step, -1).cpu().numpy()
        return steps

    def losses(self) -> list[list[float]]:
        """The losses of the steps, one list for every seed."""
        lists: list[list[float]] = self._steps.T.tolist()
        return lists

    def require_finite(
        self, epoch: int, histories: Sequence[History], *, rate: float, seeds: Sequence[int] | None = None
    ) -> None:
        """Raise a `NonFiniteLossError` with the history it belongs to, if there is a loss that is none."""
        bad = np.argwhere(~np.isfinite(self._steps))
        if not len(bad):
            return
        step, place = bad[0].tolist()
        whose = "" if seeds is None else f" of seed {seeds[place]}"
        # A stack of seeds takes no optimiser that clips.
        advice = "lower the learning rate, scale the inputs or clip the gradients"
        if seeds is not None:
            advice = "lower the learning rate or scale the inputs"
        raise NonFiniteLossError(
            f"the training loss{whose} became {self._steps[step, place]} in epoch {epoch}, step {step + 1} "
            f"(learning rate {rate:g}); {advice}",
            histories[place],
        )

    def records(self, epoch: int, *, begin: float) -> list[Epoch]:
        """The record of an epoch that began at a `time.perf_counter`, for every seed; they share the time."""
        samples = sum(self._sizes)
        sizes = np.array(self._sizes, dtype=np.float32)[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            # Added up one after the other in 32 bits.
            sums = np.add.accumulate(self._steps * sizes)[-1].tolist()
        guesses, labels = torch.cat(self._guesses, self._first), torch.cat(self._labels, self._first)
        hits = (guesses == labels).sum(dim=-1).reshape(-1).tolist()
        # Now that numbers were read back, the device has done what it was given.
        seconds = time.perf_counter() - begin
        return [
            {
                "epoch": epoch,
                "train_loss": weighted / samples,
                "train_accuracy": correct / samples,
                "seconds": seconds / len(sums),
            }
            for weighted, correct in zip(sums, hits, strict=True)
        ]
