"""Multi-layer perceptrons of any depth, with the cures for those that are too deep to train."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Literal

from torch import Tensor, nn

Normalisation = Literal["none", "batch", "layer"]
Initialisation = Literal["default", "he"]


class Residual(nn.Module):
    """Adds what goes in to what comes out: :math:`x + f(x)`; both have the same shape.

    Examples
    --------
    >>> import torch
    >>> Residual(nn.Identity())(torch.tensor([1.0, 2.0]))
    tensor([2., 4.])
    """

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


def mlp(
    hidden: Sequence[int] = (256, 256),
    *,
    activation: Callable[[], nn.Module] = nn.ReLU,
    normalisation: Normalisation = "none",
    residual: bool = False,
    initialisation: Initialisation = "default",
    dropout: float = 0.0,
    in_features: int = 784,
    classes: int = 10,
) -> nn.Sequential:
    r"""Hidden layers, then the output layer; maps ``(n, …)`` with `in_features` values to log-probabilities.

    A hidden layer is *linear → normalisation (optional) → activation → dropout (optional)*.

    Parameters
    ----------
    hidden
        Widths of the hidden layers; none makes it a linear classifier.
    activation
        Called without arguments for every activation.
    normalisation
        ``"batch"`` or ``"layer"`` norm in front of every activation, or ``"none"``.
    residual
        Add its input to what a hidden layer returns, wherever both are equally wide.
    initialisation
        ``"default"`` is torch's: weights and biases uniform between :math:`\pm 1/\sqrt{n}` for n inputs.
        ``"he"``: weights normal with variance 2/n in the hidden layers, biases 0.
    dropout
        Probability of dropping a hidden unit, in [0, 1).
    in_features, classes
        Values of an input, and classes to tell apart.

    Raises
    ------
    ValueError
        If a width is below 1, the dropout no probability, or a choice unknown.

    References
    ----------
    He, Zhang, Ren & Sun (2015), Delving deep into rectifiers, eq. 10; He, Zhang, Ren & Sun (2016), Deep
    residual learning for image recognition, eq. 1.

    Examples
    --------
    >>> sum(p.numel() for p in mlp((256, 256)).parameters())
    269322
    >>> mlp((4,), in_features=6, classes=3)
    Sequential(
      (flatten): Flatten(start_dim=1, end_dim=-1)
      (hidden1): Sequential(
        (linear): Linear(in_features=6, out_features=4, bias=True)
        (activation): ReLU()
      )
      (linear): Linear(in_features=4, out_features=3, bias=True)
      (log_softmax): LogSoftmax(dim=1)
    )
    """
    _check(hidden, normalisation, initialisation, dropout, in_features, classes)
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    features = in_features
    for number, width in enumerate(hidden, start=1):
        layer = _hidden(features, width, activation, normalisation, initialisation, dropout)
        layers[f"hidden{number}"] = Residual(layer) if residual and features == width else layer
        features = width
    layers["linear"] = nn.Linear(features, classes)
    layers["log_softmax"] = nn.LogSoftmax(dim=1)
    return nn.Sequential(layers)


def _hidden(
    features: int,
    width: int,
    activation: Callable[[], nn.Module],
    normalisation: Normalisation,
    initialisation: Initialisation,
    dropout: float,
) -> nn.Sequential:
    linear = nn.Linear(features, width)
    if initialisation == "he":
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
    layers: OrderedDict[str, nn.Module] = OrderedDict(linear=linear)
    if normalisation != "none":
        layers["norm"] = nn.BatchNorm1d(width) if normalisation == "batch" else nn.LayerNorm(width)
    layers["activation"] = activation()
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    return nn.Sequential(layers)


def _check(
    hidden: Sequence[int],
    normalisation: str,
    initialisation: str,
    dropout: float,
    in_features: int,
    classes: int,
) -> None:
    if min((*hidden, in_features, classes)) < 1:
        raise ValueError(
            f"in_features is {in_features}, hidden {tuple(hidden)} and classes {classes}; "
            "every layer needs a width of 1 or more"
        )
    if normalisation not in ("none", "batch", "layer"):
        raise ValueError(f"normalisation is {normalisation!r}; choose 'none', 'batch' or 'layer'")
    if initialisation not in ("default", "he"):
        raise ValueError(f"initialisation is {initialisation!r}; choose 'default' or 'he'")
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout is {dropout}; it is a probability, at least 0 and below 1")
