"""Checkers: each takes a learner's function and puts it to the test that the reference passes."""

from coursekit.checkers.attention import check_pixel_attention
from coursekit.checkers.convolution import check_output_size, check_toeplitz_entry, check_toeplitz_matrix
from coursekit.checkers.parameters import check_parameter_counts
from coursekit.checkers.reports import CheckFailed

__all__ = [
    "CheckFailed",
    "check_output_size",
    "check_parameter_counts",
    "check_pixel_attention",
    "check_toeplitz_entry",
    "check_toeplitz_matrix",
]
