"""Inspection against scikit-learn, brute force and the closed form of Wilson's interval."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix as sklearn_confusion
from sklearn.metrics import recall_score

from coursekit.inspection import class_accuracy, confusion_matrix, most_confident_mistakes

labels = st.integers(2, 6).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(st.tuples(*[st.integers(0, classes - 1)] * 2), min_size=1, max_size=60),
    )
)


@given(labels)
def test_confusion_matrix_agrees_with_sklearn(case):
    classes, pairs = case
    true, predicted = zip(*pairs, strict=True)
    ours = confusion_matrix(torch.tensor(true), torch.tensor(predicted), classes=classes)
    assert ours.dtype == torch.int64
    assert ours.tolist() == sklearn_confusion(true, predicted, labels=range(classes)).tolist()


def test_one_sample_of_one_class():
    confusion = confusion_matrix(torch.tensor([0]), torch.tensor([0]), classes=1)
    assert confusion.tolist() == [[1]]
    (row,) = class_accuracy(confusion)
    assert (row.correct, row.total, row.accuracy, row.high) == (1, 1, 1.0, 1.0)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int32])
def test_small_integers_do_not_overflow(dtype):
    last = torch.full((3,), 99, dtype=dtype)
    assert confusion_matrix(last, last, classes=100)[99, 99] == 3


@given(labels)
@settings(deadline=None)
def test_class_accuracy_agrees_with_recall_and_wilson(case):
    classes, pairs = case
    true, predicted = zip(*pairs, strict=True)
    rows = class_accuracy(confusion_matrix(torch.tensor(true), torch.tensor(predicted), classes=classes))
    recall = recall_score(true, predicted, labels=range(classes), average=None, zero_division=math.nan)
    assert [row.index for row in rows] == list(range(classes))
    z = 1.959963984540054
    for row, expected in zip(rows, recall, strict=True):
        n, p = row.total, row.accuracy
        assert n == true.count(row.index)
        if not n:
            assert math.isnan(p) and math.isnan(row.low) and math.isnan(row.high)
            continue
        assert p == pytest.approx(expected) and row.correct == round(p * n)
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        assert row.low == pytest.approx(max(middle - half, 0), abs=1e-9)
        assert row.high == pytest.approx(min(middle + half, 1), abs=1e-9)


@given(
    st.integers(1, 30),
    st.integers(2, 5),
    st.integers(1, 40),
    st.integers(0, 2**31),
    st.sampled_from([torch.float32, torch.float64]),
)
def test_mistakes_agree_with_brute_force(n, classes, count, seed, dtype):
    generator = torch.Generator().manual_seed(seed)
    # Few distinct values, so that ties happen.
    logits = torch.randint(0, 3, (n, classes), generator=generator).to(dtype)
    true = torch.randint(classes, (n,), generator=generator)
    outputs = logits.log_softmax(1)
    mistakes = most_confident_mistakes(outputs, true, count=count)
    expected = []
    for position, row in enumerate(outputs.tolist()):
        answer = row.index(max(row))
        if answer != true[position]:
            expected.append((-row[answer], position, answer))
    expected = sorted(expected)[:count]
    assert len(mistakes) == len(expected)
    assert mistakes.indices.tolist() == [position for _, position, _ in expected]
    assert mistakes.predicted.tolist() == [answer for *_, answer in expected]
    assert mistakes.true.tolist() == true[mistakes.indices].tolist()
    assert mistakes.confidence.tolist() == pytest.approx([math.exp(-loss) for loss, *_ in expected])


def test_one_right_answer_gives_an_empty_result():
    mistakes = most_confident_mistakes(torch.tensor([[0.9, 0.1]]).log(), torch.tensor([0]), count=3)
    assert len(mistakes) == 0
    assert mistakes.indices.dtype == torch.int64 and mistakes.confidence.shape == (0,)


def test_half_precision_and_gradients_are_taken():
    logits = torch.randn(8, 50, requires_grad=True, generator=torch.manual_seed(0))
    outputs = logits.log_softmax(1).to(torch.bfloat16)
    mistakes = most_confident_mistakes(outputs, torch.zeros(8, dtype=torch.int64), count=2)
    assert not mistakes.confidence.requires_grad


INTS = torch.tensor([0, 1])


@pytest.mark.parametrize(
    ("true", "predicted", "classes", "message"),
    [
        (INTS, INTS, 0, r"classes is 0; there must be at least 1"),
        (INTS, INTS[:1], 2, r"true has 2 labels and predicted 1; give one pair a sample"),
        (INTS[:0], INTS[:0], 2, r"true is empty; there must be at least one sample"),
        (INTS, INTS + 1, 2, r"predicted holds 2; with 2 classes, labels go from 0 to 1"),
        (INTS - 1, INTS, 2, r"true holds -1; with 2 classes, labels go from 0 to 1"),
        (
            INTS.float(),
            INTS,
            2,
            r"true is torch.float32 of the shape \(2,\); expected class indices: integers .*",
        ),
        (INTS, INTS.bool(), 2, r"predicted is torch.bool of the shape \(2,\); expected class indices: .*"),
        (INTS, INTS[None], 2, r"predicted is torch.int64 of the shape \(1, 2\); expected class indices: .*"),
    ],
)
def test_wrong_labels_get_one_clear_sentence(true, predicted, classes, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        confusion_matrix(true, predicted, classes=classes)


@pytest.mark.parametrize(
    ("confusion", "message"),
    [
        (
            torch.zeros(2, 3, dtype=torch.int64),
            r"confusion has the shape \(2, 3\); expected \(classes, classes\)",
        ),
        (
            torch.zeros(0, 0, dtype=torch.int64),
            r"confusion has the shape \(0, 0\); expected \(classes, classes\)",
        ),
        (torch.eye(2), r"confusion must hold counts: integers of 0 or more, not fractions or percentages"),
        (
            -torch.eye(2).long(),
            r"confusion must hold counts: integers of 0 or more, not fractions or percentages",
        ),
    ],
)
def test_a_wrong_confusion_matrix_gets_one_clear_sentence(confusion, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        class_accuracy(confusion)


OUTPUTS = torch.tensor([[0.9, 0.1], [0.2, 0.8]]).log()


@pytest.mark.parametrize(
    ("outputs", "true", "count", "message"),
    [
        (OUTPUTS[0], INTS, 1, r"log_probabilities is torch.float32 of the shape \(2,\); expected floats .*"),
        (
            OUTPUTS.long(),
            INTS,
            1,
            r"log_probabilities is torch.int64 of the shape \(2, 2\); expected floats .*",
        ),
        (
            OUTPUTS[:0],
            INTS,
            1,
            r"log_probabilities is empty; there must be at least one sample and one class",
        ),
        (
            OUTPUTS.exp(),
            INTS,
            1,
            r"row 0 of log_probabilities sums to 3.56 as probabilities, not to 1; apply .*",
        ),
        (
            OUTPUTS * torch.nan,
            INTS,
            1,
            r"row 0 of log_probabilities sums to nan as probabilities, not to 1; .*",
        ),
        (OUTPUTS, INTS[:1], 1, r"log_probabilities has 2 rows and labels 1 entries; give one label a row"),
        (OUTPUTS, INTS + 1, 1, r"labels holds 2; with 2 classes, labels go from 0 to 1"),
        (OUTPUTS, INTS, 0, r"count is 0; ask for at least 1 mistake"),
    ],
)
def test_wrong_outputs_get_one_clear_sentence(outputs, true, count, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        most_confident_mistakes(outputs, true, count=count)
