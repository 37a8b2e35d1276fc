"""The checker of Adam's steps accepts right functions and rejects plausible wrong ones."""

import pytest
import torch

from coursekit.checkers import CheckFailed
from coursekit.checkers.adam import check_adam_steps


def steps_with(
    *, corrected=True, epsilon_inside=False, first_power=1, swapped=False, start=1, uphill=False, ahead=False
):
    """Adam with a choice of mistakes; without any it is right."""

    def adam(gradients, *, rate, betas, epsilon):
        beta1, beta2 = betas[::-1] if swapped else betas
        m = v = torch.zeros_like(gradients[0])
        steps = []
        for t, g in enumerate(gradients, start=start):
            before = v
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * (g.abs() if first_power == 2 else g * g)
            used = before if ahead else v
            m_hat = m / (1 - beta1**t) if corrected else m
            v_hat = used / (1 - beta2**t) if corrected else used
            scale = (v_hat + epsilon).sqrt() if epsilon_inside else v_hat.sqrt() + epsilon
            steps.append((rate if uphill else -rate) * m_hat / scale)
        return torch.stack(steps)

    return adam


def by_sums(gradients, *, rate, betas, epsilon):
    """The means written as weighted sums over the past."""
    steps = []
    for t in range(1, len(gradients) + 1):
        past = gradients[:t]
        weights = [torch.tensor([b ** (t - 1 - i) for i in range(t)], dtype=torch.float64) for b in betas]
        m, v = ((w[:, None] * x).sum(0) / w.sum() for w, x in zip(weights, (past, past**2), strict=True))
        steps.append(-rate * m / (v.sqrt() + epsilon))
    return torch.stack(steps)


WRONG = {
    "no bias correction": steps_with(corrected=False),
    "epsilon inside the root": steps_with(epsilon_inside=True),
    "mean of the magnitudes": steps_with(first_power=2),
    "decay rates swapped": steps_with(swapped=True),
    "counted from 0": steps_with(start=0),
    "counted from 2": steps_with(start=2),
    "uphill": steps_with(uphill=True),
    "the second mean of the step before": steps_with(ahead=True),
    "SGD": lambda gradients, *, rate, betas, epsilon: -rate * gradients,
    "the sign alone": lambda gradients, *, rate, betas, epsilon: -rate * gradients.sign(),
    "places for steps": lambda *args, **kw: by_sums(*args, **kw).cumsum(0),
    "last step only": lambda *args, **kw: by_sums(*args, **kw)[-1],
    "nothing": lambda *args, **kw: None,
}


def test_right_functions_pass(capsys) -> None:
    check_adam_steps(by_sums)
    check_adam_steps(steps_with())
    assert capsys.readouterr().out == "by_sums: all 10 cases are right.\nadam: all 10 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(gradients, *, rate, betas, epsilon):
        return wrong(gradients, rate=rate, betas=betas, epsilon=epsilon)

    with pytest.raises(CheckFailed, match=r"^mine\(tensor\(\[\[.*epsilon=\S+\)(:| raised)"):
        check_adam_steps(mine)


def test_sentence_shows_the_call() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_adam_steps(WRONG["uphill"])
    assert str(failure.value) == (
        "adam(tensor([[2.0]]), rate=0.1, betas=(0.9, 0.999), epsilon=1e-08): expected the steps to hold "
        "-0.1 at [0, 0], but 0.1 came"
    )
