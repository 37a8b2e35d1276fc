"""Gradient clipping: an optimiser that first limits the norm of all gradients together."""

from collections.abc import Callable, Iterable
from typing import Any

from torch import nn
from torch.optim import Optimizer

OptimizerFactory = Callable[[Iterable[nn.Parameter]], Optimizer]


def clipped(optimizer: OptimizerFactory, *, max_norm: float) -> OptimizerFactory:
    """The same way to make an optimiser, which now scales the gradients down before a step if they are long.

    If the Euclidean norm of all gradients together exceeds `max_norm`, each is multiplied by
    `max_norm` over that norm: the direction stays.

    Raises
    ------
    ValueError
        If `max_norm` is not positive.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks, algorithm 1.

    Examples
    --------
    >>> from functools import partial
    >>> import torch
    >>> weight = nn.Parameter(torch.zeros(2))
    >>> made = clipped(partial(torch.optim.SGD, lr=1.0), max_norm=5)([weight])
    >>> weight.grad = torch.tensor([30.0, 40.0])
    >>> made.step()
    >>> [round(value, 4) for value in weight.tolist()]
    [-3.0, -4.0]
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm is {max_norm}; give a positive number")

    def make(parameters: Iterable[nn.Parameter]) -> Optimizer:
        made = optimizer(parameters)
        trained = [parameter for group in made.param_groups for parameter in group["params"]]

        def clip(_optimizer: Optimizer, _args: tuple[Any, ...], _kwargs: dict[Any, Any]) -> None:
            nn.utils.clip_grad_norm_(trained, max_norm)

        made.register_step_pre_hook(clip)
        return made

    return make
