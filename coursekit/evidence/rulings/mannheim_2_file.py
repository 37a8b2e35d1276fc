"""Rules on the claims of mannheim 2c on the file of word vectors, by its card and by the file's format."""

import io

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, percent
from coursekit.evidence.verdicts import Ruling, Verdict, card_rule, judge_count, rule
from coursekit.word_vectors import read_vectors

#: Words of GloVe 6B, all of them.
WORDS = 400_000

#: Two shares of known words that differ by no more than this agree.
NEAR = 0.02

#: How the published file of 100 numbers begins: the first four lines, and the first three numbers of each.
LINES = """the -0.038194 -0.24487 0.72812
, -0.10767 0.11053 0.59812
. -0.33979 0.20941 0.46348
of -0.1529 -0.24279 0.89837
"""


@card_rule("mannheim.2c.coverage")
def coverage(claim: Claim, card: Card) -> Ruling:
    """The words that have a vector, of all words; decided by the whole of GloVe 6B alone.

    More known words than words would be wrong whatever the file.
    """
    assert isinstance(claim.claimed, tuple)
    known, words = (float(x) for x in claim.claimed)
    ours = {
        name: next(iter(card.values("GloVe 6B", name).values()))
        for name in ("words", "types", "known_types", "type_coverage", "token_coverage")
    }
    whole = ours["words"] >= WORDS
    verdict: Verdict = "unsupported"
    if known > words:
        verdict = "wrong"
    elif whole and abs(known / words - ours["type_coverage"]) <= NEAR:
        verdict = "holds"
    return Ruling(
        verdict,
        f"{number(int(ours['known_types']))} of {number(int(ours['types']))}",
        {
            "share": percent(known / words), "ours": percent(ours["type_coverage"]),
            "vectors": number(int(ours["words"])), "running": percent(ours["token_coverage"]),
        },
        f"claimed {percent(known / words)}, ours {percent(ours['type_coverage'])}; "
        + (
            f"shares that differ by {percent(NEAR, decimals=0)} agree"
            if whole
            else f"{number(int(ours['words']))} of the {number(WORDS)} vectors of GloVe 6B are at hand, "
            "which cannot decide"
        ),
    )  # fmt: skip


@card_rule("mannheim.2c.dimensions")
def dimensions(claim: Claim, card: Card) -> Ruling:
    """The numbers of a vector."""
    assert isinstance(claim.claimed, int)
    (dimension,) = {int(value) for value in card.values("GloVe 6B", "dimension").values()}
    return Ruling(
        judge_count(claim.claimed, dimension),
        number(dimension),
        evidence=f"every line read of the file of GloVe 6B has {number(dimension)} numbers",
    )


@rule("mannheim.2c.key")
def key(claim: Claim) -> Ruling:
    """Whether the rows of the file begin with an id, that is with a whole number."""
    keys = read_vectors(io.BytesIO(LINES.encode()), dimension=3).words
    ids = [word for word in keys if word.isdecimal()]
    verdict: Verdict = "imprecise"
    if len(ids) in (0, len(keys)):
        verdict = "holds" if ids else "wrong"
    return Ruling(
        verdict,
        "a number" if verdict == "holds" else "the word itself",
        {"keys": ", ".join(repr(word) for word in keys)},
        f"{len(ids)} of the first {len(keys)} lines of the published file begin with a whole number",
    )
