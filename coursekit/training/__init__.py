"""Training: the loop, its evaluation and its record; knows nothing of chapters, plots or result cards."""

from coursekit.training.arrangement import rearranged
from coursekit.training.batches import epoch_order, seeded, to_float
from coursekit.training.best import BestWeights
from coursekit.training.buckets import bucketed_order
from coursekit.training.clipping import clipped
from coursekit.training.engine import AUTO
from coursekit.training.epochs import after_epochs
from coursekit.training.evaluation import Scores, evaluate, predict
from coursekit.training.history import History
from coursekit.training.loop import fit
from coursekit.training.stacked import fit_stacked
from coursekit.training.sweep import sweep
from coursekit.training.tally import NonFiniteLossError
from coursekit.training.translators import fit_translator, log_likelihoods

__all__ = [
    "AUTO",
    "BestWeights",
    "History",
    "NonFiniteLossError",
    "Scores",
    "after_epochs",
    "bucketed_order",
    "clipped",
    "epoch_order",
    "evaluate",
    "fit",
    "fit_stacked",
    "fit_translator",
    "log_likelihoods",
    "predict",
    "rearranged",
    "seeded",
    "sweep",
    "to_float",
]
