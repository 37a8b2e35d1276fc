"""Layers that turn with the image: kernels shared over the four quarter turns (the group p4)."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TURNS = 4


def symmetrise(kernels: Tensor) -> Tensor:
    """Mean of `kernels` ``(…, k, k)`` over the four quarter turns: the nearest ones that no turn changes.

    Raises
    ------
    ValueError
        If the kernels are not square.

    Examples
    --------
    >>> symmetrise(torch.tensor([[8.0, 4.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 0.0]]))
    tensor([[2., 1., 2.],
            [1., 5., 1.],
            [2., 1., 2.]])
    """
    if kernels.ndim < 2 or kernels.shape[-2] != kernels.shape[-1]:
        raise ValueError(f"kernels have the shape {tuple(kernels.shape)}; pass square ones, (…, k, k)")
    return _turned(kernels).mean(dim=0)


def turn(maps: Tensor) -> Tensor:
    """A quarter turn of `maps` ``(…, 4, side, side)``: turns every map and moves it to the next orientation.

    This is what a quarter turn of the image, ``image.rot90(dims=(-2, -1))``, becomes behind a p4 layer.

    Raises
    ------
    ValueError
        If the maps do not end in ``(4, side, side)``.

    Examples
    --------
    >>> maps = torch.arange(4).view(4, 1, 1)
    >>> turn(maps).flatten()
    tensor([3, 0, 1, 2])
    """
    if maps.ndim < 3 or maps.shape[-3] != TURNS or maps.shape[-2] != maps.shape[-1]:
        raise ValueError(f"maps have the shape {tuple(maps.shape)}; expected (…, 4, side, side)")
    return maps.rot90(dims=(-2, -1)).roll(1, dims=-3)


class P4Lifting(nn.Module):
    """First p4 layer: convolves an image with every kernel in its four orientations.

    Maps ``(n, in_channels, height, width)`` to ``(n, out_channels, 4, height', width')``. A quarter turn of
    a square image turns the maps and moves them to the next orientation, as `turn` does.

    Parameters
    ----------
    in_channels, out_channels
        Channels of the image, and kernels; each kernel gives four maps, which share one bias.
    kernel_size
        Side of the kernels in pixels.
    padding
        Zeros on each side of the image, in pixels.

    Attributes
    ----------
    weight, bias
        ``(out_channels, in_channels, kernel_size, kernel_size)`` and ``(out_channels,)``.

    References
    ----------
    Cohen & Welling (2016), Group equivariant convolutional networks, eq. 10.

    Examples
    --------
    >>> layer, image = P4Lifting(1, 2, 3), torch.rand(1, 1, 5, 5)
    >>> layer(image).shape
    torch.Size([1, 2, 4, 3, 3])
    >>> torch.allclose(layer(image.rot90(dims=(-2, -1))), turn(layer(image)), atol=1e-6)
    True
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, *, padding: int = 0) -> None:
        super().__init__()
        self.padding = padding
        self.weight, self.bias = _parameters((out_channels, in_channels, kernel_size, kernel_size))

    def forward(self, x: Tensor) -> Tensor:
        kernels = _turned(self.weight).transpose(0, 1)
        return _convolve(x, kernels, self.bias, self.padding)


class P4Convolution(nn.Module):
    """Further p4 layer: from maps in four orientations to maps in four orientations.

    Maps ``(n, in_channels, 4, height, width)`` to ``(n, out_channels, 4, height', width')``. The kernel of
    orientation r is the kernel of orientation 0, turned r times and with its own orientations moved on by r.

    Parameters
    ----------
    in_channels, out_channels
        Channels, each of four maps.
    kernel_size
        Side of the kernels in pixels.
    padding
        Zeros on each side of every map, in pixels.

    Attributes
    ----------
    weight, bias
        ``(out_channels, in_channels, 4, kernel_size, kernel_size)`` and ``(out_channels,)``.

    References
    ----------
    Cohen & Welling (2016), Group equivariant convolutional networks, eq. 11.

    Examples
    --------
    >>> layer, maps = P4Convolution(2, 3, 3), torch.rand(1, 2, 4, 5, 5)
    >>> layer(maps).shape
    torch.Size([1, 3, 4, 3, 3])
    >>> torch.allclose(layer(turn(maps)), turn(layer(maps)), atol=1e-6)
    True
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, *, padding: int = 0) -> None:
        super().__init__()
        self.padding = padding
        self.weight, self.bias = _parameters((out_channels, in_channels, TURNS, kernel_size, kernel_size))

    def forward(self, x: Tensor) -> Tensor:
        turned = _turned(self.weight)
        kernels = torch.stack([kernel.roll(r, dims=2) for r, kernel in enumerate(turned)], dim=1)
        return _convolve(x.flatten(1, 2), kernels.flatten(2, 3), self.bias, self.padding)


class PoolOrientations(nn.Module):
    """The largest of the four orientations at every pixel.

    Maps ``(n, channels, 4, height, width)`` to ``(n, channels, height, width)``, which turn with the image as
    the maps of a symmetric kernel do.

    Examples
    --------
    >>> PoolOrientations()(torch.arange(4.0).view(1, 1, 4, 1, 1)).flatten()
    tensor([3.])
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.amax(dim=2)


