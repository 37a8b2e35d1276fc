"""Data sets by name, each with its source, licence and sha256, and offline sets that stand in for them."""

from coursekit.data.errors import DataError
from coursekit.data.images import ImageDataset, LabelledImages
from coursekit.data.loading import load
from coursekit.data.pairs import SentencePairs, TranslationDataset
from coursekit.data.registry import REGISTRY
from coursekit.data.texts import LabelledTexts, ReviewDataset

__all__ = [
    "REGISTRY",
    "DataError",
    "ImageDataset",
    "LabelledImages",
    "LabelledTexts",
    "ReviewDataset",
    "SentencePairs",
    "TranslationDataset",
    "load",
]
