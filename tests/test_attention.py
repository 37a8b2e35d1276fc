"""Attention against sums over tokens in Python, torch's own kernel, and autograd."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from coursekit.attention import bilinear_attention, pixel_attention, scaled_dot_product_attention

COUNTS = st.integers(1, 5)


def randn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def assert_close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=0, atol=1e-10)


def by_sums(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float) -> Tensor:
    """One query and one key at a time, in Python's floats."""
    rows = []
    for q, allowed in zip(query.tolist(), mask.tolist(), strict=True):
        scores = [scale * sum(a * b for a, b in zip(q, k, strict=True)) for k in key.tolist()]
        powers = [math.exp(score) if open_ else 0.0 for score, open_ in zip(scores, allowed, strict=True)]
        total = sum(powers) or 1.0
        rows.append(
            [
                sum(power / total * v[column] for power, v in zip(powers, value.tolist(), strict=True))
                for column in range(value.shape[-1])
            ]
        )
    return torch.tensor(rows, dtype=torch.float64)


@given(
    queries=COUNTS, keys=COUNTS, features=COUNTS, outputs=COUNTS, seed=st.integers(0, 9), scaled=st.booleans()
)
def test_attention_is_the_sum_over_keys_and_torchs(queries, keys, features, outputs, seed, scaled) -> None:
    query, key, value = (
        randn(*shape, seed=seed) for shape in ((queries, features), (keys, features), (keys, outputs))
    )
    mask = randn(queries, keys, seed=seed + 1) > 0
    scale = 0.7 if scaled else None
    output, probabilities = scaled_dot_product_attention(query, key, value, mask=mask, scale=scale)
    assert_close(output, by_sums(query, key, value, mask, scale or features**-0.5))
    assert_close(output, F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale))
    assert_close(probabilities.sum(dim=-1), mask.any(dim=-1).double())
    assert probabilities[~mask].count_nonzero() == 0
    unmasked, _ = scaled_dot_product_attention(query, key, value, scale=scale)
    assert_close(unmasked, F.scaled_dot_product_attention(query, key, value, scale=scale))


def test_gradients_are_those_of_torch() -> None:
    mask = torch.tensor([[True, False, True], [True, True, True]])
    ours, theirs = (
        tuple(randn(*shape).requires_grad_() for shape in ((2, 4), (3, 4), (3, 2))) for _ in range(2)
    )
    weights = randn(2, 2, seed=3)
    (scaled_dot_product_attention(*ours, mask=mask)[0] * weights).sum().backward()
    (F.scaled_dot_product_attention(*theirs, attn_mask=mask) * weights).sum().backward()
    for own, other in zip(ours, theirs, strict=True):
        assert_close(own.grad, other.grad)


def test_a_query_that_may_look_nowhere_gets_zeros_and_no_gradient() -> None:
    query, key, value = (randn(*shape).requires_grad_() for shape in ((2, 4), (3, 4), (3, 2)))
    mask = torch.tensor([[False, False, False], [True, True, False]])
    output, probabilities = scaled_dot_product_attention(query, key, value, mask=mask)
    assert output[0].tolist() == [0, 0] and probabilities[0].tolist() == [0, 0, 0]
    with torch.autograd.set_detect_anomaly(True):
        output.sum().backward()
    assert query.grad[0].count_nonzero() == 0 and query.grad[1].count_nonzero() == 4
    for tensor in (query, key, value):
        assert tensor.grad.isfinite().all()
    assert_close(output, F.scaled_dot_product_attention(query, key, value, attn_mask=mask))


def test_scores_of_any_size_are_safe() -> None:
    query = torch.tensor([[1e4]])
    output, probabilities = scaled_dot_product_attention(
        query, query.repeat(2, 1), torch.tensor([[1.0], [3.0]])
    )
    assert probabilities.tolist() == [[0.5, 0.5]] and output.item() == 2
    far = torch.tensor([[1e4], [-1e4]])
    assert scaled_dot_product_attention(query, far, far)[1].tolist() == [[1, 0]]


def test_batches_and_heads_broadcast() -> None:
    query, key, value = randn(2, 3, 4, 5), randn(2, 3, 6, 5), randn(2, 3, 6, 7)
    mask = torch.arange(6) < torch.tensor([6, 2])[:, None]
    output, probabilities = scaled_dot_product_attention(query, key, value, mask=mask[:, None, None])
    assert output.shape == (2, 3, 4, 7) and probabilities.shape == (2, 3, 4, 6)
    alone, _ = scaled_dot_product_attention(query[1, 2], key[1, 2, :2], value[1, 2, :2])
    assert_close(output[1, 2], alone)
    empty, none = scaled_dot_product_attention(query[:0], key[:0], value[:0])
    assert empty.shape == (0, 3, 4, 7) and none.shape == (0, 3, 4, 6)
    no_keys, _ = scaled_dot_product_attention(randn(2, 5), randn(0, 5), randn(0, 3))
    assert no_keys.tolist() == [[0, 0, 0]] * 2


@given(batch=st.integers(0, 3), positions=COUNTS, query_features=COUNTS, key_features=COUNTS)
def test_bilinear_attention_is_its_definition(batch, positions, query_features, key_features) -> None:
    query, keys = randn(batch, query_features), randn(batch, positions, key_features)
    weight = randn(query_features, key_features, seed=1)
    lengths = torch.arange(1, batch + 1).clamp(max=positions)
    mask = torch.arange(positions) < lengths[:, None]
    context, probabilities = bilinear_attention(query, keys, weight, mask=mask)
    assert context.shape == (batch, key_features) and probabilities.shape == (batch, positions)
    for n, length in enumerate(lengths.tolist()):
        scores = [float((weight.T @ query[n]) @ state) for state in keys[n, :length]]
        expected = torch.tensor(scores, dtype=torch.float64).softmax(dim=0)
        assert_close(probabilities[n, :length], expected)
        assert_close(context[n], sum(p * state for p, state in zip(expected, keys[n], strict=False)))
        # The same scores by torch's own bilinear form.
        form = F.bilinear(query[n].expand(length, -1).contiguous(), keys[n, :length], weight[None])
        assert_close(torch.tensor(scores, dtype=torch.float64), form.flatten())


