"""The CNN builder of the mila course: pooling after every convolution, 4×4 maps at the end, a deep head."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from torch import nn


def adaptive_cnn(
    filters: Sequence[int] = (16, 32, 45),
    *,
    kernel_sizes: int | Sequence[int] = 3,
    padding: int = 0,
    pooled: int = 4,
    hidden: Sequence[int] = (256, 256),
    activation: Callable[[], nn.Module] = nn.ReLU,
    in_channels: int = 1,
    image_size: int = 28,
    classes: int = 10,
) -> nn.Sequential:
    """A CNN by the course's pooling rule; maps ``(n, in_channels, s, s)`` images to log-probabilities.

    Every convolution (stride 1) is followed by an activation and by 2×2 max-pooling, the last one by
    adaptive max-pooling to `pooled` × `pooled` instead. Then come hidden linear layers with activation, and
    the output layer.

    Parameters
    ----------
    filters
        Channels of each convolution; at least one.
    kernel_sizes
        Side of the kernels in pixels, one for all or one for each convolution.
    padding
        Zeros on each side of every convolution's input, in pixels.
    pooled
        Side of the last maps. They may be larger than what they pool: values are then repeated.
    hidden
        Widths of the hidden linear layers.
    activation
        Called without arguments for every activation.
    image_size
        Side s of the square images, in pixels.

    Raises
    ------
    ValueError
        If there is no convolution, a number is out of range, the kernels are not one for each convolution,
        or the image has shrunk below a kernel or a pooling window; the message says at which convolution.

    Examples
    --------
    >>> model = adaptive_cnn()
    >>> [name for name, _ in model.named_children()]
    ['stage1', 'stage2', 'stage3', 'head']
    >>> sum(p.numel() for p in model.parameters())
    270743
    """
    kernels = _kernels(filters, kernel_sizes, padding, pooled, hidden)
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    channels, side = in_channels, image_size
    for number, (width, kernel) in enumerate(zip(filters, kernels, strict=True), start=1):
        last = number == len(filters)
        side = _side_after(side, kernel, padding, number, last)
        stages[f"stage{number}"] = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(channels, width, kernel, padding=padding),
                activation=activation(),
                pool=nn.AdaptiveMaxPool2d(pooled) if last else nn.MaxPool2d(2),
            )
        )
        channels = width
    stages["head"] = _head(channels * pooled**2, hidden, activation, classes)
    return nn.Sequential(stages)


def _head(
    features: int, hidden: Sequence[int], activation: Callable[[], nn.Module], classes: int
) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    for number, width in enumerate(hidden, start=1):
        layers[f"hidden{number}"] = nn.Linear(features, width)
        layers[f"activation{number}"] = activation()
        features = width
    layers["linear"] = nn.Linear(features, classes)
    layers["log_softmax"] = nn.LogSoftmax(dim=1)
    return nn.Sequential(layers)


def _side_after(side: int, kernel: int, padding: int, number: int, last: bool) -> int:
    """Side of the maps behind a convolution and the pooling that follows it."""
    positions = side + 2 * padding - kernel + 1
    if positions < 1:
        raise ValueError(
            f"convolution {number} has a kernel of {kernel} pixels for maps of {side} with padding "
            f"{padding}; use smaller kernels, more padding or fewer convolutions"
        )
    if not last and positions < 2:
        raise ValueError(
            f"convolution {number} leaves maps of {positions} pixel, too small for 2×2 pooling; "
            "use smaller kernels, more padding or fewer convolutions"
        )
    return positions if last else positions // 2


def _kernels(
    filters: Sequence[int],
    kernel_sizes: int | Sequence[int],
    padding: int,
    pooled: int,
    hidden: Sequence[int],
) -> tuple[int, ...]:
    if not filters or min(filters) < 1:
        raise ValueError(
            f"filters is {tuple(filters)}; give at least one convolution, each of 1 or more channels"
        )
    kernels = (kernel_sizes,) * len(filters) if isinstance(kernel_sizes, int) else tuple(kernel_sizes)
    if len(kernels) != len(filters) or min(kernels) < 1:
        raise ValueError(
            f"kernel_sizes is {kernel_sizes} for {len(filters)} convolutions; give one side for all of them "
            "or one for each, at least 1"
        )
    if padding < 0 or pooled < 1 or min(hidden, default=1) < 1:
        raise ValueError(
            f"padding is {padding}, pooled {pooled} and hidden {tuple(hidden)}; padding is at least 0, "
            "pooled and every width at least 1"
        )
    return kernels
