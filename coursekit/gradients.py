"""Norms of gradients: of any function, of a Jacobian, and of every layer while a network trains."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import grad, jacfwd, jacrev
from torch.optim import Optimizer

OptimizerFactory = Callable[[Iterable[nn.Parameter]], Optimizer]


def gradient_norm(f: Callable[..., Tensor], tensors: Sequence[Tensor]) -> Tensor:
    r"""Euclidean norm of a scalar function's gradient: :math:`\sqrt{\sum_t \|\partial f/\partial t\|^2}`.

    Parameters
    ----------
    f
        Called with the tensors as its arguments; returns one number.
    tensors
        Floating-point tensors of any shapes, at least one.

    Returns
    -------
    Tensor
        One number, not negative. What the tensors hold in ``.grad`` stays as it is.

    Raises
    ------
    ValueError
        If there is no tensor, or `f` returns anything but one number.

    Examples
    --------
    The gradient of x·y is (y, x):

    >>> gradient_norm(torch.dot, [torch.tensor([3.0, 0.0]), torch.tensor([0.0, 4.0])])
    tensor(5.)
    """
    if not tensors:
        raise ValueError("tensors is empty; a gradient is taken with respect to at least one")

    def scalar(*arguments: Tensor) -> Tensor:
        value = f(*arguments)
        if value.numel() != 1:
            raise ValueError(
                f"f returns the shape {tuple(value.shape)}; a gradient needs one number, so sum or index it, "
                "or ask for the norm of the Jacobian"
            )
        return value.reshape(())

    gradients = grad(scalar, argnums=tuple(range(len(tensors))))(*tensors)
    return _together(gradients)


def jacobian_norm(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    r"""Frobenius norm of the Jacobian: :math:`\sqrt{\sum_{ij} (\partial f_i / \partial x_j)^2}` at `x`.

    Taken forward where `f` returns more numbers than it takes, in reverse where it takes more.

    Parameters
    ----------
    f
        Differentiable; takes a tensor of the shape of `x`, returns a tensor of any shape.
    x
        Floating-point tensor, not empty.

    Raises
    ------
    ValueError
        If `x` is empty.

    Examples
    --------
    A linear map is its own Jacobian:

    >>> jacobian_norm(lambda x: torch.tensor([[3.0, 0.0], [0.0, 4.0]]) @ x, torch.ones(2))
    tensor(5.)
    """
    if not x.numel():
        raise ValueError(f"x has the shape {tuple(x.shape)} and holds nothing; pass at least one number")
    with torch.no_grad():
        outputs = f(x).numel()
    jacobian: Callable[[Tensor], Tensor] = (jacfwd if outputs > x.numel() else jacrev)(f)
    with warnings.catch_warnings():
        # Forward mode compiles its rules on first use, by a part of torch that is being retired.
        warnings.filterwarnings("ignore", "`torch.jit")
        return _norm(jacobian(x))


def layer_gradient_norms(model: nn.Module) -> dict[str, float]:
    """The norm of what each layer's parameters hold in ``.grad``, in the order of the layers.

    A layer is a module with parameters of its own; its weights and biases count together. Layers without a
    gradient are left out. In single precision squares below about 1e-45 vanish, so that gradients smaller
    than about 1e-21 count as 0; compute them in double precision.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.ReLU(), nn.Linear(1, 1, bias=False))
    >>> with torch.no_grad():
    ...     _ = model[0].weight.fill_(2.0), model[2].weight.fill_(3.0)
    >>> model(torch.ones(1, 1)).sum().backward()
    >>> layer_gradient_norms(model)
    {'0': 3.0, '2': 2.0}
    """
    held = {name: norms for name, norms in _by_layer(model).items() if norms}
    if not held:
        return {}
    return dict(zip(held, torch.stack([_together(norms) for norms in held.values()]).tolist(), strict=True))


class GradientNorms:
    """Records the gradient's norm, layer by layer, on every `every`-th step of a training run.

    It looks on from a hook of the optimiser, so that any training loop will do.

    Parameters
    ----------
    model
        The network that is trained.
    every
        Steps from one record to the next, at least 1; the first step is recorded.

    Attributes
    ----------
    layers
        Names of the layers, as `layer_gradient_norms` gives them.
    steps
        Numbers of the recorded steps, from 1.

    Examples
    --------
    >>> from functools import partial
    >>> from coursekit.training import fit
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2), nn.LogSoftmax(dim=1))
    >>> norms = GradientNorms(model, every=2)
    >>> data = torch.rand(20, 2), torch.arange(20) % 2
    >>> history = fit(model, data, epochs=1, batch_size=4, progress=False,
    ...               optimizer=norms.watch(partial(torch.optim.SGD, lr=0.1)))
    >>> norms.layers, norms.steps, norms.table().shape
    (('0', '2'), [1, 3, 5], torch.Size([3, 2]))
    """

    def __init__(self, model: nn.Module, *, every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"every is {every}; record every step (1) or every few (2, 3, …)")
        self._model, self._every = model, every
        self._rows: list[Tensor] = []
        self._seen = 0
        self.layers = tuple(_by_layer(model))
        self.steps: list[int] = []

    def watch(self, optimizer: OptimizerFactory) -> OptimizerFactory:
        """The same way to make an optimiser, which now also records before each of its steps."""

        def watched(parameters: Iterable[nn.Parameter]) -> Optimizer:
            made = optimizer(parameters)
            made.register_step_pre_hook(self._record)
            return made

        return watched

    def table(self) -> Tensor:
        """The norms ``(recorded steps, layers)``; 0 where a layer had no gradient."""
        return torch.stack(self._rows) if self._rows else torch.empty(0, len(self.layers))

    def total(self) -> Tensor:
        """The norm of the whole gradient ``(recorded steps,)``."""
        totals: Tensor = torch.linalg.vector_norm(self.table(), dim=1)
        return totals

    def _record(self, _optimizer: Optimizer, _args: tuple[Any, ...], _kwargs: dict[Any, Any]) -> None:
        self._seen += 1
        if (self._seen - 1) % self._every:
            return
        by_layer = _by_layer(self._model)
        self._rows.append(torch.stack([_together(by_layer[name]).cpu() for name in self.layers]))
        self.steps.append(self._seen)


def _by_layer(model: nn.Module) -> dict[str, list[Tensor]]:
    """Gradients by the name of the module that owns the parameters."""
    found: dict[str, list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        gradients = found.setdefault(name.rpartition(".")[0], [])
        if parameter.grad is not None:
            gradients.append(parameter.grad)
    return found


def _together(gradients: Sequence[Tensor]) -> Tensor:
    return _norm(torch.stack([_norm(gradient) for gradient in gradients])) if gradients else torch.zeros(())


def _norm(values: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(values.detach())
    return norm
