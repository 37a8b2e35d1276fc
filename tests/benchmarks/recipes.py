"""One training run, as a recipe that every way is given: the tutorial's loop, and coursekit's `fit`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torchvision.transforms.functional import to_tensor

from coursekit.counting import layer_table
from coursekit.training import AUTO, History, evaluate, fit, seeded

from .timing import Way

Data = tuple[Tensor, Tensor]

AUTO_NOTE = "fit(…, **AUTO), with lengths where sequences can be cut"


class Images(Dataset):
    """Samples as torchvision's classes hand them out: a PIL image, turned into a tensor by `ToTensor`."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        # One channel is a grey image to PIL, three are the last axis of a coloured one.
        self.images = images.squeeze(1) if images.shape[1] == 1 else images.permute(0, 2, 3, 1)
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return to_tensor(Image.fromarray(self.images[index].numpy())), int(self.labels[index])


def unit_range(images: Tensor) -> Tensor:
    """Bytes as 32-bit floats from 0 to 1: what `ToTensor` does to one image, for many."""
    return images.float() / 255


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is trained on what, and how.

    Parameters
    ----------
    build
        Makes the model; called with the same random numbers in every way.
    train, test
        Inputs and labels, as compact as coursekit keeps them.
    batch_size, epochs, rule, learning_rate, loss
        The settings of the training; `rule` is a class of optimisers or a function like one.
    dataset, prepare
        The samples one at a time, ready for the model, and the same preparation for a batch.
    lengths
        Of the sequences, where there are any.
    seed
        Fixes the first weights and coursekit's order of the samples.
    """

    build: Callable[[], nn.Module]
    train: Data
    test: Data
    batch_size: int
    epochs: int = 1
    rule: Callable[..., Optimizer] = torch.optim.Adam
    learning_rate: float = 1e-3
    loss: Callable[[Tensor, Tensor], Tensor] = F.nll_loss
    dataset: Callable[[Tensor, Tensor], Dataset] = TensorDataset
    prepare: Callable[[Tensor], Tensor] = unit_range
    lengths: Tensor | None = None
    seed: int = 0

    @property
    def optimizer(self) -> Callable[..., Optimizer]:
        """Makes the optimiser from the parameters."""
        return partial(self.rule, lr=self.learning_rate)

    @property
    def samples(self) -> int:
        return self.epochs * len(self.train[0])

    @property
    def steps(self) -> int:
        return self.epochs * ceil(len(self.train[0]) / self.batch_size)

    @property
    def gflop(self) -> float:
        """Two operations a multiply-add; the way back costs twice the way there."""
        prepared = _Prepared(self.prepare, self.model())
        counted = layer_table(prepared, tuple(self.train[0].shape[1:])).multiply_adds
        return 3 * 2 * counted * self.samples / 1e9

    def model(self) -> nn.Module:
        """The model with its first weights, the same each time."""
        with seeded(self.seed):
            return self.build()

    def loader(self, *, workers: int = 0) -> DataLoader:
        """The tutorial's: samples one at a time, put together by torch."""
        data = self.dataset(*self.train)
        return DataLoader(
            data, self.batch_size, shuffle=True, num_workers=workers, persistent_workers=workers > 0
        )


class Trained(NamedTuple):
    """A trained model, and the record of the training where there is one."""

    model: nn.Module
    history: History | None = None


def tutorial(recipe: Recipe, *, workers: int = 0) -> Trained:
    """The loop as the tutorials write it."""
    model = recipe.model()
    optimizer = recipe.optimizer(model.parameters())
    loader = recipe.loader(workers=workers)
    for _ in range(recipe.epochs):
        for inputs, targets in loader:
            loss = recipe.loss(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return Trained(model)


def library(recipe: Recipe, **options: Any) -> Trained:
    """The same by `fit`."""
    model = recipe.model()
    history = fit(
        model,
        recipe.train,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        optimizer=recipe.optimizer,
        loss=recipe.loss,
        prepare=recipe.prepare,
        seed=recipe.seed,
        progress=False,
        **options,
    )
    return Trained(model, history)


def accuracy(recipe: Recipe, trained: Trained) -> float:
    """Share of the test data that is classified rightly."""
    return evaluate(trained.model, recipe.test, loss=recipe.loss, prepare=recipe.prepare).accuracy


def tutorials(recipe: Recipe) -> tuple[Way, ...]:
    """The tutorial's loop without and with worker processes."""
    return tuple(
        Way(
            name=f"tutorial-{workers}",
            title=f"DataLoader tutorial, {workers} workers",
            note=f"a plain loop over torch's DataLoader, num_workers={workers}",
            run=partial(tutorial, recipe, workers=workers),
            score=partial(accuracy, recipe),
        )
        for workers in (0, 2)
    )


def ours(recipe: Recipe) -> tuple[Way, ...]:
    """`fit` as it is, with sequences cut where there are lengths, and with everything that it can choose."""
    cut = {} if recipe.lengths is None else {"lengths": recipe.lengths}
    ways = {"coursekit-plain": ("coursekit, plain", "fit with its defaults", {})}
    if cut:
        ways["coursekit-lengths"] = ("coursekit, lengths", "batches of similar lengths, cut to theirs", cut)
    ways["coursekit-auto"] = ("coursekit, auto", AUTO_NOTE, {**AUTO, **cut})
    return tuple(
        Way(
            name=name,
            title=title,
            note=note,
            ours=True,
            run=partial(library, recipe, **options),
            score=partial(accuracy, recipe),
            detail=chosen,
            compiles="compile" in options,
        )
        for name, (title, note, options) in ways.items()
    )


def chosen(trained: Trained) -> str:
    """What `fit` chose by itself, in words."""
    choices = getattr(trained.history, "chosen", {})
    return ", ".join(f"{name} {value}" for name, value in choices.items())


class _Prepared(nn.Module):
    def __init__(self, prepare: Callable[[Tensor], Tensor], model: nn.Module) -> None:
        super().__init__()
        self.prepare, self.model = prepare, model

    def forward(self, inputs: Tensor) -> Tensor:
        return self.model(self.prepare(inputs))
