"""Training a translator by teacher forcing: each character is learned from the true ones before it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.data.characters import PAD, Characters, teacher_forced
from coursekit.data.pairs import SentencePairs
from coursekit.models.seq2seq import Translator
from coursekit.training.epochs import after_epochs
from coursekit.training.evaluation import predict
from coursekit.training.history import History
from coursekit.training.loop import fit


def token_loss(log_probabilities: Tensor, labels: Tensor) -> Tensor:
    """Mean negative log-likelihood of the characters of a batch, padding left out.

    Parameters
    ----------
    log_probabilities
        ``(n, symbols, length)``
    labels
        ``(n, length)``; 0 is padding.

    Examples
    --------
    >>> log_p = torch.tensor([[[0.5, 0.9], [0.5, 0.1]]]).log()
    >>> round(token_loss(log_p, torch.tensor([[1, 0]])).item(), 4)
    0.6931
    """
    return F.nll_loss(log_probabilities, labels, ignore_index=PAD)


def fit_translator(
    model: Translator,
    pairs: SentencePairs,
    source: Characters,
    target: Characters,
    *,
    epochs: int,
    batch_size: int = 64,
    learning_rate: float = 3e-3,
    seed: int = 0,
    validation: SentencePairs | None = None,
    look: Callable[[int], None] | None = None,
    checkpoint: str | Path | None = None,
    progress: bool = True,
    bucketed: bool = False,
    **engine: Any,
) -> History:
    """Train with Adam by `fit`, the loop of the book; the defaults are the settings of the course.

    Parameters
    ----------
    model
        Trained in place, on the device that it is on.
    pairs, source, target
        Sentences with translations, and the vocabularies of both sides.
    epochs, batch_size, seed, checkpoint, progress
        As `fit` takes them.
    validation
        Pairs whose loss is measured after every epoch.
    look
        Called with the epoch's number after each epoch, while the model is in evaluation mode.
    bucketed
        Make batches of pairs of about equal length, cut to their longest: less padding to compute, but other
        batches, so another run. With ``**AUTO`` it made an epoch of the course's translator about 1.5 times
        as fast on two cores.
    engine
        Keywords of `fit` that say how it computes, ``**AUTO`` for instance.

    Returns
    -------
    History
        Losses are means over characters in each batch, and over sentences of those; accuracies are shares of
        the characters, each after the true ones before it.

    Raises
    ------
    ValueError, TypeError, NonFiniteLossError
        As `fit`; also if there are no pairs.

    References
    ----------
    Williams & Zipser (1989), A learning algorithm for continually running fully recurrent neural networks
    (teacher forcing).

    Examples
    --------
    >>> pairs = SentencePairs(("no", "si", "sin"), ("no", "yes", "without"))
    >>> source, target = Characters(pairs.sources), Characters(pairs.targets)
    >>> model = Translator(len(source), len(target), hidden=32, dropout=0.0)
    >>> history = fit_translator(model, pairs, source, target, epochs=80, progress=False)
    >>> history["train_accuracy"][-1]
    1.0
    """
    data = teacher_forced(pairs, source, target)
    held_out = None if validation is None else teacher_forced(validation, source, target)
    adam = partial(torch.optim.Adam, lr=learning_rate)
    steps = -(-len(pairs) // batch_size)
    history = fit(
        model,
        data,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=adam if look is None else after_epochs(adam, look, model=model, steps_per_epoch=steps),
        loss=token_loss,
        prepare=torch.Tensor.long,
        validation=held_out,
        seed=seed,
        checkpoint=checkpoint,
        progress=progress,
        lengths=pair_lengths(data) if bucketed else None,
        **engine,
    )
    # The loop counts right predictions per sample; here a sample has many.
    for epoch in history:
        epoch["train_accuracy"] *= _samples_per_character(data[1])
        if held_out is not None:
            epoch["validation_accuracy"] *= _samples_per_character(held_out[1])
    return history


def pair_lengths(data: tuple[Tensor, Tensor]) -> Tensor:
    """Characters ``(n,)`` of the longer side of each pair, the sign that ends or begins it included.

    Parameters
    ----------
    data
        What `teacher_forced` makes of the pairs: ``(n, 2, length)`` and ``(n, length)``.

    Examples
    --------
    >>> pairs = SentencePairs(("no", "si"), ("no", "yes"))
    >>> letters = Characters(pairs.sources + pairs.targets)
    >>> pair_lengths(teacher_forced(pairs, letters, letters))
    tensor([3, 4])
    """
    inputs, labels = data
    return (inputs != PAD).sum(dim=2).amax(dim=1).maximum((labels != PAD).sum(dim=1))


def log_likelihoods(
    model: Translator, pairs: SentencePairs, source: Characters, target: Characters, *, batch_size: int = 500
) -> Tensor:
    r"""The log-probability :math:`\log p(y \mid x)` of every translation, its end included, float64 (n,).

    Examples
    --------
    >>> pairs = SentencePairs(("no", "si"), ("no", "yes"))
    >>> letters = Characters(pairs.sources + pairs.targets)
    >>> model = Translator(len(letters), len(letters), hidden=8).eval()
    >>> log_likelihoods(model, pairs, letters, letters).shape
    torch.Size([2])
    """
    inputs, labels = teacher_forced(pairs, source, target)
    log_p = predict(model, inputs, prepare=torch.Tensor.long, batch_size=batch_size)
    chosen = log_p.double().gather(1, labels.unsqueeze(1)).squeeze(1)
    return chosen.masked_fill(labels == PAD, 0).sum(dim=1)


def _samples_per_character(labels: Tensor) -> float:
    return len(labels) / int((labels != PAD).sum())
