"""The record of a training run: one small object that can be sliced, printed and stored."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, overload

Epoch = dict[str, float]


@dataclass
class History:
    """What `fit` saw, epoch by epoch.

    Attributes
    ----------
    epochs
        One dictionary an epoch with ``epoch`` (from 1), ``train_loss``, ``train_accuracy``, ``seconds`` and,
        where validation data were given, ``validation_loss`` and ``validation_accuracy``. Losses are
        means over samples, accuracies are fractions. Training figures are taken while the weights move.
    step_losses
        The loss of every mini-batch, in order.
    samples
        Training samples an epoch.
    interrupted
        True if the run was stopped by Ctrl-C before its last epoch.
    chosen
        What `fit` chose by itself, keyword by keyword; empty if nothing was left to it.

    Examples
    --------
    >>> history = History(samples=100)
    >>> history.add({"epoch": 1, "train_loss": 2.0, "seconds": 0.5}, step_losses=[2.5, 1.5])
    >>> history.add({"epoch": 2, "train_loss": 1.0, "seconds": 0.5}, step_losses=[1.2, 0.8])
    >>> history["train_loss"]
    [2.0, 1.0]
    >>> history[-1]["epoch"], len(history), history.samples_per_second
    (2, 2, 200.0)
    >>> print(history)
    epoch  train_loss  seconds
        1      2.0000     0.50
        2      1.0000     0.50
    """

    samples: int
    epochs: list[Epoch] = field(default_factory=list)
    step_losses: list[float] = field(default_factory=list)
    interrupted: bool = False
    chosen: dict[str, str | bool] = field(default_factory=dict)

    def add(self, epoch: Epoch, *, step_losses: Sequence[float]) -> None:
        """Append a finished epoch and the losses of its steps."""
        self.epochs.append(epoch)
        self.step_losses.extend(step_losses)

    @overload
    def __getitem__(self, key: str) -> list[float]: ...
    @overload
    def __getitem__(self, key: int) -> Epoch: ...
    def __getitem__(self, key: str | int) -> list[float] | Epoch:
        """A column by name (one value an epoch) or an epoch by position."""
        if isinstance(key, int):
            return self.epochs[key]
        if not any(key in epoch for epoch in self.epochs):
            known = ", ".join(self._columns()) or "none yet"
            raise KeyError(f"the history has no column {key!r}; its columns are: {known}")
        return [epoch.get(key, math.nan) for epoch in self.epochs]

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    @property
    def samples_per_second(self) -> float:
        """Training samples per second of the median epoch, validation not counted; 0 before the first."""
        times = sorted(epoch["seconds"] for epoch in self.epochs)
        return self.samples / times[len(times) // 2] if times else 0.0

    def to_dict(self) -> dict[str, list[float]]:
        """Columns by name, for plots and result cards."""
        return {name: self[name] for name in self._columns()}

    def state(self) -> dict[str, Any]:
        """Everything, as plain containers; `from_state` reads it back."""
        return {"samples": self.samples, "epochs": self.epochs, "step_losses": self.step_losses}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The history that `state` wrote."""
        return cls(
            samples=state["samples"],
            epochs=[dict(epoch) for epoch in state["epochs"]],
            step_losses=list(state["step_losses"]),
        )

    def _columns(self) -> list[str]:
        return list(dict.fromkeys(name for epoch in self.epochs for name in epoch))

    def __str__(self) -> str:
        names = self._columns()
        lines = ["  ".join(names)]
        for epoch in self.epochs:
            cells = (_format(name, epoch.get(name, math.nan)).rjust(len(name)) for name in names)
            lines.append("  ".join(cells))
        return "\n".join(lines)


def _format(name: str, value: float) -> str:
    if name == "epoch":
        return f"{value:.0f}"
    return f"{value:.2f}" if name == "seconds" else f"{value:.4f}"
