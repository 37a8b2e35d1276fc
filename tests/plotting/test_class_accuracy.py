"""The dot plot of accuracies by class."""

import numpy as np
import pytest
import torch

from coursekit.plotting import class_accuracy

VALUES = [[0.9, 0.6, 0.7], [1.0, 0.5, 0.9]]
CLASSES = ["bag", "shirt", "coat"]


def marks(figure):
    """What is drawn, by its name in the legend: a list of (accuracy, row)."""
    return {
        line.get_label(): sorted(zip(line.get_xdata(), line.get_ydata(), strict=True))
        for line in figure.axes[0].lines
    }


def test_dots_and_means_are_drawn_as_passed_best_class_on_top():
    figure = class_accuracy(torch.tensor(VALUES, dtype=torch.float64), classes=CLASSES)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["bag", "coat", "shirt"]
    assert figure.axes[0].yaxis_inverted()
    drawn = marks(figure)
    assert drawn["one seed"] == [(0.5, 2), (0.6, 2), (0.7, 1), (0.9, 0), (0.9, 1), (1.0, 0)]
    np.testing.assert_allclose(drawn["mean of 2 seeds"], [(0.55, 2), (0.8, 1), (0.95, 0)])


def test_claims_and_intervals_are_drawn_at_their_class():
    figure = class_accuracy(
        VALUES,
        classes=CLASSES,
        intervals=[[0.9, 0.97], [0.5, 0.6], [0.7, 0.9]],
        claimed={"shirt": 0.8},
        claimed_label="the paper",
    )
    assert marks(figure)["the paper"] == [(0.8, 2)]
    (segments,) = figure.axes[0].collections
    drawn = [segment.tolist() for segment in segments.get_segments()]
    assert drawn == [[[0.9, 0], [0.97, 0]], [[0.7, 1], [0.9, 1]], [[0.5, 2], [0.6, 2]]]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["95 % interval", "one seed", "mean of 2 seeds", "the paper"]


def test_kinds_of_marks_differ_in_shape():
    lines = class_accuracy(VALUES, classes=CLASSES, claimed={"bag": 0.5}).axes[0].lines
    assert len({line.get_marker() for line in lines}) == 3


def test_one_run_needs_no_mean():
    assert list(marks(class_accuracy(VALUES[:1], classes=CLASSES))) == ["one run"]


def test_the_description():
    assert class_accuracy(VALUES[:1], classes=CLASSES, claimed={"bag": 1}).alt == (
        "Accuracy by class: bag 90.0 % (the report: 100.0 %); coat 70.0 %; shirt 60.0 %."
    )
    assert class_accuracy(VALUES, classes=CLASSES, alt="Mine.").alt == "Mine."


@pytest.mark.parametrize(
    ("accuracies", "options", "message"),
    [
        ([0.5, 0.5, 0.5], {}, r"accuracies has the shape \(3,\); expected \(seeds, classes\)$"),
        (np.empty((0, 3)), {}, r"accuracies is empty"),
        ([[0.5, 0.5]], {}, r"classes has 3 entries for 2 columns of accuracies; give one for each$"),
        ([[0.5, 0.5, float("nan")]], {}, r"accuracies holds nan at \[0, 2\]"),
        ([[50, 50, 50]], {}, r"accuracies holds 50; accuracies are fractions between 0 and 1$"),
        ([[-0.1, 0.5, 0.5]], {}, r"accuracies holds -0.1; accuracies are fractions between 0 and 1$"),
        (VALUES, {"claimed": {"hat": 0.5}}, r"claimed names 'hat'; the classes are: bag, shirt, coat$"),
        (VALUES, {"claimed": {"bag": 87.0}}, r"claimed holds 87; accuracies are fractions between 0 and 1$"),
        (
            VALUES,
            {"intervals": [[0.1, 0.2]]},
            r"intervals has the shape \(1, 2\); expected \(3, 2\), the lower",
        ),
        (VALUES, {"intervals": [[0.2, 0.1]] * 3}, r"intervals .* the lower end first$"),
    ],
)
def test_mistakes_get_one_clear_sentence(accuracies, options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        class_accuracy(accuracies, classes=CLASSES, **options)
