"""Looking at a model after its epochs: when, how, and that the run does not notice."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.training import BestWeights, after_epochs, clipped, fit, predict, seeded

ADAM = partial(torch.optim.Adam, lr=0.05)
GENERATOR = torch.Generator().manual_seed(0)
DATA = torch.randn(23, 4, generator=GENERATOR), torch.arange(23) % 3


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


def train(model: nn.Module, optimizer, *, epochs: int = 4, **options):
    return fit(
        model, DATA, epochs=epochs, batch_size=10, optimizer=optimizer, seed=3, progress=False, **options
    )


def drawing(seen: list[int]):
    def look(epoch: int) -> None:
        torch.manual_seed(99)
        torch.rand(epoch)
        seen.append(epoch)

    return look


# An epoch has 3 steps; after every single one and after every second one look falls between dropouts.
@pytest.mark.parametrize(("steps_per_epoch", "looks"), [(3, 4), (1, 12), (2, 6), (12, 1), (13, 0)])
def test_a_run_is_the_same_with_it_and_without(steps_per_epoch, looks) -> None:
    alone, model, seen = network(), network(), []
    plain = train(alone, ADAM)
    watched = after_epochs(ADAM, drawing(seen), model=model, steps_per_epoch=steps_per_epoch)
    history = train(model, watched)
    assert history.step_losses == plain.step_losses
    for name, tensor in alone.state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor), name
    assert seen == list(range(1, looks + 1))


def test_the_random_state_between_two_steps_is_kept() -> None:
    model = nn.Linear(2, 1)
    optimizer = after_epochs(ADAM, lambda epoch: torch.rand(7), model=model, steps_per_epoch=1)(
        model.parameters()
    )
    model(torch.ones(1, 2)).sum().backward()
    before = torch.get_rng_state()
    optimizer.step()
    assert torch.equal(torch.get_rng_state(), before)


def test_look_sees_the_model_at_the_end_of_the_epoch_in_evaluation_mode() -> None:
    model, outputs, seen = network(), [], []

    def look(epoch: int) -> None:
        assert not torch.is_grad_enabled()
        assert not any(module.training for module in model.modules())
        found = model(DATA[0])
        assert not found.requires_grad
        outputs.append(found.clone())
        seen.append(epoch)

    train(model, after_epochs(ADAM, look, model=model, steps_per_epoch=3), epochs=3)
    assert seen == [1, 2, 3]
    for epoch, found in enumerate(outputs, start=1):
        stopped = network()
        train(stopped, ADAM, epochs=epoch)
        assert torch.equal(predict(stopped, DATA[0]), found)


def test_every_module_gets_its_own_mode_back() -> None:
    model = network()
    model.train()
    model[1].eval()
    modes = [module.training for module in model.modules()]
    optimizer = after_epochs(ADAM, lambda epoch: None, model=model, steps_per_epoch=1)(model.parameters())
    model(DATA[0]).sum().backward()
    optimizer.step()
    assert [module.training for module in model.modules()] == modes and torch.is_grad_enabled()

    def broken(epoch: int) -> None:
        raise RuntimeError("looked in vain")

    optimizer = after_epochs(ADAM, broken, model=model, steps_per_epoch=1)(model.parameters())
    model(DATA[0]).sum().backward()
    with pytest.raises(RuntimeError, match="looked in vain"):
        optimizer.step()
    assert [module.training for module in model.modules()] == modes and torch.is_grad_enabled()


def test_a_resumed_run_is_seen_from_there_on(tmp_path) -> None:
    whole, seen = network(), []
    plain = train(whole, ADAM)
    file = tmp_path / "run.pt"

    def stopping(epoch: int) -> None:
        seen.append(epoch)
        if epoch == 3:
            raise KeyboardInterrupt

    stopped = network()
    history = train(stopped, after_epochs(ADAM, stopping, model=stopped, steps_per_epoch=3), checkpoint=file)
    assert history.interrupted and len(history) == 2 and seen == [1, 2, 3]
    again: list[int] = []
    resumed = network()
    watched = after_epochs(ADAM, again.append, model=resumed, steps_per_epoch=3)
    assert train(resumed, watched, checkpoint=file).step_losses == plain.step_losses
    assert again == [1, 2]
    for name, tensor in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], tensor), name


def test_one_way_to_make_optimisers_counts_for_each_of_them() -> None:
    model, seen = network(), []
    watched = after_epochs(ADAM, seen.append, model=model, steps_per_epoch=3)
    train(model, watched, epochs=1)
    train(model, watched, epochs=2)
    assert seen == [1, 1, 2]


def test_it_goes_together_with_the_other_wrappers() -> None:
    model, seen = network(), []
    best = BestWeights(model, DATA, steps_per_epoch=3)
    watched = after_epochs(
        best.watch(clipped(ADAM, max_norm=1.0)), seen.append, model=model, steps_per_epoch=3
    )
    history = train(model, watched, validation=DATA)
    assert seen == [1, 2, 3, 4] and best.history["validation_loss"] == history["validation_loss"]
    alone = network()
    assert np.array_equal(train(alone, clipped(ADAM, max_norm=1.0)).step_losses, history.step_losses)


@pytest.mark.parametrize("steps", [0, -1])
def test_an_epoch_has_a_step(steps) -> None:
    with pytest.raises(ValueError, match=f"^steps_per_epoch is {steps}; an epoch has at least 1 step$"):
        after_epochs(ADAM, print, model=network(), steps_per_epoch=steps)
