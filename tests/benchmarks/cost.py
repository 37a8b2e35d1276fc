"""How cost grows: time and memory of a training step by size, and of many runs, into ``cost.json``.

``PYTHONPATH=tests python -m benchmarks.cost``; ``--scale 0.1 --output FILE`` is for trying.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.attention import scaled_dot_product_attention
from coursekit.evidence.card_files import render, rounded
from coursekit.models import LSTMClassifier, cnn, mlp
from coursekit.training import fit, fit_stacked, seeded, sweep

from .files import head, spare, write

RECORD = Path("book/performance/cost.json")

# A repetition lasts at least that long, so that the clock and what else runs weigh little.
LEAST_SECONDS = 0.05


@dataclass
class Job:
    """What is timed at one size, the bytes that are counted, and the seconds of every repetition."""

    run: Callable[[], Any]
    kept: int | None = None
    parameters: int | None = None
    optimizer: int | None = None
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What grows, at which sizes, and what is done at a size by every line.

    Parameters
    ----------
    title, varies
        What a page prints over the figure and at its horizontal axis.
    sizes
        In ascending order.
    lines
        Makes the job of a size, by the line's name.
    repetitions, least
        Of every job, and seconds that one of them lasts at least.
    """

    title: str
    varies: str
    sizes: Sequence[int]
    lines: dict[str, Callable[[int], Job]]
    repetitions: int = 7
    least: float = LEAST_SECONDS


def classifier_step(model: nn.Module, inputs: Tensor) -> Job:
    """One step of Adam on a batch whose labels are all 0."""
    labels = torch.zeros(len(inputs), dtype=torch.int64)
    optimizer = torch.optim.Adam(model.parameters())

    def loss() -> Tensor:
        return F.nll_loss(model(inputs), labels)

    def step() -> None:
        value = loss()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()

    step()
    state = (tensor for entry in optimizer.state.values() for tensor in entry.values())
    return Job(
        run=step,
        kept=kept_bytes(loss, besides=model.parameters()),
        parameters=total_bytes(model.parameters()),
        optimizer=total_bytes(state),
    )


def attention_step(length: int) -> Job:
    """Attention among all positions, eight samples of 64 features, and its way back."""
    query, key, value = (torch.randn(8, length, 64, requires_grad=True) for _ in range(3))

    def loss() -> Tensor:
        return scaled_dot_product_attention(query, key, value)[0].sum()

    return Job(
        run=lambda: torch.autograd.grad(loss(), (query, key, value)),
        kept=kept_bytes(loss, besides=(query, key, value)),
    )


def kept_bytes(forward: Callable[[], Tensor], *, besides: Iterable[Tensor]) -> int:
    """Bytes that autograd keeps for the way back, each once, without those of the tensors in `besides`."""
    known = {tensor.untyped_storage().data_ptr() for tensor in besides}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        outcome = forward()
    del outcome
    return sum(kept.values())


def total_bytes(tensors: Iterable[Tensor]) -> int:
    """Bytes of the numbers in all tensors."""
    return sum(tensor.nbytes for tensor in tensors)


def cnn_step(*, batch: int = 32, width: int = 16, side: int = 28) -> Job:
    """A step of the CNN with two convolutions of equal width and an average over all positions."""
    model = cnn((width, width), head="average", image_size=side)
    return classifier_step(model, torch.rand(batch, 1, side, side))


def mlp_step(width: int) -> Job:
    """A step of an MLP with two hidden layers, on 32 images."""
    return classifier_step(mlp((width, width)), torch.rand(32, 784))


def lstm_step(length: int) -> Job:
    """A step of the review classifier, on 32 reviews."""
    model = LSTMClassifier(1_000, 32, hidden=64, dropout=0)
    return classifier_step(model, torch.randint(1_000, (32, length)))


RUN = {"epochs": 2, "batch_size": 32, "optimizer": torch.optim.Adam, "progress": False}


def many_runs(train: Callable[..., object], count: int) -> Job:
    """`count` seeds of a tiny MLP."""
    return Job(run=partial(train, range(count)))


def one_by_one(seeds: Iterable[int]) -> None:
    """Run after run, in this process."""
    for seed in seeds:
        tiny_run(seed=seed)


def in_processes(seeds: Iterable[int]) -> None:
    """By two processes of one thread each."""
    sweep(tiny_run, {"all": {}}, seeds=seeds, workers=2, progress=False)


def stacked(seeds: Iterable[int]) -> None:
    """As one stack of parameters."""
    fit_stacked(tiny_mlp, samples(), seeds=seeds, prepare=nn.Identity(), **RUN)


