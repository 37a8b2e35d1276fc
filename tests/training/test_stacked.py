"""Stacked runs against separate ones: same losses, weights and random numbers, and a refusal of the rest."""

import time
from functools import partial
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from coursekit.models import cnn, mlp
from coursekit.training import NonFiniteLossError, after_epochs, clipped, fit, seeded
from coursekit.training.stack import ELEMENTWISE
from coursekit.training.stacked import fit_stacked

ADAM = partial(torch.optim.Adam, lr=1e-2)
SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)
MLP = partial(mlp, (8,), in_features=64, classes=2)
CNN = partial(cnn, (4,), image_size=8, classes=2)


def to_unit(batch):
    return batch.float() / 255


def to_double(batch):
    return batch.double() / 255


def samples(n=47):
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (n, 1, 8, 8), dtype=torch.uint8, generator=generator)
    return images, (images.float().mean(dim=(1, 2, 3)) > 127).long()


ARGUMENTS = {"epochs": 2, "batch_size": 10, "optimizer": SGD, "prepare": to_unit, "progress": False}


def separate(build, data, seed, **arguments):
    with seeded(seed):
        model = build()
    return model, fit(model, data, seed=seed, **arguments)


def assert_same(runs, others, *, tolerance=1e-5):
    """Equal within rounding; the losses are 32-bit floats whatever the model's type is."""
    for (model, history), (other, expected) in zip(runs, others, strict=True):
        assert history.step_losses == pytest.approx(expected.step_losses, rel=1e-5, abs=1e-7)
        assert history.to_dict().keys() == expected.to_dict().keys()
        assert (history.samples, history["epoch"]) == (expected.samples, expected["epoch"])
        for name in expected.to_dict().keys() - {"epoch", "seconds"}:
            assert history[name] == pytest.approx(expected[name], rel=1e-5, abs=1e-7), name
        ours, theirs = model.state_dict(), other.state_dict()
        assert ours.keys() == theirs.keys()
        for name in ours:
            torch.testing.assert_close(ours[name], theirs[name], rtol=tolerance, atol=tolerance)


class Elman(nn.Module):
    """A recurrent network of linear layers that reads ids."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 3)
        self.state = nn.Linear(3 + 5, 5)
        self.out = nn.Linear(5, 2)

    def forward(self, ids):
        state = torch.zeros(len(ids), 5)
        for word in self.embedding(ids).unbind(dim=1):
            state = torch.tanh(self.state(torch.cat([word, state], dim=1)))
        return self.out(state).log_softmax(dim=1)


class Tied(nn.Module):
    """One matrix that is used twice, a vector that differs by seed, and a layer that is not trained."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.second = nn.Linear(64, 64)
        self.second.weight = self.first.weight
        self.register_buffer("mask", (torch.rand(64) < 0.7).float(), persistent=False)
        self.out = nn.Linear(64, 2)
        self.out.weight.requires_grad_(False)

    def forward(self, x):
        hidden = torch.tanh(self.first(x.flatten(1) * self.mask))
        return self.out(torch.tanh(self.second(hidden))).log_softmax(dim=1)


@pytest.mark.parametrize("optimizer", [SGD, ADAM])
@pytest.mark.parametrize("build", [MLP, CNN, Tied])
def test_a_stack_is_the_runs_one_by_one(build, optimizer) -> None:
    arguments = ARGUMENTS | {"optimizer": optimizer, "validation": TensorDataset(*samples(13))}
    runs = fit_stacked(build, samples(), seeds=(3, 0, 7), **arguments)
    others = [separate(build, samples(), seed, **arguments) for seed in (3, 0, 7)]
    assert_same(runs, others)
    for (_, first), (_, second) in pairwise(others):
        assert first.step_losses != pytest.approx(second.step_losses, rel=1e-2)


