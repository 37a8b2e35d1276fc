"""The record of a run: columns, epochs, printing, and its way through a file."""

import math

import pytest

from coursekit.training import History


def history() -> History:
    record = History(samples=60)
    record.add({"epoch": 1, "train_loss": 0.5, "seconds": 2.0}, step_losses=[0.6, 0.4])
    record.add({"epoch": 2, "train_loss": 0.25, "seconds": 3.0, "validation_loss": 0.75}, step_losses=[0.25])
    return record


def test_columns_and_epochs() -> None:
    record = history()
    assert record["train_loss"] == [0.5, 0.25]
    assert record[0] == {"epoch": 1, "train_loss": 0.5, "seconds": 2.0}
    assert math.isnan(record["validation_loss"][0])
    assert list(record.to_dict()) == ["epoch", "train_loss", "seconds", "validation_loss"]
    assert [epoch["epoch"] for epoch in record] == [1, 2]


def test_an_unknown_column_is_named_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no column 'loss'; its columns are: epoch, train_loss, seconds"):
        history()["loss"]
    with pytest.raises(KeyError, match="its columns are: none yet"):
        History(samples=1)["loss"]


def test_speed_is_that_of_the_median_epoch() -> None:
    assert history().samples_per_second == 20.0
    assert History(samples=5).samples_per_second == 0.0


def test_state_reads_back_and_shares_nothing() -> None:
    record = history()
    copy = History.from_state(record.state())
    assert copy == record
    copy.epochs[0]["train_loss"] = 9.0
    copy.step_losses.append(1.0)
    assert record["train_loss"] == [0.5, 0.25]
    assert len(record.step_losses) == 3


def test_it_prints_as_a_table() -> None:
    lines = str(history()).splitlines()
    assert lines[0].split() == ["epoch", "train_loss", "seconds", "validation_loss"]
    assert lines[2].split() == ["2", "0.2500", "3.00", "0.7500"]
    assert len({len(line) for line in lines}) == 1
