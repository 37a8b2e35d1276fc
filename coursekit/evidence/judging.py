"""Further ways to judge a claim: a loss, an accuracy at chance, and one configuration against another."""

from collections.abc import Mapping
from math import sqrt
from statistics import fmean

from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import decimals
from coursekit.evidence.statistics import Difference, paired_difference, prediction_interval
from coursekit.evidence.verdicts import ONE_SEED, Ruling, Verdict

#: A classifier that does not look at the images stays this close to chance, in standard errors.
STANDARD_ERRORS = 3


def at_chance(share: float, *, images: int, classes: int = 10) -> bool:
    r"""Whether an accuracy is within three binomial standard errors of :math:`1 / \text{classes}`.

    Parameters
    ----------
    share
        Accuracy in [0, 1].
    images
        How many images it was counted on.

    Examples
    --------
    >>> at_chance(0.102, images=10_000), at_chance(0.12, images=10_000), at_chance(0.12, images=2_000)
    (True, False, True)
    """
    chance = 1 / classes
    return abs(share - chance) <= STANDARD_ERRORS * sqrt(chance * (1 - chance) / images)


def judge_loss(claim: Claim, losses: Mapping[int, float], *, digits: int | None = None) -> Ruling:
    """Rule on a loss that one run of the report scored, by our losses by seed on the same images.

    It holds when the figure, with the rounding of its last digit, meets the 95 % prediction interval for one
    new run; otherwise it is unsupported.

    Parameters
    ----------
    digits
        Behind the point, that the report states. By default those of the claim, in which a zero at the end
        is lost: 0.4830 is read as 0.483.
    """
    if not isinstance(claim.claimed, int | float):
        raise TypeError(f"{claim.id}: claimed is {claim.claimed!r}; a loss is a number")
    claimed = f"{claim.claimed}" if digits is None else f"{claim.claimed:.{digits}f}"
    digits = decimals(claim.claimed) if digits is None else digits
    interval = prediction_interval(losses.values())
    actual = f"{fmean(losses.values()):.{digits}f}"
    seeds = {"seeds": str(len(losses))}
    if not interval.finite:
        return Ruling(None, actual, seeds, ONE_SEED)
    rounding = 0.5 * 10.0**-digits
    inside = interval.low - rounding <= claim.claimed <= interval.high + rounding
    low, high = (f"{max(0.0, end):.{digits}f}" for end in (interval.low, interval.high))
    return Ruling(
        verdict="holds" if inside else "unsupported",
        actual=actual,
        values={**seeds, "low": low, "high": high},
        evidence=f"claimed {claimed}, one run is expected in {low} to {high} ({len(losses)} seeds)"
        + ("" if inside else ": not reproduced"),
    )


def difference(a: Mapping[int, float], b: Mapping[int, float]) -> Difference | None:
    """The paired difference ``a - b``; None where fewer than two seeds are common."""
    return paired_difference(a, b) if len(a.keys() & b.keys()) > 1 else None


def points(found: Difference) -> str:
    """A difference of two shares in percentage points.

    Examples
    --------
    >>> points(Difference(mean=0.013, low=0.01, high=0.016, n=5, distinguishable=True))
    '+1.3 points'
    >>> points(Difference(mean=-0.002, low=-0.01, high=0.006, n=5, distinguishable=False))
    '-0.2 points, not distinguishable'
    """
    return f"{100 * found.mean:+.1f} points{'' if found.distinguishable else ', not distinguishable'}"


def judge_better(cases: Mapping[str, Difference | None], *, evidence: str) -> Ruling:
    """Rule on "a is better than b" by the difference of two shares in every case that was run.

    It holds where a is distinguishably better in all cases, and is imprecise where in some. Where in none,
    it is wrong if b is distinguishably better in a case, and unsupported if the runs tell nothing apart.

    Parameters
    ----------
    cases
        Difference a − b by the name of the case; None where one seed is recorded.
    """
    known = {name: found for name, found in cases.items() if found is not None}
    if len(known) < len(cases) or not cases:
        return Ruling(None, evidence=ONE_SEED)
    better = [name for name, found in known.items() if found.distinguishable and found.mean > 0]
    worse = [name for name, found in known.items() if found.distinguishable and found.mean < 0]
    verdict: Verdict = "holds" if len(better) == len(known) else "imprecise"
    if not better:
        verdict = "wrong" if worse else "unsupported"
    return Ruling(
        verdict=verdict,
        actual="; ".join(f"{name} {points(found)}" for name, found in known.items()),
        values={"better": ", ".join(better) or "none", "seeds": str(min(d.n for d in known.values()))},
        evidence=f"{evidence}: distinguishably better in {len(better)} of {len(known)} cases, "
        f"worse in {len(worse)}",
    )
