"""Checkers: each takes a learner's function and puts it to the test that the reference passes."""

from coursekit.checkers.ablation import check_latent_features, check_paired_effect
from coursekit.checkers.adam import check_adam_steps
from coursekit.checkers.alignment import check_alignment
from coursekit.checkers.attention import check_pixel_attention
from coursekit.checkers.beam_search import check_beam_search
from coursekit.checkers.best_of_many import check_expected_best
from coursekit.checkers.bilinear_attention import check_bilinear_attention
from coursekit.checkers.channel_statistics import check_channel_statistics
from coursekit.checkers.clipping import check_clipping
from coursekit.checkers.convolution import check_output_size, check_toeplitz_entry, check_toeplitz_matrix
from coursekit.checkers.cross_entropy import check_cross_entropy_gradient
from coursekit.checkers.dead_units import check_dead_units
from coursekit.checkers.dropout import check_dropout
from coursekit.checkers.early_stopping import check_early_stopping
from coursekit.checkers.effective_rate import check_matched_rate
from coursekit.checkers.embedding_table import check_embedding_table
from coursekit.checkers.equivariant import check_p4_lifting
from coursekit.checkers.error_rate import check_error_rate
from coursekit.checkers.glove import check_glove_loss
from coursekit.checkers.gradients import check_gradient_norm, check_jacobian_norm
from coursekit.checkers.initialisation import check_weight_deviation
from coursekit.checkers.kernel_gradient import check_kernel_gradient
from coursekit.checkers.log_softmax import check_log_softmax
from coursekit.checkers.lstm_step import check_lstm_step
from coursekit.checkers.momentum import check_momentum_step
from coursekit.checkers.multiply_adds import check_multiply_adds
from coursekit.checkers.one_cycle import check_one_cycle
from coursekit.checkers.parameters import check_parameter_counts
from coursekit.checkers.permutation import check_permuted_weights
from coursekit.checkers.pooling import check_pooled_counts
from coursekit.checkers.reports import CheckFailed
from coursekit.checkers.sizes import check_cnn_parameters, check_merged_copies
from coursekit.checkers.sliding_linear import check_sliding_linear
from coursekit.checkers.standardise import check_standardise_pixels
from coursekit.checkers.steering import check_steered_filter
from coursekit.checkers.tf_idf import check_tf_idf

__all__ = [
    "CheckFailed",
    "check_adam_steps",
    "check_alignment",
    "check_beam_search",
    "check_bilinear_attention",
    "check_channel_statistics",
    "check_clipping",
    "check_cnn_parameters",
    "check_cross_entropy_gradient",
    "check_dead_units",
    "check_dropout",
    "check_early_stopping",
    "check_embedding_table",
    "check_error_rate",
    "check_expected_best",
    "check_glove_loss",
    "check_gradient_norm",
    "check_jacobian_norm",
    "check_kernel_gradient",
    "check_latent_features",
    "check_log_softmax",
    "check_lstm_step",
    "check_matched_rate",
    "check_merged_copies",
    "check_momentum_step",
    "check_multiply_adds",
    "check_one_cycle",
    "check_output_size",
    "check_p4_lifting",
    "check_paired_effect",
    "check_parameter_counts",
    "check_permuted_weights",
    "check_pixel_attention",
    "check_pooled_counts",
    "check_sliding_linear",
    "check_standardise_pixels",
    "check_steered_filter",
    "check_tf_idf",
    "check_toeplitz_entry",
    "check_toeplitz_matrix",
    "check_weight_deviation",
]
