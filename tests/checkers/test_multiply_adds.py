"""The checker of multiply-adds accepts the right count and rejects plausible wrong ones."""

import pytest

from coursekit.checkers.multiply_adds import check_multiply_adds
from coursekit.checkers.reports import CheckFailed


def count(
    layers,
    shape,
    *,
    bias=True,
    positions=lambda n, kernel, padding: n + 2 * padding - kernel + 1,
    pooled=lambda n, window: n // window,
    weights=lambda depth, kernel: depth * kernel**2,
    parameters=False,
    pooling=0,
):
    (depth, height, width), counts = shape, []
    for kind, size, *rest in layers:
        if kind == "conv":
            kernel, padding = rest
            height, width = (positions(n, kernel, padding) for n in (height, width))
            each = size * (weights(depth, kernel) + bias)
            counts.append(each * (1 if parameters else height * width))
            depth = size
        elif kind == "pool":
            height, width = pooled(height, size), pooled(width, size)
            counts.append(pooling * depth * height * width * size**2)
        else:
            counts.append(size * (depth * height * width + bias))
            depth, height, width = size, 1, 1
    return counts


def at_the_input(layers, shape):
    """Counts a convolution at every pixel of its input."""
    depth, height, width = shape
    counts = count(layers, shape)
    for index, (kind, size, *rest) in enumerate(layers):
        if kind == "conv":
            kernel, padding = rest
            counts[index] = size * (depth * kernel**2 + 1) * height * width
            height, width = (n + 2 * padding - kernel + 1 for n in (height, width))
            depth = size
        elif kind == "pool":
            height, width = height // size, width // size
        else:
            depth, height, width = size, 1, 1
    return counts


WRONG = {
    "biases left out": lambda layers, shape: count(layers, shape, bias=False),
    "parameters instead": lambda layers, shape: count(layers, shape, parameters=True),
    "two operations each": lambda layers, shape: [2 * n for n in count(layers, shape)],
    "padding forgotten": lambda layers, shape: count(layers, shape, positions=lambda n, k, p: n - k + 1),
    "padding on one side": lambda layers, shape: count(
        layers, shape, positions=lambda n, k, p: n + p - k + 1
    ),
    "no + 1": lambda layers, shape: count(layers, shape, positions=lambda n, k, p: n + 2 * p - k),
    "size kept": lambda layers, shape: count(layers, shape, positions=lambda n, k, p: n),
    "positions of the input": at_the_input,
    "pooling rounded up": lambda layers, shape: count(layers, shape, pooled=lambda n, w: -(-n // w)),
    "pooling with stride 1": lambda layers, shape: count(layers, shape, pooled=lambda n, w: n - w + 1),
    "pooling forgotten": lambda layers, shape: count(layers, shape, pooled=lambda n, w: n),
    "pooling counted": lambda layers, shape: count(layers, shape, pooling=1),
    "input channels forgotten": lambda layers, shape: count(layers, shape, weights=lambda d, k: k**2),
    "kernel not squared": lambda layers, shape: count(layers, shape, weights=lambda d, k: d * k),
    "height and width added": lambda layers, shape: count(
        layers, (shape[0], shape[1] + shape[2], 1), positions=lambda n, k, p: n
    ),
    "floats": lambda layers, shape: [float(n) for n in count(layers, shape)],
    "the total": lambda layers, shape: sum(count(layers, shape)),
    "poolings left out": lambda layers, shape: [
        n for n, layer in zip(count(layers, shape), layers, strict=True) if layer[0] != "pool"
    ],
    "last layer forgotten": lambda layers, shape: count(layers, shape)[:-1],
    "nothing": lambda layers, shape: None,
    "an error": lambda layers, shape: layers / shape,
}


def test_reference_passes(capsys) -> None:
    check_multiply_adds(count)
    check_multiply_adds(lambda layers, shape: tuple(count(layers, shape)))
    assert capsys.readouterr().out == "count: all 9 cases are right.\n<lambda>: all 9 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_counts_are_rejected(wrong) -> None:
    def mine(layers, shape):
        return wrong(layers, shape)

    with pytest.raises(
        CheckFailed, match=r"^mine\(\[\(.*\)\], \(\d+, \d+, \d+\)\)(: expected .* came| raised )"
    ):
        check_multiply_adds(mine)


def test_sentence_says_which_layer() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_multiply_adds(WRONG["padding forgotten"])
    assert str(failure.value) == (
        "<lambda>([('conv', 3, 3, 1), ('pool', 2), ('linear', 2)], (2, 5, 4)): "
        "expected 1140 multiply-adds in layer 1, but 342 came"
    )


def test_a_learner_who_empties_the_list_changes_no_case() -> None:
    def emptying(layers, shape):
        counts = count(layers, shape)
        layers.clear()
        return counts

    check_multiply_adds(emptying)
    check_multiply_adds(count)
