"""The classifiers of reviews, against packed sequences, loops over words and an LSTM unrolled by hand."""

import copy
import math
import warnings
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.testing import assert_close

from coursekit.data.words import Vocabulary, encode, tokenize
from coursekit.models.lstm import BidirectionalLSTM, LSTMClassifier, MeanOfEmbeddings, reversed_words, trimmed
from coursekit.training import clipped, evaluate, fit, predict, seeded

WORDS, WIDTH, HIDDEN = 11, 4, 3
POOLINGS = ("last", "mean", "max", "attention")

# Lengths of the reviews of a batch: none, one word, and up to seven.
LENGTHS = st.lists(st.integers(0, 7), min_size=1, max_size=5)


def ids_of(lengths: list[int], *, columns: int, seed: int = 0) -> Tensor:
    """Random words, padded on the right with 0."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, WORDS, (len(lengths), columns), generator=generator)
    return ids * (torch.arange(columns) < torch.tensor(lengths).unsqueeze(1))


def bidirectional(pooling: str, *, seed: int = 0, **options: float) -> BidirectionalLSTM:
    with seeded(seed):
        return BidirectionalLSTM(WORDS, WIDTH, hidden=HIDDEN, pooling=pooling, dropout=0, **options)  # type: ignore[arg-type]


def mean_of_embeddings(**options: float) -> MeanOfEmbeddings:
    with seeded(0):
        return MeanOfEmbeddings(WORDS, WIDTH, dropout=0, **options)


def course_lstm(*, layers: int = 1, seed: int = 0, **options: float) -> LSTMClassifier:
    with seeded(seed):
        return LSTMClassifier(WORDS, WIDTH, hidden=HIDDEN, layers=layers, dropout=0, **options)


EVERY = {
    "course": course_lstm,
    "mean of embeddings": mean_of_embeddings,
    **{pooling: partial(bidirectional, pooling) for pooling in POOLINGS},
}


def by_packing(model: BidirectionalLSTM) -> nn.LSTM:
    """One LSTM of torch's in two directions with the weights of `model`."""
    both = nn.LSTM(WIDTH, HIDDEN, batch_first=True, bidirectional=True)
    onward, back = model.onward.state_dict(), model.back.state_dict()
    both.load_state_dict({**onward, **{f"{name}_reverse": value for name, value in back.items()}})
    return both


def pooled(pooling: str, outputs: Tensor, h: Tensor, score: nn.Linear | None) -> Tensor:
    """What a pooling makes of the outputs ``(words, 2 · hidden)`` and last states of one review."""
    if pooling == "mean":
        return outputs.mean(dim=0)
    if pooling == "max":
        return outputs.max(dim=0).values
    if pooling == "last":
        return torch.cat([h[0], h[1]])
    assert score is not None
    weights = torch.softmax(score(outputs)[:, 0], dim=0)
    return sum((a * o for a, o in zip(weights, outputs, strict=True)), torch.zeros(2 * HIDDEN))


@pytest.mark.parametrize("pooling", POOLINGS)
@given(lengths=LENGTHS, spare=st.integers(0, 3), seed=st.integers(0, 99))
def test_both_directions_are_those_of_packed_sequences(pooling, lengths, spare, seed) -> None:
    ids = ids_of(lengths, columns=max(lengths) + spare + 1, seed=seed)
    model = bidirectional(pooling, seed=seed)
    twin, both = copy.deepcopy(model), by_packing(model)
    found = model.logits(ids)
    assert found.shape == (len(lengths),)

    # Packing does not accept a review without words: its features are 0.
    none = torch.tensor([length == 0 for length in lengths])
    assert torch.equal(found[none], model.linear.bias.expand(int(none.sum())))
    kept = [length for length in lengths if length]
    if not kept:
        return
    packed = pack_padded_sequence(
        twin.embedding(ids[~none]), torch.tensor(kept), batch_first=True, enforce_sorted=False
    )
    packed_outputs, (h, _) = both(packed)
    outputs, _ = pad_packed_sequence(packed_outputs, batch_first=True)
    features = torch.stack(
        [pooled(pooling, outputs[i, :length], h[:, i], twin.score) for i, length in enumerate(kept)]
    )
    assert_close(found[~none], twin.linear(features)[:, 0])

    # Gradients too, through a loss that weighs every review differently.
    factors = torch.arange(1.0, len(kept) + 1)
    (found[~none] * factors).sum().backward()
    (twin.linear(features)[:, 0] * factors).sum().backward()
    assert_close(model.embedding.weight.grad, twin.embedding.weight.grad)
    for name, parameter in both.named_parameters():
        ours = model.back if name.endswith("_reverse") else model.onward
        gradient = ours.get_parameter(name.removesuffix("_reverse")).grad
        assert_close(gradient, parameter.grad)
    for part in ("linear", "score"):
        if getattr(model, part) is not None:
            assert_close(getattr(model, part).weight.grad, getattr(twin, part).weight.grad)


