"""The task of question ist.3.1: sentence pairs with vocabularies, a training run, what is measured of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from coursekit.data.characters import PAD, Characters, teacher_forced
from coursekit.data.pairs import SentencePairs
from coursekit.decoding import greedy
from coursekit.decoding.ensemble import StepModel
from coursekit.metrics import error_rate, error_rates, translation_scores
from coursekit.models.seq2seq import Translator
from coursekit.training.evaluation import predict
from coursekit.training.history import History
from coursekit.training.translators import fit_translator
from coursekit.translating import Search, Translation, TranslationWatch, translate

#: The longest true translation of each group of lengths, in characters.
LENGTHS = (8, 11, 13, 15, 17, 19)


@dataclass(frozen=True, eq=False)
class TranslationTask:
    """Three parts of sentence pairs, with the vocabularies of the training part.

    Parameters
    ----------
    train, validation, test
        Sentences and their true translations, at least one in each.
    device
        Where models are trained and decoded.

    Attributes
    ----------
    source, target
        The characters of the training sentences of each side.

    Raises
    ------
    ValueError
        If a part is empty.

    Examples
    --------
    >>> pairs = SentencePairs(("no", "si", "sin"), ("no", "yes", "without"))
    >>> task = TranslationTask(pairs, pairs[:1], pairs[1:])
    >>> model = Translator(len(task.source), len(task.target), hidden=8)
    >>> history, watch = task.fit(model, epochs=2)
    >>> len(history), len(watch.error_rates), len(task.best(model, task.test))
    (2, 2, 2)
    """

    train: SentencePairs
    validation: SentencePairs
    test: SentencePairs
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    source: Characters = field(init=False)
    target: Characters = field(init=False)

    def __post_init__(self) -> None:
        for name in ("train", "validation", "test"):
            if not len(getattr(self, name)):
                raise ValueError(f"the part {name} has no sentence pairs; pass at least one")
        object.__setattr__(self, "source", Characters(self.train.sources))
        object.__setattr__(self, "target", Characters(self.train.targets))

    def fit(
        self,
        model: Translator,
        *,
        epochs: int,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        seed: int = 0,
        look: Callable[[int], None] | None = None,
        progress: bool = False,
        **faster: Any,
    ) -> tuple[History, TranslationWatch]:
        """Train on the training part, and translate the validation part greedily after every epoch.

        Takes what `fit_translator` takes, as `faster` what it does not need for the same result: ``bucketed``
        and the keywords of the engine. `look` is called after the watch has looked.
        """
        watch = TranslationWatch(model, self.validation, self.source, self.target)

        def both(epoch: int) -> None:
            watch(epoch)
            if look is not None:
                look(epoch)

        history = fit_translator(
            model,
            self.train,
            self.source,
            self.target,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            seed=seed,
            validation=self.validation,
            look=both,
            progress=progress,
            **faster,
        )
        return history, watch

    def hypotheses(
        self, model: StepModel, part: SentencePairs, search: Search = greedy, *, batch_size: int = 250
    ) -> list[list[Translation]]:
        """What a search finds for the sentences of a part, by `translate`; the model in evaluation mode."""
        return translate(
            model,
            part.sources,
            self.source,
            self.target,
            search=search,
            batch_size=batch_size,
            device=self.device,
        )

    def best(self, model: StepModel, part: SentencePairs, search: Search = greedy) -> list[str]:
        """The best translation of every sentence of a part."""
        return [best.text for best, *_ in self.hypotheses(model, part, search)]

    def measures(self, model: Translator) -> dict[str, float]:
        """Figures of greedy translations by a trained model in evaluation mode.

        Returns
        -------
        dict
            ``validation_error_rate``, by length ``error_rate_8`` and so on (of the lengths that there are);
            ``test_…`` for every measure of `translation_scores`; ``new_share`` and ``new_error_rate`` of
            the test pairs without a sentence of the training part; ``train_error_rate`` of as many of that.
        """
        on_validation, on_test = self.best(model, self.validation), self.best(model, self.test)
        seen = self.train[: len(self.test)]
        fresh = new_pairs(self.test, self.train)
        rates = error_rates(on_test, self.test.targets)
        measured = {
            "validation_error_rate": error_rate(on_validation, self.validation.targets),
            "train_error_rate": error_rate(self.best(model, seen), seen.targets),
            "new_share": len(fresh) / len(self.test),
        }
        measured |= {f"test_{n}": v for n, v in translation_scores(on_test, self.test.targets).items()}
        measured |= {
            f"error_rate_{n}": v for n, v in by_length(on_validation, self.validation.targets).items()
        }
        if fresh:
            measured["new_error_rate"] = fmean(rates[place] for place in fresh)
        return measured

    def loss_by_position(self, model: Translator, part: SentencePairs) -> list[float]:
        """Mean negative log-likelihood of the first, second, … character, each after the true ones."""
        inputs, labels = teacher_forced(part, self.source, self.target)
        log_p = predict(model, inputs, prepare=torch.Tensor.long, batch_size=500)
        losses = -log_p.gather(1, labels.unsqueeze(1)).squeeze(1)
        real = labels != PAD
        counts = real.sum(dim=0)
        means: Tensor = torch.where(real, losses, 0.0).sum(dim=0) / counts.clamp(min=1)
        return means[counts > 0].tolist()


def by_length(predicted: Sequence[str], true: Sequence[str]) -> dict[int, float]:
    """Mean error rate for every group of lengths that occurs; its name is its longest, of `LENGTHS`.

    Longer sentences belong to the last group.

    Examples
    --------
    >>> by_length(["go .", "no"], ["go .", "he is here ."])
    {8: 0.0, 13: 1.0}
    """
    groups: dict[int, list[float]] = {}
    for rate, sentence in zip(error_rates(predicted, true), true, strict=True):
        longest = next((n for n in LENGTHS if len(sentence) <= n), LENGTHS[-1])
        groups.setdefault(longest, []).append(rate)
    return {longest: fmean(groups[longest]) for longest in sorted(groups)}


def new_pairs(pairs: SentencePairs, known: SentencePairs) -> list[int]:
    """Places of the pairs of which neither sentence stands on its side of `known`.

    Examples
    --------
    >>> known = SentencePairs(("si",), ("yes",))
    >>> new_pairs(SentencePairs(("si", "no", "claro"), ("yes", "no", "yes")), known)
    [1]
    """
    sources, targets = set(known.sources), set(known.targets)
    return [i for i, (source, target) in enumerate(pairs) if source not in sources and target not in targets]
