"""The weights of the best epoch, kept while a run goes on, and scores with dropout off epoch by epoch."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from coursekit.training.batches import Data, Transform, to_float
from coursekit.training.evaluation import Loss, Precision, Scores, evaluate

OptimizerFactory = Callable[[Iterable[nn.Parameter]], Optimizer]


class BestWeights:
    """Evaluates a model at the end of every epoch and keeps a copy of the weights of the best one.

    The best epoch is the first with the highest validation accuracy. It looks on from a hook of the
    optimiser, in evaluation mode (dropout off), and draws no random numbers: the run is the same with it
    and without. A run that is resumed from a checkpoint is seen from there on.

    Parameters
    ----------
    model
        The network that is trained.
    validation
        What decides which epoch is best: inputs and labels.
    steps_per_epoch
        Optimiser steps of an epoch: the number of samples over the batch size, rounded up.
    also
        Further data to evaluate at every epoch's end, by name: a part of the training data, say.
    loss, prepare, precision
        As `evaluate` takes them.

    Attributes
    ----------
    history
        By epoch, ``validation_loss``, ``validation_accuracy`` and the same for every name in `also`.

    Raises
    ------
    ValueError
        If `steps_per_epoch` is below 1, or a name in `also` is ``"validation"``.

    Examples
    --------
    >>> from functools import partial
    >>> import torch
    >>> from coursekit.training import fit, seeded
    >>> x = torch.linspace(-1, 1, 40).unsqueeze(1)
    >>> y = (x[:, 0] > 0).long()
    >>> with seeded(0):
    ...     model = nn.Sequential(nn.Linear(1, 2), nn.LogSoftmax(dim=1))
    >>> best = BestWeights(model, (x, y), steps_per_epoch=4)
    >>> history = fit(model, (x, y), epochs=3, batch_size=10, progress=False,
    ...               optimizer=best.watch(partial(torch.optim.SGD, lr=1.0)))
    >>> best.accuracy == max(best.history["validation_accuracy"])
    True
    >>> best.restore()
    """

    def __init__(
        self,
        model: nn.Module,
        validation: Data,
        *,
        steps_per_epoch: int,
        also: Mapping[str, Data] | None = None,
        loss: Loss = F.nll_loss,
        prepare: Transform = to_float,
        precision: Precision = "float32",
    ) -> None:
        if steps_per_epoch < 1:
            raise ValueError(f"steps_per_epoch is {steps_per_epoch}; an epoch has at least 1 step")
        if also and "validation" in also:
            raise ValueError("also has a part named 'validation', which is the name of the other; rename it")
        self._model, self._steps_per_epoch = model, steps_per_epoch
        self._parts = {"validation": validation, **(also or {})}
        self._options: dict[str, Any] = {"loss": loss, "prepare": prepare, "precision": precision}
        self._step = 0
        self._weights: dict[str, Tensor] | None = None
        self._best: Scores | None = None
        self._epoch = 0
        self.history: dict[str, list[float]] = {}

    def watch(self, optimizer: OptimizerFactory) -> OptimizerFactory:
        """The same way to make an optimiser, which now also looks at the model after an epoch's last step."""

        def watched(parameters: Iterable[nn.Parameter]) -> Optimizer:
            made = optimizer(parameters)
            made.register_step_post_hook(self._look)
            return made

        return watched

    @property
    def epoch(self) -> int:
        """Number of the best epoch so far, from 1; 0 before the first has ended."""
        return self._epoch

    @property
    def accuracy(self) -> float:
        """Validation accuracy at the best epoch.

        Raises
        ------
        RuntimeError
            If no epoch has ended yet.
        """
        return self._kept()[0].accuracy

    @property
    def loss(self) -> float:
        """Validation loss at the best epoch.

        Raises
        ------
        RuntimeError
            If no epoch has ended yet.
        """
        return self._kept()[0].loss

    def restore(self) -> None:
        """Put the weights of the best epoch into the model.

        Raises
        ------
        RuntimeError
            If no epoch has ended yet.
        """
        self._model.load_state_dict(self._kept()[1])

    def _kept(self) -> tuple[Scores, dict[str, Tensor]]:
        if self._best is None or self._weights is None:
            raise RuntimeError(
                f"no epoch has ended yet (steps seen: {self._step}, an epoch has {self._steps_per_epoch}); "
                "pass watch(optimizer) to fit, and the epoch's true number of steps"
            )
        return self._best, self._weights

    def _look(self, _optimizer: Optimizer, _args: tuple[Any, ...], _kwargs: dict[Any, Any]) -> None:
        self._step += 1
        if self._step % self._steps_per_epoch:
            return
        scores = {name: evaluate(self._model, part, **self._options) for name, part in self._parts.items()}
        for name, score in scores.items():
            self.history.setdefault(f"{name}_loss", []).append(score.loss)
            self.history.setdefault(f"{name}_accuracy", []).append(score.accuracy)
        if self._best is None or scores["validation"].accuracy > self._best.accuracy:
            self._best, self._epoch = scores["validation"], self._step // self._steps_per_epoch
            self._weights = {name: tensor.clone() for name, tensor in self._model.state_dict().items()}
