"""Judging a report's figures by runs that may be shorter than the report's own."""

from dataclasses import replace

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.judging import judge_loss
from coursekit.evidence.verdicts import Ruling, Verdict, judge_accuracy


def epochs_run(card: Card, configuration: str) -> int:
    """The epochs that the runs of a configuration were asked for; the fewest where they differ.

    Raises
    ------
    MissingRunsError
        If the card has no such configuration.
    """
    return min(int(run.settings["epochs"]) for run in card.runs_of(configuration))


def judge_at_length(
    claim: Claim,
    card: Card,
    configuration: str,
    metric: str,
    *,
    epochs: int,
    images: int,
    of: str = "test images",
) -> Ruling:
    """Rule on a loss or an accuracy that the report has after so many epochs.

    Runs of fewer epochs cannot decide what longer ones would show: the claim is then unsupported, whatever
    they found, and the ruling says how long they were.

    Parameters
    ----------
    configuration, metric
        Of the card; a metric whose name ends in ``loss`` is judged as a loss, any other as a share.
    epochs
        That the report trained for.
    images, of
        How many images the figure is counted on, and which; for a share.
    """
    figures = card.values(configuration, metric)
    is_loss = metric.endswith("loss")
    ruling = judge_loss(claim, figures) if is_loss else judge_accuracy(claim, figures, images=images)
    ran = epochs_run(card, configuration)
    if ran >= epochs:
        return replace(ruling, evidence=ruling.evidence.replace("test images", of))
    unit = "" if is_loss else " %"
    return Ruling(
        verdict="unsupported",
        actual=f"{ruling.actual} after {ran} of {epochs} epochs",
        values=ruling.values,
        evidence=f"claimed {claim.claimed}{unit} after {epochs} epochs; our runs of {configuration} have "
        f"{ruling.actual} after {ran}",
    )


def only_at_length(
    ruling: Ruling, card: Card, *configurations: str, epochs: int, keep: tuple[Verdict, ...] = ()
) -> Ruling:
    """The ruling on a comparison that the report made after so many epochs; unsupported by shorter runs.

    What is ahead after a few epochs need not be so later: augmentation pays late, small steps catch up.

    Parameters
    ----------
    keep
        Verdicts that longer runs would only confirm.
    """
    ran = min(epochs_run(card, name) for name in configurations)
    if ran >= epochs or ruling.verdict is None or ruling.verdict in keep:
        return ruling
    return replace(
        ruling,
        verdict="unsupported",
        evidence=f"{ruling.evidence}; {ran} epochs do not decide what {epochs} would show",
    )
