"""Dividing sentence pairs so that no sentence stands in two parts, in neither language."""

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from coursekit.data.characters import course_text
from coursekit.data.pairs import SentencePairs

Pair = tuple[str, str]


def components(pairs: Iterable[Pair]) -> NDArray[np.int64]:
    """The number of the connected component of every pair, int64 (n,): pairs that share a sentence share it.

    A sentence connects all pairs that it stands in, on the same side; so does a chain of sentences.

    References
    ----------
    ``scipy.sparse.csgraph.connected_components`` on the graph whose nodes are sentences and whose edges are
    pairs.

    Examples
    --------
    >>> components([("ven", "come"), ("no", "no"), ("ven", "come here"), ("ven aquí", "come here")]).tolist()
    [0, 1, 0, 0]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes: dict[tuple[int, str], int] = {}
    edges = [
        [nodes.setdefault((side, sentence), len(nodes)) for side, sentence in enumerate(pair)]
        for pair in pairs
    ]
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    if not len(ends):
        return np.zeros(0, dtype=np.int64)
    graph = coo_array((np.ones(len(ends), dtype=np.int8), ends.T), shape=(len(nodes), len(nodes)))
    labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return labels[ends[:, 0]].astype(np.int64)


def divide(
    pairs: SentencePairs, *, share: float = 1 / 40, largest: int = 20
) -> tuple[SentencePairs, SentencePairs, SentencePairs]:
    """Training, validation and test part; no sentence of one, prepared by `course_text`, is in another.

    Every component goes to a part as a whole, by the sha256 of the smallest of its prepared pairs, so a
    component stays where it is when others come or go. Those of more than `largest` pairs always go to
    training: one large component by itself would decide how large the parts are and what they are about.

    Parameters
    ----------
    share
        Of the components in the validation part, and as many in the test part.

    Returns
    -------
    train, validation, test
        Each in the order of the pairs' sha256, so that the first n are a fair sample.

    Raises
    ------
    ValueError
        If `share` is not from 0 to 0.5.

    Examples
    --------
    >>> pairs = SentencePairs(("¡Ven!", "Ven.", "¡Ven!", "No."), ("Come!", "Come.", "Come here!", "No."))
    >>> [part.sources for part in divide(pairs, share=0.5)]
    [(), ('¡Ven!', '¡Ven!'), ('Ven.', 'No.')]
    """
    if not 0 <= share <= 0.5:
        raise ValueError(f"share is {share}; give a share of the components from 0 to 0.5")
    prepared = [(course_text(source).strip(), course_text(target).strip()) for source, target in pairs]
    labels = components(prepared).tolist()
    smallest: dict[int, Pair] = {}
    sizes: dict[int, int] = {}
    for label, pair in zip(labels, prepared, strict=True):
        smallest[label] = min(pair, smallest.get(label, pair))
        sizes[label] = sizes.get(label, 0) + 1
    chosen = {label: 0 if sizes[label] > largest else _part(pair, share) for label, pair in smallest.items()}
    order = sorted(zip(map(_digest, pairs), labels, range(len(pairs)), strict=True))
    train, validation, test = (
        pairs[[place for _, label, place in order if chosen[label] == part]] for part in range(3)
    )
    return train, validation, test


def _part(pair: Pair, share: float) -> int:
    """0 for training, 1 for validation, 2 for the test."""
    number = int.from_bytes(_digest(pair)[:8], "big") / 2**64
    return 2 if number < share else 1 if number < 2 * share else 0


def _digest(pair: Pair) -> bytes:
    return sha256("\t".join(pair).encode("utf-8", "surrogatepass")).digest()
