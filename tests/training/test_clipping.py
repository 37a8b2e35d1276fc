"""A clipped optimiser against the norm taken by hand in double precision, and against unclipped steps."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.gradients import GradientNorms
from coursekit.training import clipped, fit, seeded

SGD = partial(torch.optim.SGD, lr=1.0)


def stepped(gradients, *, max_norm):
    """What a step of gradient descent with the rate 1 takes off parameters that begin at 0."""
    parameters = [nn.Parameter(torch.zeros(len(values), dtype=torch.float64)) for values in gradients]
    optimizer = clipped(SGD, max_norm=max_norm)(parameters)
    for parameter, values in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(values, dtype=torch.float64)
    optimizer.step()
    return [-parameter.detach().numpy() for parameter in parameters]


numbers = st.floats(-1e3, 1e3, allow_subnormal=False)
lists = st.lists(st.lists(numbers, min_size=1, max_size=5), min_size=1, max_size=4)


@settings(deadline=None, max_examples=80)
@given(gradients=lists, max_norm=st.floats(0.1, 100))
def test_a_step_is_the_gradient_scaled_to_the_norm(gradients, max_norm) -> None:
    norm = np.sqrt(sum(np.sum(np.square(values)) for values in gradients))
    scale = min(1.0, max_norm / norm) if norm else 1.0
    for taken, values in zip(stepped(gradients, max_norm=max_norm), gradients, strict=True):
        np.testing.assert_allclose(taken, scale * np.array(values), rtol=2e-5, atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(gradients=lists, max_norm=st.floats(0.1, 100))
def test_no_step_is_longer_than_the_norm(gradients, max_norm) -> None:
    taken = np.concatenate(stepped(gradients, max_norm=max_norm))
    assert np.linalg.norm(taken) <= max_norm * (1 + 1e-12)


def test_short_gradients_stay_to_the_last_bit() -> None:
    taken = stepped([[0.1, -0.7], [1.3]], max_norm=5)
    assert [values.tolist() for values in taken] == [[0.1, -0.7], [1.3]]


def test_all_parameter_groups_count_together() -> None:
    def two_groups(parameters):
        first, second = parameters
        return torch.optim.SGD([{"params": [first]}, {"params": [second], "lr": 0.5}], lr=1.0)

    parameters = [nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = clipped(two_groups, max_norm=5)(iter(parameters))
    parameters[0].grad, parameters[1].grad = torch.tensor([30.0]), torch.tensor([40.0])
    optimizer.step()
    assert parameters[0].item() == pytest.approx(-3, rel=1e-5)
    assert parameters[1].item() == pytest.approx(-2, rel=1e-5)


def test_parameters_without_a_gradient_are_left_alone() -> None:
    trained, frozen = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.ones(2), requires_grad=False)
    optimizer = clipped(SGD, max_norm=1)([trained, frozen])
    optimizer.step()
    trained.grad = torch.tensor([0.0, 10.0])
    optimizer.step()
    assert trained.tolist() == pytest.approx([0, -1], rel=1e-5)
    assert frozen.tolist() == [1, 1]


def test_every_step_is_clipped_and_the_optimiser_stays_what_it_is() -> None:
    weight = nn.Parameter(torch.zeros(1))
    optimizer = clipped(partial(torch.optim.Adagrad, lr=0.1, lr_decay=1e-4), max_norm=2)([weight])
    assert isinstance(optimizer, torch.optim.Adagrad)
    assert optimizer.defaults["lr_decay"] == 1e-4
    for _ in range(3):
        weight.grad = torch.tensor([100.0])
        optimizer.step()
    assert optimizer.state[weight]["sum"].item() == pytest.approx(3 * 2**2, rel=1e-5)


def test_a_run_is_that_of_a_loop_with_torchs_own_clipping() -> None:
    x = torch.linspace(-1, 1, 24).unsqueeze(1)
    y = (x[:, 0] > 0.2).long()

    def network():
        with seeded(3):
            return nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 2), nn.LogSoftmax(dim=1))

    ours, theirs = network(), network()
    fit(
        ours,
        (x, y),
        epochs=1,
        batch_size=24,
        optimizer=clipped(partial(torch.optim.SGD, lr=0.5), max_norm=0.05),
        progress=False,
    )
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.5)
    nn.functional.nll_loss(theirs(x), y).backward()
    assert nn.utils.clip_grad_norm_(theirs.parameters(), 0.05) > 0.05
    optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("inside", [True, False])
def test_what_is_recorded_inside_is_before_the_clipping(inside) -> None:
    model = nn.Linear(1, 1, bias=False)
    norms = GradientNorms(model)
    optimizer = (clipped(norms.watch(SGD), max_norm=2) if inside else norms.watch(clipped(SGD, max_norm=2)))(
        model.parameters()
    )
    model.weight.grad = torch.tensor([[10.0]])
    optimizer.step()
    assert norms.total().item() == pytest.approx(10 if inside else 2, rel=1e-5)


@pytest.mark.parametrize("max_norm", [0, -1, float("nan")])
def test_max_norm_must_be_positive(max_norm) -> None:
    with pytest.raises(ValueError, match=rf"^max_norm is {max_norm}; give a positive number$"):
        clipped(SGD, max_norm=max_norm)
