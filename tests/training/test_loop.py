"""The loop against one written out by hand, and its promises: seeds, resumption, interruption, errors."""

import copy
import math
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from coursekit.models import cnn
from coursekit.training import NonFiniteLossError, epoch_order, evaluate, fit, seeded

ADAM = partial(torch.optim.Adam, lr=1e-2)
SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)


def samples(n: int = 103) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (n, 1, 8, 8), dtype=torch.uint8, generator=generator)
    return images, (images.float().mean(dim=(1, 2, 3)) > 127).long()


def network(dropout: float = 0.0) -> nn.Module:
    with seeded(3):
        return cnn((4,), batch_norm=True, dropout=dropout, image_size=8, classes=2)


def test_losses_and_accuracies_are_those_of_a_loop_by_hand() -> None:
    images, labels = samples()
    model = network()
    twin = copy.deepcopy(model)
    history = fit(model, (images, labels), epochs=2, batch_size=20, optimizer=ADAM, seed=5, progress=False)

    optimizer = ADAM(twin.parameters())
    losses, weighted, shares = [], [], []
    for epoch in (1, 2):
        order = epoch_order(len(images), seed=5, epoch=epoch)
        total, hits = 0.0, 0
        for start in range(0, len(order), 20):
            index = order[start : start + 20]
            scores = twin(images[index].float())
            loss = F.nll_loss(scores, labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            total += loss.item() * len(index)
            guesses = zip(scores.argmax(dim=1).tolist(), labels[index].tolist(), strict=True)
            hits += sum(guess == label for guess, label in guesses)
        shares.append(hits / len(images))
        weighted.append(total / len(images))
    assert history.step_losses == pytest.approx(losses, rel=1e-6)
    assert history["train_loss"] == pytest.approx(weighted, rel=1e-6)
    assert history["train_accuracy"] == shares and max(shares) < 1
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_one_seed_one_result_and_the_outer_random_state_is_kept() -> None:
    def run(seed: int) -> list[float]:
        return fit(
            network(dropout=0.5),
            samples(),
            epochs=2,
            batch_size=16,
            optimizer=ADAM,
            seed=seed,
            progress=False,
        ).step_losses

    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert run(0) == run(0) != run(1)
    assert torch.equal(torch.get_rng_state(), before)


def test_validation_is_scored_after_every_epoch_and_does_not_change_training() -> None:
    data, held_out = samples(), samples(31)
    alone, watched = network(dropout=0.3), network(dropout=0.3)
    plain = fit(alone, data, epochs=2, batch_size=16, optimizer=ADAM, progress=False)
    with_validation = fit(
        watched,
        data,
        epochs=2,
        batch_size=16,
        optimizer=ADAM,
        validation=TensorDataset(*held_out),
        progress=False,
    )
    assert plain.step_losses == with_validation.step_losses
    scores = evaluate(watched, held_out)
    assert with_validation[-1]["validation_loss"] == scores.loss
    assert with_validation[-1]["validation_accuracy"] == scores.accuracy


@pytest.mark.parametrize(
    "schedule", [None, lambda opt, steps: torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, steps)]
)
def test_a_stopped_run_goes_on_to_the_same_result(tmp_path, schedule) -> None:
    file = tmp_path / "deep" / "run.pt"
    arguments = {"epochs": 4, "batch_size": 16, "optimizer": SGD, "schedule": schedule, "progress": False}
    whole = network(dropout=0.5)
    expected = fit(whole, samples(), **arguments)

    class StopError(Exception):
        pass

    steps = 0

    def stop_in_third_epoch(images: torch.Tensor) -> torch.Tensor:
        nonlocal steps
        steps += 1
        if steps == 2 * math.ceil(103 / 16) + 3:
            raise StopError
        return images

    broken = network(dropout=0.5)
    with pytest.raises(StopError):
        fit(broken, samples(), augment=stop_in_third_epoch, checkpoint=file, **arguments)
    resumed = network(dropout=0.5)
    with torch.no_grad():
        for parameter in resumed.parameters():
            parameter.zero_()
    history = fit(resumed, samples(), checkpoint=file, **arguments)
    assert history.step_losses == expected.step_losses
    assert history["epoch"] == [1, 2, 3, 4]
    for ours, theirs in zip(resumed.state_dict().values(), whole.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)
    assert [path.name for path in file.parent.iterdir()] == ["run.pt"]


def test_a_finished_run_is_not_trained_again(tmp_path) -> None:
    arguments = {"epochs": 1, "batch_size": 50, "optimizer": SGD, "progress": False}
    first, second = network(), network()
    fit(first, samples(), checkpoint=tmp_path / "run.pt", **arguments)
    history = fit(second, samples(), checkpoint=tmp_path / "run.pt", **arguments)
    assert len(history) == 1
    for ours, theirs in zip(second.state_dict().values(), first.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)


