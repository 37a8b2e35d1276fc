"""A classifier's answers: who is taken for whom, how well each class fares, the surest mistakes."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


def confusion_matrix(true: Tensor, predicted: Tensor, *, classes: int) -> Tensor:
    r"""Count how often each class was given each answer: :math:`C_{ij} = \#\{t : y_t = i, \hat y_t = j\}`.

    Parameters
    ----------
    true, predicted
        Class indices ``(n,)``, integers from 0 to ``classes - 1``.
    classes
        Number of classes, at least 1.

    Returns
    -------
    Tensor
        int64 ``(classes, classes)``, rows true, columns predicted, on the device of `true`.

    Raises
    ------
    ValueError
        If the shapes differ, there is no sample, or a label is no class index.

    Examples
    --------
    >>> confusion_matrix(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]), classes=2)
    tensor([[1, 1],
            [0, 1]])
    """
    if classes < 1:
        raise ValueError(f"classes is {classes}; there must be at least 1")
    _check_labels(true, name="true", classes=classes)
    _check_labels(predicted, name="predicted", classes=classes)
    if len(true) != len(predicted):
        raise ValueError(
            f"true has {len(true)} labels and predicted {len(predicted)}; give one pair a sample"
        )
    cells = true.long() * classes + predicted.to(true.device).long()
    return torch.bincount(cells, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True)
class ClassAccuracy:
    """How one class fares: `correct` of `total`, and the Wilson 95 % interval of that fraction.

    `accuracy`, `low` and `high` are fractions; all three are NaN where the class has no sample.
    """

    index: int
    correct: int
    total: int
    accuracy: float
    low: float
    high: float


def class_accuracy(confusion: Tensor) -> list[ClassAccuracy]:
    """The accuracy of every class (its recall), with the Wilson score interval at 95 %.

    Parameters
    ----------
    confusion
        Counts ``(classes, classes)``, rows true, as `confusion_matrix` returns them.

    Raises
    ------
    ValueError
        If `confusion` is not a square matrix of counts.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.

    Examples
    --------
    >>> shirts, coats = class_accuracy(torch.tensor([[8, 2], [0, 0]]))
    >>> shirts.correct, shirts.total, round(shirts.low, 2), round(shirts.high, 2)
    (8, 10, 0.49, 0.94)
    >>> coats.accuracy
    nan
    """
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1] or not len(confusion):
        raise ValueError(f"confusion has the shape {tuple(confusion.shape)}; expected (classes, classes)")
    if _is_not_integer(confusion) or bool((confusion < 0).any()):
        raise ValueError("confusion must hold counts: integers of 0 or more, not fractions or percentages")
    correct = confusion.diagonal().tolist()
    total = confusion.sum(dim=1).tolist()
    return [_wilson(index, *pair) for index, pair in enumerate(zip(correct, total, strict=True))]


def _wilson(index: int, correct: int, total: int) -> ClassAccuracy:
    from scipy.stats import binomtest

    if total == 0:
        return ClassAccuracy(index, 0, 0, math.nan, math.nan, math.nan)
    interval = binomtest(correct, total).proportion_ci(confidence_level=0.95, method="wilson")
    return ClassAccuracy(index, correct, total, correct / total, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class Mistakes:
    """Wrongly classified samples, the surest first.

    Attributes
    ----------
    indices
        int64 ``(m,)``, positions in the batch that was inspected.
    predicted, true
        int64 ``(m,)``, class indices.
    confidence
        ``(m,)``, the probability the model gave to its wrong answer.
    """

    indices: Tensor
    predicted: Tensor
    true: Tensor
    confidence: Tensor

    def __len__(self) -> int:
        return len(self.indices)


def most_confident_mistakes(log_probabilities: Tensor, labels: Tensor, *, count: int) -> Mistakes:
    """The mistakes a model was surest of: at most `count`, by falling confidence, ties by position.

    Parameters
    ----------
    log_probabilities
        ``(n, classes)``, the output of a log-softmax.
    labels
        True class indices ``(n,)``.
    count
        At least 1. Fewer mistakes than that are all returned; none gives an empty result.

    Raises
    ------
    ValueError
        If the shapes do not fit, a row is no distribution (logits, say), or a label is no class index.

    Examples
    --------
    >>> outputs = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]]).log()
    >>> mistakes = most_confident_mistakes(outputs, torch.tensor([0, 0, 0]), count=5)
    >>> mistakes.indices.tolist(), [round(p, 2) for p in mistakes.confidence.tolist()]
    ([1, 2], [0.8, 0.6])
    """
    _check_log_probabilities(log_probabilities)
    _check_labels(labels, name="labels", classes=log_probabilities.shape[1])
    if len(labels) != len(log_probabilities):
        raise ValueError(
            f"log_probabilities has {len(log_probabilities)} rows and labels {len(labels)} entries; "
            "give one label a row"
        )
    if count < 1:
        raise ValueError(f"count is {count}; ask for at least 1 mistake")
    true = labels.to(log_probabilities.device).long()
    confidence, predicted = log_probabilities.detach().max(dim=1)
    wrong = (predicted != true).nonzero().flatten()
    order = confidence[wrong].argsort(descending=True, stable=True)[:count]
    chosen = wrong[order]
    return Mistakes(chosen, predicted[chosen], true[chosen], confidence[chosen].exp())


def _is_not_integer(tensor: Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool


def _check_labels(labels: Tensor, *, name: str, classes: int) -> None:
    if labels.ndim != 1 or _is_not_integer(labels):
        raise ValueError(
            f"{name} is {labels.dtype} of the shape {tuple(labels.shape)}; "
            "expected class indices: integers of the shape (n,)"
        )
    if not len(labels):
        raise ValueError(f"{name} is empty; there must be at least one sample")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise ValueError(
            f"{name} holds {low if low < 0 else high}; with {classes} classes, "
            f"labels go from 0 to {classes - 1}"
        )


def _check_log_probabilities(log_probabilities: Tensor) -> None:
    if log_probabilities.ndim != 2 or not log_probabilities.is_floating_point():
        raise ValueError(
            f"log_probabilities is {log_probabilities.dtype} of the shape {tuple(log_probabilities.shape)}; "
            "expected floats of the shape (n, classes)"
        )
    if not log_probabilities.numel():
        raise ValueError("log_probabilities is empty; there must be at least one sample and one class")
    sums = log_probabilities.detach().float().exp().sum(dim=1)
    # A row of NaN fails too; half precision stays well within the tolerance.
    wrong = ~torch.isclose(sums, torch.ones_like(sums), rtol=0, atol=0.02)
    if bool(wrong.any()):
        row = int(wrong.nonzero()[0])
        raise ValueError(
            f"row {row} of log_probabilities sums to {float(sums[row]):.3g} as probabilities, not to 1; "
            "apply log_softmax to the outputs first"
        )
