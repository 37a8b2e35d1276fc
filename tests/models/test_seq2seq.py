"""The encoder-decoder against loops over characters: whole sequences, single steps, padding, attention."""

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.testing import assert_close

from coursekit.data.characters import Characters, teacher_forced
from coursekit.models import Translator
from coursekit.models.seq2seq import BilinearAttention, Encoder
from coursekit.training import fit, seeded

SOURCES, TARGETS, HIDDEN = 9, 7, 6

# Lengths of the source sentences of a batch: none, one character, and up to six.
LENGTHS = st.lists(st.integers(0, 6), min_size=1, max_size=4)


def ids_of(lengths: list[int], *, columns: int, vocabulary: int = SOURCES, seed: int = 0) -> Tensor:
    """Random characters, padded on the right with 0."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, vocabulary, (len(lengths), columns), generator=generator)
    return ids * (torch.arange(columns) < torch.tensor(lengths).unsqueeze(1))


def targets_of(n: int, length: int, *, seed: int = 0) -> Tensor:
    return ids_of([length] * n, columns=length, vocabulary=TARGETS, seed=seed + 1)


def translator(*, attention: bool, seed: int = 0, dropout: float = 0.0) -> Translator:
    with seeded(seed):
        return Translator(SOURCES, TARGETS, hidden=HIDDEN, attention=attention, dropout=dropout).double()


def lstm_by_hand(lstm: nn.LSTM, inputs: list[Tensor], state: tuple[Tensor, Tensor], *, suffix: str = ""):
    """Outputs for a list of vectors, and the last output and memory."""
    get = lstm.get_parameter
    w_in, w_back = get(f"weight_ih_l0{suffix}"), get(f"weight_hh_l0{suffix}")
    bias = get(f"bias_ih_l0{suffix}") + get(f"bias_hh_l0{suffix}")
    h, c = state
    outputs = []
    for x in inputs:
        i, f, g, o = (w_in @ x + w_back @ h + bias).chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return outputs, (h, c)


def encoded_by_hand(encoder: Encoder, ids: list[int]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """One sentence without its padding, read onward and back; without characters it is one vector of 0."""
    half = HIDDEN // 2
    vectors = [encoder.embedding.weight[index] for index in ids] or [torch.zeros(HIDDEN).double()]
    begin = (torch.zeros(half).double(), torch.zeros(half).double())
    onward, last = lstm_by_hand(encoder.lstm, vectors, begin)
    back, first = lstm_by_hand(encoder.lstm, vectors[::-1], begin, suffix="_reverse")
    outputs = torch.stack([torch.cat(both) for both in zip(onward, back[::-1], strict=True)])
    return outputs[: len(ids)], tuple(torch.cat(both) for both in zip(last, first, strict=True))


def attended_by_hand(model: Translator, q: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    """s_i = (W_q^T q)^T h_i, one encoder output at a time; tanh(W_o^T [q; c])."""
    w_q, w_o = model.attention.query.weight.T, model.attention.output.weight.T
    scores = torch.stack([(w_q.T @ q) @ h for h in states]) if len(states) else torch.zeros(0).double()
    p = scores.exp() / scores.exp().sum()
    c = sum((share * h for share, h in zip(p, states, strict=True)), torch.zeros(HIDDEN).double())
    return torch.tanh(w_o.T @ torch.cat([q, c])), p


@given(lengths=LENGTHS, spare=st.integers(0, 3), seed=st.integers(0, 99))
def test_the_encoder_reads_each_sentence_both_ways_without_its_padding(lengths, spare, seed) -> None:
    model = translator(attention=False, seed=seed).eval()
    ids = ids_of(lengths, columns=max(lengths) + spare + 1, seed=seed)
    states, mask, last = model.encode(ids)
    assert states.shape == (*ids.shape, HIDDEN) and mask.dtype == torch.bool
    assert torch.equal(mask, torch.arange(ids.shape[1]) < torch.tensor(lengths).unsqueeze(1))
    for row, length in enumerate(lengths):
        outputs, state = encoded_by_hand(model.encoder, ids[row, :length].tolist())
        assert_close(states[row, :length], outputs)
        assert_close(tuple(value[row] for value in last), state)


@pytest.mark.parametrize("attention", [True, False])
@given(lengths=LENGTHS, length=st.integers(1, 5), seed=st.integers(0, 99))
def test_the_whole_model_by_hand(attention, lengths, length, seed) -> None:
    model = translator(attention=attention, seed=seed).eval()
    ids = ids_of(lengths, columns=max(lengths) + 1, seed=seed)
    targets = targets_of(len(lengths), length, seed=seed)
    found = model.decode(targets, *model.encode(ids))
    assert found.logits.shape == (len(lengths), length, TARGETS)
    assert (found.attention is None) != attention
    for row, source_length in enumerate(lengths):
        states, begin = encoded_by_hand(model.encoder, ids[row, :source_length].tolist())
        vectors = [model.embedding.weight[index] for index in targets[row]]
        outputs, last = lstm_by_hand(model.lstm, vectors, begin)
        assert_close(tuple(value[row] for value in found.state), last)
        for step, q in enumerate(outputs):
            if attention:
                q, p = attended_by_hand(model, q, states)
                assert_close(found.attention[row, step, :source_length], p)
                assert (found.attention[row, step, source_length:] == 0).all()
            assert_close(found.logits[row, step], model.embedding.weight @ q + model.output.bias)


@pytest.mark.parametrize("attention", [True, False])
@given(lengths=LENGTHS, length=st.integers(1, 5), k=st.integers(1, 3), seed=st.integers(0, 99))
def test_single_steps_of_k_hypotheses_are_the_whole_sequence(attention, lengths, length, k, seed) -> None:
    model = translator(attention=attention, seed=seed).eval()
    n = len(lengths)
    ids = ids_of(lengths, columns=max(lengths) + 2, seed=seed)
    targets = targets_of(n * k, length, seed=seed).view(n, k, length)
    state, memory = model.start(ids)
    assert all(value.shape == (n, 1, HIDDEN) for value in state)
    state = tuple(value.expand(n, k, HIDDEN) for value in state)
    steps = []
    for step in range(length):
        log_p, state = model.step(targets[:, :, step], state, memory)
        assert log_p.shape == (n, k, TARGETS) and all(value.shape == (n, k, HIDDEN) for value in state)
        steps.append(log_p)
    for hypothesis in range(k):
        whole = model.decode(targets[:, hypothesis], *model.encode(ids))
        assert_close(tuple(value[:, hypothesis] for value in state), whole.state)
        written = torch.stack([log_p[:, hypothesis] for log_p in steps], dim=1)
        # Log-probabilities are in single precision, whatever the model's.
        assert written.dtype == torch.float32
        assert_close(written.double(), whole.logits.log_softmax(dim=2), rtol=0, atol=2e-6)


@pytest.mark.parametrize("attention", [True, False])
@given(lengths=LENGTHS, more=st.integers(1, 9), seed=st.integers(0, 99), data=st.data())
def test_padding_and_neighbours_change_nothing(attention, lengths, more, seed, data) -> None:
    model = translator(attention=attention, seed=seed).eval()
    n = len(lengths)
    ids = ids_of(lengths, columns=max(lengths) + 1, seed=seed)
    targets = targets_of(n, 4, seed=seed)
    found = model.decode(targets, *model.encode(ids))

    # More padding behind the sources, and behind the targets.
    padded = model.decode(F.pad(targets, (0, 3)), *model.encode(F.pad(ids, (0, more))))
    assert_close(padded.logits[:, :4], found.logits)
    if attention:
        assert_close(padded.attention[:, :4], F.pad(found.attention, (0, more)))

    order = torch.tensor(data.draw(st.permutations(range(n))))
    shuffled = model.decode(targets[order], *model.encode(ids[order]))
    assert_close(shuffled.logits, found.logits[order])
    for row, length in enumerate(lengths):
        alone = model.decode(targets[row : row + 1], *model.encode(ids[row : row + 1, : max(1, length)]))
        assert_close(alone.logits[0], found.logits[row])


@given(lengths=LENGTHS, seed=st.integers(0, 99))
def test_attention_sums_to_1_over_characters_and_is_0_on_padding(lengths, seed) -> None:
    model = translator(attention=True, seed=seed).eval()
    ids = ids_of(lengths, columns=max(lengths) + 2, seed=seed)
    probabilities = model.decode(targets_of(len(lengths), 3), *model.encode(ids)).attention
    assert probabilities.shape == (len(lengths), 3, ids.shape[1])
    assert_close(probabilities.sum(dim=2), (torch.tensor(lengths) > 0).double().unsqueeze(1).expand(-1, 3))
    assert (probabilities[(ids == 0).unsqueeze(1).expand_as(probabilities)] == 0).all()


def test_large_scores_of_attention_are_safe() -> None:
    attention = BilinearAttention(2).double()
    attention.query.weight.data = 1e4 * torch.eye(2).double()
    states = torch.tensor([[[1.0, 0.0], [-1.0, 0.0], [9.0, 9.0]]]).double()
    mask = torch.tensor([[True, True, False]])
    output, p = attention(torch.ones(1, 1, 2).double(), states, mask)
    assert p.tolist() == [[[1.0, 0.0, 0.0]]] and output.isfinite().all()
    # q W_q, not W_q q: the second component of the query decides here.
    attention.query.weight.data = torch.tensor([[0.0, 50.0], [0.0, 0.0]]).double()
    _, p = attention(torch.tensor([[[0.0, 1.0]]]).double(), states, mask)
    assert_close(p, torch.tensor([[[1.0, 0.0, 0.0]]]).double())


@pytest.mark.parametrize("attention", [True, False])
def test_forward_has_the_log_probabilities_of_the_whole_sequence(attention) -> None:
    model = translator(attention=attention).eval()
    ids = ids_of([5, 0, 3], columns=5)
    targets = ids_of([5, 1, 4], columns=5, vocabulary=TARGETS, seed=4)
    found = model(torch.stack([ids, targets], dim=1))
    assert found.shape == (3, TARGETS, 5) and found.dtype == torch.float32
    logits = model.decode(targets, *model.encode(ids)).logits
    assert (found[:, 0] == -torch.inf).all()
    assert_close(found[:, 1:].double(), logits.log_softmax(dim=2).mT[:, 1:], rtol=0, atol=2e-6)
    # What is predicted never is padding.
    assert (found.argmax(dim=1) > 0).all()


@pytest.mark.parametrize("attention", [True, False])
def test_gradients_are_finite_and_padding_gets_none_from_the_source(attention) -> None:
    model = translator(attention=attention).train()
    ids = ids_of([5, 0, 3], columns=6)
    targets = ids_of([5, 1, 4], columns=6, vocabulary=TARGETS, seed=4)
    assert (model.encoder.embedding.weight[0] == 0).all() and (model.embedding.weight[0] == 0).all()
    labels = F.pad(targets[:, 1:], (0, 1))
    loss = F.nll_loss(model(torch.stack([ids, targets], dim=1)), labels, ignore_index=0)
    loss.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.count_nonzero(), name
    assert (model.encoder.embedding.weight.grad[0] == 0).all()
    # The other ids of the sources do get one.
    read = ids[ids > 0].unique()
    assert (model.encoder.embedding.weight.grad[read].abs().sum(dim=1) > 0).all()


def test_a_character_behind_does_not_count() -> None:
    """A prediction depends on the characters before it and on the whole source, no more."""
    model = translator(attention=True).eval()
    ids, targets = ids_of([4], columns=4), targets_of(1, 5)
    found = model.decode(targets, *model.encode(ids)).logits
    changed = targets.clone()
    changed[0, 3] = targets[0, 3] % (TARGETS - 1) + 1
    other = model.decode(changed, *model.encode(ids)).logits
    assert_close(other[:, :3], found[:, :3])
    assert not torch.allclose(other[:, 3:], found[:, 3:])
    for place in range(4):
        changed = ids.clone()
        changed[0, place] = ids[0, place] % (SOURCES - 1) + 1
        assert not torch.allclose(model.decode(targets, *model.encode(changed)).logits[:, 0], found[:, 0])


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("hidden", [2, 6, 128])
def test_parameters(hidden, attention) -> None:
    model = Translator(30, 40, hidden=hidden, attention=attention)
    half = hidden // 2
    both_ways = 2 * 4 * (half * (hidden + half) + 2 * half)
    decoder = 4 * (hidden * 2 * hidden + 2 * hidden)
    expected = 30 * hidden + both_ways + 40 * hidden + decoder + 40 + attention * 3 * hidden**2
    assert sum(parameter.numel() for parameter in model.parameters()) == expected
    # One tensor, not two equal ones; also in a copy that is loaded.
    assert model.output.weight is model.embedding.weight
    twin = Translator(30, 40, hidden=hidden, attention=attention)
    twin.load_state_dict(model.state_dict())
    assert twin.output.weight is twin.embedding.weight
    assert all(torch.equal(a, b) for a, b in zip(twin.parameters(), model.parameters(), strict=True))


def test_tied_weights_learn_from_both_sides() -> None:
    model = translator(attention=False)
    ids, targets = ids_of([3], columns=3), torch.tensor([[1, 1, 1]])
    F.nll_loss(model(torch.stack([ids, targets], dim=1)), torch.tensor([[2, 2, 2]])).backward()
    # As outputs all characters are moved, read or not.
    assert (model.embedding.weight.grad.abs().sum(dim=1) > 0).all()
    assert model.output.weight.grad is model.embedding.weight.grad


@pytest.mark.parametrize("attention", [True, False])
def test_dropout_acts_in_training_only(attention) -> None:
    model, without = translator(attention=attention, dropout=0.5), translator(attention=attention)
    inputs = torch.stack([ids_of([6, 2], columns=6), targets_of(2, 6)], dim=1)
    model.train()
    assert not torch.equal(model(inputs), model(inputs))
    with seeded(0):
        first = model(inputs)
    with seeded(0):
        again = model(inputs)
    assert torch.equal(first, again)
    model.eval()
    assert torch.equal(model(inputs), model(inputs)) and torch.equal(model(inputs), without(inputs))
    random = torch.get_rng_state()
    state, memory = model.start(inputs[:, 0])
    model.step(inputs[:, 1, :1], state, memory)
    assert torch.equal(torch.get_rng_state(), random)


def test_dropout_acts_on_embeddings_and_outputs_of_both_sides() -> None:
    """Each place alone: with everything dropped, what comes before no longer matters."""
    model = translator(attention=True, dropout=0.5).train()
    assert model.encoder.dropout.p == model.dropout.p == 0.5
    ids, targets = ids_of([4, 4], columns=4), targets_of(2, 3)

    def all_dropped(module: nn.Dropout) -> None:
        module.p = 1.0

    all_dropped(model.encoder.dropout)
    states, _, last = model.encode(ids)
    assert (states == 0).all()
    # No character of the source is seen: both sentences end in the same state.
    assert_close(last[0][0], last[0][1])
    all_dropped(model.dropout)
    logits, state, _ = model.decode(targets, *model.encode(ids))
    assert_close(logits, model.output.bias.expand_as(logits))
    # Nor is one of the target.
    assert_close(state[0][0], state[0][1])


@pytest.mark.parametrize("attention", [True, False])
def test_mixed_precision_stays_close(attention) -> None:
    model = translator(attention=attention).float().eval()
    inputs = torch.stack([ids_of([6, 0, 2], columns=6), targets_of(3, 6)], dim=1)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = model(inputs)
        state, memory = model.start(inputs[:, 0])
        log_p, _ = model.step(inputs[:, 1, :1], state, memory)
    assert mixed.dtype == log_p.dtype == torch.float32
    assert_close(mixed, model(inputs), atol=0.05, rtol=0.05)


def test_it_learns_to_write_backwards() -> None:
    """What no decoder knows that does not see the source: the loss falls to almost nothing."""
    letters = Characters(["abc"])
    texts = ["".join(text) for length in (1, 2, 3) for text in product("abc", repeat=length)]
    data = teacher_forced([(text, text[::-1]) for text in texts], letters, letters)
    with seeded(0):
        model = Translator(len(letters), len(letters), hidden=16, attention=True, dropout=0)
    history = fit(
        model, data, epochs=40, batch_size=13, optimizer=lambda p: torch.optim.Adam(p, lr=0.02),
        loss=lambda log_p, labels: F.nll_loss(log_p, labels, ignore_index=0), prepare=torch.Tensor.long,
        progress=False,
    )  # fmt: skip
    assert history["train_loss"][-1] < 0.05


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": 5}, "hidden is 5; give an even number, half of it for each direction"),
        ({"hidden": 0}, "hidden is 0; give an even number"),
        ({"dropout": 1.0}, r"dropout is 1\.0; give a probability from 0 up and below 1"),
        ({"dropout": -0.1}, r"dropout is -0\.1; give a probability"),
    ],
)
def test_mistakes_get_one_sentence(options, message: str) -> None:
    with pytest.raises(ValueError, match="^" + message):
        Translator(5, 5, **options)
