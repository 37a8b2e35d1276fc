"""The checker of permuted weights accepts the columns in the right order and no other."""

import pytest
import torch
from torch import Tensor

from coursekit.checkers.permutation import check_permuted_weights
from coursekit.checkers.reports import CheckFailed


def moved(weight: Tensor, order: Tensor) -> Tensor:
    return weight[:, order]


def in_place(weight: Tensor, order: Tensor) -> Tensor:
    weight.copy_(weight[:, order])
    return weight


WRONG = {
    "nothing done": lambda w, o: w,
    "the inverse permutation": lambda w, o: w[:, o.argsort()],
    "twice": lambda w, o: w[:, o][:, o],
    "mirrored": lambda w, o: w.flip(1),
    "sorted columns": lambda w, o: w.sort(dim=1).values,
    "rows for columns": lambda w, o: w[o % len(w)][:, : len(o)],
    "transposed": lambda w, o: w[:, o].T,
    "changes what it was given": in_place,
    "no tensor": lambda w, o: None,
}


def test_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check_permuted_weights(moved)
    check_permuted_weights(lambda w, o: w @ torch.eye(len(o))[o].T)
    check_permuted_weights(lambda w, o: w.index_select(1, o).double())
    assert capsys.readouterr().out.splitlines() == [
        "moved: all 9 cases are right.",
        "<lambda>: all 9 cases are right.",
        "<lambda>: all 9 cases are right.",
    ]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_weights_are_rejected(wrong) -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(|^in_place\("):
        check_permuted_weights(wrong)


def test_a_swap_does_not_show_the_inverse_but_a_turn_does() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_permuted_weights(WRONG["the inverse permutation"])
    assert str(failure.value) == (
        "<lambda>([[1, 2, 3], [4, 5, 6]], [1, 2, 0]): expected the weights to hold 2 at [0, 0], but 3 came"
    )


def test_given_weights_must_stay() -> None:
    with pytest.raises(CheckFailed, match=r"expected the weights and the permutation .* unchanged"):
        check_permuted_weights(in_place)
