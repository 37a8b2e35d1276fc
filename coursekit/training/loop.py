"""The training loop: one visible loop over epochs and mini-batches that live on the model's device."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from coursekit.training.batches import (
    Data,
    Transform,
    as_tensors,
    epoch_order,
    require_positive,
    rows,
    seeded,
    to_float,
)
from coursekit.training.buckets import bucketed_order, checked_lengths, cut
from coursekit.training.checkpoint import Checkpoint
from coursekit.training.engine import Auto, Engine
from coursekit.training.evaluation import Loss, Precision, autocast, device_of, evaluate
from coursekit.training.history import History
from coursekit.training.progress import tqdm
from coursekit.training.tally import Tally

OptimizerFactory = Callable[[Iterable[nn.Parameter]], Optimizer]
Schedule = Callable[[Optimizer, int], LRScheduler]


def fit(
    model: nn.Module,
    data: Data,
    *,
    epochs: int,
    batch_size: int,
    optimizer: OptimizerFactory,
    loss: Loss = F.nll_loss,
    prepare: Transform = to_float,
    augment: Transform | None = None,
    validation: Data | None = None,
    schedule: Schedule | None = None,
    seed: int = 0,
    precision: Precision | Auto = "float32",
    channels_last: bool | Auto = False,
    rearrange: bool | Auto = False,
    compile: bool | Auto = False,
    fused: bool | Auto = False,
    keep_memory: bool | Auto = False,
    flush_denormal: bool | Auto = False,
    lengths: Tensor | None = None,
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> History:
    """Train `model` in place and return the record of the run.

    The whole data set lives on the model's device as it is (images as bytes); a batch is a selection of
    rows that is augmented and prepared there. For one seed, device and thread count the result is the
    same each time, and the same again after an interruption.

    What makes a run faster is off by default. ``fit(…, **AUTO)`` leaves it to the run's length and the
    device; what was chosen is printed with the bar, and is in the history.

    Parameters
    ----------
    model
        Maps prepared inputs ``(n, …)`` to scores ``(n, classes)``.
    data
        Inputs ``(n, …)`` and labels ``(n,)``: a pair of tensors or an object with a pair in ``.tensors``.
    epochs, batch_size
        Passes over the data, and samples a step; the last batch of an epoch may be smaller.
    optimizer
        Makes the optimiser from the parameters, ``functools.partial(torch.optim.Adam, lr=1e-3)`` say.
    loss
        Mean loss of a batch from scores and labels; the default is for log-probabilities.
    prepare
        Turns a batch of inputs into what the model takes, in training and in validation.
    augment
        Applied before `prepare`, in training only.
    validation
        Data to evaluate after every epoch.
    schedule
        Makes a learning-rate schedule from the optimiser and the number of steps; advanced every step.
    seed
        Fixes the order of the samples and every random number of augmentation and dropout.
        The initial weights are the caller's: build the model inside ``seeded(seed)``.
    precision
        ``"bfloat16"`` computes in mixed precision, which changes results slightly: products are rounded to 8
        significant bits. ``"auto"`` takes it for convolutions in batches of 32 or more, where the device has
        instructions for it; on a CPU not for convolutions of a single channel, which wait for memory. The
        package's LSTMs stay in 32 bits on a CPU without such instructions.
    channels_last
        Stores images and kernels with the channel as the last dimension: faster convolutions, other last
        digits, and other units of an image dropped by dropout. ``"auto"`` takes it for convolutions.
    rearrange
        Pools before an activation that never falls, pools and flattens images as they are stored, and does
        not pack a translator's sentences: the same function, up to the last digits (`rearranged`). ``"auto"``
        takes it with convolutions and for a `Translator`.
    compile
        Joins and compiles operations, which takes some 20 seconds and changes last digits; on a GPU captures
        steps as CUDA graphs. ``"auto"`` takes it for long runs on a GPU.
    fused
        One call for a step of the optimiser, where torch has one: other last digits. ``"auto"`` takes it
        where it can.
    keep_memory
        Lets glibc keep freed memory for the next step, in large pages where the kernel has them, from now on;
        changes no number. ``"auto"`` takes it on a CPU.
    flush_denormal
        Takes numbers below 1.2e-38, with which processors are slow, for 0 during the run: gradients through
        long sequences are full of them (`flushing_denormals`). ``"auto"`` takes it on a CPU where it can.
    lengths
        Length of every sequence, ``(n,)``, if inputs are sequences padded on the right along their last
        dimension: batches are of about equal length (`bucketed_order`), and inputs, and targets of more than
        one dimension, are cut to their longest. Other batches than without it, so another run.
    checkpoint
        File written at the end of every epoch; if it exists, training goes on from it.
    progress
        Show a bar (``TQDM_DISABLE=1`` hides it everywhere).

    Returns
    -------
    History
        After Ctrl-C it is marked `interrupted`, and the model holds the end of its last whole epoch.

    Raises
    ------
    ValueError, TypeError
        If an argument does not fit; the message names it.
    NonFiniteLossError
        If a loss is infinite or not a number; the message says in which epoch and step.

    Examples
    --------
    >>> x = torch.linspace(-1, 1, 200).unsqueeze(1)
    >>> y = (x[:, 0] > 0).long()
    >>> with seeded(0):
    ...     model = nn.Sequential(nn.Linear(1, 2), nn.LogSoftmax(dim=1))
    >>> history = fit(model, (x, y), epochs=5, batch_size=20, progress=False,
    ...               optimizer=lambda parameters: torch.optim.SGD(parameters, lr=1.0))
    >>> history["train_accuracy"][-1] > 0.95
    True
    """
    require_positive(epochs=epochs, batch_size=batch_size)
    device = device_of(model)
    inputs, targets = (tensor.to(device) for tensor in as_tensors(data))
    held_out = None if validation is None else as_tensors(validation)
    sizes = None if lengths is None else checked_lengths(lengths, inputs)
    parameters = list(model.parameters())
    opt = optimizer(parameters)
    steps = math.ceil(len(inputs) / batch_size)
    asked = {
        "precision": precision,
        "channels_last": channels_last,
        "rearrange": rearrange,
        "compile": compile,
        "fused": fused,
        "keep_memory": keep_memory,
        "flush_denormal": flush_denormal,
    }
    engine = Engine.choose(asked, model, opt, device=device, steps=epochs * steps, batch_size=batch_size)
    layout = torch.channels_last if engine.channels_last else torch.preserve_format
    model.to(memory_format=layout)
    engine.prepare(opt)
    scheduler = None if schedule is None else schedule(opt, epochs * steps)
    settings = _settings(opt, schedule, epochs, batch_size, seed, len(inputs), engine.precision)
    file = None if checkpoint is None else Checkpoint(Path(checkpoint), settings)
    restored = None if file is None else file.restore(model, opt, scheduler)
    history = History(samples=len(inputs)) if restored is None else restored
    history.chosen = {name: getattr(engine, name) for name, value in asked.items() if value == "auto"}
    view = engine.view(model, batch_size=batch_size)
    run = engine.compiled(view, device)

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        if sizes is None:
            order = epoch_order(len(inputs), seed=seed, epoch=epoch).to(device)
            return (rows(inputs, targets, index) for index in order.split(batch_size))
        order = bucketed_order(sizes, batch_size, seed=seed, epoch=epoch)
        return (cut(inputs, targets, index, int(sizes[index].max())) for index in order.split(batch_size))

    def train_epoch(epoch: int, tally: Tally) -> None:
        for x, y in batches(epoch):
            x = prepare(x if augment is None else augment(x)).contiguous(memory_format=layout)
            with autocast(device, engine.precision):
                outputs = run(x)
            batch_loss = loss(outputs.float(), y)
            for parameter in parameters:  # zero_grad would look for them in every step
                parameter.grad = None
            batch_loss.backward()
            opt.step()
            if scheduler is not None:
                scheduler.step()
            tally.add(batch_loss, outputs, y)
            bar.update()

    done = len(history)
    hidden: dict[str, Any] = {} if progress else {"disable": True}
    with engine.running(), tqdm(total=epochs * steps, initial=done * steps, unit="step", **hidden) as bar:
        if history.chosen and progress:
            bar.write(f"chosen for {epochs * steps:,} steps: {engine}")
        for epoch in range(done + 1, epochs + 1):
            bar.set_description(f"epoch {epoch}/{epochs}")
            last_whole = deepcopy(model.state_dict())
            begin = time.perf_counter()
            tally = Tally()
            try:
                model.train()
                with seeded(seed, epoch=epoch, device=device):
                    train_epoch(epoch, tally)
                [record] = tally.records(epoch, begin=begin)
                tally.require_finite(epoch, [history], rate=opt.param_groups[0]["lr"])
                if held_out is not None:
                    scores = evaluate(view, held_out, loss=loss, prepare=prepare, precision=engine.precision)
                    record |= {"validation_loss": scores.loss, "validation_accuracy": scores.accuracy}
            except KeyboardInterrupt:
                model.load_state_dict(last_whole)
                history.interrupted = True
                bar.write(
                    f"stopped in epoch {epoch} of {epochs}; the model holds the end of epoch {epoch - 1}"
                )
                break
            history.add(record, step_losses=tally.losses()[0])
            if file is not None:
                file.save(model, opt, scheduler, history)
            bar.set_postfix({name: f"{value:.4f}" for name, value in record.items() if "_" in name})
    return history


def _settings(
    optimizer: Optimizer,
    schedule: Schedule | None,
    epochs: int,
    batch_size: int,
    seed: int,
    samples: int,
    precision: Precision,
) -> dict[str, Any]:
    settings = optimizer.defaults | {
        "optimizer": type(optimizer).__name__,
        "batch_size": batch_size,
        "seed": seed,
        "samples": samples,
        "precision": precision,
    }
    # A schedule is made for a number of steps; without one a run may be continued for longer.
    return settings if schedule is None else settings | {"epochs": epochs}
