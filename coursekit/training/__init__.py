"""Training: the loop, its evaluation and its record; knows nothing of chapters, plots or result cards."""

from coursekit.training.batches import epoch_order, seeded, to_float
from coursekit.training.evaluation import Scores, evaluate, predict
from coursekit.training.history import History
from coursekit.training.loop import NonFiniteLossError, fit

__all__ = [
    "History",
    "NonFiniteLossError",
    "Scores",
    "epoch_order",
    "evaluate",
    "fit",
    "predict",
    "seeded",
    "to_float",
]
