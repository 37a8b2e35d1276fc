"""The cases, by name: what is trained, at which size, and which peers make sense for it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from coursekit.data import load
from coursekit.data.words import Vocabulary, course_words, encode
from coursekit.models import LSTMClassifier, cifar_cnn, course_cnn, kuzushiji_cnn, mlp
from coursekit.training import clipped

from . import sweeping, toeplitz, translation
from .peers import TAKING_ANY_MODULE, peers
from .recipes import Images, Recipe, ours, tutorials
from .timing import Prepared, Way, size

WORDS = 200


@dataclass(frozen=True)
class Case:
    """What a table is called, and what makes the case at a scale: 1 is at most half a minute of baseline."""

    title: str
    prepare: Callable[[float], Prepared]


def images(
    name: str, build: Callable[[], nn.Module], batch_size: int, samples: int, scale: float, *, epochs: int = 1
) -> Prepared:
    """A classifier of images, by every peer; Adam with the learning rate 0.001."""
    data = load(name)
    train, test = data.train[: size(samples, scale, batch_size)], data.test[: size(2_000, scale, 50)]
    recipe = Recipe(
        build=build,
        train=train.tensors,
        test=test.tensors,
        batch_size=batch_size,
        epochs=epochs,
        dataset=Images,
    )
    ways = (*tutorials(recipe), *peers(recipe), *ours(recipe))
    return _prepared(data.title, data.origin, recipe, ways)


def reviews(samples: int, scale: float) -> Prepared:
    """The course's LSTM; its padding stands on the left, so that no batch could be cut.

    Keras and fastai are left out: another LSTM and another Adagrad the one, a text pipeline of its own the
    other.
    """
    data = load("imdb")
    train, test = data.train[: size(samples, scale, 50)], data.test[: size(1_000, scale, 50)]
    words = [course_words(text) for text in train.texts]
    known = Vocabulary.of(words, unknown=True)
    ids = encode(words, known, length=WORDS, padding="left")
    unseen = encode([course_words(text) for text in test.texts], known, length=WORDS, padding="left")
    recipe = Recipe(
        build=partial(LSTMClassifier, len(known)),
        train=(ids, train.labels),
        test=(unseen, test.labels),
        batch_size=50,
        rule=clipped_adagrad,
        learning_rate=0.01,
        prepare=Tensor.long,
    )
    ways = (*tutorials(recipe), *peers(recipe, TAKING_ANY_MODULE), *ours(recipe))
    return _prepared(data.title, data.origin, recipe, ways)


def clipped_adagrad(parameters, *, lr: float) -> Optimizer:
    """The optimiser of the course's LSTM."""
    return clipped(partial(torch.optim.Adagrad, lr=lr, lr_decay=1e-4), max_norm=5)(parameters)


def _prepared(data: str, origin: str, recipe: Recipe, ways: tuple[Way, ...]) -> Prepared:
    return Prepared(
        data=data,
        origin=origin,
        samples=recipe.samples,
        steps=recipe.steps,
        gflop=recipe.gflop,
        ways=ways,
    )


CASES = {
    "fashion-cnn-100": Case(
        "Fashion-MNIST CNN, batch 100", partial(images, "fashion-mnist", course_cnn, 100, 8_000, epochs=2)
    ),
    "kmnist-cnn-8": Case("KMNIST CNN, batch 8", partial(images, "kmnist", kuzushiji_cnn, 8, 5_000)),
    "kmnist-cnn-128": Case(
        "KMNIST CNN, batch 128", partial(images, "kmnist", kuzushiji_cnn, 128, 6_000, epochs=3)
    ),
    "cifar-cnn-32": Case("CIFAR-10 CNN, batch 32", partial(images, "cifar-10", cifar_cnn, 32, 3_500)),
    "cifar-cnn-128": Case("CIFAR-10 CNN, batch 128", partial(images, "cifar-10", cifar_cnn, 128, 4_000)),
    "mlp-128": Case(
        "MLP 784-256-256-10, batch 128", partial(images, "fashion-mnist", mlp, 128, 8_000, epochs=4)
    ),
    "deep-mlp-128": Case(
        "54 hidden layers of 64, batch 128",
        partial(images, "fashion-mnist", partial(mlp, (64,) * 54), 128, 8_000, epochs=2),
    ),
    "lstm-50": Case("LSTM of reviews, batch 50", partial(reviews, 1_000)),
    "translator-64": Case("Translator with attention, batch 64", partial(translation.training, 2_400)),
    "greedy": Case("Translating sentences, greedy", partial(translation.greedy_decoding, 1_000)),
    "beam-4": Case("Translating sentences, beam of 4", partial(translation.beam_decoding, 1_000)),
    "toeplitz": Case("Toeplitz matrix", partial(toeplitz.matrix, 28, 5)),
    "sweep-16": Case("16 seeds of a tiny MLP", partial(sweeping.many_seeds, 1_000, 5)),
}
