"""The peers, each in the form that its own documentation recommends for a run that needs no log."""

import logging
import os
import warnings
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from torch import Tensor, nn

from .recipes import Recipe, Trained, accuracy
from .timing import Way, step_ended

MODULES = {
    "lightning": "lightning.pytorch",
    "skorch": "skorch",
    "fastai": "fastai.learner",
    "keras": "keras",
    "ignite": "ignite.engine",
}


def require(name: str) -> None:
    """Raise a `SystemExit` if a peer is not installed."""
    if find_spec(name) is None:
        raise SystemExit(
            f"{name} is not installed; `make bench` installs the peers, or leave it out by --ways"
        )


def ready(name: str) -> None:
    """Import a peer, so that no timing contains it, and keep it from writing on the terminal."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    warnings.filterwarnings("ignore")
    import_module(MODULES[name])
    for logger in ("lightning.pytorch", "lightning.fabric", "ignite"):
        logging.getLogger(logger).setLevel(logging.ERROR)


def lightning(recipe: Recipe) -> Trained:
    """A `LightningModule` and the bare `Trainer`, which leaves out everything that could cost time."""
    from lightning.pytorch import LightningModule, Trainer

    class Classifier(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = recipe.model()

        def training_step(self, batch: list[Tensor]) -> Tensor:
            inputs, targets = batch
            return recipe.loss(self.model(inputs), targets)

        def configure_optimizers(self):
            return recipe.optimizer(self.parameters())

    classifier = Classifier()
    trainer = Trainer(barebones=True, max_epochs=recipe.epochs, accelerator="cpu", devices=1)
    trainer.fit(classifier, recipe.loader())
    return Trained(classifier.model)


def skorch(recipe: Recipe) -> Trained:
    """`NeuralNetClassifier` on arrays in memory, without a validation split or a printed log."""
    from skorch import NeuralNetClassifier

    class Criterion(nn.Module):
        def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
            return recipe.loss(outputs, targets)

    classifier = NeuralNetClassifier(
        recipe.model(),
        criterion=Criterion,
        optimizer=recipe.optimizer,
        lr=recipe.learning_rate,
        max_epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )
    inputs, targets = recipe.train
    classifier.fit(recipe.prepare(inputs).numpy(), targets.numpy())
    return Trained(classifier.module_)


def fastai(recipe: Recipe) -> Trained:
    """A `Learner` over fastai's own loader, with torch's optimiser instead of fastai's variant of it."""
    from fastai.callback.core import Callback, CancelValidException
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from fastai.learner import Learner
    from fastai.optimizer import OptimWrapper

    class NoValidation(Callback):
        def before_validate(self) -> None:
            raise CancelValidException

    batches = DataLoader(recipe.dataset(*recipe.train), bs=recipe.batch_size, shuffle=True, num_workers=0)
    learner = Learner(
        DataLoaders(batches, batches, device="cpu"),
        recipe.model(),
        loss_func=recipe.loss,
        opt_func=partial(OptimWrapper, opt=recipe.optimizer),
        cbs=NoValidation(),
    )
    with learner.no_logging():
        learner.fit(recipe.epochs, lr=recipe.learning_rate)
    return Trained(learner.model)


def ignite(recipe: Recipe) -> Trained:
    """The engine that `create_supervised_trainer` makes."""
    from ignite.engine import create_supervised_trainer

    model = recipe.model()
    trainer = create_supervised_trainer(model, recipe.optimizer(model.parameters()), recipe.loss)
    trainer.run(recipe.loader(), max_epochs=recipe.epochs)
    return Trained(model)


def keras(recipe: Recipe) -> Trained:
    """`Model.fit` on arrays in memory, with Keras' own layers and optimiser."""
    from keras import callbacks, losses, optimizers

    class FirstStep(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            step_ended()

    model = in_keras(recipe.model(), tuple(recipe.train[0].shape[1:]))
    model.compile(
        optimizer=optimizers.Adam(recipe.learning_rate, epsilon=1e-8),
        loss=losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    inputs, targets = recipe.train
    model.fit(
        recipe.prepare(inputs).numpy(),
        targets.numpy(),
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        verbose=0,
        callbacks=[FirstStep()],
    )
    return Trained(model)


def in_keras(model: nn.Module, shape: tuple[int, ...]):
    """The same network of Keras' layers with the same weights; its outputs are logits."""
    from keras import Sequential, layers

    made, weights = [], []
    for layer in model.modules():
        match layer:
            case nn.Conv2d():
                padding = "same" if layer.padding[0] else "valid"
                size = layer.kernel_size
                made.append(layers.Conv2D(layer.out_channels, size, padding=padding, **_CHANNELS_FIRST))
                weights += [layer.weight.permute(2, 3, 1, 0), layer.bias]
            case nn.Linear():
                made.append(layers.Dense(layer.out_features))
                weights += [layer.weight.T, layer.bias]
            case nn.MaxPool2d():
                made.append(layers.MaxPooling2D(layer.kernel_size, **_CHANNELS_FIRST))
            case nn.ReLU() | nn.Sigmoid():
                made.append(layers.Activation(type(layer).__name__.lower()))
            case nn.Dropout():
                made.append(layers.Dropout(layer.p))
            case nn.Flatten():
                made.append(layers.Flatten())
            case nn.Sequential() | nn.LogSoftmax():
                continue
            case _:
                raise TypeError(f"no layer of Keras is known for {type(layer).__name__}")
    network = Sequential([layers.Input(shape), *made])
    network.set_weights([np.ascontiguousarray(weight.detach().numpy()) for weight in weights])
    return network


_CHANNELS_FIRST = {"data_format": "channels_first"}

_PEERS = {
    "lightning": ("PyTorch Lightning", lightning, "Trainer(barebones=True) over the tutorial's loader"),
    "skorch": ("skorch", skorch, "NeuralNetClassifier on arrays in memory, no validation split"),
    "fastai": ("fastai", fastai, "Learner over fastai's loader, with torch's optimiser"),
    "keras": ("Keras on torch", keras, "Model.fit on arrays in memory, Keras' layers and optimiser"),
    "ignite": ("Ignite", ignite, "create_supervised_trainer over the tutorial's loader"),
}
TAKING_ANY_MODULE = "lightning", "skorch", "ignite"


def peers(recipe: Recipe, names: tuple[str, ...] = tuple(_PEERS)) -> tuple[Way, ...]:
    """The named peers, all that there are if not said otherwise, as ways to carry out a recipe."""
    return tuple(
        Way(
            name=name,
            title=_PEERS[name][0],
            note=_PEERS[name][2],
            run=partial(_PEERS[name][1], recipe),
            score=partial(accuracy, recipe),
            needs=name,
        )
        for name in names
    )
