"""Scores weighted by samples, against scikit-learn and one batch of everything."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss
from torch import nn
from torch.nn import functional as F

from coursekit.training import evaluate, predict


@given(
    n=st.integers(1, 40), classes=st.integers(2, 5), batch_size=st.integers(1, 50), seed=st.integers(0, 99)
)
def test_scores_do_not_depend_on_the_batches(n, classes, batch_size, seed) -> None:
    generator = torch.Generator().manual_seed(seed)
    log_p = torch.randn(n, classes, generator=generator).log_softmax(dim=1)
    labels = torch.randint(0, classes, (n,), generator=generator)
    scores = evaluate(nn.Identity(), (log_p, labels), batch_size=batch_size)
    probabilities = log_p.double().exp().numpy()
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    assert scores.samples == n
    assert scores.accuracy == pytest.approx(
        accuracy_score(labels, np.argmax(probabilities, axis=1)), abs=1e-6
    )
    assert scores.loss == pytest.approx(log_loss(labels, probabilities, labels=range(classes)), rel=1e-4)


def test_the_mean_of_batch_means_would_be_wrong() -> None:
    log_p = torch.tensor([[0.9, 0.1]] * 3).log()
    labels = torch.tensor([0, 0, 1])
    halves = [F.nll_loss(log_p[:2], labels[:2]), F.nll_loss(log_p[2:], labels[2:])]
    mean_of_means = float(sum(halves) / 2)
    scores = evaluate(nn.Identity(), (log_p, labels), batch_size=2)
    assert scores.loss == pytest.approx(float(F.nll_loss(log_p, labels)), rel=1e-6)
    assert abs(scores.loss - mean_of_means) > 0.3


def test_every_modules_mode_is_put_back_even_after_an_error() -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(2, 2))
    model[1].eval()
    evaluate(model, (torch.zeros(3, 2), torch.zeros(3, dtype=torch.long)))
    assert [module.training for module in model.modules()] == [True, True, False]
    with pytest.raises(RuntimeError):
        evaluate(model, (torch.zeros(3, 5), torch.zeros(3, dtype=torch.long)))
    assert [module.training for module in model.modules()] == [True, True, False]


def test_dropout_is_off_and_no_gradient_is_recorded() -> None:
    model = nn.Sequential(nn.Dropout(0.9), nn.Linear(4, 2))
    inputs = torch.rand(5, 4)
    outputs = predict(model, inputs, batch_size=2)
    torch.testing.assert_close(outputs, model[1](inputs).detach())
    assert not outputs.requires_grad


def test_bytes_are_prepared_by_batch() -> None:
    inputs = torch.arange(6, dtype=torch.uint8).reshape(3, 2)
    assert predict(nn.Identity(), inputs, prepare=lambda x: x / 2, batch_size=2).tolist() == [
        [0, 0.5],
        [1, 1.5],
        [2, 2.5],
    ]


def test_scores_print_as_one_line() -> None:
    scores = evaluate(nn.Identity(), (torch.zeros(4, 2), torch.zeros(4, dtype=torch.long)))
    assert str(scores) == "accuracy 1.0000, loss 0.0000 on 4 samples"
