"""Models: functions that return `torch.nn.Module` objects and know nothing of training."""

from coursekit.models.cnn import cnn, course_cnn

__all__ = ["cnn", "course_cnn"]
