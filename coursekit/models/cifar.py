"""Classifiers of 32×32 colour images: the courses' two networks for CIFAR-10 and a small residual network."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

from torch import nn

from coursekit.convolution.geometry import output_size
from coursekit.models.mlp import Residual


def cifar_cnn(*, dropout: float = 0.0, classes: int = 10) -> nn.Sequential:
    """The network of question dllab.1.2: twice two unpadded convolutions and pooling, then two linear layers.

    Maps images ``(n, 3, 32, 32)`` to log-probabilities ``(n, classes)``.

    Parameters
    ----------
    dropout
        Probability of dropping a unit behind both poolings and the hidden layer, in [0, 1); with 0 the
        network has no dropout layer.

    Raises
    ------
    ValueError
        If `dropout` is no such probability.

    Examples
    --------
    >>> model = cifar_cnn()
    >>> sum(p.numel() for p in model.parameters())
    890410
    >>> model.hidden.in_features
    1600
    >>> [name for name, _ in cifar_cnn(dropout=0.5).named_children() if "dropout" in name]
    ['dropout1', 'dropout2', 'dropout3']
    """
    _check_dropout(dropout)
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=nn.Conv2d(3, 32, kernel_size=3),
        activation1=nn.ReLU(),
        conv2=nn.Conv2d(32, 32, kernel_size=3),
        activation2=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        dropout1=nn.Dropout(dropout),
        conv3=nn.Conv2d(32, 64, kernel_size=3),
        activation3=nn.ReLU(),
        conv4=nn.Conv2d(64, 64, kernel_size=3),
        activation4=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        dropout2=nn.Dropout(dropout),
        flatten=nn.Flatten(),
        hidden=nn.Linear(64 * 5 * 5, 512),
        activation5=nn.ReLU(),
        dropout3=nn.Dropout(dropout),
        linear=nn.Linear(512, classes),
        log_softmax=nn.LogSoftmax(dim=1),
    )
    kept = (item for item in layers.items() if dropout or not item[0].startswith("dropout"))
    return nn.Sequential(OrderedDict(kept))


def ablation_cnn(
    *,
    channels: Sequence[int] = (16, 32, 16),
    kernels: Sequence[int] = (3, 3, 3),
    padding: int = 0,
    pools: Sequence[bool] = (True, True, True),
    pooling: Literal["max", "average"] = "max",
    batch_norm: bool = False,
    dropout: float = 0.0,
    hidden: Sequence[int] = (64,),
    image_size: int = 32,
    classes: int = 10,
) -> nn.Sequential:
    """The base network of question bogazici.1, every part of it open to change.

    A stage is *convolution → batch norm (optional) → ReLU → 2×2 pooling (optional)*; the flattened maps,
    which are the layer ``flatten``, go through the `hidden` linear layers with ReLU, each behind dropout
    (optional), and the output layer. Maps images ``(n, 3, image_size, image_size)`` to log-probabilities
    ``(n, classes)``.

    Parameters
    ----------
    channels, kernels, pools
        For each stage: channels, side of the kernel in pixels, and whether it pools.
    padding
        Zeros at every border of each convolution's input, in pixels.
    hidden
        Widths of the hidden linear layers.
    dropout
        Probability of dropping an input of a hidden layer, in [0, 1).

    Raises
    ------
    ValueError
        If the stages' settings differ in number, or a kernel or pooling does not fit its maps.

    Examples
    --------
    >>> ablation_cnn().hidden1.in_features
    64
    >>> ablation_cnn(pools=(False, False, True)).hidden1.in_features
    2704
    """
    _check_dropout(dropout)
    if not len(channels) == len(kernels) == len(pools) > 0:
        raise ValueError(
            f"channels, kernels and pools describe {len(channels)}, {len(kernels)} and {len(pools)} stages; "
            "give each one value a stage"
        )
    if pooling not in ("max", "average"):
        raise ValueError(f"pooling is {pooling!r}; choose 'max' or 'average'")
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    depth, side = 3, image_size
    for number, (width, kernel, pool) in enumerate(zip(channels, kernels, pools, strict=True), start=1):
        # Batch norm subtracts the mean, so a bias in front of it would have no effect.
        layers[f"conv{number}"] = nn.Conv2d(depth, width, kernel, padding=padding, bias=not batch_norm)
        if batch_norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(width)
        layers[f"activation{number}"] = nn.ReLU()
        depth, side = width, output_size(side, kernel, padding=padding)
        if pool:
            layers[f"pool{number}"] = nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2)
            side = output_size(side, 2, stride=2)
    layers["flatten"] = nn.Flatten()
    features = depth * side**2
    for number, width in enumerate(hidden, start=1):
        if dropout:
            layers[f"dropout{number}"] = nn.Dropout(dropout)
        layers[f"hidden{number}"] = nn.Linear(features, width)
        layers[f"hidden_activation{number}"] = nn.ReLU()
        features = width
    layers["linear"] = nn.Linear(features, classes)
    layers["log_softmax"] = nn.LogSoftmax(dim=1)
    return nn.Sequential(layers)


def residual_cnn(*, width: int = 64, shortcuts: bool = True, classes: int = 10) -> nn.Sequential:
    """A nine-layer residual network: four stages, two of them closed by a block of two convolutions.

    Every convolution is 3×3 and keeps the size, and is followed by batch norm and ReLU; three stages halve
    the image. Maps images ``(n, 3, 32, 32)`` to log-probabilities ``(n, classes)``.

    Parameters
    ----------
    width
        Channels of the first stage; the others have 2, 4 and 8 times as many.
    shortcuts
        Whether the two blocks add their input to their output; without that the network is a plain one
        with the same parameters.

    Raises
    ------
    ValueError
        If `width` is below 1.

    References
    ----------
    He et al. (2016), Deep residual learning for image recognition; the arrangement follows Page (2018),
    How to train your ResNet, part 4.

    Examples
    --------
    >>> import torch
    >>> sum(p.numel() for p in residual_cnn().parameters())
    6573130
    >>> residual_cnn(width=16)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    if width < 1:
        raise ValueError(f"width is {width}; the first stage needs at least 1 channel")

    def block(channels: int) -> nn.Module:
        inner = nn.Sequential(_convolution(channels, channels), _convolution(channels, channels))
        return Residual(inner) if shortcuts else inner

    def halving(channels: int) -> nn.Sequential:
        return nn.Sequential(_convolution(channels, 2 * channels), nn.MaxPool2d(2))

    return nn.Sequential(
        OrderedDict(
            stage1=_convolution(3, width),
            stage2=nn.Sequential(halving(width), block(2 * width)),
            stage3=halving(2 * width),
            stage4=nn.Sequential(halving(4 * width), block(8 * width)),
            pool=nn.AdaptiveMaxPool2d(1),
            flatten=nn.Flatten(),
            linear=nn.Linear(8 * width, classes),
            log_softmax=nn.LogSoftmax(dim=1),
        )
    )


def _convolution(channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(channels, width, 3, padding=1, bias=False),
            norm=nn.BatchNorm2d(width),
            activation=nn.ReLU(),
        )
    )


def _check_dropout(dropout: float) -> None:
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout is {dropout}; it is a probability, at least 0 and below 1")
