"""Evaluation: loss and accuracy on a data set, weighted by samples, and raw predictions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.training.batches import Data, Transform, as_tensors, to_float

Loss = Callable[[Tensor, Tensor], Tensor]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Scores:
    """Loss and accuracy of a model on `samples` samples: means over samples, not over batches."""

    loss: float
    accuracy: float
    samples: int

    def __str__(self) -> str:
        return f"accuracy {self.accuracy:.4f}, loss {self.loss:.4f} on {self.samples:,} samples"


def evaluate(
    model: nn.Module,
    data: Data,
    *,
    loss: Loss = F.nll_loss,
    prepare: Transform = to_float,
    batch_size: int = 1_000,
    precision: Precision = "float32",
) -> Scores:
    """Mean loss and accuracy of `model` on `data`.

    Parameters
    ----------
    model
        Maps prepared inputs ``(n, …)`` to scores ``(n, classes)``; the largest is the prediction.
        Evaluated in evaluation mode on the device that it is on; its own mode is restored.
    data
        Inputs and labels: a pair of tensors or an object with such a pair in ``.tensors``.
    loss
        Mean loss of a batch from scores and labels.
    prepare
        Applied to every batch of inputs on the device.

    Raises
    ------
    ValueError, TypeError
        If `data` holds no samples or is no pair of tensors of one length.

    Examples
    --------
    The last batch counts by its size: three samples in batches of two, two of them right.

    >>> log_p = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]]).log()
    >>> print(evaluate(nn.Identity(), (log_p, torch.tensor([0, 1, 1])), batch_size=2))
    accuracy 0.6667, loss 0.8770 on 3 samples
    """
    inputs, targets = as_tensors(data)
    device = device_of(model)
    total, correct = torch.zeros((), device=device), torch.zeros((), device=device)
    with evaluating(model, precision):
        for x, y in zip(inputs.split(batch_size), targets.split(batch_size), strict=True):
            y = y.to(device)
            outputs = model(prepare(x.to(device)))
            total += loss(outputs.float(), y) * len(y)
            correct += (outputs.argmax(dim=1) == y).sum()
    return Scores(total.item() / len(inputs), correct.item() / len(inputs), len(inputs))


def predict(
    model: nn.Module,
    inputs: Tensor,
    *,
    prepare: Transform = to_float,
    batch_size: int = 1_000,
    precision: Precision = "float32",
) -> Tensor:
    """What `model` returns for `inputs` ``(n, …)``: a float tensor ``(n, …)`` on the CPU.

    Examples
    --------
    >>> predict(nn.Identity(), torch.tensor([[1, 2], [3, 4]]))
    tensor([[1., 2.],
            [3., 4.]])
    """
    device = device_of(model)
    with evaluating(model, precision):
        outputs = [model(prepare(x.to(device))).float().cpu() for x in inputs.split(batch_size)]
    return torch.cat(outputs)


def device_of(model: nn.Module) -> torch.device:
    """The device of the model's parameters; the CPU for a model without any."""
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


@contextmanager
def evaluating(model: nn.Module, precision: Precision) -> Iterator[None]:
    """Evaluation mode without gradients inside the block; every module's own mode behind it."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.inference_mode(), autocast(device_of(model), precision):
            yield
    finally:
        for module, training in modes:
            module.training = training


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Mixed precision in bfloat16 where asked for, plain 32-bit floats otherwise."""
    if precision not in ("float32", "bfloat16"):
        raise ValueError(f"precision is {precision!r}; choose 'float32' or 'bfloat16'")
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16")
