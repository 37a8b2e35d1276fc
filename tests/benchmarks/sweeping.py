"""Many small runs: sixteen seeds of a tiny network, one after another, in processes and stacked."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import fmean

from torch.nn import functional as F

from coursekit.data import LabelledImages, load
from coursekit.models import mlp
from coursekit.training import fit_stacked, sweep

from .recipes import Data, Recipe, Trained, accuracy, library, tutorial
from .timing import Prepared, Way, size

SEEDS = range(16)


def many_seeds(samples: int, epochs: int, scale: float) -> Prepared:
    """The same training under every seed; the accuracy is the mean over them, found within the timing."""
    data = load("fashion-mnist")
    recipe = Recipe(
        build=partial(mlp, (32,), in_features=16),
        train=_pooled(data.train[: size(samples, scale, 32)]),
        test=_pooled(data.test[:1_000]),
        batch_size=32,
        epochs=epochs,
        learning_rate=1e-2,
        prepare=_as_they_are,
    )
    ways = {
        "tutorial-0": ("DataLoader tutorial, one by one", partial(one_by_one, tutorial, recipe)),
        "coursekit-fit": ("coursekit, fit one by one", partial(one_by_one, library, recipe)),
        "coursekit-sweep": ("coursekit, sweep of 2 processes", partial(in_processes, recipe)),
        "coursekit-stacked": ("coursekit, fit_stacked", partial(stacked, recipe)),
    }
    return Prepared(
        data=f"{data.title}, averaged to 4×4 pixels",
        origin=data.origin,
        samples=len(SEEDS) * recipe.samples,
        steps=len(SEEDS) * recipe.steps,
        gflop=len(SEEDS) * recipe.gflop,
        ways=tuple(
            Way(name=name, title=title, ours=name.startswith("coursekit"), run=run, score=fmean)
            for name, (title, run) in ways.items()
        ),
    )


def one_by_one(train: Callable[[Recipe], Trained], recipe: Recipe) -> list[float]:
    """Accuracies of the runs, made one after another."""
    recipes = (replace(recipe, seed=seed) for seed in SEEDS)
    return [accuracy(seeded, train(seeded)) for seeded in recipes]


def in_processes(recipe: Recipe) -> list[float]:
    """The same by `sweep` with two processes of one thread each."""

    def run(*, seed: int) -> dict[str, float]:
        own = replace(recipe, seed=seed)
        return {"accuracy": accuracy(own, library(own))}

    runs = sweep(run, {"all": {}}, seeds=SEEDS, workers=2, progress=False)
    for error in runs["error"].dropna():
        raise RuntimeError(error)
    return runs["accuracy"].tolist()


def stacked(recipe: Recipe) -> list[float]:
    """The same by `fit_stacked`."""
    runs = fit_stacked(
        recipe.build,
        recipe.train,
        seeds=SEEDS,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        optimizer=recipe.optimizer,
        prepare=recipe.prepare,
        progress=False,
    )
    return [accuracy(recipe, Trained(model, history)) for model, history in runs]


def _pooled(images: LabelledImages) -> Data:
    return F.avg_pool2d(images.images.float() / 255, 7).flatten(1), images.labels


def _as_they_are(inputs):
    return inputs
