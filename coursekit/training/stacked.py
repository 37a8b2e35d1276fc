"""Many seeds at once: small models that differ in their seed alone, trained as one stack of parameters."""

import math
import operator
import time
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F
from torch.nn.modules.dropout import _DropoutNd
from torch.optim import Optimizer

from coursekit.training.batches import Data, Transform, as_tensors, epoch_order, seeded, to_float
from coursekit.training.evaluation import Loss, device_of, evaluate
from coursekit.training.history import Epoch, History
from coursekit.training.loop import NonFiniteLossError, OptimizerFactory
from coursekit.training.progress import tqdm

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


def fit_stacked(
    build: Callable[[], nn.Module],
    data: Data,
    *,
    seeds: Iterable[int],
    epochs: int,
    batch_size: int,
    optimizer: OptimizerFactory,
    loss: Loss = F.nll_loss,
    prepare: Transform = to_float,
    augment: Transform | None = None,
    validation: Data | None = None,
    progress: bool = True,
) -> list[tuple[nn.Module, History]]:
    """Train one small model with several seeds at once; a model and the record of its run for every seed.

    Every seed has the weights, the order of the samples and the random numbers of augmentation that it has
    in a run of its own, so that the results are those of

    >>> def one_by_one(build, data, seed, **settings):
    ...     with seeded(seed):
    ...         model = build()
    ...     return model, fit(model, data, seed=seed, **settings)

    but for rounding, since sums are taken in another order: a few epochs agree to about six digits in
    32-bit floats and to fifteen in 64-bit weights, and the difference grows from there as rounding does.

    It saves what a step costs whatever its size. Measured with one thread, 16 seeds and Adam, against runs
    one after the other: about 4 times as fast where the forward pass of a batch takes fewer than half a
    million multiply-adds (a perceptron 64-64-64-10 with batches of 32), twice as fast at a million, little
    or no gain from five million on (784-256-256-10 with batches of 128), and half as fast for `course_cnn`
    with batches of 100. A guide, not a promise: measure before a long run.

    Parameters
    ----------
    build
        Makes the model; called once a seed, inside ``seeded(seed)``. What differs between seeds must be a
        parameter or a buffer. A model in training must draw no random numbers (dropout), change no buffer
        (running statistics of batch norm), and consist of what ``torch.func.vmap`` can run: linear layers,
        convolutions and a recurrence written with them, but not ``nn.LSTM``.
    data, epochs, batch_size, loss, prepare, augment, validation, progress
        As `fit` takes them; a step takes a batch for every seed, each prepared by itself.
    seeds
        Different whole numbers from 0 up.
    optimizer
        As `fit` takes it: called once, with the parameters of one model. It must move every number by
        itself, as SGD, Adam and the others in `ELEMENTWISE` do; clipping by the norm of all gradients,
        LBFGS and hooks that watch a model are refused.

    Returns
    -------
    list of (torch.nn.Module, History)
        In the order of `seeds`. An epoch's ``seconds`` are the time of the whole stack over the number of
        seeds. After Ctrl-C every history is marked `interrupted`, and the models hold the end of the last
        whole epoch.

    Raises
    ------
    ValueError, TypeError
        If an argument does not fit, the models of two seeds differ in structure, or the results would not
        be those of `fit`; the message names it.
    NonFiniteLossError
        If a loss is infinite or not a number; the message names the seed, and `history` is that seed's.

    Examples
    --------
    >>> from functools import partial
    >>> from coursekit.models import mlp
    >>> from coursekit.training import fit
    >>> x = torch.linspace(-1, 1, 200).unsqueeze(1)
    >>> y = (x[:, 0] > 0).long()
    >>> settings = {"epochs": 3, "batch_size": 20, "optimizer": partial(torch.optim.Adam, lr=0.1),
    ...             "progress": False}
    >>> build = partial(mlp, (4,), in_features=1, classes=2)
    >>> runs = fit_stacked(build, (x, y), seeds=(0, 1, 2), **settings)
    >>> _, history = one_by_one(build, (x, y), 2, **settings)
    >>> torch.testing.assert_close(runs[2][1]["train_loss"], history["train_loss"], rtol=1e-5, atol=1e-6)
    """
    numbers = _checked(seeds, epochs, batch_size)
    models = _build(build, numbers)
    stack = _Stack(models, loss)
    opt = stack.optimizer(optimizer)
    device = device_of(models[0])
    inputs, targets = (tensor.to(device) for tensor in as_tensors(data))
    held_out = None if validation is None else as_tensors(validation)
    steps = math.ceil(len(inputs) / batch_size)
    histories = [History(samples=len(inputs)) for _ in numbers]

    def train_epoch(epoch: int, tally: _Tally) -> None:
        orders = [epoch_order(len(inputs), seed=seed, epoch=epoch).to(device) for seed in numbers]
        transforms = [_Drawing(prepare, augment, seed, epoch, device) for seed in numbers]
        for indices in zip(*(order.split(batch_size) for order in orders), strict=True):
            batches = zip(transforms, indices, strict=True)
            x = torch.stack([transform(inputs[index]) for transform, index in batches])
            y = torch.stack([targets[index] for index in indices])
            if not tally.step and epoch == 1:
                _require_constant_buffers(models[0], x[0])
            losses, outputs = stack.losses(x, y)
            opt.zero_grad()
            losses.sum().backward()
            opt.step()
            tally.add(losses, outputs, y)
            bar.update()

    hidden: dict[str, Any] = {} if progress else {"disable": True}
    with tqdm(total=epochs * steps, unit="step", **hidden) as bar:
        for epoch in range(1, epochs + 1):
            bar.set_description(f"epoch {epoch}/{epochs}")
            last_whole = stack.copy()
            begin = time.perf_counter()
            tally = _Tally(steps, len(numbers), device)
            try:
                with seeded(numbers[0], epoch=epoch, device=device):
                    train_epoch(epoch, tally)
                records = tally.records(epoch, time.perf_counter() - begin)
                _require_finite(tally.losses, epoch, numbers, histories, opt)
                stack.hand_out(stack.copy())
                if held_out is not None:
                    for model, record in zip(models, records, strict=True):
                        scores = evaluate(model, held_out, loss=loss, prepare=prepare)
                        record |= {"validation_loss": scores.loss, "validation_accuracy": scores.accuracy}
            except KeyboardInterrupt:
                stack.hand_out(last_whole)
                for history in histories:
                    history.interrupted = True
                bar.write(
                    f"stopped in epoch {epoch} of {epochs}; the models hold the end of epoch {epoch - 1}"
                )
                break
            for history, record, losses in zip(histories, records, tally.losses.T, strict=True):
                history.add(record, step_losses=losses.tolist())
            mean = sum(record["train_loss"] for record in records) / len(records)
            bar.set_postfix(mean_train_loss=f"{mean:.4f}")
    return list(zip(models, histories, strict=True))


