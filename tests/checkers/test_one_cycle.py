"""The one-cycle checker passes correct schedules and fails plausible wrong ones."""

from math import cos, pi

import pytest
import torch

from coursekit.checkers.one_cycle import check_one_cycle
from coursekit.checkers.reports import CheckFailed


def schedule(*, start=25.0, end=250_000.0, share=0.3, back=1, linear=False, rise_only=False):
    """A schedule with the course's constants, or with one of them wrong."""

    def way(x):
        return x if linear else (1 - cos(pi * x)) / 2

    def one_cycle(step, steps, peak):
        top, last = share * steps - back, steps - 1
        if step <= top:
            return peak / start + (peak - peak / start) * way(step / top)
        if rise_only:
            return peak
        return peak + (peak / end - peak) * way((step - top) / (last - top))

    return one_cycle


def test_correct_schedules_pass(capsys) -> None:
    check_one_cycle(schedule())
    assert "one_cycle: all 150 cases are right." in capsys.readouterr().out
    check_one_cycle(lambda *a: torch.tensor(schedule()(*a), dtype=torch.float64))


WRONG = {
    "starts at a tenth": schedule(start=10),
    "ends at a hundredth of the start": schedule(end=2_500),
    "ends at the start's rate": schedule(end=25),
    "peaks in the middle": schedule(share=0.5),
    "peaks one step late": schedule(back=0),
    "straight lines": schedule(linear=True),
    "never falls": schedule(rise_only=True),
    "steps counted from 1": lambda step, steps, peak: schedule()(max(step - 1, 0), steps, peak),
    "peak left out": lambda step, steps, peak: schedule()(step, steps, 1.0),
    "a constant": lambda step, steps, peak: peak,
    "a fixed run length": lambda step, steps, peak: schedule()(min(step, 9), 10, peak),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_schedules_fail(name) -> None:
    with pytest.raises(CheckFailed, match=r"\(\d+, \d+, [\d.]+\): expected the learning rate to be .* came"):
        check_one_cycle(WRONG[name])


def test_a_whole_schedule_instead_of_one_rate_fails() -> None:
    with pytest.raises(CheckFailed, match=r"the learning rate of shape \(\), but shape \(10,\) came"):
        check_one_cycle(lambda step, steps, peak: torch.full((steps,), peak))


def test_nothing_returned_and_an_exception_fail() -> None:
    with pytest.raises(CheckFailed, match="the learning rate as a tensor, but a NoneType came"):
        check_one_cycle(lambda step, steps, peak: None)
    with pytest.raises(CheckFailed, match="raised ZeroDivisionError"):
        check_one_cycle(lambda step, steps, peak: 1 / 0)
