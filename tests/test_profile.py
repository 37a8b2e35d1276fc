"""The two scales, and what the environment may and may not say."""

import pytest
import torch

from coursekit.profile import Profile, current, describe_device

QUICK = Profile(name="quick", device=torch.device("cpu"))
FULL = Profile(name="full", device=torch.device("cpu"))


def test_quick_never_asks_for_more_than_full() -> None:
    assert QUICK.epochs(1) == FULL.epochs(1) == 1
    assert QUICK.seeds(1) == FULL.seeds(1) == (0,)
    assert QUICK.epochs(50, quick=4) == 4
    assert FULL.epochs(50, quick=4) == 50


def test_subset_cuts_at_quick_only() -> None:
    data = torch.arange(10)
    assert QUICK.subset(data, 4).tolist() == [0, 1, 2, 3]
    assert FULL.subset(data, 4) is data


def test_environment(monkeypatch) -> None:
    monkeypatch.delenv("COURSEKIT_PROFILE", raising=False)
    monkeypatch.setenv("COURSEKIT_DEVICE", "cpu")
    assert current() == QUICK
    monkeypatch.setenv("COURSEKIT_PROFILE", "full")
    assert current() == FULL
    assert str(current()).startswith("full scale on cpu: ")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("COURSEKIT_PROFILE", "fast", "COURSEKIT_PROFILE is 'fast'; set it to 'quick' or 'full'"),
        ("COURSEKIT_DEVICE", "abacus", "COURSEKIT_DEVICE is 'abacus', which torch cannot use here"),
        ("COURSEKIT_DEVICE", "cuda:99", "COURSEKIT_DEVICE is 'cuda:99', which torch cannot use here"),
    ],
)
def test_mistakes_get_one_sentence(monkeypatch, variable, value, message) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=message):
        current()


def test_device_in_words() -> None:
    words = describe_device(torch.device("cpu"))
    assert words.startswith("cpu: ")
    assert f"{torch.get_num_threads()} thread" in words
    assert describe_device(torch.device("meta")) == "meta"
