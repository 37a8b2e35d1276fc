"""Figures: every function returns a `Figure` that carries its alt text and follows the page's theme."""

from coursekit.plotting.attention_map import attention_map
from coursekit.plotting.beam_explorer import BeamExplorer, beam_explorer
from coursekit.plotting.beam_trace import BeamTrace, trace_beam
from coursekit.plotting.class_accuracy import class_accuracy
from coursekit.plotting.confusion import confusion_matrix
from coursekit.plotting.effects import effects
from coursekit.plotting.figure import Figure
from coursekit.plotting.image_grid import image_grid
from coursekit.plotting.latent_maps import latent_maps
from coursekit.plotting.learning_curves import learning_curves
from coursekit.plotting.lines import lines
from coursekit.plotting.marked_text import MarkedText, marked_text
from coursekit.plotting.ratios import ratios
from coursekit.plotting.shares import shares
from coursekit.plotting.step_losses import step_losses
from coursekit.plotting.toeplitz_explorer import ToeplitzExplorer, toeplitz_explorer

__all__ = [
    "BeamExplorer",
    "BeamTrace",
    "Figure",
    "MarkedText",
    "ToeplitzExplorer",
    "attention_map",
    "beam_explorer",
    "class_accuracy",
    "confusion_matrix",
    "effects",
    "image_grid",
    "latent_maps",
    "learning_curves",
    "lines",
    "marked_text",
    "ratios",
    "shares",
    "step_losses",
    "toeplitz_explorer",
    "trace_beam",
]
