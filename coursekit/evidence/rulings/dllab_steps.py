"""Rules on the claims of dllab that are computed by small steps: momentum, softmax, saturation."""

from collections.abc import Iterable
from math import exp

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, percent
from coursekit.evidence.verdicts import Ruling, rule

#: Momenta that are compared.
MOMENTA = (0.5, 0.9, 0.99)

#: Leads of a wrong class from which descent on two scores starts, and its rate.
LEADS, RATE = (0.5, 1.0, 4.0, 8.0), 0.1


@rule("dllab.1.4.1.form")
def momentum_form(claim: Claim) -> Ruling:
    """Velocities of torch's SGD in units of a gradient: at once, at last, and where signs alternate."""
    at_once, constant, alternating = ([] for _ in range(3))
    for momentum in MOMENTA:
        same = _velocities(momentum, [1.0] * 4_000)
        turning = _velocities(momentum, [(-1.0) ** k for k in range(4_000)])
        at_once.append(same[0] * (1 - momentum))
        constant.append(same[-1] * (1 - momentum))
        alternating.append(abs(turning[-1]) * (1 - momentum))
    in_the_limit = _all_one(constant)
    always = in_the_limit and _all_one(at_once) and _all_one(alternating)
    return Ruling(
        "holds" if always else "imprecise" if in_the_limit else "wrong",
        percent(constant[1], decimals=0),
        {
            "momentum": f"{MOMENTA[1]}",
            "once": percent(at_once[1], decimals=0),
            "turning": percent(alternating[1], decimals=0),
        },
        f"velocity of SGD by 1/(1 − α), α = {MOMENTA[1]}: {at_once[1]:.2f} after one step, {constant[1]:.2f} "
        f"under a constant gradient, {alternating[1]:.2f} where its sign alternates",
    )


@rule("dllab.1.4.1.velocity")
def momentum_and_velocity(claim: Claim) -> Ruling:
    """Whether the velocity follows from α: it is compared for different gradients at one α, and reversed."""
    gradients = {
        "constant": [1.0] * 500, "twice as large": [2.0] * 500,
        "alternating": [(-1.0) ** k for k in range(500)],
    }  # fmt: skip
    at_one = {name: abs(_velocities(0.9, values)[-1]) for name, values in gradients.items()}
    at_others = [abs(_velocities(momentum, gradients["constant"])[-1]) for momentum in MOMENTA]
    matters, alone = _spread(at_others) > 1.01, _spread(at_one.values()) <= 1.01
    return Ruling(
        ("holds" if alone else "imprecise") if matters else "wrong",
        ", ".join(f"{value:.2f} ({name})" for name, value in at_one.items()),
        {"momentum": "0.9", "momenta": ", ".join(map(str, MOMENTA))},
        "final velocities of SGD at one momentum for three series of gradients, and for one series at three",
    )


@rule("dllab.1.4.3.distribution")
def softmax_distribution(claim: Claim) -> Ruling:
    """Softmax of random scores: negative entries, and the largest deviation of a sum from 1."""
    generator = torch.Generator().manual_seed(0)
    scores = 10 * torch.randn(1_000, 10, dtype=torch.float64, generator=generator)
    p = scores.softmax(dim=1)
    negative, off = int((p < 0).sum()), float((p.sum(dim=1) - 1).abs().max())
    return Ruling(
        "holds" if negative == 0 and off < 1e-12 else "wrong",
        f"{negative} of {number(p.numel())}",
        {"rows": number(len(p))},
        f"softmax of {number(len(p))} rows of random scores: {negative} entries below 0, sums 1 to rounding",
    )


@rule("dllab.1.4.4.saturation")
def saturation(claim: Claim) -> Ruling:
    """Gradients of both losses where a network is sure and wrong, behind a sigmoid and behind a softmax."""
    margins = torch.tensor([0.0, 20.0], dtype=torch.float64)
    gradients = {
        (output, loss): _gradient(margins, output=output, loss=loss)
        for output in ("sigmoid", "softmax")
        for loss in ("squared error", "cross-entropy")
    }
    left = {key: float(pair[1] / pair[0]) for key, pair in gradients.items()}
    squared = [value for (_, loss), value in left.items() if loss == "squared error"]
    cross = [value for (_, loss), value in left.items() if loss == "cross-entropy"]
    return Ruling(
        "holds" if max(squared) < 1e-3 and min(cross) >= 1 else "wrong",
        f"{max(squared):.0e}",
        {"cross": f"{min(cross):.1f}", "margin": f"{margins[1]:.0f}"},
        f"gradient at a wrong margin of {margins[1]:.0f} by that at none, sigmoid and softmax: squared error "
        f"at most {max(squared):.0e}, cross-entropy at least {min(cross):.1f}",
    )


@rule("dllab.1.4.4.improves")
def improves(claim: Claim) -> Ruling:
    """Steps of descent on two scores until a wrong lead is undone, by squared error and by cross-entropy."""
    steps = {lead: (_steps(lead, squared=True), _steps(lead, squared=False)) for lead in LEADS}
    ratios = {lead: squared / cross for lead, (squared, cross) in steps.items()}
    first, last = LEADS[0], LEADS[-1]
    return Ruling(
        "holds" if min(ratios.values()) > 2 else "imprecise" if max(ratios.values()) > 2 else "wrong",
        "; ".join(f"lead {lead:g}: {a:,} and {b:,}" for lead, (a, b) in steps.items()),
        {
            "small": f"{ratios[first]:.1f}",
            "large": f"{ratios[last]:.0f}",
            "first": f"{first:g}",
            "last": f"{last:g}",
        },
        f"steps at rate {RATE} until a lead is undone: squared error takes {ratios[first]:.1f} times as many "
        f"from {first:g}, {ratios[last]:.0f} times from {last:g}",
    )


def _velocities(momentum: float, gradients: Iterable[float]) -> list[float]:
    """How far each step of torch's SGD goes at rate 1, for gradients that are given."""
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0, momentum=momentum)
    steps, last = [], 0.0
    for gradient in gradients:
        weight.grad = torch.full_like(weight, gradient)
        optimizer.step()
        steps.append(last - weight.item())
        last = weight.item()
    return steps


def _gradient(margins: Tensor, *, output: str, loss: str) -> Tensor:
    """Norm of the gradient in the scores where the wrong one of two classes leads by each margin."""
    scores = -margins[:, None] if output == "sigmoid" else torch.stack([0 * margins, margins], dim=1)
    scores = scores.requires_grad_()
    p = torch.sigmoid(scores) if output == "sigmoid" else scores.softmax(dim=1)[:, :1]
    log_p = F.logsigmoid(scores) if output == "sigmoid" else scores.log_softmax(dim=1)[:, :1]
    each = (1 - p) ** 2 if loss == "squared error" else -log_p
    (gradient,) = torch.autograd.grad(each.sum(), scores)
    norms: Tensor = torch.linalg.vector_norm(gradient, dim=1)
    return norms


def _steps(lead: float, *, squared: bool) -> int:
    """Steps until the margin of the wrong one of two classes is gone; both scores move."""
    margin, steps = lead, 0
    while margin > 0:
        p = 1 / (1 + exp(-margin))
        margin -= RATE * (8 * p * p * (1 - p) if squared else 2 * p)
        steps += 1
    return steps


def _spread(values: Iterable[float]) -> float:
    values = list(values)
    return max(values) / min(values)


def _all_one(values: Iterable[float]) -> bool:
    return all(abs(value - 1) <= 1e-6 for value in values)
