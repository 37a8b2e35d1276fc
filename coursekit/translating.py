"""From sentences to sentences: encode, search in batches, decode, in the order in which they came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from coursekit.data.characters import EOS, SOS, Characters, encode_characters
from coursekit.data.pairs import SentencePairs
from coursekit.decoding import Hypotheses, greedy
from coursekit.decoding.ensemble import StepModel
from coursekit.metrics import error_rate
from coursekit.models.seq2seq import Translator

# `greedy`, for one, or ``functools.partial(beam_search, width=5, n_best=5)``.
Search = Callable[..., Hypotheses]


@dataclass(frozen=True)
class Translation:
    """A hypothesis as text.

    Parameters
    ----------
    text
        Without the character that ends it.
    score, log_probability
        What the search ranked it by, and its log-probability.
    finished
        Whether the model ended it, or the greatest length did.
    """

    text: str
    score: float
    log_probability: float
    finished: bool


def translate(
    model: StepModel,
    sentences: Sequence[str],
    source: Characters,
    target: Characters,
    *,
    search: Search,
    max_length: int = 50,
    batch_size: int = 250,
    device: torch.device | str = "cpu",
) -> list[list[Translation]]:
    """The hypotheses that a search finds for every sentence, the best first.

    Parameters
    ----------
    model
        A `Translator` in evaluation mode, or an `Ensemble` of some.
    sentences
        May be empty, longer than any in training, and have characters that the vocabulary lacks.
    source, target
        The vocabularies of both sides.
    search
        Called with the model's step, its first state and memory, `start`, `end` and `max_length`.
    max_length
        Characters after which a translation is cut.
    batch_size
        Sentences searched together, of similar length; without effect on the result, but for sampling.
    device
        Where the model is.

    Raises
    ------
    TypeError
        If `sentences` is a single string.
    ValueError
        If `batch_size` is below 1.

    Examples
    --------
    >>> from coursekit.decoding import greedy
    >>> from coursekit.models import Translator
    >>> letters = Characters(["hola", "hello"])
    >>> model = Translator(len(letters), len(letters), hidden=8).eval()
    >>> found = translate(model, ["hola", "", "¡ole!"], letters, letters, search=greedy, max_length=3)
    >>> len(found), [len(t) for t in found], max(len(best.text) for [best] in found) <= 3
    (3, [1, 1, 1], True)
    """
    if isinstance(sentences, str):
        raise TypeError(f"sentences is one string, {sentences!r}; pass a list of sentences")
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
    found: list[list[Translation]] = [[] for _ in sentences]
    by_length = sorted(range(len(sentences)), key=lambda place: len(sentences[place]))
    for begin in range(0, len(by_length), batch_size):
        places = by_length[begin : begin + batch_size]
        ids = encode_characters([sentences[place] for place in places], source).to(device)
        with torch.inference_mode():
            state, memory = model.start(ids)
            hypotheses = search(model.step, state, memory, start=SOS, end=EOS, max_length=max_length)
        for place, translations in zip(places, _texts(hypotheses, target), strict=True):
            found[place] = translations
    return found


def _texts(hypotheses: Hypotheses, target: Characters) -> list[list[Translation]]:
    columns = (hypotheses.scores, hypotheses.log_probabilities, hypotheses.finished, hypotheses.lengths)
    rows = zip(hypotheses.ids.tolist(), *(column.tolist() for column in columns), strict=True)
    return [
        [
            Translation(target.text(ids), score, log_probability, finished)
            for ids, score, log_probability, finished, length in zip(*row, strict=True)
            if length
        ]
        for row in rows
    ]


class TranslationWatch:
    """Translates greedily after every epoch, keeps the error rates and the weights of the best epoch.

    Give it to `fit_translator` as `look`. The best epoch is the first with the lowest error rate.

    Parameters
    ----------
    model
        The translator that is trained.
    pairs
        Sentences and their true translations: validation data.
    source, target
        The vocabularies of both sides.

    Attributes
    ----------
    error_rates
        `coursekit.metrics.error_rate` by epoch.

    Raises
    ------
    ValueError
        If there are no pairs.

    Examples
    --------
    >>> from coursekit.models import Translator
    >>> from coursekit.training import fit_translator
    >>> pairs = SentencePairs(("no", "si"), ("no", "yes"))
    >>> letters = Characters(pairs.sources + pairs.targets)
    >>> model = Translator(len(letters), len(letters), hidden=16)
    >>> watch = TranslationWatch(model, pairs, letters, letters)
    >>> history = fit_translator(model, pairs, letters, letters, epochs=3, look=watch, progress=False)
    >>> len(watch.error_rates), watch.error_rates[watch.best_epoch - 1] == min(watch.error_rates)
    (3, True)
    >>> watch.restore()
    """

    def __init__(
        self, model: Translator, pairs: SentencePairs, source: Characters, target: Characters
    ) -> None:
        if not len(pairs):
            raise ValueError("there are no sentence pairs to translate after an epoch; pass at least one")
        self._model, self._pairs = model, pairs
        self._characters = source, target
        self._weights: dict[str, Tensor] = {}
        self.error_rates: list[float] = []

    def __call__(self, epoch: int) -> None:
        """Translate, and keep the weights if they are the best so far; the model is in evaluation mode."""
        device = next(self._model.parameters()).device
        found = translate(self._model, self._pairs.sources, *self._characters, search=greedy, device=device)
        self.error_rates.append(error_rate([best.text for best, *_ in found], self._pairs.targets))
        if self.best_epoch == len(self.error_rates):
            self._weights = {name: tensor.clone() for name, tensor in self._model.state_dict().items()}

    @property
    def best_epoch(self) -> int:
        """Number of the best epoch so far, from 1; 0 before the first has ended."""
        return 1 + self.error_rates.index(min(self.error_rates)) if self.error_rates else 0

    def restore(self) -> None:
        """Put the weights of the best epoch into the model.

        Raises
        ------
        RuntimeError
            If no epoch has ended yet.
        """
        if not self._weights:
            raise RuntimeError("no epoch has ended yet; pass this object to fit_translator as look")
        self._model.load_state_dict(self._weights)