def test_a_recurrent_network_of_linear_layers_can_be_stacked() -> None:
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(0, 9, (23, 6), generator=generator)
    data = ids, (ids[:, 0] > 4).long()
    arguments = ARGUMENTS | {"prepare": lambda batch: batch, "batch_size": 8}
    assert_same(
        fit_stacked(Elman, data, seeds=(1, 2), **arguments),
        [separate(Elman, data, seed, **arguments) for seed in (1, 2)],
    )


@pytest.mark.parametrize("optimizer", ELEMENTWISE)
def test_every_optimiser_that_is_let_in_treats_numbers_one_by_one(optimizer) -> None:
    arguments = ARGUMENTS | {"optimizer": partial(optimizer, lr=0.01), "prepare": to_double}

    def build():
        return MLP().double()

    assert_same(
        fit_stacked(build, samples(), seeds=(1, 2), **arguments),
        [separate(build, samples(), seed, **arguments) for seed in (1, 2)],
        tolerance=1e-12,
    )


def test_the_optimiser_is_made_from_parameters_as_a_single_model_has_them() -> None:
    seen = []

    def decay_of_matrices_only(parameters):
        parameters = list(parameters)
        seen.append([tuple(parameter.shape) for parameter in parameters])
        matrices = [parameter for parameter in parameters if parameter.ndim > 1]
        vectors = [parameter for parameter in parameters if parameter.ndim == 1]
        groups = [{"params": matrices, "weight_decay": 0.5}, {"params": vectors, "lr": 0.3}]
        return torch.optim.SGD(groups, lr=0.1)

    arguments = ARGUMENTS | {"optimizer": decay_of_matrices_only}
    runs = fit_stacked(MLP, samples(), seeds=(1, 2), **arguments)
    assert seen == [[(8, 64), (8,), (2, 8), (2,)]]
    assert_same(runs, [separate(MLP, samples(), seed, **arguments) for seed in (1, 2)])


@settings(max_examples=25)
@given(
    seeds=st.lists(st.integers(0, 2**32), min_size=1, max_size=4, unique=True),
    n=st.integers(1, 20),
    features=st.integers(1, 5),
    hidden=st.lists(st.integers(1, 5), max_size=2),
    classes=st.integers(1, 4),
    batch_size=st.integers(1, 25),
)
def test_any_sizes_give_the_runs_one_by_one(seeds, n, features, hidden, classes, batch_size) -> None:
    generator = torch.Generator().manual_seed(n)
    data = (
        torch.randn(n, features, generator=generator),
        torch.randint(0, classes, (n,), generator=generator),
    )

    def build():
        network = mlp(hidden, in_features=features, classes=classes, activation=nn.Tanh)
        return network.double()

    arguments = ARGUMENTS | {"batch_size": batch_size, "prepare": torch.Tensor.double, "validation": data}
    assert_same(
        fit_stacked(build, data, seeds=seeds, **arguments),
        [separate(build, data, seed, **arguments) for seed in seeds],
        tolerance=1e-12,
    )


def noise(images):
    return images + 100 * torch.rand(images.shape)


def test_augmentation_draws_every_seeds_own_random_numbers() -> None:
    arguments = ARGUMENTS | {"augment": noise, "validation": samples(9)}
    runs = fit_stacked(CNN, samples(), seeds=(5, 2), **arguments)
    assert_same(runs, [separate(CNN, samples(), seed, **arguments) for seed in (5, 2)])


def test_the_order_and_company_of_seeds_do_not_matter() -> None:
    runs = fit_stacked(CNN, samples(), seeds=(0, 1, 2), **ARGUMENTS)
    assert_same(fit_stacked(CNN, samples(), seeds=iter([2, 1, 0]), **ARGUMENTS), runs[::-1])
    assert_same(fit_stacked(CNN, samples(), seeds=[1], **ARGUMENTS), runs[1:2])


