"""Rules on the claims of dllab on the images' statistics, by the card dllab.1.1."""

from collections.abc import Mapping
from math import sqrt

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import percent
from coursekit.evidence.verdicts import Ruling, card_rule

#: Images of which statistics may be, by parts of the card dllab.1.1.
CANDIDATES = {
    "the training images": ("training",),
    "the training and validation images": ("training", "validation"),
    "all images": ("training", "validation", "test"),
}

#: How far a mean may be off, relative to its size, and a deviation: single precision adds up to the first.
ROUNDING = 2e-5

#: The same for JPEG copies, which keep means to three digits and lose contrast.
COPIES = {"means": 1e-3, "deviations": 1e-2}

#: How near to mean 0 and deviation 1 a part is "standardised".
NEARLY = 0.05


@card_rule("dllab.1.1.means", "dllab.1.1.deviations")
def statistics(claim: Claim, card: Card) -> Ruling:
    """Means or deviations of the channels, of whichever part comes nearest; JPEG copies give fewer digits."""
    assert isinstance(claim.claimed, tuple) and card.data is not None
    copies = card.data.name.endswith("jpeg")
    tolerance = COPIES[claim.name] if copies else ROUNDING
    wanted = [float(x) for x in claim.claimed]
    found = {name: _moments(card, parts)[claim.name == "deviations"] for name, parts in CANDIDATES.items()}
    off = {
        name: max(abs(x / y - 1) for x, y in zip(values, wanted, strict=True))
        for name, values in found.items()
    }
    nearest = min(off, key=off.__getitem__)
    holds = off[nearest] <= tolerance
    shown = ", ".join(f"{x:.5f}" for x in found["the training images"])
    return Ruling(
        verdict="holds" if holds else "imprecise" if off[nearest] <= 10 * tolerance else "wrong",
        actual=shown,
        values={
            "off": percent(off[nearest], decimals=3 if copies else 4),
            "whose": "any of the parts, since JPEG copies cannot tell them apart" if copies else nearest,
            "data": card.data.title,
        },
        evidence=f"nearest are {nearest}, off by {off[nearest]:.1e} of a figure at most; "
        f"{'JPEG copies are judged' if copies else 'judged'} to {tolerance:.0e}",
    )


@card_rule("dllab.1.1.standardised")
def standardised(claim: Claim, card: Card) -> Ruling:
    """Means and deviations of the parts on the scale of the training images."""
    means, deviations = _moments(card, ("training",))
    shifts, ratios = [], []
    for part in ("validation", "test"):
        for mean, deviation, own_mean, own in zip(means, deviations, *_moments(card, (part,)), strict=True):
            shifts.append(abs(own_mean - mean) / deviation)
            ratios.append(own / deviation)
    near = max(shifts) <= NEARLY and all(abs(ratio - 1) <= NEARLY for ratio in ratios)
    return Ruling(
        verdict="holds" if near else "imprecise",
        actual=f"up to {max(shifts):.3f} from 0",
        values={"least": f"{min(ratios):.3f}", "most": f"{max(ratios):.3f}"},
        evidence="the training images exactly, by the definition of the scale; validation and test images "
        f"are judged to {NEARLY}",
    )


def _moments(card: Card, parts: tuple[str, ...]) -> tuple[list[float], list[float]]:
    """Mean and deviation of each channel over parts together, pixels from 0 to 1, from whole sums."""
    sums: Mapping[str, list[float]] = card.runs_of("course split")[0].history
    values = sum(sums[f"{part}_values"][0] for part in parts)
    means, deviations = [], []
    for channel in range(len(sums["training_sum"])):
        total, squares = (
            sum(sums[f"{part}_{kind}"][channel] for part in parts) for kind in ("sum", "squares")
        )
        means.append(total / values / 255)
        deviations.append(sqrt(squares / values - (total / values) ** 2) / 255)
    return means, deviations