def test_ctrl_c_keeps_history_and_the_last_whole_epoch(capsys) -> None:
    one_epoch, stopped = network(), network()
    expected = fit(one_epoch, samples(), epochs=1, batch_size=16, optimizer=SGD, progress=False)
    steps = 0

    def interrupt(images: torch.Tensor) -> torch.Tensor:
        nonlocal steps
        steps += 1
        if steps == 10:
            raise KeyboardInterrupt
        return images

    history = fit(
        stopped, samples(), epochs=3, batch_size=16, optimizer=SGD, augment=interrupt, progress=False
    )
    assert history.interrupted
    assert history.step_losses == expected.step_losses
    for ours, theirs in zip(stopped.state_dict().values(), one_epoch.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)
    assert "stopped in epoch 2 of 3; the model holds the end of epoch 1" in capsys.readouterr().out


def test_a_loss_that_is_not_finite_is_named_by_epoch_and_step() -> None:
    calls = 0

    def explode(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return F.nll_loss(outputs, labels) * (math.inf if calls == 10 else 1.0)

    with pytest.raises(NonFiniteLossError) as caught:
        fit(network(), samples(), epochs=2, batch_size=16, optimizer=SGD, loss=explode, progress=False)
    assert "became inf in epoch 2, step 3 (learning rate 0.1); lower the learning rate" in str(caught.value)
    assert len(caught.value.history) == 1


def test_augmentation_is_for_training_only() -> None:
    seen = []

    def watch(images: torch.Tensor) -> torch.Tensor:
        seen.append(len(images))
        return images

    fit(
        network(),
        samples(),
        epochs=1,
        batch_size=50,
        optimizer=SGD,
        augment=watch,
        validation=samples(7),
        progress=False,
    )
    assert seen == [50, 50, 3]


def test_channels_last_gives_the_same_losses_within_rounding() -> None:
    runs = [
        fit(network(), samples(), epochs=2, batch_size=16, optimizer=SGD, channels_last=flag, progress=False)
        for flag in (False, True)
    ]
    assert runs[1].step_losses == pytest.approx(runs[0].step_losses, rel=1e-3)


def test_bfloat16_learns_the_same_lesson() -> None:
    runs = [
        fit(
            network(), samples(), epochs=5, batch_size=16, optimizer=ADAM, precision=precision, progress=False
        )
        for precision in ("float32", "bfloat16")
    ]
    assert runs[1]["train_loss"] == pytest.approx(runs[0]["train_loss"], abs=0.05)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs is 0; it must be at least 1"),
        ({"batch_size": 0}, ValueError, "batch_size is 0; it must be at least 1"),
        (
            {"precision": "float16"},
            ValueError,
            "precision is 'float16'; choose 'float32', 'bfloat16' or 'auto'",
        ),
        ({"data": [1, 2]}, TypeError, r"data is a list; pass a pair \(inputs, targets\)"),
        ({"data": (torch.zeros(3), torch.zeros(2))}, ValueError, "data has 3 inputs and 2 targets"),
        ({"data": (torch.zeros(0), torch.zeros(0))}, ValueError, "data has no samples; pass at least one"),
    ],
)
def test_mistakes_get_one_sentence(change, error, message) -> None:
    arguments = {
        "data": samples(),
        "epochs": 1,
        "batch_size": 16,
        "optimizer": SGD,
        "progress": False,
    } | change
    with pytest.raises(error, match=message):
        fit(network(), **arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 17}, "belongs to a run with batch_size = 16, this one has 17"),
        ({"seed": 2}, "belongs to a run with seed = 0, this one has 2"),
        ({"optimizer": partial(SGD, lr=0.2)}, "belongs to a run with lr = 0.1, this one has 0.2"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, change, message) -> None:
    arguments = {"epochs": 1, "batch_size": 16, "optimizer": SGD, "progress": False}
    fit(network(), samples(), checkpoint=tmp_path / "run.pt", **arguments)
    with pytest.raises(ValueError, match=message):
        fit(network(), samples(), checkpoint=tmp_path / "run.pt", **(arguments | change))


def test_a_damaged_checkpoint_is_refused(tmp_path) -> None:
    file = tmp_path / "run.pt"
    arguments = {"epochs": 1, "batch_size": 16, "optimizer": SGD, "checkpoint": file, "progress": False}
    fit(network(), samples(), **arguments)
    file.write_bytes(file.read_bytes()[:1_000])
    with pytest.raises(ValueError, match="is not a readable checkpoint; delete it"):
        fit(network(), samples(), **arguments)


def test_a_checkpoint_of_another_model_is_refused(tmp_path) -> None:
    arguments = {"epochs": 1, "batch_size": 16, "optimizer": SGD, "progress": False}
    fit(network(), samples(), checkpoint=tmp_path / "run.pt", **arguments)
    with pytest.raises(ValueError, match="belongs to another model"):
        fit(cnn((5,), image_size=8, classes=2), samples(), checkpoint=tmp_path / "run.pt", **arguments)


def test_nothing_half_written_is_left_when_the_disk_is_full(tmp_path, monkeypatch) -> None:
    def no_room(state: object, path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", no_room)
    with pytest.raises(OSError, match="No space left"):
        fit(
            network(),
            samples(),
            epochs=1,
            batch_size=16,
            optimizer=SGD,
            checkpoint=tmp_path / "run.pt",
            progress=False,
        )
    assert list(tmp_path.iterdir()) == []
