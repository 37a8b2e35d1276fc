"""Phrases from a grammar: the offline stand-in for the Spanish and English sentences of Tatoeba.

The verb's ending says who acts, which English says before the verb; adjectives follow their nouns and agree
with them, a question has no "do", and what one likes is the subject. All sentences are short, as in the
course's own files, and made of the same few words: what is new about a sentence is how it combines them.
"""

from hashlib import blake2b

import numpy as np

from coursekit.data.characters import course_text
from coursekit.data.pairs import SentencePairs
from coursekit.data.synthetic.phrase_grammar import Speaker

#: Every sentence has fewer characters than this after the course's preparation.
CHARACTERS = 20

# Of ten English sentences eight belong to training, whatever the seed: a sentence's part is its own.
_PARTS = (range(8), range(8, 9), range(9, 10))
_PATIENCE = 20_000


def phrases(
    n_train: int = 4_000, n_validation: int = 500, n_test: int = 500, *, seed: int = 0
) -> tuple[SentencePairs, SentencePairs, SentencePairs]:
    """Write three parts from independent random numbers; no sentence stands in two, no pair twice in one.

    Returns
    -------
    train, validation, test : Spanish sentences and their English translations, with capitals, accents and
        signs; after `course_text` both have 5 to 19 characters.

    Raises
    ------
    ValueError
        If a number of phrases is negative, or larger than what the grammar has to say.

    Examples
    --------
    >>> train, validation, test = phrases(3, 2, 1, seed=1)
    >>> len(train), len(validation), len(test)
    (3, 2, 1)
    >>> list(train)[::2]
    [('¿Ves arroz?', 'Do you see rice?'), ('El león valiente.', 'The brave lion.')]
    """
    numbers = (n_train, n_validation, n_test)
    if min(numbers) < 0:
        raise ValueError(
            f"cannot write {n_train} + {n_validation} + {n_test} phrases; give numbers that are not negative"
        )
    streams = np.random.SeedSequence(seed).spawn(3)
    train, validation, test = (
        _write(n, np.random.default_rng(stream), part)
        for n, stream, part in zip(numbers, streams, _PARTS, strict=True)
    )
    return train, validation, test


def _write(n: int, rng: np.random.Generator, part: range) -> SentencePairs:
    speaker = Speaker(rng)
    found: dict[tuple[str, str], None] = {}
    idle = 0
    while len(found) < n:
        pair = speaker.phrase()
        spanish, english = map(course_text, pair)
        idle += 1
        if max(len(spanish), len(english)) < CHARACTERS and _tenth(english) in part and pair not in found:
            found[pair] = None
            idle = 0
        if idle > _PATIENCE:
            raise ValueError(
                f"cannot write {n} phrases of one part, for the grammar has few more than {len(found)}; "
                "ask for fewer"
            )
    pairs = SentencePairs(tuple(pair[0] for pair in found), tuple(pair[1] for pair in found))
    # What the grammar says often, and that is what is short, is found first.
    return pairs[rng.permutation(len(pairs)).tolist()]


def _tenth(english: str) -> int:
    """A digit that hangs on the sentence alone, so that its copies come into one part."""
    return int.from_bytes(blake2b(english.strip().encode(), digest_size=8).digest(), "big") % 10
