"""What a trial accepts as an answer and how it words a wrong one."""

import pytest
import torch

from coursekit.checkers.reports import CheckFailed, Trial


def answered(value: object) -> Trial:
    trial = Trial(lambda: value)
    trial.call(shown="")
    return trial


@pytest.mark.parametrize("value", [2, torch.tensor(2), True + True])
def test_integers_pass(value) -> None:
    answered(value).integer(value, 2)
    with pytest.raises(CheckFailed, match="expected 3, but 2 came"):
        answered(value).integer(value, 3)


def test_a_shape_is_compared_before_values() -> None:
    expected = torch.zeros(2, 3, dtype=torch.float64)
    for value in (torch.zeros(3, 2), torch.zeros(1, 3), torch.zeros(6), 0.0):
        with pytest.raises(CheckFailed, match=r"expected M of shape \(2, 3\), but shape .* came"):
            answered(value).tensor(value, expected, what="M")


def test_values_are_compared_within_the_tolerance_and_nan_is_never_right() -> None:
    expected = torch.ones(2, dtype=torch.float64)
    near = expected - 1e-3
    answered(near).tensor(near, expected, what="v", tolerance=1e-2)
    with pytest.raises(CheckFailed, match=r"expected v to hold 1 at \[0\], but 0.999 came"):
        answered(near).tensor(near, expected, what="v")
    with pytest.raises(CheckFailed, match=r"expected v to hold 1 at \[1\], but nan came"):
        answered(near).tensor(torch.tensor([1.0, float("nan")]), expected, what="v", tolerance=1e-2)
    answered(near).tensor(torch.ones(2, requires_grad=True), expected, what="v")


def test_what_is_no_tensor_is_named() -> None:
    with pytest.raises(CheckFailed, match="expected v as a tensor, but a str came"):
        answered("1").tensor("1", torch.ones(1), what="v")


def test_an_exception_is_a_failed_check_with_its_cause() -> None:
    def broken() -> None:
        raise KeyError("width")

    with pytest.raises(CheckFailed, match=r"broken\(\) raised KeyError: 'width'") as failure:
        Trial(broken).call(shown="")
    assert isinstance(failure.value.__cause__, KeyError)
