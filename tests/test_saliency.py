"""Saliency against finite differences and closed forms; deleting words against plain lists."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.models import BidirectionalLSTM, LSTMClassifier, MeanOfEmbeddings
from coursekit.saliency import delete_words, strongest, word_saliency
from coursekit.training import seeded

BUILDERS = {
    "course": lambda: LSTMClassifier(9, 5, hidden=4),
    "two layers": lambda: LSTMClassifier(9, 5, hidden=4, layers=2),
    "mean": lambda: MeanOfEmbeddings(9, 5),
    **{
        pooling: lambda pooling=pooling: BidirectionalLSTM(
            9, 5, hidden=4, pooling=pooling, embedding_dropout=0.4
        )
        for pooling in ("last", "mean", "max", "attention")
    },
}
RIGHT = torch.tensor([[3, 8, 1, 2, 0, 0], [5, 0, 7, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
LEFT = torch.tensor([[0, 0, 3, 8, 1, 2], [0, 0, 0, 0, 5, 7], [0, 0, 0, 0, 0, 0]])


def built(name):
    with seeded(0):
        model = BUILDERS[name]()
        nn.init.normal_(model.linear.weight)
    return model


def numerically(model, ids, row, place, h=1e-2):
    """Change of the logit per relative change of one word's embedding, by a central difference.

    Attention rounds its scores to 32 bits, so that the step must not be tiny.
    """
    twin = model.double().eval()
    logits = []
    with torch.no_grad():
        for factor in (1 + h, 1 - h):
            scale = torch.ones(*ids.shape, 1, dtype=torch.float64)
            scale[row, place] = factor
            hook = twin.embedding.register_forward_hook(
                lambda _m, _i, out, scale=scale: out * scale[:, : out.shape[1]]
            )
            logits.append(twin.logits(ids)[row].item())
            hook.remove()
    return (logits[0] - logits[1]) / (2 * h)


@pytest.mark.parametrize("name", BUILDERS)
def test_is_the_derivative_with_respect_to_the_size_of_an_embedding(name) -> None:
    model = built(name)
    ids = LEFT if name in ("course", "two layers") else RIGHT
    found = word_saliency(model, ids)
    assert found.shape == ids.shape and found.dtype == torch.float32
    for row, place in ids.nonzero().tolist():
        assert found[row, place].item() == pytest.approx(numerically(model, ids, row, place), abs=1e-4)
    assert not found[ids == 0].any()
    assert found[0].abs().max() > 1e-3


@given(
    st.lists(st.lists(st.integers(1, 30), max_size=12), min_size=1, max_size=5),
    st.integers(0, 10_000),
)
@settings(max_examples=30, deadline=None)
def test_of_a_mean_adds_up_to_the_logit(reviews, seed) -> None:
    ids = torch.zeros(len(reviews), 12, dtype=torch.int32)
    for row, review in zip(ids, reviews, strict=True):
        row[: len(review)] = torch.tensor(review, dtype=torch.int32)
    with seeded(seed):
        model = MeanOfEmbeddings(31, 6).eval()
    total = word_saliency(model, ids).sum(dim=1) + model.linear.bias
    assert torch.allclose(total, model.logits(ids.long()), atol=1e-5)


def test_leaves_the_model_as_it_was() -> None:
    model = built("attention").train()
    model.dropout.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        first = word_saliency(model, RIGHT)
    assert model.training and not model.dropout.training
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters())
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
    assert not model.embedding._forward_hooks
    assert not first.requires_grad and first.equal(word_saliency(model, RIGHT))


def test_the_hook_and_the_mode_go_back_after_an_error() -> None:
    model = built("max").train()
    with pytest.raises(IndexError):
        word_saliency(model, torch.tensor([[99]]))
    assert model.training and not model.embedding._forward_hooks


def test_works_with_frozen_vectors_and_half_trained_ones() -> None:
    vectors = torch.randn(9, 5, generator=torch.Generator().manual_seed(1))
    model = BidirectionalLSTM(9, 5, hidden=4, vectors=vectors, frozen=True)
    assert word_saliency(model, RIGHT)[0, :4].all()


@pytest.mark.parametrize("length", [1, 10_000])
def test_any_length(length) -> None:
    ids = torch.arange(length).remainder(8).add(1).unsqueeze(0)
    for name in ("course", "mean", "max"):
        found = word_saliency(built(name), ids)
        assert found.shape == (1, length) and found.isfinite().all()


@pytest.mark.parametrize(
    ("ids", "shown"),
    [
        (torch.zeros(3, dtype=torch.int64), r"torch\.int64 of shape \(3,\)"),
        (torch.zeros(2, 3), r"torch\.float32 of shape \(2, 3\)"),
        (torch.zeros(2, 0, dtype=torch.int64), r"torch\.int64 of shape \(2, 0\)"),
    ],
)
def test_what_is_no_batch(ids, shown) -> None:
    with pytest.raises(ValueError, match=rf"^ids are {shown}; pass whole numbers \(n, length\)"):
        word_saliency(built("mean"), ids)


reviews_and_marks = st.integers(1, 8).flatmap(
    lambda length: st.lists(
        st.tuples(
            st.lists(st.integers(1, 50), max_size=length), st.lists(st.booleans(), min_size=8, max_size=8)
        ).map(lambda pair: (pair[0], pair[1][:length], length)),
        min_size=1,
        max_size=4,
    )
)


@given(reviews_and_marks, st.sampled_from(["left", "right"]))
def test_deleting_is_what_lists_do(rows, padding) -> None:
    def padded(words, length):
        blank = [0] * (length - len(words))
        return blank + words if padding == "left" else words + blank

    ids = torch.tensor([padded(words, length) for words, _, length in rows])
    chosen = torch.tensor([marks for _, marks, _ in rows])
    before = ids.clone()
    expected = [
        padded([i for i, out in zip(row, marks, strict=True) if i and not out], len(row))
        for row, marks in zip(ids.tolist(), chosen.tolist(), strict=True)
    ]
    assert delete_words(ids, chosen, padding=padding).tolist() == expected
    assert ids.equal(before)


def test_deleting_errors() -> None:
    ids = torch.ones(2, 3, dtype=torch.int64)
    with pytest.raises(
        ValueError, match=r"ids have the shape \(2, 3\) and chosen \(3,\); pass one mark an id"
    ):
        delete_words(ids, torch.ones(3, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"padding is 'both'; choose 'left' or 'right'"):
        delete_words(ids, ids > 0, padding="both")  # type: ignore[arg-type]


@given(
    st.integers(1, 7).flatmap(
        lambda length: st.lists(
            st.lists(st.one_of(st.just(0.0), st.floats(-9, 9, width=32)), min_size=length, max_size=length),
            min_size=1,
            max_size=4,
        )
    ),
    st.integers(0, 9),
)
def test_strongest_are_the_largest_in_size(rows, count) -> None:
    weights = torch.tensor(rows)
    chosen = strongest(weights, count)
    for row, marks in zip(weights.abs().tolist(), chosen.tolist(), strict=True):
        inside = [w for w, mark in zip(row, marks, strict=True) if mark]
        outside = [w for w, mark in zip(row, marks, strict=True) if not mark]
        assert len(inside) == min(count, sum(w > 0 for w in row)) and all(inside)
        assert not inside or not outside or min(inside) >= max(outside)


def test_strongest_of_a_negative_number() -> None:
    with pytest.raises(ValueError, match="count is -1; it must be at least 0"):
        strongest(torch.ones(1, 2), -1)
