"""Teacher forcing by the book's loop: its loss, its accuracies, and log-likelihoods."""

import math

import pytest
import torch

from coursekit.data import SentencePairs
from coursekit.data.characters import EOS, SOS, Characters, encode_characters, teacher_forced
from coursekit.models import Translator
from coursekit.training import AUTO, fit_translator, log_likelihoods, seeded
from coursekit.training.translators import pair_lengths, token_loss

PAIRS = SentencePairs(
    ("no", "si", "claro", "el rio", "la luz", ""), ("no", "yes", "of course", "the river", "the light", "-")
)
SOURCE, TARGET = Characters(PAIRS.sources), Characters(PAIRS.targets)


def translator(*, attention: bool = True, dropout: float = 0.0) -> Translator:
    with seeded(0):
        return Translator(len(SOURCE), len(TARGET), hidden=16, attention=attention, dropout=dropout)


def test_the_loss_is_the_mean_over_characters_without_padding() -> None:
    log_p = torch.randn(3, 5, 4).log_softmax(dim=1)
    labels = torch.tensor([[1, 2, 0, 0], [4, 0, 0, 0], [3, 3, 3, 2]])
    terms = [-log_p[i, labels[i, t], t].item() for i in range(3) for t in range(4) if labels[i, t]]
    assert token_loss(log_p, labels).item() == pytest.approx(sum(terms) / len(terms), rel=1e-5)


@pytest.mark.parametrize("attention", [False, True])
def test_log_likelihoods_are_products_of_single_steps(attention: bool) -> None:
    model = translator(attention=attention).eval()
    found = log_likelihoods(model, PAIRS, SOURCE, TARGET, batch_size=4)
    for (source, target), log_p in zip(PAIRS, found.tolist(), strict=True):
        state, memory = model.start(encode_characters([source], SOURCE))
        last, total = SOS, 0.0
        for symbol in [*TARGET.ids(target), EOS]:
            following, state = model.step(torch.tensor([[last]]), state, memory)
            total, last = total + following[0, 0, symbol].item(), symbol
        assert log_p == pytest.approx(total, abs=1e-4)


def test_accuracies_are_shares_of_characters() -> None:
    model = translator()
    history = fit_translator(
        model, PAIRS, SOURCE, TARGET, epochs=1, batch_size=len(PAIRS), learning_rate=0.0,
        validation=PAIRS[:3], progress=False,
    )  # fmt: skip
    model.eval()
    for name, pairs in (("train_accuracy", PAIRS), ("validation_accuracy", PAIRS[:3])):
        right = total = 0
        for source, target in pairs:
            state, memory = model.start(encode_characters([source], SOURCE))
            last = SOS
            for symbol in [*TARGET.ids(target), EOS]:
                following, state = model.step(torch.tensor([[last]]), state, memory)
                # Padding is no prediction.
                right += following[0, 0, 1:].argmax().item() + 1 == symbol
                total, last = total + 1, symbol
        assert history[name] == pytest.approx([right / total])


def test_losses_are_means_over_the_sentences_of_batches() -> None:
    model = translator().eval()
    each = -log_likelihoods(model, PAIRS, SOURCE, TARGET)
    lengths = torch.tensor([len(target) + 1 for target in PAIRS.targets])
    history = fit_translator(
        translator(),
        PAIRS,
        SOURCE,
        TARGET,
        epochs=1,
        batch_size=len(PAIRS),
        learning_rate=0.0,
        progress=False,
    )
    assert history["train_loss"] == pytest.approx([(each.sum() / lengths.sum()).item()], rel=1e-5)


def test_the_run_is_the_same_for_a_seed_and_learns() -> None:
    runs = []
    for _ in range(2):
        model = translator(dropout=0.2)
        history = fit_translator(
            model, PAIRS, SOURCE, TARGET, epochs=60, batch_size=3, seed=1, validation=PAIRS, progress=False
        )
        runs.append(history.step_losses)
        assert history["validation_loss"][-1] < 0.5 * history["validation_loss"][0]
    assert runs[0] == runs[1]


def test_a_run_is_taken_up_again(tmp_path) -> None:
    whole = fit_translator(
        translator(dropout=0.1),
        PAIRS,
        SOURCE,
        TARGET,
        epochs=4,
        batch_size=2,
        validation=PAIRS,
        progress=False,
    )
    file = tmp_path / "run.pt"
    for epochs in (2, 4):
        resumed = fit_translator(
            translator(dropout=0.1), PAIRS, SOURCE, TARGET, epochs=epochs, batch_size=2, validation=PAIRS,
            checkpoint=file, progress=False,
        )  # fmt: skip
    assert resumed.step_losses == whole.step_losses
    for name in ("train_accuracy", "validation_accuracy", "validation_loss"):
        assert resumed[name] == whole[name]


def test_a_uniform_network_has_the_log_of_its_symbols_as_loss() -> None:
    model = translator().eval()
    with torch.no_grad():
        model.embedding.weight.zero_()
        model.output.bias.zero_()
    found = log_likelihoods(model, PAIRS, SOURCE, TARGET)
    lengths = [len(target) + 1 for target in PAIRS.targets]
    assert found.tolist() == pytest.approx([-n * math.log(len(TARGET)) for n in lengths], rel=1e-5)


def test_no_pairs() -> None:
    with pytest.raises(ValueError, match="there are no sentence pairs; pass at least one"):
        fit_translator(translator(), PAIRS[:0], SOURCE, TARGET, epochs=1, progress=False)


@pytest.mark.parametrize("options", [{"bucketed": True}, AUTO, {"bucketed": True, **AUTO}])
def test_faster_ways_agree_with_the_plain_one(options) -> None:
    """All pairs are one batch, whose order changes nothing but the last digits."""
    models, histories = [], []
    for more in ({}, options):
        models.append(translator())
        histories.append(
            fit_translator(
                models[-1], PAIRS, SOURCE, TARGET, epochs=3, batch_size=len(PAIRS), validation=PAIRS[:3],
                progress=False, **more,
            )
        )  # fmt: skip
    plain, fast = histories
    for name in ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"):
        assert fast[name] == pytest.approx(plain[name], rel=1e-4)
    torch.testing.assert_close(models[1].state_dict(), models[0].state_dict(), rtol=1e-3, atol=1e-4)
    assert fast.chosen.get("rearrange", False) is ("rearrange" in options)


def test_lengths_are_those_of_the_longer_side() -> None:
    lengths = pair_lengths(teacher_forced(PAIRS, SOURCE, TARGET))
    by_hand = [max(len(source), len(target) + 1) for source, target in PAIRS]
    assert lengths.tolist() == by_hand
