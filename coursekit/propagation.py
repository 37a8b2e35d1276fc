"""Signals in a deep ReLU network at initialisation: what mean-field theory expects, and what is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from math import asin, cos, isfinite, pi, sin, sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.training.evaluation import Loss, device_of


@dataclass(frozen=True)
class Moments:
    """What the units of a layer are like for random weights, for images that are all equally large.

    Parameters
    ----------
    mean
        Mean over units and images.
    second_moment
        Mean square over units and images: the size of the signal.
    variance
        Variance over images, mean over units: how far one image is told from another.
    """

    mean: float
    second_moment: float
    variance: float

    def __post_init__(self) -> None:
        if not 0 <= self.variance <= self.second_moment < float("inf"):
            raise ValueError(
                f"variance is {self.variance} and second_moment {self.second_moment}; both are finite, and a "
                "variance is at least 0 and at most the second moment"
            )


def relu_layer(
    x: Moments, *, weight_variance: float, bias_variance: float = 0.0, residual: bool = False
) -> Moments:
    r"""The moments behind a wide layer :math:`h = \mathrm{relu}(Wx + b)`, or :math:`x + h`.

    The pre-activations are normal with variance :math:`v = \sigma_w^2\, \mathrm{E}[x^2] + \sigma_b^2`. Hence
    :math:`\mathrm{E}[h] = \sqrt{v / 2\pi}` and :math:`\mathrm{E}[h^2] = v / 2`, and for two images whose
    pre-activations enclose the angle :math:`\theta` the variance is
    :math:`\tfrac v2 \left(1 - \cos\theta - (\sin\theta - \theta\cos\theta) / \pi\right)`.

    Parameters
    ----------
    x
        Moments of what goes in.
    weight_variance
        :math:`\sigma_w^2`, the variance of a weight times the number of inputs: 1/3 for torch's default, 2
        for He's initialisation.
    bias_variance
        :math:`\sigma_b^2`, the variance of a bias: 1/(3n) for torch's default with n inputs.
    residual
        Add what goes in. Through many narrow layers the variance then grows faster than this: images that
        have come to differ in size by chance differ more and more.

    Raises
    ------
    ValueError
        If a variance is negative or not finite, or the variance over images is no number from 0 to the
        second moment.

    References
    ----------
    Cho & Saul (2009), Kernel methods for deep learning, section 2; Poole et al. (2016), Exponential
    expressivity in deep neural networks through transient chaos, section 2; He et al. (2015), section 2.2.

    Examples
    --------
    He's weights keep the second moment, torch's default divides it by 6:

    >>> relu_layer(Moments(0.0, 1.0, 1.0), weight_variance=2.0).second_moment
    1.0
    >>> round(1 / relu_layer(Moments(0.0, 1.0, 1.0), weight_variance=1 / 3).second_moment, 6)
    6.0
    """
    _check_variances(weight_variance, bias_variance)
    v = weight_variance * x.second_moment + bias_variance
    mean, second_moment = sqrt(v / (2 * pi)), v / 2
    variance = 0.0
    if x.variance > 0 and weight_variance > 0:
        # By the half angle: 1 − cos θ alone would round to 0 where images are hardly told apart.
        half = sqrt(min(1.0, weight_variance * x.variance / (2 * v)))
        theta = 2 * asin(half)
        variance = second_moment * (2 * half**2 - _sine_less_chord(theta) / pi)
    if not residual:
        return Moments(mean, second_moment, variance)
    return Moments(
        mean=x.mean + mean,
        second_moment=x.second_moment + 2 * x.mean * mean + second_moment,
        variance=x.variance + variance,
    )


def forward_moments(
    first: Moments,
    depth: int,
    *,
    weight_variance: float,
    bias_variance: float = 0.0,
    residual: bool = False,
) -> list[Moments]:
    """`first` and the moments behind each of `depth` equal layers, ``depth + 1`` in all.

    The options are those of `relu_layer`.

    Raises
    ------
    ValueError
        If the depth is negative, or an option out of range.

    Examples
    --------
    Biases keep a default network from fading to nothing, but they are the same for all images:

    >>> last = forward_moments(Moments(0.4, 1.0, 0.5), 50, weight_variance=1 / 3, bias_variance=1 / 192)[-1]
    >>> round(last.second_moment * 320, 6), last.variance < 1e-38
    (1.0, True)
    """
    _check_depth(depth)

    def layer(x: Moments, _number: int) -> Moments:
        return relu_layer(x, weight_variance=weight_variance, bias_variance=bias_variance, residual=residual)

    return list(accumulate(range(depth), layer, initial=first))


def backward_second_moments(depth: int, *, weight_variance: float, last: float = 1.0) -> Tensor:
    r"""Mean square of a loss's gradient by what leaves each layer, from the input of `depth` layers on.

    A layer multiplies it by :math:`\sigma_w^2 / 2` on the way back, since half of the units are off. This
    takes the gradient to be independent of the signal, which residual layers do not allow: they hand on a
    signal of positive mean, and the gradient turns towards it.

    Parameters
    ----------
    depth
        Layers, all equally wide.
    weight_variance
        As in `relu_layer`.
    last
        The mean square behind the last layer.

    Returns
    -------
    Tensor
        float64 ``(depth + 1,)``; the last entry is `last`.

    Raises
    ------
    ValueError
        If the depth is negative, or a variance is negative or not finite.

    References
    ----------
    He et al. (2015), section 2.2; Schoenholz et al. (2017), Deep information propagation, section 4.

    Examples
    --------
    >>> backward_second_moments(2, weight_variance=1 / 3) * 36
    tensor([ 1.,  6., 36.], dtype=torch.float64)
    """
    _check_depth(depth)
    _check_variances(weight_variance, last)
    return last * (weight_variance / 2) ** torch.arange(depth, -1, -1, dtype=torch.float64)


@dataclass(frozen=True, eq=False)
class Signals:
    """What went through the linear layers of a network, one entry a layer, float64 ``(layers,)``.

    Attributes
    ----------
    layers
        Names of the layers.
    second_moment
        Mean square of what goes in, over samples and units.
    variance
        Its variance over the samples, mean over units.
    gradient
        Mean square, over samples and units, of each sample's own loss differentiated by what comes out.
    weight_gradient
        Root mean square, over samples, of the norm of each sample's own loss differentiated by the weights.
    """

    layers: tuple[str, ...]
    second_moment: Tensor
    variance: Tensor
    gradient: Tensor
    weight_gradient: Tensor


def measure_signals(model: nn.Module, inputs: Tensor, labels: Tensor, *, loss: Loss = F.nll_loss) -> Signals:
    r"""Send samples through a network once, forward and back, and look at every ``nn.Linear`` on the way.

    A sample's gradient by the weights is :math:`\delta x^{\mathsf T}`, whose norm is
    :math:`\|\delta\| \|x\|`. With batch norm in training mode, samples are not independent, and
    :math:`\delta` is the gradient of the sum of their losses.

    Parameters
    ----------
    model
        Maps `inputs` to what `loss` takes, in the mode it is in. Parameters keep their ``.grad``.
    inputs, labels
        At least two samples ``(n, …)``, in the precision of the model; double precision keeps gradients of
        which single precision loses the squares.
    loss
        Mean loss of a batch.

    Raises
    ------
    ValueError
        If the model has no ``nn.Linear``, or there are fewer than two samples.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 1, bias=False), nn.Linear(1, 1, bias=False))
    >>> with torch.no_grad():
    ...     _ = model[0].weight.fill_(1.0), model[1].weight.fill_(3.0)
    >>> found = measure_signals(model, torch.tensor([[1.0, 1.0], [2.0, 0.0]]), torch.zeros(2, 1),
    ...                         loss=lambda outputs, targets: (outputs - targets).mean())
    >>> found.second_moment.tolist(), found.variance.tolist(), found.gradient.tolist()
    ([1.5, 4.0], [0.25, 0.0], [9.0, 1.0])
    """
    linear = {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    if not linear:
        raise ValueError("the model has no nn.Linear; signals are measured at these")
    if len(inputs) < 2:
        raise ValueError(f"there are {len(inputs)} samples; a variance over samples needs at least 2")
    taken: dict[str, Tensor] = {}
    given: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[..., None]:
        def look(_module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
            taken[name], given[name] = arguments[0].detach().double(), output

        return look

    handles = [module.register_forward_hook(watch(name)) for name, module in linear.items()]
    try:
        device = device_of(model)
        total = loss(model(inputs.to(device)), labels.to(device)) * len(inputs)
    finally:
        for handle in handles:
            handle.remove()
    deltas = [delta.double() for delta in torch.autograd.grad(total, [given[name] for name in linear])]
    xs = [taken[name] for name in linear]
    by_sample = [
        delta.square().sum(dim=1) * x.square().sum(dim=1) for delta, x in zip(deltas, xs, strict=True)
    ]
    return Signals(
        layers=tuple(linear),
        second_moment=_stack([x.square().mean() for x in xs]),
        variance=_stack([x.var(dim=0, correction=0).mean() for x in xs]),
        gradient=_stack([delta.square().mean() for delta in deltas]),
        weight_gradient=_stack([norms.mean().sqrt() for norms in by_sample]),
    )


def _stack(values: list[Tensor]) -> Tensor:
    return torch.stack(values).cpu()


def _sine_less_chord(theta: float) -> float:
    """sin θ − θ cos θ; by its series where the difference would be lost in rounding."""
    return theta**3 / 3 * (1 - theta**2 / 10) if theta < 1e-3 else sin(theta) - theta * cos(theta)


def _check_depth(depth: int) -> None:
    if depth < 0:
        raise ValueError(f"depth is {depth}; a stack has 0 or more layers")


def _check_variances(*variances: float) -> None:
    for variance in variances:
        if not (isfinite(variance) and variance >= 0):
            raise ValueError(f"a variance is {variance}; variances are finite and at least 0")
