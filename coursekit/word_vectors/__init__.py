"""Word vectors: what they know, the GloVe text format, and training our own with the GloVe objective."""

from coursekit.word_vectors.counts import count_pairs
from coursekit.word_vectors.files import VectorFileError, read_vectors, write_vectors
from coursekit.word_vectors.glove import fit_glove
from coursekit.word_vectors.loading import load_vectors
from coursekit.word_vectors.trained import review_vectors
from coursekit.word_vectors.vectors import Coverage, WordVectors

__all__ = [
    "Coverage",
    "VectorFileError",
    "WordVectors",
    "count_pairs",
    "fit_glove",
    "load_vectors",
    "read_vectors",
    "review_vectors",
    "write_vectors",
]