def test_the_outer_random_state_is_kept() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    fit_stacked(MLP, samples(), seeds=(0, 1), augment=noise, **ARGUMENTS)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_models_are_ordinary_ones_and_their_own() -> None:
    (first, _), (second, _) = fit_stacked(MLP, samples(), seeds=(0, 1), **ARGUMENTS)
    kept = {name: tensor.clone() for name, tensor in second.state_dict().items()}
    assert all(isinstance(parameter, nn.Parameter) for parameter in first.parameters())
    assert all(parameter.grad is None for parameter in first.parameters())
    assert all(module.training for module in first.modules())
    fit(first, samples(), **ARGUMENTS)
    for name, tensor in second.state_dict().items():
        assert torch.equal(tensor, kept[name])


def test_the_seconds_of_all_seeds_together_are_those_that_passed() -> None:
    begin = time.perf_counter()
    runs = fit_stacked(MLP, samples(), seeds=range(8), **ARGUMENTS)
    passed = time.perf_counter() - begin
    assert 0 < sum(sum(history["seconds"]) for _, history in runs) <= passed


def interrupting(call):
    """Prepares batches, and presses Ctrl-C at a call."""
    calls = 0

    def prepare(batch):
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return to_unit(batch)

    return prepare


# An epoch prepares 5 batches for each of 2 seeds, and the validation data for each.
@pytest.mark.parametrize(("call", "kept"), [(4, 0), (12 + 4, 1), (12 + 11, 1), (12 + 12, 1)])
def test_ctrl_c_keeps_histories_and_the_last_whole_epoch(call, kept, capsys) -> None:
    arguments = ARGUMENTS | {"validation": samples(7)}
    runs = fit_stacked(
        MLP, samples(), seeds=(4, 2), **arguments | {"epochs": 3, "prepare": interrupting(call)}
    )
    assert all(history.interrupted for _, history in runs)
    said = f"stopped in epoch {kept + 1} of 3; the models hold the end of epoch {kept}"
    assert said in capsys.readouterr().out
    for (model, history), seed in zip(runs, (4, 2), strict=True):
        assert len(history) == kept
        with seeded(seed):
            expected = MLP()
        if kept:
            assert_same([(model, history)], [separate(MLP, samples(), seed, **arguments | {"epochs": kept})])
        else:
            for ours, theirs in zip(model.parameters(), expected.parameters(), strict=True):
                assert torch.equal(ours, theirs)


def test_a_loss_that_is_not_finite_is_named_by_seed_epoch_and_step() -> None:
    calls = 0

    def spoil(batch):
        nonlocal calls
        calls += 1
        # Second epoch, third batch of the second seed.
        return to_unit(batch) * (float("nan") if calls == 10 + 4 + 2 else 1.0)

    with pytest.raises(NonFiniteLossError) as caught:
        fit_stacked(MLP, samples(), seeds=(4, 2), **ARGUMENTS | {"prepare": spoil})
    assert str(caught.value) == (
        "the training loss of seed 2 became nan in epoch 2, step 3 (learning rate 0.1); "
        "lower the learning rate or scale the inputs"
    )
    _, expected = separate(MLP, samples(), 2, **ARGUMENTS | {"epochs": 1})
    assert caught.value.history.step_losses == pytest.approx(expected.step_losses, rel=1e-5)


def varying(*models):
    """Builds the models one after the other."""
    rest = iter(models)
    return lambda: next(rest)


