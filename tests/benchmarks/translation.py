"""Training and decoding of the translator against the course's way, taken in turn, at equal results.

The course's decoder calls its LSTM and its attention once for each character, in training as well; its
translation takes one sentence at a time. Both are written out here and share the weights with coursekit's.
Run as ``python tests/benchmarks/translation.py [rounds]``.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import torch
from torch import Tensor

from coursekit.data import SentencePairs, load
from coursekit.data.characters import EOS, SOS, Characters, encode_characters, teacher_forced
from coursekit.decoding import beam_search, greedy
from coursekit.models import Translator
from coursekit.models.seq2seq import Decoded, State
from coursekit.profile import describe_device
from coursekit.training import fit_translator, predict, seeded
from coursekit.translating import translate

SENTENCES, PAIRS, MAX_LENGTH = 1_000, 2_560, 50


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


def batched(model: Translator, sentences: tuple[str, ...], source: Characters, target: Characters, search):
    """The best translation of every sentence by a search over batches."""
    found = translate(model, sentences, source, target, search=search, max_length=MAX_LENGTH)
    return [best.text for best, *_ in found]


def in_turn(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every way, by round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    return seconds


def report(seconds: dict[str, list[float]], *, things: int, unit: str) -> None:
    """Things a second and the ratio to the first way, median and extremes."""
    first = next(iter(seconds.values()))
    for name, times in seconds.items():
        ratios = sorted(base / own for base, own in zip(first, times, strict=True))
        spread = f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"{name:34} {things / median(times):9,.0f} {unit}/s, ratio {spread}")


def main(rounds: int) -> None:
    """Print ratios to the course's way, median of `rounds`."""
    torch.set_num_threads(1)
    data = load("spa-eng-ist")
    pairs: SentencePairs = data.train[:PAIRS]
    source, target = Characters(pairs.sources), Characters(pairs.targets)
    sentences = data.train[-SENTENCES:].sources

    def built(kind: type[Translator]) -> Translator:
        with seeded(0):
            return kind(len(source), len(target), attention=True)

    def train(kind: type[Translator]) -> Translator:
        model = built(kind)
        fit_translator(model, pairs, source, target, epochs=1, progress=False)
        return model

    print(f"{data.title}; {describe_device(torch.device('cpu'))}; median of {rounds} rounds")
    inputs, _ = teacher_forced(pairs[:64], source, target)
    outputs = [predict(built(kind), inputs, prepare=Tensor.long) for kind in (StepByStep, Translator)]
    assert torch.allclose(*outputs, atol=1e-5), "one call and single steps must agree"
    trained = {"step by step": partial(train, StepByStep), "whole targets": partial(train, Translator)}
    print(f"training, an epoch of {PAIRS:,} pairs in batches of 64")
    report(in_turn(trained, rounds), things=PAIRS, unit="pairs")

    model = built(Translator)
    fit_translator(model, pairs, source, target, epochs=4, progress=False)
    model.eval()
    arguments = (model, sentences, source, target)
    alone, together = one_at_a_time(*arguments), batched(*arguments, greedy)
    equal = sum(a == b for a, b in zip(alone, together, strict=True))
    assert equal == len(sentences), f"only {equal} of {len(sentences)} greedy translations are the same"
    decoded: dict[str, Callable[[], object]] = {
        "greedy, one sentence at a time": partial(one_at_a_time, *arguments),
        "greedy, in batches": partial(batched, *arguments, greedy),
    }
    for width in (5, 20):
        decoded[f"beam of {width}, in batches"] = partial(
            batched, *arguments, partial(beam_search, width=width)
        )
    print(f"decoding {SENTENCES:,} sentences; the first two write the same")
    report(in_turn(decoded, rounds), things=SENTENCES, unit="sentences")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
