"""Convolutional classifiers: the courses' fixed networks and a configurable family around them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Literal

from torch import nn


def course_cnn(*, in_channels: int = 1, image_size: int = 28, classes: int = 10) -> nn.Sequential:
    """The network of question mannheim.1a: one convolution, logistic activation, pooling, one linear layer.

    Maps images ``(n, in_channels, image_size, image_size)`` to log-probabilities ``(n, classes)``.

    Parameters
    ----------
    in_channels, image_size, classes
        Channels and side of the (square, even-sided) input in pixels; number of classes.

    Examples
    --------
    >>> model = course_cnn()
    >>> [name for name, _ in model.named_children()]
    ['conv', 'activation', 'pool', 'flatten', 'linear', 'log_softmax']
    >>> sum(p.numel() for p in model.parameters())
    63050
    """
    features = 32 * (image_size // 2) ** 2
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, 32, kernel_size=3, padding=1),
            activation=nn.Sigmoid(),
            pool=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            linear=nn.Linear(features, classes),
            log_softmax=nn.LogSoftmax(dim=1),
        )
    )


def kuzushiji_cnn(*, dropout: float = 0.3, classes: int = 10) -> nn.Sequential:
    """The network of question ist.2.4: two convolutions with pooling, three linear layers, dropout.

    Maps images ``(n, 1, 28, 28)`` to log-probabilities ``(n, classes)``.

    Parameters
    ----------
    dropout
        Probability of dropping a unit of the first linear layer, in [0, 1).

    Examples
    --------
    >>> model = kuzushiji_cnn()
    >>> sum(p.numel() for p in model.parameters())
    420906
    >>> model.affine1.in_features
    576
    """
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 8, kernel_size=5, padding=2),
            activation1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(8, 16, kernel_size=3),
            activation2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            affine1=nn.Linear(16 * 6 * 6, 600),
            activation3=nn.ReLU(),
            dropout=nn.Dropout(dropout),
            affine2=nn.Linear(600, 120),
            activation4=nn.ReLU(),
            affine3=nn.Linear(120, classes),
            log_softmax=nn.LogSoftmax(dim=1),
        )
    )


def cnn(
    filters: Sequence[int] = (32,),
    *,
    convolutions: int = 1,
    kernel_size: int = 3,
    activation: Callable[[], nn.Module] = nn.ReLU,
    batch_norm: bool = False,
    dropout: float = 0.0,
    head: Literal["flatten", "average"] = "flatten",
    hidden: Sequence[int] = (),
    in_channels: int = 1,
    image_size: int = 28,
    classes: int = 10,
) -> nn.Sequential:
    """A plain CNN: stages of convolutions, each stage closed by 2×2 max-pooling, then a linear head.

    A stage is `convolutions` times *convolution (odd kernel, "same" padding) → batch norm (optional) →
    activation*, then pooling, then dropout (optional). The head flattens the last maps or averages each of
    them, then applies `hidden` linear layers with activation (and dropout) and the output layer.
    Maps images ``(n, in_channels, image_size, image_size)`` to log-probabilities ``(n, classes)``.

    Parameters
    ----------
    filters
        Channels of each stage; at least one stage.
    convolutions
        Convolutions per stage, at least 1.
    kernel_size
        Odd side of every kernel, in pixels.
    activation
        Called without arguments for every activation.
    dropout
        Probability of dropping a unit, in [0, 1).
    head
        ``"flatten"`` keeps every position of the last maps, ``"average"`` one mean per map.
    hidden
        Widths of the hidden linear layers.

    Raises
    ------
    ValueError
        If there is no stage, a count is below 1, the kernel is even, or the stages pool the image away.

    Examples
    --------
    With one stage and a logistic activation it is the course's network:

    >>> cnn((32,), activation=nn.Sigmoid)
    Sequential(
      (stage1): Sequential(
        (conv1): Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
        (activation1): Sigmoid()
        (pool): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
      )
      (head): Sequential(
        (flatten): Flatten(start_dim=1, end_dim=-1)
        (linear): Linear(in_features=6272, out_features=10, bias=True)
        (log_softmax): LogSoftmax(dim=1)
      )
    )
    """
    _check(filters, convolutions, kernel_size, dropout, image_size)
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    channels = in_channels
    for number, width in enumerate(filters, start=1):
        stages[f"stage{number}"] = _stage(
            channels, width, convolutions, kernel_size, activation, batch_norm, dropout
        )
        channels = width
    side = image_size // 2 ** len(filters)
    features = channels * (side**2 if head == "flatten" else 1)
    stages["head"] = _head(head, features, hidden, activation, dropout, classes)
    return nn.Sequential(stages)


def _stage(
    channels: int,
    width: int,
    convolutions: int,
    kernel_size: int,
    activation: Callable[[], nn.Module],
    batch_norm: bool,
    dropout: float,
) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number in range(1, convolutions + 1):
        # Batch norm subtracts the mean, so a bias in front of it would have no effect.
        layers[f"conv{number}"] = nn.Conv2d(
            channels, width, kernel_size, padding=kernel_size // 2, bias=not batch_norm
        )
        if batch_norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(width)
        layers[f"activation{number}"] = activation()
        channels = width
    layers["pool"] = nn.MaxPool2d(2)
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    return nn.Sequential(layers)


def _head(
    head: Literal["flatten", "average"],
    features: int,
    hidden: Sequence[int],
    activation: Callable[[], nn.Module],
    dropout: float,
    classes: int,
) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if head == "average":
        layers["average"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    for number, width in enumerate(hidden, start=1):
        layers[f"hidden{number}"] = nn.Linear(features, width)
        layers[f"activation{number}"] = activation()
        if dropout:
            layers[f"dropout{number}"] = nn.Dropout(dropout)
        features = width
    layers["linear"] = nn.Linear(features, classes)
    layers["log_softmax"] = nn.LogSoftmax(dim=1)
    return nn.Sequential(layers)


def _check(
    filters: Sequence[int], convolutions: int, kernel_size: int, dropout: float, image_size: int
) -> None:
    if not filters or min(filters) < 1:
        raise ValueError(f"filters is {tuple(filters)}; give at least one stage, each of 1 or more channels")
    if convolutions < 1:
        raise ValueError(f"convolutions is {convolutions}; a stage needs at least 1")
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(
            f"kernel_size is {kernel_size}; only an odd kernel keeps the image's size, so choose 1, 3, 5, …"
        )
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout is {dropout}; it is a probability, at least 0 and below 1")
    if image_size // 2 ** len(filters) < 1:
        raise ValueError(
            f"{len(filters)} stages halve an image of {image_size} pixels to nothing; "
            f"use at most {image_size.bit_length() - 1}"
        )
