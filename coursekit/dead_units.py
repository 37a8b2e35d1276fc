"""Dead units: those whose ReLU is 0 for every image of a set, counted once or while a network trains."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from coursekit.training.batches import Transform, to_float
from coursekit.training.evaluation import device_of, evaluating

OptimizerFactory = Callable[[Iterable[nn.Parameter]], Optimizer]


def dead_units(
    model: nn.Module, images: Tensor, *, prepare: Transform = to_float, batch_size: int = 1_000
) -> dict[str, float]:
    """Share of dead units behind every ReLU of the model, by the name of the ReLU, each between 0 and 1.

    A unit is dead if its ReLU puts out 0 for every one of the images: for them its weights have no gradient.
    A map of a convolution counts as one unit, dead if it is 0 at every pixel of every image.

    Parameters
    ----------
    model
        Has at least one ``nn.ReLU`` whose output is ``(n, units)`` or ``(n, channels, …)``. It runs in
        evaluation mode without gradients; its own mode is restored.
    images
        Inputs ``(n, …)``, at least one; on any device.
    prepare
        Applied to every batch of images on the model's device.

    Raises
    ------
    ValueError
        If the model has no ReLU, or there are no images.

    Examples
    --------
    The second of two units needs more than the inputs give:

    >>> model = nn.Sequential(nn.Linear(1, 2), nn.ReLU())
    >>> with torch.no_grad():
    ...     _ = model[0].weight.fill_(1.0), model[0].bias.copy_(torch.tensor([0.0, -2.0]))
    >>> dead_units(model, torch.rand(10, 1))
    {'1': 0.5}
    """
    relus = _relus(model)
    if not len(images):
        raise ValueError("images is empty; pass at least one")
    alive: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[..., None]:
        def look(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            on = (output > 0).transpose(0, 1).flatten(1).any(dim=1)
            alive[name] = alive[name] | on if name in alive else on

        return look

    device = device_of(model)
    handles = [relu.register_forward_hook(watch(name)) for name, relu in relus.items()]
    try:
        with evaluating(model, "float32"):
            for batch in images.split(batch_size):
                model(prepare(batch.to(device)))
    finally:
        for handle in handles:
            handle.remove()
    return {name: 1 - on.double().mean().item() for name, on in alive.items()}


class DeadUnits:
    """Counts dead units before every `every`-th step of a training run, on images that you choose.

    It looks on from a hook of the optimiser, as `coursekit.gradients.GradientNorms` does.

    Parameters
    ----------
    model
        The network that is trained.
    images, prepare
        As `dead_units` takes them.
    every
        Steps from one count to the next, at least 1; the first count is made before the first step.

    Attributes
    ----------
    layers
        Names of the ReLUs.
    steps
        How many steps had been taken at each count, from 0.

    Examples
    --------
    >>> from functools import partial
    >>> from coursekit.training import fit
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2), nn.LogSoftmax(dim=1))
    >>> x, y = torch.rand(20, 2), torch.arange(20) % 2
    >>> dead = DeadUnits(model, x, every=2)
    >>> history = fit(model, (x, y), epochs=1, batch_size=4, progress=False,
    ...               optimizer=dead.watch(partial(torch.optim.SGD, lr=0.1)))
    >>> dead.layers, dead.steps, dead.table().shape
    (('1',), [0, 2, 4], torch.Size([3, 1]))
    """

    def __init__(
        self, model: nn.Module, images: Tensor, *, every: int = 1, prepare: Transform = to_float
    ) -> None:
        if every < 1:
            raise ValueError(f"every is {every}; count before every step (1) or every few (2, 3, …)")
        self._model, self._images, self._every, self._prepare = model, images, every, prepare
        self._rows: list[list[float]] = []
        self._seen = 0
        self.layers = tuple(_relus(model))
        self.steps: list[int] = []

    def watch(self, optimizer: OptimizerFactory) -> OptimizerFactory:
        """The same way to make an optimiser, which now also counts before its steps."""

        def watched(parameters: Iterable[nn.Parameter]) -> Optimizer:
            made = optimizer(parameters)
            made.register_step_pre_hook(self._count)
            return made

        return watched

    def table(self) -> Tensor:
        """The shares ``(counts, layers)``."""
        return torch.tensor(self._rows) if self._rows else torch.empty(0, len(self.layers))

    def _count(self, _optimizer: Optimizer, _args: tuple[Any, ...], _kwargs: dict[Any, Any]) -> None:
        if self._seen % self._every == 0:
            found = dead_units(self._model, self._images, prepare=self._prepare)
            self._rows.append([found[name] for name in self.layers])
            self.steps.append(self._seen)
        self._seen += 1


def _relus(model: nn.Module) -> dict[str, nn.Module]:
    relus: dict[str, nn.Module] = {
        name: module for name, module in model.named_modules() if isinstance(module, nn.ReLU)
    }
    if not relus:
        raise ValueError("the model has no nn.ReLU; dead units are counted behind these")
    return relus
