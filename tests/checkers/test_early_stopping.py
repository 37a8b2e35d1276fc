"""The checker of early stopping accepts the right rule and rejects plausible wrong ones."""

import pytest

from coursekit.checkers.early_stopping import check_early_stopping
from coursekit.checkers.reports import CheckFailed


def stop_early(losses: list[float], patience: int) -> tuple[int, int]:
    kept = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[kept - 1]:
            kept = epoch
        if epoch - kept == patience:
            return kept, epoch
    return kept, len(losses)


def last_of_equals(losses: list[float], patience: int) -> tuple[int, int]:
    kept = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss <= losses[kept - 1]:
            kept = epoch
        if epoch - kept == patience:
            return kept, epoch
    return kept, len(losses)


def against_the_epoch_before(losses: list[float], patience: int) -> tuple[int, int]:
    rises = 0
    for epoch in range(1, len(losses)):
        rises = rises + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if rises == patience:
            return losses.index(min(losses[: epoch + 1])) + 1, epoch + 1
    return losses.index(min(losses)) + 1, len(losses)


def bad_epochs_in_all(losses: list[float], patience: int) -> tuple[int, int]:
    best, kept, bad = losses[0], 1, 0
    for epoch, loss in enumerate(losses[1:], start=2):
        if loss < best:
            best, kept = loss, epoch
        else:
            bad += 1
        if bad == patience:
            return kept, epoch
    return kept, len(losses)


WRONG = {
    "the last of equal losses": last_of_equals,
    "against the epoch before": against_the_epoch_before,
    "patience never refilled": bad_epochs_in_all,
    "one epoch too late": lambda losses, patience: stop_early(losses, patience + 1),
    "counted from 0": lambda losses, patience: tuple(e - 1 for e in stop_early(losses, patience)),
    "the minimum of the whole run": lambda losses, patience: (
        losses.index(min(losses)) + 1,
        stop_early(losses, patience)[1],
    ),
    "never stops": lambda losses, patience: (losses.index(min(losses)) + 1, len(losses)),
    "keeps the last": lambda losses, patience: (stop_early(losses, patience)[1],) * 2,
    "swapped": lambda losses, patience: stop_early(losses, patience)[::-1],
    "the highest": lambda losses, patience: stop_early([-loss for loss in losses], patience),
    "one number": lambda losses, patience: stop_early(losses, patience)[0],
    "a loss for an epoch": lambda losses, patience: (
        losses[stop_early(losses, patience)[0] - 1] + 0.5,
        stop_early(losses, patience)[1],
    ),
}


def test_reference_passes(capsys) -> None:
    check_early_stopping(stop_early)
    check_early_stopping(lambda losses, patience: list(stop_early(losses, patience)))
    assert capsys.readouterr().out == (
        "stop_early: all 51 cases are right.\n<lambda>: all 51 cases are right.\n"
    )


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_rules_are_rejected(wrong) -> None:
    def mine(losses: list[float], patience: int) -> object:
        return wrong(losses, patience)

    with pytest.raises(CheckFailed, match=r"^mine\(\[.*\], \d\): expected .* came$"):
        check_early_stopping(mine)


def test_sentence_says_which_epoch() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_early_stopping(WRONG["never stops"])
    assert str(failure.value) == (
        "<lambda>([1.0, 2.0, 3.0, 4.0], 2): expected 3 as the last epoch, but 4 came"
    )


def test_the_learners_list_is_a_copy() -> None:
    """A function that empties its argument is judged by its answer alone."""

    def destructive(losses: list[float], patience: int) -> tuple[int, int]:
        answer = stop_early(losses, patience)
        losses.clear()
        return answer

    check_early_stopping(destructive)