def p4_cnn(
    filters: Sequence[int] = (6, 12, 12), *, kernel_size: int = 3, in_channels: int = 1, classes: int = 10
) -> nn.Sequential:
    """A classifier that gives an image and its quarter turns the same scores.

    p4 layers with "same" padding, each with ReLU and all but the last with 2×2 max-pooling; then the largest
    value over orientations and pixels of each channel, and a linear layer. Maps
    ``(n, in_channels, side, side)`` to log-probabilities ``(n, classes)``. The scores agree as long as every
    pooling meets an even side.

    Parameters
    ----------
    filters
        Channels of each p4 layer; at least one.
    kernel_size
        Odd side of every kernel, in pixels.

    Raises
    ------
    ValueError
        If there is no layer, a layer has no channel, or the kernel is even.

    Examples
    --------
    >>> model, image = p4_cnn(), torch.rand(1, 1, 28, 28)
    >>> sum(parameter.numel() for parameter in model.parameters())
    7990
    >>> torch.allclose(model(image), model(image.rot90(dims=(-2, -1))), atol=1e-5)
    True
    """
    if not filters or min(filters) < 1:
        raise ValueError(f"filters is {tuple(filters)}; give at least one layer, each of 1 or more channels")
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(
            f"kernel_size is {kernel_size}; only an odd kernel keeps the image's size, so choose 1, 3, 5, …"
        )
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = in_channels
    for number, width in enumerate(filters, start=1):
        layer = P4Lifting if number == 1 else P4Convolution
        layers[f"conv{number}"] = layer(channels, width, kernel_size, padding=kernel_size // 2)
        layers[f"activation{number}"] = nn.ReLU()
        if number < len(filters):
            layers[f"pool{number}"] = nn.MaxPool3d((1, 2, 2))
        channels = width
    layers["orientations"] = PoolOrientations()
    layers["largest"] = nn.AdaptiveMaxPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["linear"] = nn.Linear(channels, classes)
    layers["log_softmax"] = nn.LogSoftmax(dim=1)
    return nn.Sequential(layers)


def _turned(kernels: Tensor) -> Tensor:
    """Each kernel ``(…, k, k)`` after 0, 1, 2 and 3 quarter turns: ``(4, …, k, k)``."""
    return torch.stack([kernels.rot90(r, dims=(-2, -1)) for r in range(TURNS)])


def _convolve(x: Tensor, kernels: Tensor, bias: Tensor, padding: int) -> Tensor:
    """Convolve with kernels ``(out_channels, 4, …, k, k)``; the result has orientations as its third axis."""
    out = F.conv2d(x, kernels.flatten(0, 1), bias.repeat_interleave(TURNS), padding=padding)
    return out.view(len(out), len(kernels), TURNS, *out.shape[2:])


def _parameters(shape: tuple[int, ...]) -> tuple[nn.Parameter, nn.Parameter]:
    """Weights and biases, uniform within one over the root of the inputs, as torch's own convolutions."""
    if min(shape) < 1:
        raise ValueError(f"the weights would have the shape {shape}; every size is at least 1")
    bound = torch.Size(shape[1:]).numel() ** -0.5
    weight, bias = nn.Parameter(torch.empty(shape)), nn.Parameter(torch.empty(shape[0]))
    for values in (weight, bias):
        nn.init.uniform_(values, -bound, bound)
    return weight, bias
