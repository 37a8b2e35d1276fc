"""Checkpoints: the state of a run at the end of an epoch, written whole or not at all."""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from coursekit.training.history import History


@dataclass(frozen=True)
class Checkpoint:
    """A file that holds model, optimiser, schedule and history, and the settings they belong to.

    Parameters
    ----------
    path
        Where the file is or will be.
    settings
        What must be equal for a run to be continued: batch size, seed, optimiser and so on.
    """

    path: Path
    settings: dict[str, Any]

    def save(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        scheduler: LRScheduler | None,
        history: History,
    ) -> None:
        """Write beside the old file, then rename over it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        state = {
            "settings": self.settings,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": None if scheduler is None else scheduler.state_dict(),
            "history": history.state(),
        }
        try:
            torch.save(state, beside)
            beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)

    def restore(
        self, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler | None
    ) -> History | None:
        """Load the file into model, optimiser and schedule; None if there is no file.

        Raises
        ------
        ValueError
            If the file is damaged, or was written with other settings or for another model.
        """
        if not self.path.exists():
            return None
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            written: dict[str, Any] = state["settings"]
        except (
            RuntimeError,
            OSError,
            EOFError,
            KeyError,
            TypeError,
            pickle.UnpicklingError,
        ) as error:
            raise ValueError(
                f"{self.path} is not a readable checkpoint; delete it to start from the first epoch"
            ) from error
        for name, value in self.settings.items():
            if written.get(name) != value:
                raise ValueError(
                    f"{self.path} belongs to a run with {name} = {written.get(name)!r}, this one has "
                    f"{value!r}; choose another checkpoint file, or delete it to start from the first epoch"
                )
        try:
            model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise ValueError(
                f"{self.path} belongs to another model; choose another checkpoint file, or delete it "
                "to start from the first epoch"
            ) from error
        # How a step is computed is for this run to say, and not for the one that wrote the file.
        for saved, group in zip(state["optimizer"]["param_groups"], optimizer.param_groups, strict=False):
            saved.update({name: group[name] for name in ("fused", "foreach") if name in group})
        optimizer.load_state_dict(state["optimizer"])
        if scheduler is not None:
            scheduler.load_state_dict(state["scheduler"])
        return History.from_state(state["history"])
