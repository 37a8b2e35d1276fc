"""From texts to texts: order, batches, and sentences that no training has seen."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data.characters import EOS, REPLACEMENT, SOS, Characters, encode_characters
from coursekit.decoding import Ensemble, beam_search, greedy, sample
from coursekit.models import Translator
from coursekit.training import seeded
from coursekit.translating import Translation, translate

SOURCE, TARGET = Characters(["abcdefgh ñ"]), Characters(["uvwxyz ."])
BEAM = partial(beam_search, width=3, n_best=3)

ODD = ["", "abc", "zzz", "你好", "ñ" * 200, "a", "abc", "abcdefgh " * 3, "\u0301", " "]


def translator(seed: int = 0, *, attention: bool = True) -> Translator:
    """A model in double precision, whose random weights are large enough for sentences to differ."""
    with seeded(seed):
        model = Translator(len(SOURCE), len(TARGET), hidden=6, attention=attention).double().eval()
    for parameter in model.parameters():
        parameter.data.mul_(3)
    return model


def assert_same(found: list[list[Translation]], expected: list[list[Translation]]) -> None:
    assert [[(one.text, one.finished) for one in row] for row in found] == [
        [(one.text, one.finished) for one in row] for row in expected
    ]
    for row, other in zip(found, expected, strict=True):
        assert [one.score for one in row] == pytest.approx([one.score for one in other], abs=1e-5)
        assert [one.log_probability for one in row] == pytest.approx(
            [one.log_probability for one in other], abs=1e-5
        )


@pytest.mark.parametrize("search", [greedy, BEAM, partial(BEAM, length_penalty=1.0)])
@pytest.mark.parametrize("attention", [True, False])
def test_the_size_of_a_batch_changes_nothing(search, attention) -> None:
    model = translator(attention=attention)
    options = {"search": search, "max_length": 12}
    alone = [translate(model, [text], SOURCE, TARGET, **options)[0] for text in ODD]
    # Otherwise their order would not be seen.
    assert len({round(row[0].score, 3) for row in alone}) >= 7
    for batch_size in (1, 2, 3, 1000):
        assert_same(translate(model, ODD, SOURCE, TARGET, batch_size=batch_size, **options), alone)


@given(order=st.permutations(range(len(ODD))), batch_size=st.integers(1, 11))
def test_translations_come_in_the_order_of_the_sentences(order, batch_size) -> None:
    model = translator()
    options = {"search": greedy, "max_length": 8, "batch_size": batch_size}
    whole = translate(model, ODD, SOURCE, TARGET, search=greedy, max_length=8)
    shuffled = translate(model, [ODD[place] for place in order], SOURCE, TARGET, **options)
    assert_same(shuffled, [whole[place] for place in order])


def test_every_sentence_gets_a_translation() -> None:
    found = translate(translator(), ODD, SOURCE, TARGET, search=BEAM, max_length=7)
    assert [len(row) for row in found] == [3] * len(ODD)
    for row in found:
        scores = [one.score for one in row]
        assert scores == sorted(scores, reverse=True)
        for one in row:
            assert len(one.text) <= 7 and one.score == one.log_probability < 0
            assert set(one.text) <= {*TARGET.characters, REPLACEMENT}
            assert isinstance(one.finished, bool)
    # Two sentences of unknown characters are the same sentence, if they are equally long.
    twins = translate(translator(), ["zz", "你好"], SOURCE, TARGET, search=greedy, max_length=7)
    assert_same(twins[:1], twins[1:])
    assert translate(translator(), [], SOURCE, TARGET, search=greedy) == []


@pytest.mark.parametrize("max_length", [1, 2, 30])
def test_the_greatest_length_is_kept(max_length) -> None:
    model = translator()
    with torch.no_grad():
        model.output.bias[EOS] = -100.0
    found = translate(model, ODD, SOURCE, TARGET, search=BEAM, max_length=max_length)
    assert all(len(one.text) <= max_length and not one.finished for row in found for one in row)
    with torch.no_grad():
        model.output.bias[EOS] = 100.0
    [[one], *_] = translate(model, ODD, SOURCE, TARGET, search=greedy, max_length=max_length)
    assert one.text == "" and one.finished and one.log_probability == pytest.approx(0, abs=1e-6)


def test_it_is_the_search_with_texts_around_it() -> None:
    model = translator()
    texts = ["abc", "hgf"]
    with torch.no_grad():
        state, memory = model.start(encode_characters(texts, SOURCE))
        found = BEAM(model.step, state, memory, start=SOS, end=EOS, max_length=9)
    rows = translate(model, texts, SOURCE, TARGET, search=BEAM, max_length=9)
    for i, row in enumerate(rows):
        assert [one.text for one in row] == [TARGET.text(ids) for ids in found.ids[i]]
        assert [one.score for one in row] == found.scores[i].tolist()
        assert [one.finished for one in row] == found.finished[i].tolist()


def test_missing_hypotheses_are_left_out() -> None:
    """A model of one character: the end, it and the end, or it twice."""
    empty = Characters([])

    class OneSymbol:
        def start(self, source):
            return (torch.zeros(len(source), 1),), ()

        def step(self, ids, state, memory):
            p = torch.tensor([0.0, 0.0, 0.4, 0.6])
            return p.log().expand(*ids.shape, 4), state

    search = partial(beam_search, width=20, n_best=20)
    [row] = translate(OneSymbol(), ["a"], SOURCE, empty, search=search, max_length=2)
    assert [(one.text, one.finished) for one in row] == [
        ("", True),
        (REPLACEMENT * 2, False),
        (REPLACEMENT, True),
    ]


def test_several_models_translate_together() -> None:
    models = [translator(seed, attention=bool(seed)) for seed in range(3)]
    both = translate(Ensemble(models), ODD, SOURCE, TARGET, search=BEAM, max_length=9, batch_size=4)
    whole = translate(Ensemble(models), ODD, SOURCE, TARGET, search=BEAM, max_length=9)
    assert_same(both, whole)
    one = translate(Ensemble(models[:1]), ODD, SOURCE, TARGET, search=BEAM, max_length=9)
    assert_same(one, translate(models[0], ODD, SOURCE, TARGET, search=BEAM, max_length=9))
    # They do decide together.
    assert [row[0].text for row in whole] != [row[0].text for row in one]


def test_the_model_stays_as_it_is_and_gets_no_gradient() -> None:
    model = translator()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random = torch.get_rng_state()
    translate(model, ODD, SOURCE, TARGET, search=BEAM, max_length=5)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random) and not model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_draws_are_translations_too() -> None:
    draw = partial(sample, n=6, generator=torch.Generator().manual_seed(0))
    found = translate(translator(), ODD, SOURCE, TARGET, search=draw, max_length=6)
    assert [len(row) for row in found] == [6] * len(ODD)
    assert len({one.text for one in found[1]}) > 1


def test_mistakes_get_one_sentence() -> None:
    model = translator()
    with pytest.raises(TypeError, match=r"^sentences is one string, 'hola'; pass a list of sentences$"):
        translate(model, "hola", SOURCE, TARGET, search=greedy)
    with pytest.raises(ValueError, match=r"^batch_size is 0; it must be at least 1$"):
        translate(model, ["hola"], SOURCE, TARGET, search=greedy, batch_size=0)
