"""Training and decoding of the translator: against the course's way, and against libraries' loops.

The course's decoder calls its LSTM and its attention once for each character, in training as well; its
translation takes one sentence at a time. Both are written out here and share the weights with coursekit's.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from coursekit.data import SentencePairs, load
from coursekit.data.characters import EOS, PAD, SOS, Characters, encode_characters, teacher_forced
from coursekit.decoding import beam_search, greedy
from coursekit.metrics import error_rate
from coursekit.models import Translator
from coursekit.models.seq2seq import Decoded, State
from coursekit.training import fit_translator, predict, seeded
from coursekit.training.translators import pair_lengths, token_loss
from coursekit.translating import Search, translate

from .peers import TAKING_ANY_MODULE, peers
from .recipes import Data, Recipe, Trained, ours, tutorial, tutorials
from .timing import Prepared, Way, size

MAX_LENGTH = 50


class StepByStep(Translator):
    """Decodes a known target one character at a time."""

    def decode(self, target: Tensor, states: Tensor, mask: Tensor, state: State) -> Decoded:
        embedded = self.dropout(self.embedding(target))
        outputs, looks = [], []
        carried = tuple(value.unsqueeze(0) for value in state)
        for one in embedded.split(1, dim=1):
            output, carried = self.lstm(one, carried)
            output, probabilities = self.attention(output, states, mask)
            outputs.append(output)
            looks.append(probabilities)
        hidden = self.dropout(torch.cat(outputs, dim=1))
        last = tuple(value.squeeze(0) for value in carried)
        return Decoded(self.output(hidden), last, torch.cat(looks, dim=1))


def training(pairs: int, scale: float) -> Prepared:
    """An epoch of teacher forcing, over whole targets but for the course's decoder.

    Keras and fastai are left out: they have no such model, and bring a pipeline for text of their own.
    """
    data = load("spa-eng-ist")
    train = data.train[: size(pairs, scale, 64)]
    source, target = Characters(train.sources), Characters(train.targets)
    inputs, labels = teacher_forced(train, source, target)
    recipe = Recipe(
        build=partial(Translator, len(source), len(target), attention=True),
        train=(inputs, labels),
        test=teacher_forced(data.test[: size(500, scale, 50)], source, target),
        batch_size=64,
        learning_rate=3e-3,
        loss=token_loss,
        prepare=Tensor.long,
        lengths=pair_lengths((inputs, labels)),
    )
    course = replace(recipe, build=partial(StepByStep, len(source), len(target), attention=True))
    stepwise = Way(
        name="tutorial-0",
        title="DataLoader tutorial, step by step",
        note="the course's decoder, one character after the other",
        run=partial(tutorial, course),
    )
    whole = (
        replace(way, name=f"whole-{way.name}", title=f"{way.title}, whole targets")
        for way in tutorials(recipe)
    )
    ways = (stepwise, *whole, *peers(recipe, TAKING_ANY_MODULE), *ours(recipe))
    return Prepared(
        data=data.title,
        origin=data.origin,
        samples=recipe.samples,
        steps=recipe.steps,
        ways=tuple(replace(way, score=partial(character_accuracy, recipe.test)) for way in ways),
    )


def character_accuracy(test: Data, trained: Trained) -> float:
    """Share of the characters that are predicted rightly after the true ones before them."""
    inputs, labels = test
    hits = predict(trained.model, inputs, prepare=Tensor.long).argmax(dim=1) == labels
    return hits[labels != PAD].float().mean().item()


def greedy_decoding(sentences: int, scale: float) -> Prepared:
    """Greedy translation: the course's loop against batches."""
    return _decoding(sentences, scale, greedy, one_at_a_time, "the course's loop")


def beam_decoding(sentences: int, scale: float) -> Prepared:
    """A beam of four: batches of one sentence against batches of many."""
    beam = partial(beam_search, width=4)
    return _decoding(sentences, scale, beam, partial(batched, search=beam, batch_size=1), "batches of one")


def _decoding(
    sentences: int, scale: float, search: Search, alone: Callable[..., list[str]], note: str
) -> Prepared:
    data = load("spa-eng-ist")
    asked = data.train[-size(sentences, scale, 2) :]
    pairs = data.train[: size(2_560, min(scale, 1), 64)]
    source, target = Characters(pairs.sources), Characters(pairs.targets)
    with seeded(0):
        model = Translator(len(source), len(target), attention=True)
    fit_translator(model, pairs, source, target, epochs=4, progress=False)
    model.eval()
    arguments = (model, asked.sources, source, target)
    together = partial(batched, *arguments, search=search)
    ways = (
        Way(name="alone", title="one sentence at a time", note=note, run=partial(alone, *arguments)),
        Way(
            name="coursekit-batches",
            title="coursekit, in batches",
            note="translate with batches of 250 sentences of similar length",
            ours=True,
            run=together,
        ),
    )
    return Prepared(
        data=data.title,
        origin=data.origin,
        samples=len(asked),
        steps=len(asked),
        ways=tuple(replace(way, score=partial(character_rate, asked)) for way in ways),
    )


def one_at_a_time(
    model: Translator, sentences: tuple[str, ...], source: Characters, target: Characters
) -> list[str]:
    """Greedy translation of one sentence after the other, one character after the other."""
    texts = []
    with torch.inference_mode():
        for sentence in sentences:
            state, memory = model.start(encode_characters([sentence], source))
            ids = torch.tensor([[SOS]])
            written: list[int] = []
            while len(written) < MAX_LENGTH:
                log_p, state = model.step(ids, state, memory)
                ids = log_p.argmax(dim=2)
                if ids.item() == EOS:
                    break
                written.append(int(ids.item()))
            texts.append(target.text(written))
    return texts


def batched(
    model: Translator,
    sentences: tuple[str, ...],
    source: Characters,
    target: Characters,
    search: Search,
    batch_size: int = 250,
) -> list[str]:
    """The best translation of every sentence by a search over batches."""
    found = translate(
        model, sentences, source, target, search=search, max_length=MAX_LENGTH, batch_size=batch_size
    )
    return [best.text for best, *_ in found]


def character_rate(pairs: SentencePairs, texts: list[str]) -> float:
    """Share of the characters that no correction is needed for: 1 less the error rate, at least 0."""
    return max(0.0, 1 - error_rate(texts, pairs.targets))
