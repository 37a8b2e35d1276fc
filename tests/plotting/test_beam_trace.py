"""The trace of a beam search is the search: the same hypotheses, on toy models and on a translator."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.decoding import Hypotheses, beam_search
from coursekit.models import Translator
from coursekit.plotting import BeamTrace, trace_beam

START, END = 0, 2


def toy(seed: int, symbols: int, *, coarse: bool):
    """A model whose next symbol depends on the last one and the step; `coarse` has ties and zeros."""
    generator = torch.Generator().manual_seed(seed)
    table = torch.randn(6, symbols, symbols, generator=generator, dtype=torch.float64) * 2
    if coarse:
        table = table.round().where(table > -2, torch.tensor(-torch.inf))
        table[:, :, END] = table[:, :, END].clamp(min=-2)
    table = table.log_softmax(dim=2)

    def step(ids, state, memory):
        time = state[0]
        return table[time.squeeze(-1) % 6, ids], (time + 1,)

    return step, (torch.zeros(1, 1, 1, dtype=torch.int64),)


def assert_same(trace: BeamTrace, found: Hypotheses, **tolerance: float) -> None:
    lengths = [length for length in found.lengths[0].tolist() if length]
    best = trace.hypotheses[: found.ids.shape[1]]
    assert best, "a search finds something"
    assert [list(h.ids) for h in best] == [
        row[:length] for row, length in zip(found.ids[0].tolist(), lengths, strict=False)
    ]
    assert [h.finished for h in best] == found.finished[0, : len(lengths)].tolist()
    assert [h.score for h in best] == pytest.approx(found.scores[0, : len(lengths)].tolist(), **tolerance)
    assert [h.log_probability for h in best] == pytest.approx(
        found.log_probabilities[0, : len(lengths)].tolist(), **tolerance
    )


@given(
    seed=st.integers(0, 2**31),
    symbols=st.integers(3, 5),
    width=st.integers(1, 6),
    max_length=st.integers(1, 7),
    penalty=st.sampled_from([0.0, 0.5, 1.0]),
    coarse=st.booleans(),
    data=st.data(),
)
def test_hypotheses_are_those_of_the_search(seed, symbols, width, max_length, penalty, coarse, data) -> None:
    step, state = toy(seed, symbols, coarse=coarse)
    n_best = data.draw(st.sampled_from([1, width]))
    numbers = {"start": START, "end": END, "width": width, "max_length": max_length, "n_best": n_best}
    trace = trace_beam(step, state, symbols="abcde"[:symbols], length_penalty=penalty, **numbers)
    assert_same(trace, beam_search(step, state, length_penalty=penalty, **numbers))


@pytest.mark.parametrize("attention", [False, True])
@pytest.mark.parametrize(("width", "penalty"), [(1, 0.0), (2, 1.0), (5, 0.0), (5, 1.0)])
def test_a_translator(attention, width, penalty) -> None:
    torch.manual_seed(width)
    model = Translator(9, 8, hidden=8, attention=attention).eval()
    source = torch.tensor([[4, 8, 6, 5]])
    numbers = {"start": 1, "end": 2, "width": width, "max_length": 12, "n_best": width}
    with torch.inference_mode():
        state, memory = model.start(source)
        trace = trace_beam(model.step, state, memory, symbols="abcdefgh", length_penalty=penalty, **numbers)
        found = beam_search(model.step, state, memory, length_penalty=penalty, **numbers)
    assert_same(trace, found, abs=1e-5)


@given(seed=st.integers(0, 2**31), width=st.integers(1, 5), coarse=st.booleans())
def test_layers_hang_together(seed, width, coarse) -> None:
    step, state = toy(seed, 4, coarse=coarse)
    trace = trace_beam(step, state, start=START, end=END, width=width, max_length=6, symbols="ab.c")
    complete = 0
    for layer in trace.layers:
        got_places = [one for one in layer.candidates if one.status != "dropped"]
        assert layer.places == width - complete
        assert len(got_places) == min(layer.places, layer.considered)
        assert list(layer.candidates[: len(got_places)]) == got_places
        assert len(layer.candidates) == min(layer.places + 3, layer.considered)
        totals = [one.total for one in layer.candidates]
        assert totals == sorted(totals, reverse=True)
        complete += sum(one.status in ("complete", "cut") for one in got_places)
    for before, after in pairwise(trace.layers):
        for one in after.candidates:
            parent = before.candidates[one.parent]
            assert parent.status == "kept"
            assert one.text == parent.text + parent.symbol
            assert one.total == parent.total + one.log_probability
    assert all(one.parent is None and one.text == "" for one in trace.layers[0].candidates)
    assert len(trace.hypotheses) == complete
    for found in trace.hypotheses:
        one = trace.layers[found.layer].candidates[found.place]
        assert one.total == found.log_probability and one.ends == found.finished
        assert found.text == one.text + one.symbol * (not one.ends)
        assert one.status == ("complete" if found.finished else "cut")


def test_nothing_can_be_written() -> None:
    def step(ids, state, memory):
        return torch.full((1, 1, 3), -torch.inf), state

    trace = trace_beam(step, (torch.zeros(1, 1),), start=0, end=2, width=2, symbols="ab.")
    assert trace.hypotheses == () and [layer.candidates for layer in trace.layers] == [()]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 0}, "width is 0"),
        ({"n_best": 3}, "n_best is 3, width 2"),
        ({"length_penalty": -1.0}, "length_penalty is -1.0"),
        ({"dropped": -1}, "dropped is -1"),
        ({"symbols": "ab"}, "knows 4 symbols and symbols has 2"),
        ({"state": (torch.zeros(2, 1, 1, dtype=torch.int64),)}, "2 sentences"),
    ],
)
def test_what_does_not_fit_is_refused(wrong, message) -> None:
    step, state = toy(0, 4, coarse=False)
    arguments = {"state": state, "start": START, "end": END, "width": 2, "symbols": "ab.c"} | wrong
    with pytest.raises(ValueError, match=message):
        trace_beam(step, **arguments)
