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
    monkeypatch.delenv("COURSEKIT_EPOCHS", raising=False)
    monkeypatch.delenv("COURSEKIT_WORKERS", raising=False)
    assert current() == QUICK
    monkeypatch.setenv("COURSEKIT_PROFILE", "full")
    assert current() == FULL
    assert str(current()).startswith("full scale on cpu: ")
    monkeypatch.setenv("COURSEKIT_EPOCHS", "12")
    monkeypatch.setenv("COURSEKIT_WORKERS", "2")
    assert (current().most_epochs, current().workers) == (12, 2)


def test_most_epochs_bounds_both_scales() -> None:
    for name, expected in (("quick", 1), ("full", 3)):
        bounded = Profile(name=name, device=torch.device("cpu"), most_epochs=expected)
        assert bounded.epochs(50) == expected
    assert Profile(name="full", device=torch.device("cpu"), most_epochs=300).epochs(50) == 50


def test_what_suits_the_device() -> None:
    assert FULL.fitting(gpu=64, cpu=16) == 16
    assert Profile(name="full", device=torch.device("cuda", 0)).fitting(gpu="a", cpu="b") == "a"


def test_precision_is_low_only_at_full_scale_and_where_the_processor_has_it(monkeypatch) -> None:
    assert QUICK.precision == "float32"
    for capabilities, expected in (({"avx512_bf16": True}, "bfloat16"), ({"avx2": True}, "float32")):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda found=capabilities: found, raising=False)
        assert FULL.precision == expected
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert FULL.precision == "float32"
    for capability, expected in (((7, 5), "float32"), ((8, 0), "bfloat16"), ((9, 0), "bfloat16")):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device, found=capability: found)
        assert Profile(name="full", device=torch.device("cuda", 0)).precision == expected
    assert Profile(name="full", device=torch.device("meta")).precision == "float32"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("COURSEKIT_PROFILE", "fast", "COURSEKIT_PROFILE is 'fast'; set it to 'quick' or 'full'"),
        ("COURSEKIT_EPOCHS", "0", "COURSEKIT_EPOCHS is '0'; set it to a whole number from 1 up, or unset it"),
        ("COURSEKIT_EPOCHS", "-3", "COURSEKIT_EPOCHS is '-3'; set it to a whole number"),
        ("COURSEKIT_WORKERS", "two", "COURSEKIT_WORKERS is 'two'; set it to a whole number"),
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