def tiny_run(*, seed: int) -> dict[str, float]:
    """One of the runs."""
    with seeded(seed):
        model = tiny_mlp()
    history = fit(model, samples(), seed=seed, prepare=nn.Identity(), **RUN)
    return {"loss": history["train_loss"][-1]}


def tiny_mlp() -> nn.Module:
    """16 inputs, 32 hidden units, 10 classes."""
    return mlp((32,), in_features=16)


def samples() -> tuple[Tensor, Tensor]:
    """Inputs and labels without a meaning, the same each time."""
    with seeded(0):
        return torch.rand(1_024, 16), torch.randint(10, (1_024,))


def doubling(first: int, last: int) -> list[int]:
    """From `first`, each size twice the one before, up to `last`.

    Examples
    --------
    >>> doubling(4, 20)
    [4, 8, 16]
    """
    sizes = [first]
    while 2 * sizes[-1] <= last:
        sizes.append(2 * sizes[-1])
    return sizes


SWEEPS = {
    "batch": Sweep(
        title="batch size of a CNN",
        varies="images a step",
        sizes=doubling(1, 512),
        lines={"CNN": lambda batch: cnn_step(batch=batch)},
    ),
    "width": Sweep(
        title="width of a CNN",
        varies="channels",
        sizes=doubling(4, 128),
        lines={"CNN": lambda width: cnn_step(width=width)},
    ),
    "side": Sweep(
        title="image size",
        varies="side of the image, pixels",
        sizes=doubling(8, 128),
        lines={"CNN": lambda side: cnn_step(side=side)},
    ),
    "units": Sweep(
        title="width of an MLP",
        varies="units of a hidden layer",
        sizes=doubling(32, 2_048),
        lines={"MLP": mlp_step},
    ),
    "length": Sweep(
        title="length of a sequence",
        varies="positions",
        sizes=doubling(16, 1_024),
        lines={"LSTM": lstm_step, "attention": attention_step},
    ),
    "runs": Sweep(
        title="number of runs",
        varies="runs",
        sizes=doubling(1, 16),
        lines={
            "one after another": partial(many_runs, one_by_one),
            "two processes": partial(many_runs, in_processes),
            "stacked": partial(many_runs, stacked),
        },
        repetitions=3,
        least=0,
    ),
}


def measured(name: str, plan: Sweep, scale: float) -> dict[str, Any]:
    """A sweep as JSON; below scale 1 with fewer sizes and repetitions."""
    sizes = [size for size in plan.sizes if size <= max(scale * plan.sizes[-1], plan.sizes[2])]
    with seeded(0):
        jobs = {line: [make(size) for size in sizes] for line, make in plan.lines.items()}
    everything = [job for line in jobs.values() for job in line]
    for job in everything:
        job.run()
    # In turn, so that what disturbs the machine for a while disturbs no size alone.
    for _ in range(max(2, round(scale * plan.repetitions))):
        for job in everything:
            job.seconds.append(rounded(seconds(job.run, least=plan.least)))
    lines = [as_json(line, sizes, own) for line, own in jobs.items()]
    return {"name": name, "title": plan.title, "varies": plan.varies, "lines": lines}


def seconds(run: Callable[[], Any], *, least: float) -> float:
    """Mean seconds of a call, over as many calls as take `least` seconds together."""
    begin, calls = time.perf_counter(), 0
    while not calls or time.perf_counter() - begin < least:
        run()
        calls += 1
    return (time.perf_counter() - begin) / calls


def as_json(name: str, sizes: list[int], jobs: list[Job]) -> dict[str, Any]:
    """A line, with the bytes that were counted for all of its sizes."""
    found: dict[str, Any] = {"name": name, "x": sizes, "seconds": [job.seconds for job in jobs]}
    for key in ("kept", "parameters", "optimizer"):
        values = [getattr(job, key) for job in jobs]
        if None not in values:
            found[key] = values
    return found


def main(arguments: list[str] | None = None) -> None:
    """Measure all sweeps and write them down."""
    parser = argparse.ArgumentParser(prog="benchmarks.cost", description=__doc__.partition(":")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="below 1: fewer sizes and repetitions")
    parser.add_argument("--output", type=Path, default=RECORD)
    options = parser.parse_args(arguments)
    spare(RECORD, options.output, trial=options.scale != 1)
    found = []
    for name, plan in SWEEPS.items():
        begin = time.perf_counter()
        found.append(measured(name, plan, options.scale))
        print(f"{plan.title}: {time.perf_counter() - begin:.0f} s", flush=True)
    write(options.output, render({**head(), "scale": options.scale, "sweeps": found}))


if __name__ == "__main__":
    main()
