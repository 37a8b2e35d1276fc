"""The loss of every training step, with its running mean."""

from collections.abc import Sequence

import numpy as np

from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, drawing


def step_losses(
    losses: Sequence[float], *, steps_per_epoch: int, window: int = 10, alt: str | None = None
) -> Figure:
    """Draw the loss of every mini-batch, the mean of the last `window` of them, and the ends of the epochs.

    Parameters
    ----------
    losses
        One loss a step, in order; drawn on a logarithmic axis, so that each must be positive.
    steps_per_epoch
        Where the epochs end, at least 1.
    window
        Steps in the running mean, at least 1.
    alt
        Description of the figure; by default the first and last running mean.

    Raises
    ------
    ValueError
        If there is no loss, one is not finite or not positive, or a count is below 1.

    Examples
    --------
    >>> step_losses([4.0, 2.0, 1.0, 1.0], steps_per_epoch=2, window=2)
    Figure: Loss of 4 steps: running mean over 2 steps from 3 to 1.
    """
    values = finite_array(losses, name="losses", axes=("steps",))
    for name, count in (("steps_per_epoch", steps_per_epoch), ("window", window)):
        if count < 1:
            raise ValueError(f"{name} is {count}; it must be at least 1")
    if values.min() <= 0:
        raise ValueError(f"losses holds {values.min():g}; a logarithmic axis needs positive losses")
    window = min(window, len(values))
    means = np.convolve(values, np.full(window, 1 / window), mode="valid")
    steps = np.arange(1, len(values) + 1)
    over = f"running mean over {window} steps from {means[0]:.3g} to {means[-1]:.3g}"

    with drawing():
        figure = Figure(alt=alt or f"Loss of {len(values)} steps: {over}.", height=2.8)
        axes = figure.subplots()
        axes.plot(steps, values, color=COLOURS[0], linewidth=0.9, alpha=0.55, label="each step")
        axes.plot(
            steps[window - 1 :], means, color=COLOURS[1], linewidth=2.2, label=f"mean of {window} steps"
        )
        for end in range(steps_per_epoch, len(values), steps_per_epoch):
            axes.axvline(end + 0.5, color=INK, linewidth=0.8, linestyle=":")
        axes.set_yscale("log")
        axes.set_title("training loss (logarithmic; dotted: an epoch ends)")
        axes.set_xlabel("step", loc="right")
        figure.legend(loc="outside upper left", ncols=2)
    return figure
