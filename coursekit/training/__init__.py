"""Training: the loop, its evaluation and its record; knows nothing of chapters, plots or result cards."""

from coursekit.training.batches import epoch_order, seeded, to_float
from coursekit.training.best import BestWeights
from coursekit.training.clipping import clipped
from coursekit.training.epochs import after_epochs
from coursekit.training.evaluation import Scores, evaluate, predict
from coursekit.training.history import History
from coursekit.training.loop import NonFiniteLossError, fit
from coursekit.training.sweep import sweep
from coursekit.training.translators import fit_translator, log_likelihoods

__all__ = [
    "BestWeights",
    "History",
    "NonFiniteLossError",
    "Scores",
    "after_epochs",
    "clipped",
    "epoch_order",
    "evaluate",
    "fit",
    "fit_translator",
    "log_likelihoods",
    "predict",
    "seeded",
    "sweep",
    "to_float",
]
