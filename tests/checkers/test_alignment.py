"""The checker of alignment accepts the Procrustes solution and rejects plausible wrong ones."""

import pytest
import torch
from scipy.linalg import orthogonal_procrustes

from coursekit.checkers import CheckFailed
from coursekit.checkers.alignment import check_alignment


def by_svd(points, reference):
    x, y = points - points.mean(0), reference - reference.mean(0)
    u, _, vt = torch.linalg.svd(x.T @ y)
    return x @ u @ vt + reference.mean(0)


def by_scipy(points, reference):
    x, y = points - points.mean(0), reference - reference.mean(0)
    turn, _ = orthogonal_procrustes(x.numpy(), y.numpy())
    return x @ torch.from_numpy(turn) + reference.mean(0)


def without_centring(points, reference):
    u, _, vt = torch.linalg.svd(points.T @ reference)
    return points @ u @ vt


def never_mirrored(points, reference):
    x, y = points - points.mean(0), reference - reference.mean(0)
    u, _, vt = torch.linalg.svd(x.T @ y)
    sign = torch.diag(torch.tensor([1.0, 1.0], dtype=torch.float64))
    sign[1, 1] = torch.linalg.det(u @ vt).sign()
    return x @ u @ sign @ vt + reference.mean(0)


def transposed(points, reference):
    x, y = points - points.mean(0), reference - reference.mean(0)
    u, _, vt = torch.linalg.svd(x.T @ y)
    return x @ (u @ vt).T + reference.mean(0)


def stretched(points, reference):
    x, y = points - points.mean(0), reference - reference.mean(0)
    u, s, vt = torch.linalg.svd(x.T @ y)
    return s.sum() / x.square().sum() * x @ u @ vt + reference.mean(0)


WRONG = {
    "no centring": without_centring,
    "never mirrored": never_mirrored,
    "the turn transposed": transposed,
    "stretched": stretched,
    "any linear map": lambda x, y: (x - x.mean(0)) @ torch.linalg.pinv(x - x.mean(0)) @ y + y.mean(0),
    "left at 0": lambda x, y: by_svd(x, y) - y.mean(0),
    "moved back to where it was": lambda x, y: by_svd(x, y) - y.mean(0) + x.mean(0),
    "roles swapped": lambda x, y: by_svd(y, x),
    "moved only": lambda x, y: x - x.mean(0) + y.mean(0),
    "the reference": lambda x, y: y,
    "nothing": lambda x, y: None,
}


def test_right_functions_pass(capsys) -> None:
    check_alignment(by_svd)
    check_alignment(by_scipy)
    assert capsys.readouterr().out == "by_svd: all 12 cases are right.\nby_scipy: all 12 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(points, reference):
        return wrong(points, reference)

    with pytest.raises(CheckFailed, match=r"^mine\(.* map.*\)(: expected| raised)"):
        check_alignment(mine)


def test_sentence_shows_the_case() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_alignment(WRONG["left at 0"])
    assert str(failure.value).startswith("<lambda>(a map, itself): expected the aligned map to hold ")
