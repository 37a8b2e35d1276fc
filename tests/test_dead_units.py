"""Dead units against units set dead by hand, against torch's gradients, and along a training run."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.dead_units import DeadUnits, dead_units
from coursekit.models import kuzushiji_cnn
from coursekit.training import fit, seeded


@given(killed=st.sets(st.integers(0, 15)), in_maps=st.sets(st.integers(0, 7)), batch=st.integers(1, 5))
def test_units_with_a_hopeless_bias_are_counted(killed, in_maps, batch) -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 16), nn.ReLU(), nn.Linear(16, 2)
    )
    with torch.no_grad():
        model[0].bias.fill_(100.0)
        model[0].bias[list(in_maps)] = -100.0
        model[3].bias.fill_(1e4)
        model[3].bias[list(killed)] = -1e6
    found = dead_units(model, torch.rand(4, 1, 8, 8), batch_size=batch)
    assert found == {"1": pytest.approx(len(in_maps) / 8), "4": pytest.approx(len(killed) / 16)}


def test_one_image_is_enough_to_live() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    with torch.no_grad():
        model[0].weight.fill_(1.0)
        model[0].bias.fill_(-1.0)
    inputs = torch.zeros(2_500, 1)
    assert dead_units(model, inputs) == {"1": 1.0}
    inputs[1_700] = 2.0
    assert dead_units(model, inputs) == {"1": 0.0}
    assert dead_units(model, inputs, prepare=lambda x: x / 10) == {"1": 1.0}


def test_dead_units_have_no_gradient() -> None:
    with seeded(0):
        model = nn.Sequential(nn.Linear(4, 50), nn.ReLU(), nn.Linear(50, 1))
    with torch.no_grad():
        model[0].bias -= 0.7
    inputs = torch.rand(30, 4)
    model(inputs).sum().backward()
    still = (model[0].weight.grad == 0).all(dim=1) & (model[0].bias.grad == 0)
    assert 0 < still.sum() < 50
    assert dead_units(model, inputs)["1"] == pytest.approx(still.double().mean().item())


def test_mode_is_restored_and_hooks_are_gone() -> None:
    model = kuzushiji_cnn()
    model.dropout.eval()
    dead_units(model, torch.rand(2, 1, 28, 28))
    assert model.training and model.conv1.training and not model.dropout.training
    with pytest.raises(RuntimeError):
        dead_units(model, torch.rand(2, 3, 28, 28))
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_counts_do_not_disturb_a_run() -> None:
    x, y = torch.rand(40, 1, 28, 28), torch.arange(40) % 10
    runs = []
    for watching in (False, True):
        with seeded(0):
            model = kuzushiji_cnn()
        adam = partial(torch.optim.Adam, lr=1e-2)
        dead = DeadUnits(model, x, every=3)
        optimizer = dead.watch(adam) if watching else adam
        history = fit(model, (x, y), epochs=2, batch_size=8, optimizer=optimizer, progress=False)
        runs.append(history.step_losses)
    assert runs[0] == runs[1]
    assert dead.layers == ("activation1", "activation2", "activation3", "activation4")
    assert dead.steps == [0, 3, 6, 9]
    with seeded(0):
        untrained = dead_units(kuzushiji_cnn(), x)
    assert dead.table()[0].tolist() == pytest.approx(list(untrained.values()))
    assert dead.table()[-1].tolist() != dead.table()[0].tolist()


def test_a_table_without_counts_has_its_columns() -> None:
    assert DeadUnits(kuzushiji_cnn(), torch.rand(1, 1, 28, 28)).table().shape == (0, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: dead_units(nn.Linear(1, 1), torch.rand(1, 1)),
            "the model has no nn.ReLU; dead units are counted behind these",
        ),
        (lambda: dead_units(nn.ReLU(), torch.rand(0, 1)), "images is empty; pass at least one"),
        (
            lambda: DeadUnits(nn.ReLU(), torch.rand(1, 1), every=0),
            "every is 0; count before every step (1) or every few (2, 3, …)",
        ),
        (
            lambda: DeadUnits(nn.Linear(1, 1), torch.rand(1, 1)),
            "the model has no nn.ReLU; dead units are counted behind these",
        ),
    ],
)
def test_errors(call, message) -> None:
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == message