@given(lengths=LENGTHS, seed=st.integers(0, 99))
def test_outputs_of_both_directions_word_by_word(lengths, seed) -> None:
    ids = ids_of(lengths, columns=max(lengths) + 2, seed=seed)
    model = bidirectional("max", seed=seed)
    both = by_packing(model)
    short, found_lengths = trimmed(ids)
    assert found_lengths.tolist() == lengths
    found = model.outputs(model.embedding(short), found_lengths)
    for i, length in enumerate(lengths):
        assert torch.equal(found[i, length:], torch.zeros_like(found[i, length:]))
        if length:
            expected, _ = both(model.embedding(ids[i : i + 1, :length]))
            assert_close(found[i, :length], expected[0])


@pytest.mark.parametrize("name", [name for name in EVERY if name != "course"])
@given(lengths=LENGTHS, more=st.integers(1, 9), seed=st.integers(0, 99))
def test_padding_on_the_right_changes_nothing(name, lengths, more, seed) -> None:
    ids = ids_of(lengths, columns=max(lengths) + 1, seed=seed)
    model = EVERY[name]()
    with torch.no_grad():
        assert torch.equal(model(F.pad(ids, (0, more))), model(ids))
        # Nor does the company of a longer review.
        longer = torch.cat(
            [F.pad(ids, (0, more)), ids_of([ids.shape[1] + more], columns=ids.shape[1] + more)]
        )
        assert_close(model(longer)[:-1], model(ids))


@given(lengths=LENGTHS, seed=st.integers(0, 99))
def test_mean_of_embeddings_by_brute_force(lengths, seed) -> None:
    ids = ids_of(lengths, columns=max(lengths) + 1, seed=seed)
    model = mean_of_embeddings().double()
    weight, bias = model.linear.weight[0].tolist(), model.linear.bias.item()
    rows = model.embedding.weight.tolist()
    expected = []
    for review, length in zip(ids.tolist(), lengths, strict=True):
        mean = [sum(rows[word][k] for word in review[:length]) / max(length, 1) for k in range(WIDTH)]
        expected.append(bias + sum(w * m for w, m in zip(weight, mean, strict=True)))
    assert model.logits(ids).tolist() == pytest.approx(expected, abs=1e-12)


def test_a_zero_between_words_counts_as_a_word() -> None:
    model = mean_of_embeddings()
    row = model.embedding.weight
    expected = model.linear((row[7] + row[0] + row[5]) / 3)
    assert_close(model.logits(torch.tensor([[7, 0, 5, 0]])), expected)


def unrolled(model: LSTMClassifier, ids: Tensor) -> Tensor:
    """The logits of the course's network, layer by layer and word by word."""
    inputs = [model.embedding.weight[column] for column in ids.T]
    for layer in range(model.lstm.num_layers):
        get = model.lstm.get_parameter
        w_in, w_back = get(f"weight_ih_l{layer}"), get(f"weight_hh_l{layer}")
        bias = get(f"bias_ih_l{layer}") + get(f"bias_hh_l{layer}")
        h = c = torch.zeros(len(ids), HIDDEN, dtype=w_in.dtype)
        outputs = []
        for x in inputs:
            i, f, g, o = (x @ w_in.T + h @ w_back.T + bias).split(HIDDEN, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        inputs = outputs
    return inputs[-1] @ model.linear.weight[0] + model.linear.bias


@given(n=st.integers(1, 4), columns=st.integers(1, 8), layers=st.integers(1, 3), seed=st.integers(0, 99))
def test_the_course_network_unrolled_by_hand(n, columns, layers, seed) -> None:
    model = course_lstm(layers=layers, seed=seed, lstm_dropout=0).double()
    # Padding on the left and in the middle is read like a word.
    ids = torch.randint(0, WORDS, (n, columns), generator=torch.Generator().manual_seed(seed))
    found, expected = model.logits(ids), unrolled(model, ids)
    assert_close(found, expected)
    parameters = list(model.parameters())
    for ours, theirs in zip(
        torch.autograd.grad(found.square().sum(), parameters),
        torch.autograd.grad(expected.square().sum(), parameters),
        strict=True,
    ):
        assert_close(ours, theirs)


def test_the_self_check_of_the_course() -> None:
    model = LSTMClassifier(1, 10, hidden=32, layers=2, lstm_dropout=0, dropout=0)
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.1)
    probability = model.probability(torch.zeros(50, 200, dtype=torch.int32))
    assert [round(p, 4) for p in probability.tolist()] == [0.9643] * 50
    assert_close(model(torch.zeros(1, 200, dtype=torch.int32)).exp()[0, 1], probability[0])


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_parameters_of_the_course_network(layers) -> None:
    model = LSTMClassifier(1_000, layers=layers)
    lstm = 4 * (64 * (100 + 64) + 2 * 64) + (layers - 1) * 4 * (64 * (64 + 64) + 2 * 64)
    assert sum(p.numel() for p in model.parameters()) == 1_000 * 100 + lstm + 64 + 1