def test_bilinear_attention_takes_one_state_or_all_steps() -> None:
    queries, keys, weight = randn(2, 3, 4), randn(2, 5, 6), randn(4, 6)
    mask = torch.tensor([[True] * 5, [True, True, False, False, False]])
    context, probabilities = bilinear_attention(queries, keys, weight, mask=mask)
    assert context.shape == (2, 3, 6) and probabilities.shape == (2, 3, 5)
    for step in range(3):
        alone = bilinear_attention(queries[:, step], keys, weight, mask=mask)
        assert_close(context[:, step], alone[0])
        assert_close(probabilities[:, step], alone[1])
    single = bilinear_attention(queries[0, 0], keys[0], weight)
    assert_close(single[0], context[0, 0])


def test_a_sentence_of_padding_gets_the_context_zero() -> None:
    mask = torch.tensor([[False, False], [True, False]])
    keys = randn(2, 2, 3).requires_grad_()
    context, probabilities = bilinear_attention(randn(2, 3), keys, randn(3, 3), mask=mask)
    assert context[0].tolist() == [0, 0, 0] and probabilities.tolist() == [[0, 0], [1, 0]]
    context.sum().backward()
    assert keys.grad.isfinite().all()


@given(height=st.integers(1, 4), width=st.integers(1, 4), seed=st.integers(0, 9))
def test_pixel_attention_is_the_softmax_of_the_outer_product(height, width, seed) -> None:
    image = randn(height, width, seed=seed)
    x = image.flatten()
    output, probabilities = pixel_attention(image)
    assert_close(probabilities, torch.outer(x, x).softmax(dim=1))
    assert_close(output, by_sums(*[x[:, None]] * 3, torch.ones(len(x), len(x), dtype=torch.bool), 1.0)[:, 0])
    assert_close(output[:, None], F.scaled_dot_product_attention(*[x[None, :, None]] * 3)[0])
    # The output is the gradient of log-sum-exp over the scores' keys, each row by its own pixel.
    tokens = x.clone().requires_grad_()
    torch.outer(tokens, x).logsumexp(dim=1).sum().backward()
    assert_close(output, tokens.grad)


def test_pixel_attention_does_not_see_positions() -> None:
    image = randn(3, 4)
    output, probabilities = pixel_attention(image)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    shuffled, reordered = pixel_attention(image.flatten()[order].view(3, 4))
    assert_close(shuffled, output[order])
    assert_close(reordered, probabilities[order][:, order])
    batch = torch.stack([image, 2 * image])
    assert_close(pixel_attention(batch)[0][0], output)
    assert pixel_attention(batch[:0])[1].shape == (0, 12, 12)


QUERY, KEY, VALUE = torch.zeros(2, 4), torch.zeros(3, 4), torch.zeros(3, 5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: scaled_dot_product_attention(QUERY[:, :3], KEY, VALUE),
            ValueError,
            "query has 3 features and key 4; a dot product needs the same number, at least 1",
        ),
        (
            lambda: scaled_dot_product_attention(QUERY[:, :0], KEY[:, :0], VALUE),
            ValueError,
            "query has 0 features and key 0; a dot product needs",
        ),
        (
            lambda: scaled_dot_product_attention(QUERY, KEY, VALUE[:2]),
            ValueError,
            "there are 3 keys and 2 values; each key needs one value",
        ),
        (
            lambda: scaled_dot_product_attention(QUERY[0], KEY, VALUE),
            ValueError,
            r"query has shape \(4,\); its last axes must be \(tokens, features\)",
        ),
        (
            lambda: scaled_dot_product_attention(QUERY, KEY.long(), VALUE),
            TypeError,
            r"key holds torch\.int64; pass floats",
        ),
        (
            lambda: scaled_dot_product_attention(QUERY, KEY, VALUE, mask=torch.ones(2, 3)),
            TypeError,
            r"mask holds torch\.float32; pass booleans, True where a query may look",
        ),
        (
            lambda: scaled_dot_product_attention(QUERY, KEY, VALUE, mask=torch.ones(3, 2, dtype=torch.bool)),
            ValueError,
            r"mask has shape \(3, 2\); it must broadcast to \(…, queries, keys\), here \(2, 3\)",
        ),
        (
            lambda: scaled_dot_product_attention(
                QUERY, KEY, VALUE, mask=torch.ones(7, 2, 3, dtype=torch.bool)
            ),
            ValueError,
            r"mask has shape \(7, 2, 3\); it must broadcast",
        ),
        (
            lambda: bilinear_attention(torch.zeros(4), torch.zeros(3, 5), torch.zeros(5, 4)),
            ValueError,
            r"weight has shape \(5, 4\); the query has 4 features and the keys have 5, so pass \(4, 5\)",
        ),
        (
            lambda: pixel_attention(torch.zeros(3)),
            ValueError,
            r"image has shape \(3,\); pass \(height, width\)",
        ),
        (
            lambda: pixel_attention(torch.zeros(3, 3).byte()),
            TypeError,
            r"query holds torch\.uint8; pass floats",
        ),
    ],
)
def test_mistakes_get_one_sentence(call, error, message: str) -> None:
    with pytest.raises(error, match="^" + message):
        call()
