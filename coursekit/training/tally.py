"""Sums of one epoch, kept on the device and read back once; for one run or for a stack of seeds."""

from collections.abc import Sequence

import torch
from torch import Tensor

from coursekit.training.history import Epoch, History


class NonFiniteLossError(ArithmeticError):
    """The training loss became infinite or not a number; `history` holds the epochs before it."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class Tally:
    """Losses of the steps and hits of an epoch.

    Parameters
    ----------
    steps
        How many there will be.
    device
        Where losses and outputs are.
    seeds
        Their number, where everything has a first dimension for them; None for one run without it.
    """

    def __init__(self, steps: int, device: torch.device, *, seeds: int | None = None) -> None:
        shape = () if seeds is None else (seeds,)
        self._first = len(shape)
        self._steps = torch.zeros(steps, *shape, device=device)
        self._weighted, self._correct = torch.zeros(2, *shape, device=device)
        self._samples = 0
        self._step = 0

    def add(self, losses: Tensor, outputs: Tensor, labels: Tensor) -> None:
        """Count a batch: its mean losses, its scores ``(…, n, classes, …)``, its labels ``(…, n, …)``."""
        values, n = losses.detach(), labels.shape[self._first]
        self._steps[self._step] = values
        self._weighted += values * n
        hits = outputs.detach().argmax(dim=self._first + 1) == labels
        self._correct += hits.flatten(self._first).sum(dim=-1)
        self._samples += n
        self._step += 1

    @property
    def step(self) -> int:
        """Batches counted so far."""
        return self._step

    def losses(self) -> list[list[float]]:
        """The losses of the steps, one list for every seed."""
        lists: list[list[float]] = self._steps.reshape(len(self._steps), -1).T.tolist()
        return lists

    def require_finite(
        self, epoch: int, histories: Sequence[History], *, rate: float, seeds: Sequence[int] | None = None
    ) -> None:
        """Raise a `NonFiniteLossError` with the history it belongs to, if there is a loss that is none."""
        bad = (~self._steps.isfinite()).nonzero()
        if not len(bad):
            return
        step, place = (*bad[0].tolist(), 0)[:2]
        whose = "" if seeds is None else f" of seed {seeds[place]}"
        # A stack of seeds takes no optimiser that clips.
        advice = "lower the learning rate, scale the inputs or clip the gradients"
        if seeds is not None:
            advice = "lower the learning rate or scale the inputs"
        value = self._steps[tuple(bad[0])].item()
        raise NonFiniteLossError(
            f"the training loss{whose} became {value} in epoch {epoch}, step {step + 1} (learning rate "
            f"{rate:g}); {advice}",
            histories[place],
        )

    def records(self, epoch: int, seconds: float) -> list[Epoch]:
        """The record of the epoch for every seed, which shares the time with the others."""
        sums = zip(self._weighted.reshape(-1).tolist(), self._correct.reshape(-1).tolist(), strict=True)
        return [
            {
                "epoch": epoch,
                "train_loss": weighted / self._samples,
                "train_accuracy": correct / self._samples,
                "seconds": seconds / self._weighted.numel(),
            }
            for weighted, correct in sums
        ]