@pytest.mark.parametrize(("layers", "dropout"), [(1, 0.5), (1, 0.0), (2, 0.5)])
def test_no_warning_whatever_the_dropout_of_the_lstm(layers, dropout) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = course_lstm(layers=layers, lstm_dropout=dropout)
    assert model.lstm.dropout == (dropout if layers > 1 else 0.0)


def test_dropout_of_the_lstm_acts_between_layers_only() -> None:
    ids = ids_of([6, 6], columns=6)
    one = course_lstm(layers=1, lstm_dropout=0.9).train()
    assert torch.equal(one(ids), one(ids))
    two = course_lstm(layers=2, lstm_dropout=0.9)
    assert not torch.equal(two.train()(ids), two(ids))
    assert torch.equal(two.eval()(ids), two(ids))

    # All of the first layer dropped: the second reads zeros, so that the words no longer matter.
    none = course_lstm(layers=2, lstm_dropout=1.0).train()
    assert_close(none(ids)[0], none(ids)[1])
    assert not torch.allclose(none.eval()(ids)[0], none(ids)[1])


@pytest.mark.parametrize("name", EVERY)
def test_dropout_before_the_linear_layer_drops_and_scales_features(name) -> None:
    model = EVERY[name]()
    model.dropout.p = 0.5
    ids = ids_of([6], columns=6).expand(2_000, 6)
    model.linear.bias.data.zero_()
    with torch.no_grad(), seeded(0):
        kept = model.eval().logits(ids[:1]).item()
        dropped = model.train().logits(ids)
    features = model.linear.in_features
    assert 0.2 * 0.5**features < (dropped == 0).float().mean() < 5 * 0.5**features + 0.01
    assert dropped.mean().item() == pytest.approx(kept, abs=5 * dropped.std().item() / math.sqrt(len(ids)))


def test_dropout_of_the_embedding_acts_in_training_only() -> None:
    model = bidirectional("mean", embedding_dropout=0.5)
    ids = ids_of([6], columns=6)
    assert not torch.equal(model.train()(ids), model(ids))
    assert torch.equal(model.eval()(ids), bidirectional("mean")(ids))


@pytest.mark.parametrize("name", EVERY)
def test_the_loss_is_the_binary_cross_entropy_of_the_probability(name) -> None:
    model = EVERY[name]()
    ids = ids_of([3, 7, 1, 0, 5], columns=7)
    labels = torch.tensor([0, 1, 1, 0, 1])
    outputs = model(ids)
    probability = model.probability(ids)
    assert outputs.shape == (5, 2)
    assert_close(F.nll_loss(outputs, labels), F.binary_cross_entropy(probability, labels.float()))
    assert_close(outputs.exp().sum(dim=1), torch.ones(5))
    assert torch.equal(outputs.argmax(dim=1), (probability > 0.5).long())
    assert_close(probability, torch.sigmoid(model.logits(ids)))


@pytest.mark.parametrize("logit", [200.0, -200.0, 1e4])
@pytest.mark.parametrize("name", EVERY)
def test_a_saturated_output_stays_finite(name, logit) -> None:
    model = EVERY[name]()
    model.linear.weight.data.zero_()
    model.linear.bias.data.fill_(logit)
    ids = ids_of([3, 7], columns=7)
    outputs = model(ids)
    assert torch.isfinite(outputs).all()
    assert_close(outputs[:, 0] - outputs[:, 1], torch.full((2,), -logit))
    wrong = torch.full((2,), int(logit < 0))
    loss = F.nll_loss(outputs, wrong)
    assert loss.item() == pytest.approx(abs(logit))
    loss.backward()
    # The mean loss moves as fast as the logit, however far it is: a probability of 0 would stop it.
    assert model.linear.bias.grad.item() == pytest.approx(math.copysign(1.0, logit))


