"""Many seeds at once: small models that differ in their seed alone, trained as one stack of parameters."""

import math
import operator
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.training.batches import (
    Data,
    Transform,
    as_tensors,
    epoch_order,
    require_positive,
    seeded,
    to_float,
)
from coursekit.training.evaluation import Loss, device_of, evaluate
from coursekit.training.history import History
from coursekit.training.loop import OptimizerFactory
from coursekit.training.progress import tqdm
from coursekit.training.stack import Stack, build_models, require_constant_buffers
from coursekit.training.tally import Tally


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
        itself, as SGD, Adam and the others in `coursekit.training.stack.ELEMENTWISE` do; clipping by the
        norm of all gradients, LBFGS and hooks that watch a model are refused.

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
    models = build_models(build, numbers)
    stack = Stack(models, loss)
    opt = stack.optimizer(optimizer)
    device = device_of(models[0])
    inputs, targets = (tensor.to(device) for tensor in as_tensors(data))
    held_out = None if validation is None else as_tensors(validation)
    steps = math.ceil(len(inputs) / batch_size)
    histories = [History(samples=len(inputs)) for _ in numbers]

    def train_epoch(epoch: int, tally: Tally) -> None:
        orders = [epoch_order(len(inputs), seed=seed, epoch=epoch).to(device) for seed in numbers]
        transforms = [_Drawing(prepare, augment, seed, epoch, device) for seed in numbers]
        for indices in zip(*(order.split(batch_size) for order in orders), strict=True):
            batches = zip(transforms, indices, strict=True)
            x = torch.stack([transform(inputs.index_select(0, index)) for transform, index in batches])
            y = torch.stack([targets[index] for index in indices])
            if not tally.step and epoch == 1:
                require_constant_buffers(models[0], x[0])
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
            tally = Tally(seeds=len(numbers))
            try:
                with seeded(numbers[0], epoch=epoch, device=device):
                    train_epoch(epoch, tally)
                records = tally.records(epoch, begin=begin)
                rate = opt.param_groups[0]["lr"]
                tally.require_finite(epoch, histories, rate=rate, seeds=numbers)
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
            for history, record, losses in zip(histories, records, tally.losses(), strict=True):
                history.add(record, step_losses=losses)
            mean = sum(record["train_loss"] for record in records) / len(records)
            bar.set_postfix(mean_train_loss=f"{mean:.4f}")
    return list(zip(models, histories, strict=True))


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


def _checked(seeds: Iterable[int], epochs: int, batch_size: int) -> list[int]:
    require_positive(epochs=epochs, batch_size=batch_size)
    numbers = [operator.index(seed) for seed in seeds]
    if not numbers:
        raise ValueError("there are no seeds; pass one or more, (0, 1, 2) say")
    if len(set(numbers)) < len(numbers):
        twice = next(seed for seed in numbers if numbers.count(seed) > 1)
        raise ValueError(f"the seed {twice} comes twice; pass every seed once")
    return numbers