SAME = MLP()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs is 0; it must be at least 1"),
        ({"batch_size": 0}, ValueError, "batch_size is 0; it must be at least 1"),
        ({"seeds": ()}, ValueError, "there are no seeds; pass one or more"),
        ({"seeds": (1, 3, 2, 3)}, ValueError, "the seed 3 comes twice; pass every seed once"),
        ({"data": [1, 2]}, TypeError, r"data is a list; pass a pair \(inputs, targets\)"),
        ({"build": MLP()}, TypeError, "build is a Sequential; pass the function that makes the model"),
        ({"build": lambda: SAME}, ValueError, "build returned the same model twice; it must make a new one"),
        (
            {"build": varying(MLP(), mlp((9,), in_features=64, classes=2))},
            ValueError,
            "the models of seeds 0 and 1 differ in structure; build must make the same layers, shapes",
        ),
        (
            {"build": varying(MLP(), MLP(activation=nn.Tanh))},
            ValueError,
            "the models of seeds 0 and 1 differ in structure",
        ),
        (
            {"build": varying(MLP(), MLP().requires_grad_(False))},
            ValueError,
            "the models of seeds 0 and 1 differ in structure",
        ),
        (
            {"build": partial(MLP, dropout=0.5)},
            ValueError,
            "the layer 'hidden1.dropout' drops units with the probability 0.5, and a stack would draw other",
        ),
        (
            {"build": partial(MLP, normalisation="batch")},
            ValueError,
            "the model changes its buffer 'hidden1.norm.running_mean' while it trains, as the running",
        ),
        (
            {"optimizer": torch.optim.LBFGS},
            ValueError,
            "the optimiser is LBFGS, which may look at several numbers together and would mix the seeds; "
            "choose one of SGD, Adam, AdamW,",
        ),
        ({"optimizer": torch.optim.Adafactor}, ValueError, "the optimiser is Adafactor, which may look"),
        (
            {"optimizer": clipped(SGD, max_norm=1)},
            ValueError,
            "the optimiser has a hook, as clipped and what watches a model set it, which would see all seeds",
        ),
        (
            {"optimizer": after_epochs(SGD, print, model=SAME, steps_per_epoch=5)},
            ValueError,
            "the optimiser has a hook",
        ),
        (
            {"optimizer": lambda _: SGD(SAME.parameters())},
            ValueError,
            "the optimiser holds a parameter that is not the model's; make it from the parameters",
        ),
    ],
)
def test_mistakes_get_one_sentence(change, error, message) -> None:
    arguments = {"build": MLP, "data": samples(), "seeds": (0, 1)} | ARGUMENTS | change
    with pytest.raises(error, match=f"^{message}"):
        fit_stacked(**arguments)


def test_dropout_with_the_probability_0_is_none() -> None:
    def build():
        return nn.Sequential(nn.Dropout(0.0), *MLP())

    runs = fit_stacked(build, samples(), seeds=(0, 1), **ARGUMENTS)
    assert_same(runs, [separate(build, samples(), seed, **ARGUMENTS) for seed in (0, 1)])


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 3, batch_first=True)
        self.out = nn.Linear(3, 2)

    def forward(self, images):
        return self.out(self.lstm(images.squeeze(1))[0][:, -1]).log_softmax(dim=1)


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(64, 2)

    def forward(self, images):
        return self.out(F.dropout(images.flatten(1), 0.5)).log_softmax(dim=1)


class Branching(Noisy):
    def forward(self, images):
        return self.out(images.flatten(1) if images.sum() > 0 else -images.flatten(1)).log_softmax(dim=1)


@pytest.mark.parametrize(
    ("build", "reason"),
    [(Reader, "lstm"), (Noisy, "random operation"), (Branching, "data-dependent control flow")],
)
def test_what_cannot_be_stacked_is_refused_with_the_reason(build, reason) -> None:
    begin = r"^torch.func.vmap cannot run the model and its loss for all seeds at once \("
    end = r"\); train it with fit, seed by seed$"
    with pytest.raises(ValueError, match=f"{begin}.*{reason}.*{end}"):
        fit_stacked(build, samples(), seeds=(0, 1), **ARGUMENTS)


@pytest.mark.parametrize(
    ("build", "data", "error", "message"),
    [
        (partial(mlp, in_features=63), samples(), RuntimeError, "shapes cannot be multiplied"),
        (MLP, (samples()[0], samples()[1] + 5), IndexError, "is out of bounds"),
    ],
)
def test_other_mistakes_are_reported_as_by_fit(build, data, error, message) -> None:
    with pytest.raises(error, match=message):
        separate(build, data, 0, **ARGUMENTS)
    with pytest.raises(error, match=message):
        fit_stacked(build, data, seeds=(0, 1), **ARGUMENTS)