def test_attention_weights() -> None:
    model = bidirectional("attention")
    ids = ids_of([5, 1, 0, 7], columns=9)
    weights = model.attention(ids)
    assert weights.shape == (4, 9)
    assert_close(weights.sum(dim=1), torch.tensor([1.0, 1.0, 0.0, 1.0]))
    assert weights[1, 0].item() == 1.0
    for row, length in zip(weights, (5, 1, 0, 7), strict=True):
        assert bool((row[:length] > 0).all()) and bool((row[length:] == 0).all())

    short, lengths = trimmed(ids)
    outputs = model.outputs(model.embedding(short), lengths)
    assert model.score is not None
    expected = torch.softmax(model.score(outputs[0, :5])[:, 0], dim=0)
    assert_close(weights[0, :5], expected)
    assert_close(model.linear(expected @ outputs[0, :5])[0], model.logits(ids)[0])


def test_equal_scores_make_attention_the_mean() -> None:
    attentive, mean = bidirectional("attention"), bidirectional("mean")
    mean.load_state_dict({k: v for k, v in attentive.state_dict().items() if not k.startswith("score")})
    attentive.score.weight.data.zero_()
    ids = ids_of([5, 1, 0, 7], columns=9)
    assert_close(attentive(ids), mean(ids))
    # Far apart, one word takes all, and nothing overflows.
    attentive.score.weight.data.fill_(1e30)
    assert_close(attentive.attention(ids).amax(dim=1), torch.tensor([1.0, 1.0, 0.0, 1.0]))
    assert torch.isfinite(attentive(ids)).all()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "ids",
    [
        torch.zeros(1, 1, dtype=torch.int32),
        torch.zeros(3, 200, dtype=torch.int32),
        torch.ones(2, 200, dtype=torch.int32),
        torch.tensor([[1] * 200, [0] * 200], dtype=torch.int32),
        torch.randint(0, WORDS, (1, 10_000), generator=torch.Generator().manual_seed(0)),
    ],
    ids=["one empty", "all empty", "all unknown", "unknown and empty", "10,000 words"],
)
def test_odd_reviews(name, ids) -> None:
    model = EVERY[name]()
    outputs = model(ids)
    assert outputs.shape == (len(ids), 2)
    F.nll_loss(outputs, torch.zeros(len(ids), dtype=torch.int64)).backward()
    for parameter in model.parameters():
        assert parameter.grad is None or bool(torch.isfinite(parameter.grad).all())
    assert torch.isfinite(outputs).all()


@pytest.mark.parametrize("name", EVERY)
def test_one_review_alone_is_the_same_as_in_a_batch(name) -> None:
    model = EVERY[name]()
    ids = ids_of([7, 0, 3, 7], columns=7)
    assert_close(torch.cat([model(row.unsqueeze(0)) for row in ids]), model(ids))


@pytest.mark.parametrize("name", EVERY)
def test_mixed_precision_stays_close(name) -> None:
    model = EVERY[name]()
    ids = ids_of([7, 0, 3, 1], columns=9)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = model(ids)
        probability = model.probability(ids)
    assert mixed.dtype == probability.dtype == torch.float32
    assert_close(mixed, model(ids), atol=0.02, rtol=0.02)
    assert_close(mixed[:, 1].exp(), probability)
    if name == "attention":
        with torch.autocast("cpu", torch.bfloat16):
            weights = model.attention(ids)
        assert_close(weights.sum(dim=1), torch.tensor([1.0, 0.0, 1.0, 1.0]))
    F.nll_loss(mixed, torch.tensor([0, 1, 0, 1])).backward()
    for parameter in model.parameters():
        assert parameter.grad is not None and bool(torch.isfinite(parameter.grad).all())


def test_texts_of_every_kind_from_words_to_probability() -> None:
    texts = [
        "", "fine", "???", "zyzzyva qux", "word " * 10_000, "Отличный фильм", "素晴らしい映画",
        "<br /><b>fine</b>", "👍👍 fine", "\x00\ufeff\n",
    ]  # fmt: skip
    words = [tokenize(text) for text in texts]
    vocabulary = Vocabulary.of([["fine", "film", "word"]], unknown=True)
    ids = encode(words, vocabulary, length=200, padding="right", keep="last")
    for name, build in EVERY.items():
        with seeded(0):
            model = build()
        outputs = predict(model, ids, prepare=torch.Tensor.long)
        assert outputs.shape == (len(texts), 2), name
        assert torch.isfinite(outputs).all(), name


