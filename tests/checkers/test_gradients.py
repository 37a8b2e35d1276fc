"""The checkers of gradient and Jacobian norms accept right functions and reject plausible wrong ones."""

import pytest
import torch
from torch.func import jacrev

from coursekit.checkers import CheckFailed
from coursekit.checkers.gradients import check_gradient_norm, check_jacobian_norm


def by_autograd(function, tensors):
    copies = [tensor.clone().requires_grad_() for tensor in tensors]
    found = torch.autograd.grad(function(*copies), copies, allow_unused=True)
    return sum(g.square().sum() for g in found if g is not None).sqrt()


def by_differences(function, tensors, *, step=1e-6):
    total = 0.0
    for tensor in tensors:
        flat = tensor.view(-1)
        for i in range(len(flat)):
            here = flat[i].item()
            values = []
            for there in (here + step, here - step):
                flat[i] = there
                values.append(function(*tensors).item())
            flat[i] = here
            total += ((values[0] - values[1]) / (2 * step)) ** 2
    return total**0.5


def piling_up(function, tensors):
    for tensor in tensors:
        tensor.requires_grad_()
    function(*tensors).backward()
    return sum(t.grad.square().sum() for t in tensors if t.grad is not None).sqrt()


def parts(function, tensors):
    copies = [tensor.clone().requires_grad_() for tensor in tensors]
    found = torch.autograd.grad(function(*copies), copies, allow_unused=True)
    return [g for g in found if g is not None]


def unused_forgotten(function, tensors):
    copies = [tensor.clone().requires_grad_() for tensor in tensors]
    found = torch.autograd.grad(function(*copies), copies)
    return sum(g.square().sum() for g in found).sqrt()


WRONG_GRADIENTS = {
    "sum of the norms": lambda f, ts: sum(g.norm() for g in parts(f, ts)),
    "squared": lambda f, ts: sum(g.square().sum() for g in parts(f, ts)),
    "first tensor only": lambda f, ts: parts(f, ts)[0].norm(),
    "last tensor only": lambda f, ts: parts(f, ts)[-1].norm(),
    "spectral norm": lambda f, ts: sum(
        (torch.linalg.matrix_norm(g, 2) if g.ndim == 2 else g.norm()) ** 2 for g in parts(f, ts)
    ).sqrt(),
    "largest entry": lambda f, ts: max(g.abs().max() for g in parts(f, ts)),
    "sum of magnitudes": lambda f, ts: sum(g.abs().sum() for g in parts(f, ts)),
    "root of the mean": lambda f, ts: torch.cat([g.flatten() for g in parts(f, ts)]).square().mean().sqrt(),
    "unused tensors forgotten": unused_forgotten,
    "gradients pile up": piling_up,
    "norm of the tensors": lambda f, ts: sum(t.square().sum() for t in ts).sqrt(),
}

WRONG_JACOBIANS = {
    "gradient of the sum": lambda f, x: jacrev(lambda y: f(y).sum())(x).norm(),
    "squared": lambda f, x: jacrev(f)(x).square().sum(),
    "spectral norm": lambda f, x: torch.linalg.matrix_norm(jacrev(f)(x).reshape(f(x).numel(), x.numel()), 2),
    "nuclear norm": lambda f, x: torch.linalg.matrix_norm(
        jacrev(f)(x).reshape(f(x).numel(), x.numel()), "nuc"
    ),
    "sum of magnitudes": lambda f, x: jacrev(f)(x).abs().sum(),
    "first row": lambda f, x: jacrev(lambda y: f(y).flatten()[0])(x).norm(),
    "diagonal": lambda f, x: jacrev(f)(x).reshape(f(x).numel(), x.numel()).diagonal().norm(),
    "vectors only": lambda f, x: jacrev(f)(x.view(len(x))).norm(),
    "root of the mean": lambda f, x: jacrev(f)(x).square().mean().sqrt(),
    "one random direction": lambda f, x: torch.func.jvp(f, (x,), (torch.ones_like(x),))[1].norm(),
    "norm of the value": lambda f, x: f(x).norm(),
}


@pytest.mark.parametrize("right", [by_autograd, by_differences])
def test_right_gradient_norms_pass(right, capsys) -> None:
    check_gradient_norm(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 14 cases are right.\n"


def test_right_jacobian_norms_pass(capsys) -> None:
    check_jacobian_norm(lambda f, x: jacrev(f)(x).norm())
    check_jacobian_norm(lambda f, x: torch.autograd.functional.jacobian(f, x).square().sum().sqrt().item())
    assert capsys.readouterr().out == 2 * "<lambda>: all 8 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG_GRADIENTS.values(), ids=WRONG_GRADIENTS)
def test_wrong_gradient_norms_are_rejected(wrong) -> None:
    with pytest.raises(CheckFailed):
        check_gradient_norm(wrong)


@pytest.mark.parametrize("wrong", WRONG_JACOBIANS.values(), ids=WRONG_JACOBIANS)
def test_wrong_jacobian_norms_are_rejected(wrong) -> None:
    with pytest.raises(CheckFailed):
        check_jacobian_norm(wrong)


def test_sentences_show_the_call() -> None:
    def mine(function, argument):
        return 7.0

    with pytest.raises(CheckFailed) as failure:
        check_gradient_norm(mine)
    assert str(failure.value) == "mine(lambda x: 3 * x, [2.0]): expected the norm to be 3, but 7 came"
    with pytest.raises(CheckFailed) as failure:
        check_jacobian_norm(mine)
    assert str(failure.value) == "mine(lambda x: 3 * x, [2.0]): expected the norm to be 3, but 7 came"
    with pytest.raises(CheckFailed, match=r"^piling_up\(.*, for the second time\): expected"):
        check_gradient_norm(piling_up)
