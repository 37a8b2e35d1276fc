"""Rules on the claims of mila that are counted: parameters, and what gives a network as many as another."""

from collections.abc import Callable
from functools import cache

import torch
from torch import nn

from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, shape
from coursekit.evidence.formulas import formula_value
from coursekit.evidence.verdicts import Ruling, Verdict, judge_count, rule
from coursekit.matching import ParameterMatch, match_parameters
from coursekit.models import adaptive_cnn, mlp

#: Sizes that are tried; kernels too large for the image make no network.
KERNELS, DEPTHS, WIDTHS = range(1, 10), range(45, 61), range(35, 61)

COUNTED = "16(k² + 1) + 32(16k² + 1) + 45(32k² + 1) + 256(45·4·4 + 1) + 256(256 + 1) + 10(256 + 1)"


@rule("mila.2.3.mlp-parameters")
def mlp_parameters(claim: Claim) -> Ruling:
    """Parameters of the MLP, biases included."""
    model = _on_meta(mlp)
    counted = _count(model)
    biases = sum(p.numel() for name, p in model.named_parameters() if name.endswith("bias"))
    return Ruling(
        verdict=judge_count(_figure(claim), counted),
        actual=number(counted),
        values={"weights": number(counted - biases), "biases": number(biases)},
        evidence=f"mlp() has {number(counted - biases)} weights and {number(biases)} biases",
    )


@rule("mila.2.3.product")
def product_of_the_last_layer(claim: Claim) -> Ruling:
    """Weights from the last hidden layer of 64 to the ten classes."""
    linear = nn.Linear(64, 10, device="meta")
    return Ruling(
        verdict=judge_count(_figure(claim), linear.weight.numel()),
        actual=number(linear.weight.numel()),
        values={"parameters": number(_count(linear))},
        evidence=f"nn.Linear(64, 10) has a weight of {shape(linear.weight.shape)}",
    )


@rule("mila.2.3.depth")
def depth(claim: Claim) -> Ruling:
    """How many layers of 64 to 64 give as many parameters as the MLP; the first layer is not one of them."""
    found = _depths()
    near = {row.candidate: row.parameters for row in found.within}
    return Ruling(
        verdict=_judge_match(claim, found),
        actual=number(found.best.candidate),
        values={
            "hidden": number(1 + found.best.candidate),
            "parameters": number(found.best.parameters),
            "budget": number(found.budget),
            "fewest": number(min(near)),
            "most": number(max(near)),
        },
        evidence=f"built with {DEPTHS[0]} to {DEPTHS[-1]} layers of 64×64: at the nearest "
        f"{number(found.best.parameters)} parameters, {number(found.budget)} wanted",
    )


@rule("mila.2.4.kernel")
def kernel(claim: Claim) -> Ruling:
    """The kernel size with which the CNN has about as many parameters as the MLP."""
    found = _kernels()
    sizes = "; ".join(f"k = {row.candidate}: {number(row.parameters)}" for row in found.counted)
    return Ruling(
        verdict=_judge_match(claim, found),
        actual=number(found.best.candidate),
        values={"parameters": number(found.best.parameters), "budget": number(found.budget)},
        evidence=f"adaptive_cnn built with every kernel that fits: {sizes}; {number(found.budget)} wanted",
    )


@rule("mila.2.4.formula")
def formula(claim: Claim) -> Ruling:
    """The formula for the CNN's parameters, on every kernel size that makes a network."""
    counted = {row.candidate: row.parameters for row in _kernels().counted}
    claimed = {k: formula_value(str(claim.claimed), {"k": k}) for k in counted}
    right = [k for k in counted if claimed[k] == counted[k]]
    best = _kernels().best.candidate
    return Ruling(
        verdict="holds" if len(right) == len(counted) else "wrong",
        actual=COUNTED,
        values={
            "k": number(best),
            "claimed": number(float(claimed[best])),
            "counted": number(counted[best]),
            "least": number(float(min(claimed.values()))),
            "budget": number(_budget()),
        },
        evidence=f"agrees with the built network for {len(right)} of {len(counted)} kernel sizes",
    )


@rule("mila.2.5.parameters")
def one_by_one_parameters(claim: Claim) -> Ruling:
    """Parameters of the CNN of four 1×1 convolutions."""
    counted = _count(_on_meta(_one_by_one))
    return Ruling(
        verdict=judge_count(_figure(claim), counted),
        actual=number(counted),
        evidence=f"adaptive_cnn((8, 16, 32, 64), kernel_sizes=1) has {number(counted)} parameters",
    )


@rule("mila.2.5.width")
def width(claim: Claim) -> Ruling:
    """Channels of one 28×28 convolution, for each of the networks that it could be meant to equal."""
    found = _widths()
    verdicts = {_judge_match(claim, match) for match in found.values()}
    verdict: Verdict = "imprecise" if "imprecise" in verdicts else "wrong"
    claimed = _count(_on_meta(lambda: _one_convolution(int(_figure(claim)))))
    return Ruling(
        verdict="holds" if "holds" in verdicts else verdict,
        actual=", ".join(
            f"{match.best.candidate} for the {name} network's {number(match.budget)}"
            for name, match in found.items()
        ),
        values={
            "channels": number(_figure(claim)),
            "claimed": number(claimed),
            "tolerance": number(found["MLP"].tolerance),
        },
        evidence=f"{number(_figure(claim))} channels make {number(claimed)} parameters; off by "
        + ", ".join(f"{number(abs(claimed - match.budget))} ({name})" for name, match in found.items()),
    )


def _one_by_one() -> nn.Module:
    return adaptive_cnn((8, 16, 32, 64), kernel_sizes=1)


def _one_convolution(channels: int) -> nn.Module:
    return adaptive_cnn((channels,), kernel_sizes=28)


@cache
def _depths() -> ParameterMatch[int]:
    return match_parameters(lambda n: mlp((64,) * (1 + n)), DEPTHS, budget=_budget())


@cache
def _widths() -> dict[str, ParameterMatch[int]]:
    budgets = {"MLP": _budget(), "3×3": _count(_on_meta(adaptive_cnn)), "1×1": _count(_on_meta(_one_by_one))}
    return {name: match_parameters(_one_convolution, WIDTHS, budget=total) for name, total in budgets.items()}


def _kernels() -> ParameterMatch[int]:
    return match_parameters(lambda k: adaptive_cnn(kernel_sizes=k), KERNELS, budget=_budget())


def _budget() -> int:
    return _count(_on_meta(mlp))


def _judge_match(claim: Claim, found: ParameterMatch[int]) -> Verdict:
    """Holds for the nearest candidate, imprecise for another one that is within the tolerance."""
    if found.best.candidate == claim.claimed:
        return "holds"
    return "imprecise" if claim.claimed in {row.candidate for row in found.within} else "wrong"


def _on_meta(build: Callable[[], nn.Module]) -> nn.Module:
    # Layers on "meta" have shapes and no values: nothing is drawn from the generator of random numbers.
    with torch.device("meta"):
        return build()


def _count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _figure(claim: Claim) -> float:
    assert isinstance(claim.claimed, int | float)
    return claim.claimed
