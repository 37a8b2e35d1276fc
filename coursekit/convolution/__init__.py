"""Convolution as linear algebra: sizes, the Toeplitz matrix and its periodic twin, equivariance."""

from coursekit.convolution.equivariance import equivariance_error
from coursekit.convolution.geometry import output_shape, output_size, transposed_output_size
from coursekit.convolution.periodic import circulant_eigenvalues, circulant_matrix
from coursekit.convolution.receptive import ReceptiveField, Window, receptive_field
from coursekit.convolution.toeplitz import toeplitz_entry, toeplitz_matrix
from coursekit.convolution.vectors import commutation_matrix, vec

__all__ = [
    "ReceptiveField",
    "Window",
    "circulant_eigenvalues",
    "circulant_matrix",
    "commutation_matrix",
    "equivariance_error",
    "output_shape",
    "output_size",
    "receptive_field",
    "toeplitz_entry",
    "toeplitz_matrix",
    "transposed_output_size",
    "vec",
]