class _Stack:
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


class _Drawing:
    """Augments and prepares the batches of one seed, whose random numbers go on from batch to batch."""

    def __init__(
        self, prepare: Transform, augment: Transform | None, seed: int, epoch: int, device: torch.device
    ) -> None:
        self._prepare, self._augment, self._device = prepare, augment, device
        with seeded(seed, epoch=epoch, device=device):
            self._remember()

    def __call__(self, batch: Tensor) -> Tensor:
        torch.set_rng_state(self._state)
        if self._device.type == "cuda":
            torch.cuda.set_rng_state(self._device_state, self._device)
        prepared = self._prepare(batch if self._augment is None else self._augment(batch))
        self._remember()
        return prepared

    def _remember(self) -> None:
        self._state = torch.get_rng_state()
        if self._device.type == "cuda":
            self._device_state = torch.cuda.get_rng_state(self._device)


class _Tally:
    """Losses and hits of one epoch for every seed, kept on the device and read back once."""

    def __init__(self, steps: int, seeds: int, device: torch.device) -> None:
        self.losses = torch.zeros(steps, seeds, device=device)
        self.weighted, self.correct = torch.zeros(2, seeds, device=device)
        self.samples = 0
        self.step = 0

    def add(self, losses: Tensor, outputs: Tensor, labels: Tensor) -> None:
        values, n = losses.detach(), labels.shape[1]
        self.losses[self.step] = values
        self.weighted += values * n
        self.correct += (outputs.detach().argmax(dim=2) == labels).flatten(1).sum(dim=1)
        self.samples += n
        self.step += 1

    def records(self, epoch: int, seconds: float) -> list[Epoch]:
        return [
            {
                "epoch": epoch,
                "train_loss": weighted / self.samples,
                "train_accuracy": correct / self.samples,
                "seconds": seconds / len(self.weighted),
            }
            for weighted, correct in zip(self.weighted.tolist(), self.correct.tolist(), strict=True)
        ]


def _tensors(model: nn.Module) -> Iterable[tuple[str, Tensor]]:
    return chain(model.named_parameters(), model.named_buffers())


def _checked(seeds: Iterable[int], epochs: int, batch_size: int) -> list[int]:
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if value < 1:
            raise ValueError(f"{name} is {value}; it must be at least 1")
    numbers = [operator.index(seed) for seed in seeds]
    if not numbers:
        raise ValueError("there are no seeds; pass one or more, (0, 1, 2) say")
    if len(set(numbers)) < len(numbers):
        twice = next(seed for seed in numbers if numbers.count(seed) > 1)
        raise ValueError(f"the seed {twice} comes twice; pass every seed once")
    return numbers


def _build(build: Callable[[], nn.Module], seeds: Sequence[int]) -> list[nn.Module]:
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


def _require_constant_buffers(model: nn.Module, x: Tensor) -> None:
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


def _require_finite(
    losses: Tensor, epoch: int, seeds: Sequence[int], histories: Sequence[History], optimizer: Optimizer
) -> None:
    bad = (~losses.isfinite()).nonzero()
    if len(bad):
        step, place = bad[0].tolist()
        rate = optimizer.param_groups[0]["lr"]
        raise NonFiniteLossError(
            f"the training loss of seed {seeds[place]} became {losses[step, place].item()} in epoch {epoch}, "
            f"step {step + 1} (learning rate {rate:g}); lower the learning rate or scale the inputs",
            histories[place],
        )
