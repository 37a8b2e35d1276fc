"""The task of the part on translation: what it measures, by hand on a few sentences."""

import pytest
import torch

from coursekit.data import SentencePairs, load
from coursekit.data.characters import EOS, SOS, encode_characters
from coursekit.metrics import error_rate, error_rates
from coursekit.models import Translator
from coursekit.training import AUTO, seeded
from coursekit.translation_task import LENGTHS, TranslationTask, by_length, new_pairs

TRAIN = SentencePairs(("si", "no", "el rio", "la luz"), ("yes", "no", "the river", "the light"))
VALIDATION = SentencePairs(("si", "el sol", "la luz"), ("yes", "the sun", "the long light ."))
TEST = SentencePairs(("no", "el mar", "nieve"), ("not", "the sea", "no"))


@pytest.fixture
def task() -> TranslationTask:
    return TranslationTask(TRAIN, VALIDATION, TEST)


def network(task: TranslationTask) -> Translator:
    with seeded(0):
        return Translator(len(task.source), len(task.target), hidden=16, attention=True).eval()


def test_vocabularies_are_those_of_training(task: TranslationTask) -> None:
    assert set(task.source.characters) == set("".join(TRAIN.sources))
    assert "g" in task.target.characters and "u" not in task.target.characters


def test_a_run_is_watched_and_others_may_look_on(task: TranslationTask) -> None:
    model, seen = network(task), []
    history, watch = task.fit(model, epochs=3, batch_size=2, look=seen.append)
    assert seen == [1, 2, 3] and len(history) == len(watch.error_rates) == 3
    model.eval()
    now = error_rate(task.best(model, VALIDATION), VALIDATION.targets)
    assert watch.error_rates[-1] == pytest.approx(now)
    assert len(history["validation_loss"]) == 3


def test_measures(task: TranslationTask) -> None:
    model = network(task)
    found = task.measures(model)
    on_validation, on_test = task.best(model, VALIDATION), task.best(model, TEST)
    assert found["validation_error_rate"] == pytest.approx(error_rate(on_validation, VALIDATION.targets))
    assert found["test_error_rate"] == pytest.approx(error_rate(on_test, TEST.targets))
    assert found["train_error_rate"] == pytest.approx(
        error_rate(task.best(model, TRAIN[:3]), TRAIN.targets[:3])
    )
    # "no" stands in training on the Spanish side, and on the English one.
    assert found["new_share"] == pytest.approx(1 / 3)
    assert found["new_error_rate"] == pytest.approx(error_rates(on_test, TEST.targets)[1])
    short = [error_rates(on_validation, VALIDATION.targets)[i] for i in (0, 1)]
    assert found["error_rate_8"] == pytest.approx(sum(short) / 2)
    assert found["error_rate_17"] == pytest.approx(error_rates(on_validation, VALIDATION.targets)[2])
    assert not {"error_rate_11", "error_rate_15"} & found.keys()


def test_without_new_pairs_there_is_no_rate_of_them() -> None:
    task = TranslationTask(TRAIN, VALIDATION, TRAIN[:2])
    found = task.measures(network(task))
    assert found["new_share"] == 0 and "new_error_rate" not in found


def test_losses_by_position(task: TranslationTask) -> None:
    model = network(task)
    losses: dict[int, list[float]] = {}
    for source, target in VALIDATION:
        state, memory = model.start(encode_characters([source], task.source))
        last = SOS
        for place, symbol in enumerate([*task.target.ids(target), EOS]):
            log_p, state = model.step(torch.tensor([[last]]), state, memory)
            losses.setdefault(place, []).append(-log_p[0, 0, symbol].item())
            last = symbol
    expected = [sum(found) / len(found) for _, found in sorted(losses.items())]
    assert task.loss_by_position(model, VALIDATION) == pytest.approx(expected, rel=1e-4)


def test_lengths_fall_into_groups() -> None:
    true = ["x" * n for n in (1, 8, 9, 19, 40)]
    wrong = ["" for _ in true]
    assert by_length(wrong, true) == {8: 1.0, 11: 1.0, 19: 1.0}
    assert set(by_length(true, true).values()) == {0.0}
    assert LENGTHS[-1] == 19


def test_new_pairs_share_neither_side() -> None:
    assert new_pairs(TEST, TRAIN) == [1]
    assert new_pairs(TEST, TRAIN[:0]) == [0, 1, 2]


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_an_empty_part_is_named(part: str) -> None:
    parts = {"train": TRAIN, "validation": VALIDATION, "test": TEST} | {part: TRAIN[:0]}
    with pytest.raises(ValueError, match=f"the part {part} has no sentence pairs; pass at least one"):
        TranslationTask(**parts)


@pytest.mark.slow
def test_attention_beats_none_on_the_offline_phrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    data = load("spa-eng-ist")
    task = TranslationTask(data.train[:1_500], data.validation[:200], data.test[:200])
    rates = []
    for attention in (False, True):
        with seeded(0):
            model = Translator(len(task.source), len(task.target), hidden=64, attention=attention)
        _, watch = task.fit(model, epochs=12, batch_size=32, learning_rate=0.01, **AUTO)
        rates.append(min(watch.error_rates))
    assert rates[1] < 0.75 * rates[0], rates
