"""The best epoch's weights: against a run that is stopped there, without disturbing the run."""

from functools import partial

import pytest
import torch
from torch import nn

from coursekit.training import BestWeights, evaluate, fit, seeded

SGD = partial(torch.optim.SGD, lr=0.5, momentum=0.9)


def blobs(n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % 3
    return torch.randn(n, 4, generator=generator) + y.unsqueeze(1), y


def network() -> nn.Sequential:
    with seeded(1):
        return nn.Sequential(
            nn.Linear(4, 8),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(8, 3),
            nn.LogSoftmax(dim=1),
        )


TRAIN, VALIDATION = blobs(50, 0), blobs(31, 1)


def train(model: nn.Module, optimizer, epochs: int = 6):
    return fit(
        model,
        TRAIN,
        epochs=epochs,
        batch_size=20,
        optimizer=optimizer,
        validation=VALIDATION,
        seed=3,
        progress=False,
    )


def test_it_keeps_the_weights_of_the_first_best_epoch_and_disturbs_nothing() -> None:
    model, alone = network(), network()
    best = BestWeights(model, VALIDATION, steps_per_epoch=3, also={"train": TRAIN})
    history = train(model, best.watch(SGD))
    assert history["train_loss"] == train(alone, SGD)["train_loss"]
    for name in ("validation_accuracy", "validation_loss"):
        assert best.history[name] == history[name]
    accuracies = history["validation_accuracy"]
    assert best.epoch == accuracies.index(max(accuracies)) + 1 and best.accuracy == max(accuracies)
    assert best.loss == history["validation_loss"][best.epoch - 1]
    assert best.history["train_accuracy"][-1] == evaluate(model, TRAIN).accuracy
    stopped = network()
    train(stopped, SGD, epochs=best.epoch)
    best.restore()
    for name, tensor in stopped.state_dict().items():
        assert model.state_dict()[name].equal(tensor), name


def test_of_equal_epochs_the_first_is_kept_as_a_copy() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))
    best = BestWeights(model, VALIDATION, steps_per_epoch=3)
    train(model, best.watch(partial(torch.optim.SGD, lr=0.0)))
    assert best.epoch == 1 and len(set(best.history["validation_accuracy"])) == 1
    before = model[0].weight.clone()
    nn.init.zeros_(model[0].weight)
    best.restore()
    assert model[0].weight.equal(before)


def test_mistakes_are_named() -> None:
    model = network()
    with pytest.raises(ValueError, match="steps_per_epoch is 0; an epoch has at least 1 step"):
        BestWeights(model, VALIDATION, steps_per_epoch=0)
    with pytest.raises(ValueError, match="also has a part named 'validation'"):
        BestWeights(model, VALIDATION, steps_per_epoch=1, also={"validation": TRAIN})
    best = BestWeights(model, VALIDATION, steps_per_epoch=100)
    assert best.epoch == 0
    train(model, best.watch(SGD), epochs=2)
    for read in (lambda: best.accuracy, lambda: best.loss, best.restore):
        with pytest.raises(RuntimeError, match=r"no epoch has ended yet \(steps seen: 6, an epoch has 100\)"):
            read()
