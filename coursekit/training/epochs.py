"""Looking at a model at the end of every epoch of a run, without a change to the run."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from coursekit.training.evaluation import device_of, evaluating

OptimizerFactory = Callable[[Iterable[nn.Parameter]], Optimizer]


def after_epochs(
    optimizer: OptimizerFactory, look: Callable[[int], None], *, model: nn.Module, steps_per_epoch: int
) -> OptimizerFactory:
    """The same way to make an optimiser, which now also calls ``look(epoch)`` after an epoch's last step.

    Meanwhile the model is in evaluation mode, without gradients, and random numbers that `look` draws are not
    missing in training: the run is the same with it and without. A run that is resumed from a checkpoint is
    seen from there on, and its epochs are counted from there.

    Parameters
    ----------
    look
        Called with the number of the epoch, from 1.
    model
        The network that is trained.
    steps_per_epoch
        Optimiser steps of an epoch: the number of samples over the batch size, rounded up.

    Raises
    ------
    ValueError
        If `steps_per_epoch` is below 1.

    Examples
    --------
    >>> from functools import partial
    >>> from coursekit.training import fit
    >>> model = nn.Sequential(nn.Linear(1, 2), nn.LogSoftmax(dim=1))
    >>> seen = []
    >>> def look(epoch):
    ...     seen.append((epoch, model.training))
    >>> adam = after_epochs(partial(torch.optim.Adam, lr=0.1), look, model=model, steps_per_epoch=2)
    >>> data = torch.zeros(4, 1), torch.zeros(4, dtype=torch.int64)
    >>> _ = fit(model, data, epochs=2, batch_size=2, optimizer=adam, progress=False)
    >>> seen
    [(1, False), (2, False)]
    """
    if steps_per_epoch < 1:
        raise ValueError(f"steps_per_epoch is {steps_per_epoch}; an epoch has at least 1 step")

    def watched(parameters: Iterable[nn.Parameter]) -> Optimizer:
        made = optimizer(parameters)
        step = 0

        def after_step(_optimizer: Optimizer, _args: tuple[Any, ...], _kwargs: dict[Any, Any]) -> None:
            nonlocal step
            step += 1
            if step % steps_per_epoch:
                return
            device = device_of(model)
            gpus = [device] if device.type == "cuda" else []
            with torch.random.fork_rng(devices=gpus), evaluating(model, "float32"):
                look(step // steps_per_epoch)

        made.register_step_post_hook(after_step)
        return made

    return watched
