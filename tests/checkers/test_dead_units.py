"""The checker of dead units accepts the right share and rejects plausible wrong ones."""

import pytest
import torch
from torch import Tensor

from coursekit.checkers import CheckFailed
from coursekit.checkers.dead_units import check_dead_units


def share(outputs: Tensor) -> float:
    return (outputs.transpose(0, 1).flatten(1) == 0).all(dim=1).double().mean().item()


WRONG = {
    "zeros, not units": lambda outputs: (outputs == 0).double().mean().item(),
    "dead for any image": lambda outputs: (
        (outputs.transpose(0, 1).flatten(1) == 0).any(dim=1).double().mean().item()
    ),
    "the living": lambda outputs: 1 - share(outputs),
    "images without a unit": lambda outputs: (outputs.flatten(1) == 0).all(dim=1).double().mean().item(),
    "every pixel a unit": lambda outputs: (outputs.flatten(1) == 0).all(dim=0).double().mean().item(),
    "a count": lambda outputs: share(outputs) * outputs.shape[1],
    "nearly 0": lambda outputs: share(outputs.round(decimals=5)),
    "the first image": lambda outputs: share(outputs[:1]),
    "the mean image": lambda outputs: share((outputs.mean(dim=0, keepdim=True) > 0.1).float()),
    "one per unit": lambda outputs: (outputs.transpose(0, 1).flatten(1) == 0).all(dim=1),
    "linear layers only": lambda outputs: (outputs == 0).all(dim=0).double().mean(dim=0),
}


def test_reference_passes(capsys) -> None:
    check_dead_units(share)
    check_dead_units(lambda outputs: torch.tensor(share(outputs)))
    assert capsys.readouterr().out == "share: all 10 cases are right.\n<lambda>: all 10 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_shares_are_rejected(wrong) -> None:
    def mine(outputs: Tensor) -> object:
        return wrong(outputs)

    with pytest.raises(CheckFailed, match=r"^mine\(.*\): expected .* came$"):
        check_dead_units(mine)


def test_sentence_shows_the_outputs() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_dead_units(WRONG["zeros, not units"])
    assert str(failure.value) == (
        "<lambda>([[0, 1], [0, 0]]): expected the share of dead units to be 0.5, but 0.75 came"
    )


def test_an_exception_is_a_failed_check() -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(\[\[0, 1\], \[0, 0\]\]\) raised IndexError"):
        check_dead_units(lambda outputs: outputs[9])


def test_outputs_cannot_be_changed_for_the_checker() -> None:
    def spoils(outputs: Tensor) -> float:
        found = share(outputs)
        outputs.zero_()
        return found

    check_dead_units(spoils)
