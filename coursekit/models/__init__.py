"""Models: functions that return `torch.nn.Module` objects and know nothing of training."""

from coursekit.models.adaptive import adaptive_cnn
from coursekit.models.cifar import ablation_cnn, cifar_cnn, residual_cnn
from coursekit.models.cnn import cnn, course_cnn, kuzushiji_cnn
from coursekit.models.lstm import BidirectionalLSTM, LSTMClassifier, MeanOfEmbeddings
from coursekit.models.mlp import Residual, mlp
from coursekit.models.seq2seq import Translator

__all__ = [
    "BidirectionalLSTM",
    "LSTMClassifier",
    "MeanOfEmbeddings",
    "Residual",
    "Translator",
    "ablation_cnn",
    "adaptive_cnn",
    "cifar_cnn",
    "cnn",
    "course_cnn",
    "kuzushiji_cnn",
    "mlp",
    "residual_cnn",
]
