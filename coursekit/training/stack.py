"""A stack of parameters: equal models side by side, what can be stacked, and which optimisers move it."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.modules.dropout import _DropoutNd
from torch.optim import Optimizer

from coursekit.training.batches import seeded
from coursekit.training.evaluation import Loss
from coursekit.training.loop import OptimizerFactory

#: Optimisers that move every number by its own gradients alone, so that a stack moves as its layers would.
ELEMENTWISE = (
    torch.optim.SGD,
    torch.optim.Adam,
    torch.optim.AdamW,
    torch.optim.NAdam,
    torch.optim.RAdam,
    torch.optim.Adamax,
    torch.optim.Adagrad,
    torch.optim.Adadelta,
    torch.optim.RMSprop,
    torch.optim.Rprop,
    torch.optim.ASGD,
)

State = dict[str, Tensor]


def build_models(build: Callable[[], nn.Module], seeds: Sequence[int]) -> list[nn.Module]:
    """A model for every seed, built inside ``seeded(seed)``; refused where they cannot be stacked."""
    if isinstance(build, nn.Module):
        raise TypeError(f"build is a {type(build).__name__}; pass the function that makes the model")
    models = []
    for seed in seeds:
        with seeded(seed):
            models.append(build().train())
    if len(set(models)) < len(models):
        raise ValueError("build returned the same model twice; it must make a new one at every call")
    for seed, model in zip(seeds, models, strict=True):
        if _structure(model) != _structure(models[0]):
            raise ValueError(
                f"the models of seeds {seeds[0]} and {seed} differ in structure; build must make the same "
                "layers, shapes and types for every seed"
            )
    _require_no_dropout(models[0])
    return models


def require_constant_buffers(model: nn.Module, x: Tensor) -> None:
    """Refuse a model that changes a buffer when it sees the batch `x`."""
    twin = deepcopy(model)
    with torch.no_grad():
        twin(x)
    after = dict(twin.named_buffers())
    for name, before in model.named_buffers():
        if not torch.equal(before, after[name]):
            raise ValueError(
                f"the model changes its buffer {name!r} while it trains, as the running statistics of batch "
                "norm do; build the model without it, or train with fit, seed by seed"
            )


class Stack:
    """Parameters and buffers of equal models, with a first dimension for the seeds."""

    def __init__(self, models: Sequence[nn.Module], loss: Loss) -> None:
        self._models, self._loss = models, loss
        self._parameters, self._buffers = stack_module_state(list(models))
        self._all_losses = vmap(self._one_loss)

    def copy(self) -> State:
        """Parameters and buffers as they are now."""
        return {
            name: tensor.detach().clone() for name, tensor in {**self._parameters, **self._buffers}.items()
        }

    def losses(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Mean losses ``(seeds,)`` and outputs ``(seeds, n, classes)`` of inputs ``(seeds, n, …)``."""
        try:
            losses, outputs = self._all_losses(self._parameters, self._buffers, x, y)
        except RuntimeError as error:
            # A mistake that has nothing to do with stacking is reported as `fit` reports it.
            self._loss(self._models[0](x[0]).float(), y[0])
            reason = str(error).splitlines()[0]
            raise ValueError(
                f"torch.func.vmap cannot run the model and its loss for all seeds at once ({reason}); train "
                "it with fit, seed by seed"
            ) from error
        return losses, outputs

    def _one_loss(self, parameters: State, buffers: State, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        outputs = functional_call(self._models[0], (parameters, buffers), (x,))
        return self._loss(outputs.float(), y), outputs

    def optimizer(self, make: OptimizerFactory) -> Optimizer:
        """The optimiser that `make` makes for a single model, with the stack in place of its parameters."""
        single = make(self._models[0].parameters())
        if type(single) not in ELEMENTWISE:
            known = ", ".join(kind.__name__ for kind in ELEMENTWISE)
            raise ValueError(
                f"the optimiser is {type(single).__name__}, which may look at several numbers together and "
                f"would mix the seeds; choose one of {known}, or train with fit, seed by seed"
            )
        if single._optimizer_step_pre_hooks or single._optimizer_step_post_hooks:
            raise ValueError(
                "the optimiser has a hook, as clipped and what watches a model set it, which would see all "
                "seeds together; pass the optimiser without it, or train with fit, seed by seed"
            )
        names = {parameter: name for name, parameter in self._models[0].named_parameters()}
        if not all(parameter in names for group in single.param_groups for parameter in group["params"]):
            raise ValueError(
                "the optimiser holds a parameter that is not the model's; make it from the parameters that "
                "it is given"
            )
        groups = [
            group | {"params": [self._parameters[names[parameter]] for parameter in group["params"]]}
            for group in single.param_groups
        ]
        remake: Callable[..., Optimizer] = type(single)
        return remake(groups)

    @torch.no_grad()
    def hand_out(self, state: State) -> None:
        """Write every seed's layer of `state` into its model."""
        for place, model in enumerate(self._models):
            for name, tensor in _tensors(model):
                tensor.copy_(state[name][place])


def _structure(model: nn.Module) -> tuple[str, list[Any]]:
    return str(model), [
        (name, tensor.shape, tensor.dtype, tensor.device, tensor.requires_grad)
        for name, tensor in _tensors(model)
    ]


def _require_no_dropout(model: nn.Module) -> None:
    for name, module in model.named_modules():
        if isinstance(module, _DropoutNd) and module.p > 0:
            raise ValueError(
                f"the layer {name!r} drops units with the probability {module.p:g}, and a stack would draw "
                "other random numbers than separate runs; build the model without dropout, or train with "
                "fit, seed by seed"
            )


def _tensors(model: nn.Module) -> Iterable[tuple[str, Tensor]]:
    return chain(model.named_parameters(), model.named_buffers())
