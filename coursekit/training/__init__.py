"""Training: the loop, its evaluation and its record; knows nothing of chapters, plots or result cards."""

from coursekit.training.batches import epoch_order, seeded, to_float
from coursekit.training.best import BestWeights
from coursekit.training.clipping import clipped
from coursekit.training.evaluation import Scores, evaluate, predict
from coursekit.training.history import History
from coursekit.training.loop import NonFiniteLossError, fit
from coursekit.training.sweep import sweep

__all__ = [
    "BestWeights",
    "History",
    "NonFiniteLossError",
    "Scores",
    "clipped",
    "epoch_order",
    "evaluate",
    "fit",
    "predict",
    "seeded",
    "sweep",
    "to_float",
]
