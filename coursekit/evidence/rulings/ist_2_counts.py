"""Rules on the counted claims of ist 2: networks with and without what is said to save parameters."""

from collections.abc import Callable
from math import prod
from typing import Literal

import torch
from torch import nn

from coursekit.counting import layer_table
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number
from coursekit.evidence.verdicts import Ruling, judge_count, rule
from coursekit.models import adaptive_cnn, cnn, course_cnn, kuzushiji_cnn

Convolutions = Literal["shared", "local", "dense"]

#: By claim, what is compared: the kind of convolution (as it is; with weights of its own at every position;
#: every output sees every input) and whether there is pooling.
COMPARED: dict[str, tuple[tuple[Convolutions, bool], tuple[Convolutions, bool]]] = {
    "pooling": (("shared", True), ("shared", False)),
    "convolution": (("local", True), ("dense", True)),
    "sharing": (("shared", True), ("local", True)),
}

#: Networks that take a 28×28 image, by name; the last one has no linear layer that sees positions.
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "the network of ist.2.4": kuzushiji_cnn,
    "the network of mannheim.1a": course_cnn,
    "the 3×3 network of mila.2.4": adaptive_cnn,
    "a network that averages each map at its end": lambda: cnn((32, 64), head="average"),
}


@rule("ist.2.1.pooling", "ist.2.1.convolution", "ist.2.1.sharing")
def fewer(claim: Claim) -> Ruling:
    """Whether the networks would have more parameters without what is said to save them."""
    one, other = COMPARED[claim.name]
    counted = {}
    for name, build in NETWORKS.items():
        # Layers on "meta" have shapes and no values: nothing is drawn from the generator of random numbers.
        with torch.device("meta"):
            model = build()
        counted[name] = _parameters(model, *one), _parameters(model, *other)
    saves = [name for name, (with_it, without) in counted.items() if with_it < without]
    first = next(iter(counted))
    rest = [f"{name} ({number(counted[name][0])})" for name in counted if name not in saves]
    return Ruling(
        verdict="holds" if not rest else "imprecise" if saves else "wrong",
        actual=f"{number(counted[first][0])} parameters with it and {number(counted[first][1])} without",
        values={"network": first, "unmoved": ", ".join(rest) or "none"},
        evidence="parameters with and without it: "
        + "; ".join(f"{name} {number(a)} and {number(b)}" for name, (a, b) in counted.items()),
    )


@rule("ist.2.4.inputs")
def inputs(claim: Claim) -> Ruling:
    """Inputs of the first affine layer."""
    table = layer_table(kuzushiji_cnn(), (1, 28, 28))
    channels, height, width = table["pool2"].output_shape
    (actual,) = table["affine1"].input_shape
    assert isinstance(claim.claimed, int | float)
    return Ruling(
        verdict=judge_count(claim.claimed, actual),
        actual=number(actual),
        values={"channels": str(channels), "height": str(height), "width": str(width)},
        evidence=f"layer_table(kuzushiji_cnn()): affine1 takes {number(actual)} values",
    )


def _parameters(model: nn.Module, convolutions: Convolutions, pooled: bool) -> int:
    """Parameters of a chain of layers for a 28×28 image, with its convolutions and pooling changed."""
    total, x = 0, torch.zeros(1, 1, 28, 28, device="meta")
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            before, x = x, layer(x)
            own = sum(p.numel() for p in layer.parameters())
            dense = (prod(before.shape) + 1) * prod(x.shape)
            total += {"shared": own, "local": own * prod(x.shape[2:]), "dense": dense}[convolutions]
        elif isinstance(layer, nn.Linear):
            total += (x.shape[1] + 1) * layer.out_features
            x = x.new_empty(1, layer.out_features)
        elif isinstance(layer, nn.Flatten | nn.AdaptiveAvgPool2d) or (
            pooled and isinstance(layer, nn.MaxPool2d | nn.AdaptiveMaxPool2d)
        ):
            x = layer(x)
    return total