@pytest.mark.parametrize("name", EVERY)
def test_every_model_learns_which_word_decides(name) -> None:
    """Word 2 is for "positive", word 3 for "negative", among words that say nothing."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 2, (300,), generator=generator)
    ids = torch.randint(4, WORDS, (300, 6), generator=generator)
    at = torch.randint(0, 6, (300,), generator=generator)
    ids[torch.arange(300), at] = 3 - labels
    model = EVERY[name]()
    adam = clipped(partial(torch.optim.Adam, lr=0.03), max_norm=5)
    fit(
        model, (ids, labels), epochs=8, batch_size=20, optimizer=adam, prepare=torch.Tensor.long,
        progress=False,
    )  # fmt: skip
    assert evaluate(model, (ids, labels), prepare=torch.Tensor.long).accuracy > 0.97


MODELS = {
    "course": LSTMClassifier,
    "mean of embeddings": MeanOfEmbeddings,
    "both directions": BidirectionalLSTM,
}


@pytest.mark.parametrize("kind", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("frozen", [True, False])
def test_vectors_begin_as_given_and_move_unless_frozen(kind, frozen) -> None:
    vectors = torch.randn(WORDS, WIDTH, generator=torch.Generator().manual_seed(5))
    given = vectors.clone()
    with seeded(0):
        model = kind(WORDS, WIDTH, vectors=vectors, frozen=frozen)
    assert torch.equal(model.embedding.weight, vectors)
    # Word 9 occurs nowhere.
    ids = ids_of([7] * 40, columns=7) % 9
    labels = torch.arange(40) % 2
    F.nll_loss(model(ids), labels).backward()
    assert (model.embedding.weight.grad is None) == frozen
    adagrad = clipped(partial(torch.optim.Adagrad, lr=0.1), max_norm=5)
    before = copy.deepcopy(model.linear.weight)
    fit(
        model, (ids, labels), epochs=2, batch_size=10, optimizer=adagrad, prepare=torch.Tensor.long,
        progress=False,
    )  # fmt: skip
    assert not torch.equal(model.linear.weight, before)
    moved = (model.embedding.weight != given).any(dim=1)
    assert moved.any().item() != frozen
    assert not moved[9:].any()
    assert torch.equal(vectors, given), "the caller's vectors are the caller's"


def test_reversed_words_is_its_own_inverse_and_keeps_what_is_behind() -> None:
    values = torch.randn(4, 6, 2, generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([0, 1, 4, 6])
    found = reversed_words(values, lengths)
    for row, before, length in zip(found, values, lengths.tolist(), strict=True):
        assert torch.equal(row[:length], before[:length].flip(0))
        assert torch.equal(row[length:], before[length:])
    assert torch.equal(reversed_words(found, lengths), values)


@pytest.mark.parametrize("kind", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout": 1.0}, r"^dropout is 1\.0; give a probability from 0 up and below 1$"),
        ({"dropout": -0.1}, r"^dropout is -0\.1; give a probability from 0 up and below 1$"),
        ({"dropout": math.nan}, r"^dropout is nan; give a probability"),
        (
            {"vectors": torch.zeros(WORDS, WIDTH + 1)},
            r"^vectors have the shape \(11, 5\); pass one row for every id and one column for every "
            r"dimension, \(11, 4\)$",
        ),
        ({"vectors": torch.zeros(WORDS - 1, WIDTH)}, r"^vectors have the shape \(10, 4\)"),
        (
            {"frozen": True},
            r"^the embedding is frozen but there are no vectors; pass vectors, or frozen=False$",
        ),
    ],
)
def test_what_a_model_refuses(kind, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        kind(WORDS, WIDTH, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": "min"}, r"^pooling is 'min'; choose 'last', 'mean', 'max' or 'attention'$"),
        ({"embedding_dropout": 1}, r"^embedding_dropout is 1; give a probability from 0 up and below 1$"),
        ({"embedding_dropout": -1}, r"^embedding_dropout is -1; give a probability"),
    ],
)
def test_what_the_model_of_both_directions_refuses(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        BidirectionalLSTM(WORDS, WIDTH, **options)


def test_only_attention_weighs_words() -> None:
    with pytest.raises(
        ValueError, match=r"^pooling is 'mean', which weighs no words; build the model with 'attention'$"
    ):
        bidirectional("mean").attention(torch.zeros(1, 3, dtype=torch.int64))
