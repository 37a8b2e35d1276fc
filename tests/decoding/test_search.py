"""Greedy and beam search against the same in plain Python, and against all sequences that there are."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.decoding import beam_search, greedy

from .toys import START, Toy, beam_by_hand, listed, toys, tree

PENALTIES = st.sampled_from([0.0, 0.5, 1.0, 2.0])


def assert_same(found, expected) -> None:
    """Sequences and log-probabilities to the last bit, scores but for the rounding of a power."""
    assert [(one.symbols, one.log_probability, one.finished) for one in found] == [
        (one.symbols, one.log_probability, one.finished) for one in expected
    ]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], rel=1e-12, abs=0)


@given(made=toys())
def test_greedy_takes_the_first_most_probable_symbol(made) -> None:
    toy, max_length = made
    for sentence, [one] in enumerate(listed(toy.search(greedy, max_length=max_length), toy.end)):
        symbols: tuple[int, ...] = ()
        while len(symbols) < max_length and toy.end not in symbols:
            log_p = toy.after(sentence, symbols)
            symbols = (*symbols, log_p.index(max(log_p)))
        assert one.symbols == symbols
        assert one.score == one.log_probability == toy.log_probability(sentence, symbols)


@given(made=toys(), penalty=PENALTIES)
def test_a_beam_of_one_place_is_greedy(made, penalty) -> None:
    toy, max_length = made
    beam = toy.search(beam_search, width=1, max_length=max_length, length_penalty=penalty)
    alone = toy.search(greedy, max_length=max_length)
    for name in ("ids", "log_probabilities", "lengths", "finished"):
        assert torch.equal(getattr(beam, name), getattr(alone, name)), name


@given(made=toys(), width=st.integers(1, 9), penalty=PENALTIES, data=st.data())
def test_beam_search_is_the_one_by_hand(made, width, penalty, data) -> None:
    toy, max_length = made
    n_best = data.draw(st.integers(1, width))
    found = toy.search(beam_search, width=width, max_length=max_length, length_penalty=penalty, n_best=n_best)
    assert found.scores.shape == (len(toy.tables), n_best)
    for sentence, hypotheses in enumerate(listed(found, toy.end)):
        expected = beam_by_hand(toy, sentence, width=width, max_length=max_length, length_penalty=penalty)
        assert_same(hypotheses, expected[:n_best])


@given(made=toys(), penalty=PENALTIES)
def test_a_beam_with_a_place_for_every_sequence_lists_them_all(made, penalty) -> None:
    toy, max_length = made
    width = len(toy.everything(0, max_length))
    found = listed(
        toy.search(beam_search, width=width, n_best=width, max_length=max_length, length_penalty=penalty),
        toy.end,
    )
    for sentence, hypotheses in enumerate(found):
        possible = {
            symbols: log_p for symbols, log_p in toy.everything(sentence, max_length) if log_p > -math.inf
        }
        assert {one.symbols: one.log_probability for one in hypotheses} == possible
        assert math.fsum(math.exp(one.log_probability) for one in hypotheses) == pytest.approx(1)
        # Ranked again by hand: the penalty decides between complete hypotheses only.
        ranked = sorted(
            (log_p / len(symbols) ** penalty for symbols, log_p in possible.items()), reverse=True
        )
        assert [one.score for one in hypotheses] == pytest.approx(ranked, rel=1e-12, abs=0)


@given(made=toys(), width=st.integers(1, 12))
def test_no_beam_finds_more_than_there_is(made, width) -> None:
    toy, max_length = made
    found = toy.search(beam_search, width=width, max_length=max_length)
    for sentence, score in enumerate(found.scores[:, 0].tolist()):
        sequences = toy.everything(sentence, max_length)
        best = max(log_p for _, log_p in sequences)
        assert score <= best
        if width >= len(sequences):
            assert score == best


@given(seed=st.integers(0, 9_999))
def test_once_exact_a_wider_beam_finds_the_same(seed) -> None:
    toy = tree(seed, sentences=2, symbols=3, depth=3)
    # 1 + 2 + 3 * 4 sequences.
    scores = [toy.search(beam_search, width=width, max_length=3).scores for width in (15, 16, 30, 100)]
    assert all(torch.equal(scores[0], more) for more in scores)


@given(made=toys(), width=st.integers(1, 9), penalty=st.floats(0, 3))
def test_stopping_early_changes_nothing(made, width, penalty) -> None:
    toy, max_length = made
    options = {"width": width, "max_length": max_length, "length_penalty": penalty}
    early = listed(toy.search(beam_search, n_best=1, **options), toy.end)
    late = listed(toy.search(beam_search, n_best=width, **options), toy.end)
    assert early == [hypotheses[:1] for hypotheses in late]


def always(*p: float, sentences: int = 1, depth: int = 6) -> Toy:
    """The same probabilities at every step."""
    row = torch.tensor(p, dtype=torch.float64).log()
    return Toy(row.expand(sentences, sum(len(p) ** d for d in range(depth)), len(p)))


def test_a_beam_stops_when_no_beginning_can_overtake() -> None:
    toy = always(0.1, 0.9)
    found = toy.search(beam_search, width=4, max_length=6)
    # The end alone has 0.9; what is left has 0.1 after the first step.
    assert found.scores[0, 0].exp().item() == pytest.approx(0.9) and len(toy.rows) == 1
    toy.search(beam_search, width=4, n_best=2, max_length=6)
    assert len(toy.rows) == 2
    toy.search(beam_search, width=4, n_best=4, max_length=6)
    assert len(toy.rows) == 4


def test_a_length_penalty_that_may_still_help_keeps_the_beam_going() -> None:
    toy = always(0.45, 0.55)
    assert toy.search(beam_search, width=3, max_length=6).lengths.item() == 1
    # The mean over the symbols is best for the end alone; over the square of the length every symbol more is
    # worth it.
    assert toy.search(beam_search, width=7, max_length=6, length_penalty=1).lengths.item() == 1
    assert toy.search(beam_search, width=7, max_length=6, length_penalty=2).lengths.item() == 6


def test_sentences_that_have_ended_are_computed_no_further() -> None:
    tables = torch.stack([always(0.2, 0.8).tables[0], always(0.8, 0.2).tables[0]])
    toy = Toy(tables)
    found = toy.search(greedy, max_length=6)
    assert found.lengths.tolist() == [[1], [6]] and found.finished.tolist() == [[True], [False]]
    assert toy.rows == [(2, 1)] + [(1, 1)] * 5
    toy.search(beam_search, width=3, max_length=6)
    # Two symbols: one beginning runs on at every step.
    assert toy.rows == [(2, 1)] + [(1, 1)] * (len(toy.rows) - 1)


@given(
    seed=st.integers(0, 9_999),
    coarse=st.booleans(),
    width=st.integers(1, 6),
    penalty=PENALTIES,
    order=st.permutations(range(5)),
    size=st.integers(1, 5),
)
def test_neighbours_and_their_order_change_nothing(seed, coarse, width, penalty, order, size) -> None:
    toy = tree(seed, sentences=5, symbols=3, depth=4, coarse=coarse, forbidden=0.2)
    options = {"width": width, "n_best": width, "max_length": 4, "length_penalty": penalty}
    together = listed(toy.search(beam_search, **options), toy.end)
    alone = [listed(toy.search(beam_search, [s], **options), toy.end)[0] for s in range(5)]
    assert together == alone
    for begin in range(0, 5, size):
        batch = order[begin : begin + size]
        assert listed(toy.search(beam_search, batch, **options), toy.end) == [alone[s] for s in batch]
    greedily = listed(toy.search(greedy, order, max_length=4), toy.end)
    assert greedily == [listed(toy.search(greedy, [s], max_length=4), toy.end)[0] for s in order]


@pytest.mark.parametrize("symbols", [2, 3, 40])
def test_of_equal_ones_the_first_symbols_are_kept_whatever_the_batch(symbols) -> None:
    """All sequences of a length are equally probable: only the rule for ties decides."""
    toy = Toy(torch.full((40, sum(symbols**d for d in range(3)), symbols), -math.log(symbols)).double())
    width = min(symbols - 1, 17)
    expected = beam_by_hand(toy, 0, width=width, max_length=3)
    found = toy.search(beam_search, width=width, n_best=width, max_length=3)
    for hypotheses in listed(found, toy.end):
        assert_same(hypotheses, expected)
    # The end comes last, so that every hypothesis is cut.
    assert found.ids[0].tolist() == [[0, 0, last] for last in range(width)]
    assert toy.search(greedy, max_length=3).ids.tolist() == [[[0, 0, 0]]] * 40


@given(made=toys(), width=st.integers(1, 9), other=st.integers(0, 9_999))
def test_what_the_model_says_after_the_end_does_not_count(made, width, other) -> None:
    toy, max_length = made
    nodes = torch.arange(toy.tables.shape[1])
    # A node is behind the end if it or one above it is a last child.
    behind = torch.zeros(len(nodes), dtype=torch.bool)
    for node in nodes[1:].tolist():
        behind[node] = node % toy.symbols == 0 or behind[(node - 1) // toy.symbols]
    drawn = torch.randn(toy.tables.shape, generator=torch.Generator().manual_seed(other))
    # Greater than any log-probability: who goes on behind the end gains by it.
    changed = Toy(torch.where(behind.unsqueeze(1), drawn.double().abs(), toy.tables))
    options = {"width": width, "n_best": width, "max_length": max_length}
    assert listed(changed.search(beam_search, **options), toy.end) == listed(
        toy.search(beam_search, **options), toy.end
    )
    assert listed(changed.search(greedy, max_length=max_length), toy.end) == listed(
        toy.search(greedy, max_length=max_length), toy.end
    )


def test_a_table_that_tells_widths_apart() -> None:
    """0.6 · 0.4 greedily, 0.4 · 0.9 with two places, 0.37 found by three only."""
    p = torch.tensor([[0.34, 0.35, 0.31, 0.0]], dtype=torch.float64)
    toy = tree(0, sentences=1, symbols=4, depth=2)
    toy.tables[0, 0] = p.log()
    toy.tables[0, 1] = torch.tensor([0.05, 0.05, 0.05, 0.85]).log()
    toy.tables[0, 2] = torch.tensor([0.25, 0.25, 0.25, 0.25]).log()
    toy.tables[0, 3] = torch.tensor([0.0, 0.0, 0.0, 1.0]).log()
    found = [toy.search(beam_search, width=width, max_length=2) for width in (1, 2, 3)]
    assert [f.ids[0, 0].tolist() for f in found] == [[1, 0], [0, 3], [2, 3]]
    assert [f.scores.exp().item() for f in found] == pytest.approx([0.35 * 0.25, 0.34 * 0.85, 0.31])


def test_fewer_hypotheses_than_asked_for() -> None:
    toy = tree(0, sentences=2, symbols=3, depth=2)
    toy.tables[0, 0] = torch.tensor([-math.inf, -math.inf, 0.0])
    found = toy.search(beam_search, width=9, n_best=9, max_length=2)
    assert found.lengths[0].tolist() == [1] + [0] * 8 and found.finished[0].tolist() == [True] + [False] * 8
    assert found.scores[0].tolist() == [0.0] + [-math.inf] * 8
    assert found.ids[0].unique().tolist() == [2]
    # 1 + 2 * 3 sequences.
    assert (found.lengths[1] > 0).tolist() == [True] * 7 + [False] * 2
    assert [len(row) for row in listed(found, 2)] == [1, 7]


def test_a_sentence_that_nothing_can_follow_has_no_hypothesis() -> None:
    toy = tree(0, sentences=2, symbols=3, depth=2)
    alone = listed(toy.search(beam_search, [1], width=2, max_length=2), 2)
    toy.tables[0] = -math.inf
    found = toy.search(beam_search, width=2, max_length=2)
    assert listed(found, 2) == [[], *alone]
    assert toy.search(beam_search, [0], width=2, max_length=2).ids.shape == (1, 1, 0)


def test_forbidden_symbols_are_never_written() -> None:
    toy = tree(0, sentences=4, symbols=3, depth=4)
    toy.tables[:, :, 1] = -math.inf
    for hypotheses in listed(toy.search(beam_search, width=30, n_best=30, max_length=4), 2):
        # 0 up to three times and the end, or 0 four times.
        assert sorted(one.symbols for one in hypotheses) == [
            (0, 0, 0, 0), (0, 0, 0, 2), (0, 0, 2), (0, 2), (2,),
        ]  # fmt: skip


@pytest.mark.parametrize("search", [greedy, beam_search])
def test_no_sentences(search) -> None:
    toy = tree(0, sentences=1, symbols=3, depth=2)
    options = {} if search is greedy else {"width": 3, "n_best": 2}
    found = toy.search(search, [], max_length=2, **options)
    assert listed(found, 2) == [] and found.ids.shape == (0, options.get("n_best", 1), 0)
    assert toy.rows == []


def test_sentences_of_one_symbol() -> None:
    toy = tree(3, sentences=4, symbols=3, depth=1)
    for row, hypotheses in enumerate(listed(toy.search(beam_search, width=3, n_best=3, max_length=1), 2)):
        log_p = toy.after(row, ())
        assert [one.log_probability for one in hypotheses] == sorted(log_p, reverse=True)
        assert [one.finished for one in hypotheses] == [one.symbols == (2,) for one in hypotheses]


def test_a_sentence_that_never_ends_is_cut() -> None:
    toy = always(0.9, 0.1 - 1e-9, 1e-9)
    for width in (1, 2, 5):
        found = toy.search(beam_search, width=width, max_length=6, length_penalty=1)
        assert found.ids.tolist() == [[[0] * 6]] and not found.finished.item()
        assert found.log_probabilities.item() == pytest.approx(6 * math.log(0.9))
        assert found.scores.item() == pytest.approx(math.log(0.9))


def test_single_precision_is_summed_in_double() -> None:
    toy = tree(1, sentences=3, symbols=3, depth=4)
    single = Toy(toy.tables.float())
    twin = Toy(single.tables.double())
    options = {"width": 4, "n_best": 4, "max_length": 4}
    assert listed(single.search(beam_search, **options), 2) == listed(twin.search(beam_search, **options), 2)
    assert listed(single.search(greedy, max_length=4), 2) == listed(twin.search(greedy, max_length=4), 2)


def uniform(ids, state, memory):
    return torch.zeros(*ids.shape, 3) - math.log(3), state


ONE = (torch.zeros(2, 1),)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: greedy(uniform, ONE, start=0, end=2, max_length=0),
            "max_length is 0; it must be at least 1",
        ),
        (
            lambda: beam_search(uniform, ONE, start=0, end=2, width=0),
            "width is 0; it must be at least 1",
        ),
        (
            lambda: beam_search(uniform, ONE, start=0, end=2, width=2, n_best=0),
            "n_best is 0; it must be at least 1",
        ),
        (
            lambda: beam_search(uniform, ONE, start=0, end=2, width=2, n_best=3),
            "n_best is 3, width 2; a beam returns as many hypotheses as it has places",
        ),
        (
            lambda: beam_search(uniform, ONE, start=0, end=2, width=2, length_penalty=-0.5),
            "length_penalty is -0.5; give a number that is not negative",
        ),
        (
            lambda: beam_search(uniform, ONE, start=0, end=2, width=2, length_penalty=math.nan),
            "length_penalty is nan; give a number",
        ),
        (
            lambda: greedy(uniform, (), start=0, end=2),
            r"the state has tensors of the shapes none; pass at least one, each \(n, 1, …\): one hypothesis",
        ),
        (
            lambda: greedy(uniform, (torch.zeros(2, 1, 3), torch.zeros(2, 3)), start=0, end=2),
            r"the state has tensors of the shapes \(2, 1, 3\), \(2, 3\); pass at least one",
        ),
        (
            lambda: greedy(uniform, (torch.zeros(2),), start=0, end=2),
            r"the state has tensors of the shapes \(2,\); pass at least one",
        ),
        (
            lambda: greedy(lambda ids, s, m: (torch.zeros(2, 3), s), ONE, start=0, end=2),
            r"the step returned log-probabilities of the shape \(2, 3\) for ids of the shape \(2, 1\); "
            "return one more axis, of more than end = 2 symbols",
        ),
        (
            lambda: beam_search(uniform, ONE, start=0, end=3, width=2),
            r"the step returned log-probabilities of the shape \(2, 1, 3\) .* more than end = 3 symbols",
        ),
        (
            lambda: beam_search(uniform, ONE, start=0, end=-1, width=2),
            "the step returned .* more than end = -1 symbols",
        ),
        (
            lambda: greedy(lambda i, s, m: (uniform(i, s, m)[0] * math.nan, s), ONE, start=0, end=2),
            "the step returned a log-probability that is not a number; check the model's weights",
        ),
    ],
)  # fmt: skip
def test_mistakes_get_one_sentence(call, message: str) -> None:
    with pytest.raises(ValueError, match="^" + message):
        call()


def test_what_the_step_is_given() -> None:
    """The symbol that begins first, then what was written; states in the places of their hypotheses."""
    toy = tree(5, sentences=2, symbols=3, depth=3)
    given: list[list[list[int]]] = []

    def step(ids, state, memory):
        given.append(ids.tolist())
        return toy.step(ids, state, memory)

    state, memory = toy.start(torch.tensor([[0], [1]]))
    found = beam_search(step, state, memory, start=START, end=2, width=1, max_length=3)
    assert given[0] == [[START], [START]]
    for later, ids in enumerate(given[1:]):
        going = found.lengths[:, 0] > later + 1
        assert ids == found.ids[going, :, later].tolist()
