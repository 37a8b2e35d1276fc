"""Every loss is drawn, and the running mean is the mean of the steps before it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.plotting import step_losses


@given(losses=st.lists(st.floats(0.01, 100), min_size=1, max_size=30), window=st.integers(1, 40))
def test_lines_are_the_losses_and_their_running_mean(losses, window) -> None:
    steps, means = step_losses(losses, steps_per_epoch=7, window=window).axes[0].lines[:2]
    assert steps.get_ydata().tolist() == losses
    width = min(window, len(losses))
    expected = [np.mean(losses[end - width : end]) for end in range(width, len(losses) + 1)]
    assert means.get_xdata().tolist() == list(range(width, len(losses) + 1))
    assert means.get_ydata() == pytest.approx(expected)


def test_a_line_at_the_end_of_every_epoch_but_the_last() -> None:
    assert len(step_losses([1.0] * 9, steps_per_epoch=3).axes[0].lines) == 2 + 2


@pytest.mark.parametrize(
    ("losses", "steps_per_epoch", "window", "message"),
    [
        ([], 1, 1, "losses"),
        ([1.0, float("nan")], 1, 1, "losses"),
        ([1.0, 0.0], 1, 1, "losses holds 0; a logarithmic axis needs positive losses"),
        ([1.0], 0, 1, "steps_per_epoch is 0; it must be at least 1"),
        ([1.0], 1, 0, "window is 0; it must be at least 1"),
    ],
)
def test_mistakes_get_one_sentence(losses, steps_per_epoch, window, message) -> None:
    with pytest.raises(ValueError, match=message):
        step_losses(losses, steps_per_epoch=steps_per_epoch, window=window)
