"""Denormal numbers: flushed in every thread, inside the block only, and without another result."""

from functools import partial

import pytest
import torch

from coursekit.models import LSTMClassifier
from coursekit.training import denormals, fit, seeded
from coursekit.training import engine as engines
from coursekit.training.denormals import flushes_denormals, flushing_denormals
from coursekit.training.engine import Engine

pytestmark = pytest.mark.skipif(
    not flushes_denormals(), reason="torch cannot flush denormal numbers in all of its threads here"
)
TINY = torch.full((2_000_000,), 1e-39)


@pytest.fixture
def two_threads():
    """Two of torch's threads, which have worked before."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    assert (TINY * 1).count_nonzero() == len(TINY)
    yield
    torch.set_num_threads(before)


def test_every_thread_flushes_inside_and_none_outside(two_threads) -> None:
    with flushing_denormals():
        inside = TINY * 1
    outside = TINY * 1
    assert inside.count_nonzero() == 0
    assert outside.count_nonzero() == len(TINY)


def test_an_error_and_a_block_inside_a_block_put_back_what_was(two_threads) -> None:
    with pytest.raises(KeyError), flushing_denormals():
        with flushing_denormals():
            pass
        still = TINY * 1
        raise KeyError
    assert still.count_nonzero() == 0
    assert (TINY * 1).count_nonzero() == len(TINY)


def test_who_flushes_goes_on_flushing(two_threads) -> None:
    torch.set_flush_denormal(True)
    try:
        with flushing_denormals():
            pass
        after = torch.tensor(1e-39) * 1
    finally:
        torch.set_flush_denormal(False)
    assert after == 0


def forgetful() -> tuple[torch.nn.Module, torch.Tensor, torch.Tensor]:
    """A recurrent network that keeps a hundredth of its state a step, and long sequences."""
    with seeded(0):
        model = LSTMClassifier(50, 8, hidden=8)
        ids, labels = torch.randint(1, 50, (60, 300)), torch.randint(0, 2, (60,))
    with torch.no_grad():
        model.lstm.bias_ih_l0[8:16] = -4.6
    return model, ids, labels


def test_gradients_through_long_sequences_are_denormal() -> None:
    model, ids, _ = forgetful()
    seen: list[torch.Tensor] = []
    model.embedding.register_forward_hook(
        lambda _, __, embedded: embedded.register_hook(seen.append) and None
    )
    model(ids).sum().backward()
    assert ((seen[0] != 0) & (seen[0].abs() < torch.finfo(torch.float32).tiny)).any()


def train(**options):
    model, ids, labels = forgetful()
    optimizer = partial(torch.optim.Adagrad, lr=0.01)
    data = ids, labels
    history = fit(
        model,
        data,
        epochs=2,
        batch_size=20,
        optimizer=optimizer,
        prepare=torch.Tensor.long,
        progress=False,
        **options,
    )
    return model, history


def test_a_recurrent_network_comes_out_the_same(monkeypatch) -> None:
    flushed = []
    running = Engine.running

    def watched(self):
        flushed.append(self.flush_denormal)
        return running(self)

    monkeypatch.setattr(engines.Engine, "running", watched)
    model, history = train()
    ours, recorded = train(flush_denormal=True)
    assert flushed == [False, True]
    assert recorded.step_losses == history.step_losses
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), model.parameters(), strict=True))


@pytest.mark.parametrize("reason", ["processor", "threads"])
def test_where_torch_cannot(reason, monkeypatch) -> None:
    monkeypatch.setattr(denormals.torch, "get_num_threads", lambda: 2)
    if reason == "processor":
        monkeypatch.setattr(denormals.torch, "set_flush_denormal", lambda on: False)
    else:
        monkeypatch.setattr(denormals, "_thread_libraries", tuple)
    assert not flushes_denormals()
    with pytest.raises(
        ValueError, match=r"^flush_denormal is True, but torch cannot .*; pass False or 'auto'$"
    ):
        train(flush_denormal=True)
    assert train(flush_denormal="auto")[1].chosen == {"flush_denormal": False}
    monkeypatch.setattr(denormals.torch, "get_num_threads", lambda: 1)
    assert flushes_denormals() == (reason == "threads")
