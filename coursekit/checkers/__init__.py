"""Checkers: each takes a learner's function and puts it to the test that the reference passes."""

from coursekit.checkers.attention import check_pixel_attention
from coursekit.checkers.convolution import check_output_size, check_toeplitz_entry, check_toeplitz_matrix
from coursekit.checkers.dead_units import check_dead_units
from coursekit.checkers.equivariant import check_p4_lifting
from coursekit.checkers.gradients import check_gradient_norm, check_jacobian_norm
from coursekit.checkers.initialisation import check_weight_deviation
from coursekit.checkers.kernel_gradient import check_kernel_gradient
from coursekit.checkers.parameters import check_parameter_counts
from coursekit.checkers.permutation import check_permuted_weights
from coursekit.checkers.pooling import check_pooled_counts
from coursekit.checkers.reports import CheckFailed
from coursekit.checkers.sizes import check_cnn_parameters, check_merged_copies
from coursekit.checkers.standardise import check_standardise_pixels
from coursekit.checkers.steering import check_steered_filter

__all__ = [
    "CheckFailed",
    "check_cnn_parameters",
    "check_dead_units",
    "check_gradient_norm",
    "check_jacobian_norm",
    "check_kernel_gradient",
    "check_merged_copies",
    "check_output_size",
    "check_p4_lifting",
    "check_parameter_counts",
    "check_permuted_weights",
    "check_pixel_attention",
    "check_pooled_counts",
    "check_standardise_pixels",
    "check_steered_filter",
    "check_toeplitz_entry",
    "check_toeplitz_matrix",
    "check_weight_deviation",
]
