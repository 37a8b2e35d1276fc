"""Learning curves: every seed and the mean, as they were passed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursekit.plotting import learning_curves
from coursekit.plotting.learning_curves import _ticks

RUN = {"train_loss": [0.9, 0.5], "validation_loss": [0.7, 0.6], "train_accuracy": [0.6, 0.75]}


class Record:
    def to_dict(self):
        return RUN


def lines(axes):
    return [line.get_ydata().tolist() for line in axes.lines]


@given(arrays(float, st.tuples(st.integers(2, 4), st.integers(1, 6)), elements=st.floats(0, 9)))
@settings(deadline=None, max_examples=15)
def test_seeds_and_mean_are_drawn_as_passed(losses):
    figure = learning_curves([{"train_loss": row.tolist()} for row in losses], metrics=["train_loss"])
    *seeds, mean = figure.axes[0].lines
    assert [line.get_ydata().tolist() for line in seeds] == losses.tolist()
    np.testing.assert_allclose(mean.get_ydata(), losses.mean(axis=0))
    assert mean.get_xdata().tolist() == list(range(1, losses.shape[1] + 1))
    assert mean.get_linewidth() > 2 * max(line.get_linewidth() for line in seeds)


@pytest.mark.parametrize("runs", [RUN, [RUN], Record(), [Record()], {"base": RUN}, {"base": [Record()]}])
def test_a_run_may_be_given_in_every_form(runs):
    assert lines(learning_curves(runs).axes[0]) == [RUN["train_loss"], RUN["validation_loss"]]


def test_the_history_of_the_package_is_a_run():
    from coursekit.training import History

    history = History(samples=10)
    history.add({"epoch": 1, "train_loss": 2.0, "seconds": 0.1}, step_losses=[])
    assert lines(learning_curves(history, metrics=["train_loss"]).axes[0]) == [[2.0]]


def test_a_quantity_is_a_panel():
    figure = learning_curves(RUN, metrics=("train_loss", "train_accuracy", "validation_loss"))
    loss, accuracy = figure.axes
    assert (loss.get_title("left"), accuracy.get_title("left")) == ("loss", "accuracy")
    assert lines(loss) == [RUN["train_loss"], RUN["validation_loss"]]
    assert lines(accuracy) == [RUN["train_accuracy"]]
    figure.svg()
    assert all(label.get_text().endswith(" %") for label in accuracy.get_yticklabels())


def test_one_configuration_tells_its_splits_by_colour_mark_and_dashes():
    train, validation = learning_curves(RUN).axes[0].lines
    for look in ("get_color", "get_marker", "get_linestyle"):
        assert getattr(train, look)() != getattr(validation, look)()


def test_configurations_differ_in_colour_and_mark_and_splits_in_dashes():
    figure = learning_curves({"a": RUN, "b": [RUN, RUN]})
    bold = [line for line in figure.axes[0].lines if line.get_linewidth() > 2]
    looks = [(line.get_color(), line.get_marker(), line.get_linestyle()) for line in bold]
    (a_train, a_validation, b_train, b_validation) = looks
    assert a_train[:2] == a_validation[:2] and b_train[:2] == b_validation[:2]
    assert a_train[0] != b_train[0] and a_train[1] != b_train[1]
    assert a_train[2] == b_train[2] != a_validation[2] == b_validation[2]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["a", "b", "training", "validation", "single seed"]


def test_the_legend_lies_outside_the_axes():
    figure = learning_curves({"a": RUN, "b": RUN})
    figure.svg()
    assert figure.legends[0].get_window_extent().y0 >= figure.axes[0].get_window_extent().y1


def test_one_curve_needs_no_legend():
    assert not learning_curves(RUN, metrics=["train_loss"]).legends


@given(st.integers(1, 2000))
def test_ticks_are_whole_epochs_from_the_first(epochs):
    ticks = _ticks(epochs)
    assert ticks[0] == 1 and ticks[-1] <= epochs and len(ticks) <= 12
    assert ticks == sorted(set(ticks)) and all(isinstance(tick, int) for tick in ticks)
    assert epochs < 2 or len(ticks) > 1


def test_the_description():
    assert learning_curves({"a": [RUN, RUN], "b": RUN}, metrics=["train_accuracy"]).alt == (
        "Learning curves over 2 epochs, means of 1 to 2 seeds. "
        "Accuracy: a, training from 60.0 % to 75.0 %; b, training from 60.0 % to 75.0 %."
    )
    assert learning_curves({"seconds": [1, 2]}, metrics=["seconds"]).alt == (
        "Learning curves over 2 epochs. Seconds: from 1 to 2."
    )
    assert learning_curves(RUN, alt="Mine.").alt == "Mine."


@pytest.mark.parametrize(
    ("runs", "options", "message"),
    [
        ([], {}, r"runs has no run; give at least one"),
        ({}, {}, r"a run has no 'train_loss'; its metrics are: none"),
        (
            {"a": {"f1": [1]}},
            {},
            r"a run of the configuration 'a' has no 'train_loss'; its metrics are: 'f1'",
        ),
        ({"a": []}, {}, r"the configuration 'a' has no run; give at least one"),
        (3, {}, r"runs holds a value of type int; a run is a mapping from metric to values"),
        ([RUN, 3], {}, r"runs holds a value of type int; a run is a mapping from metric to values"),
        (RUN, {"metrics": []}, r"metrics is empty; name at least one column of the runs"),
        (
            RUN,
            {"metrics": ["f1"]},
            r"a run has no 'f1'; its metrics are: 'train_loss', 'validation_loss'",
        ),
        ({"a": {"train_loss": []}}, {}, r"train_loss of the configuration 'a' is empty"),
        ({"train_loss": [float("nan")]}, {}, r"train_loss of runs holds nan at \[0\]"),
        (
            [{"f1": [1, 2]}, {"f1": [1]}],
            {"metrics": ["f1"]},
            r"f1 of runs has 1 epochs in one run and 2 in another; their mean needs runs of one length",
        ),
        (
            {str(i): RUN for i in range(7)},
            {},
            r"7 configurations cannot be told apart in one figure; draw at most 6",
        ),
    ],
)
def test_mistakes_get_one_clear_sentence(runs, options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        learning_curves(runs, **options)
