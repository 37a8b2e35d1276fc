"""Result cards: when runs are recorded, reused, dropped and stale."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from coursekit.evidence import Card, CardError, Outcome, load_card, open_card
from coursekit.profile import Profile


class Experiment:
    """Scores ``seed / 10 + epochs``; remembers what it was called with; fails when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []
        self.failure: BaseException | None = None

    def __call__(self, *, seed: int, epochs: int) -> Outcome:
        self.calls.append((seed, epochs))
        if self.failure:
            raise self.failure
        return Outcome(metrics={"test_accuracy": seed / 10 + epochs}, history={"loss": [1.0, 0.5]})


@pytest.fixture
def train() -> Experiment:
    return Experiment()


@pytest.fixture
def card(book: Path, full: Profile, toys: Callable) -> Callable[..., Card]:
    def open_it(profile: Profile = full, **data: object) -> Card:
        return open_card("course.1a", dataset=toys(**data), profile=profile, book=book)

    return open_it


def test_a_full_run_on_real_data_is_recorded_and_not_repeated(
    book: Path, card: Callable[..., Card], train: Experiment
) -> None:
    first = card()
    for seed in (1, 0):
        first.run("base", train, seed=seed, settings={"epochs": 1})
    recorded = load_card("course.1a", book=book)
    assert recorded.runs == first.runs and recorded.data == first.data and recorded.code == first.code
    assert recorded.values("base", "test_accuracy") == {0: 1.0, 1: 1.1}
    assert [run.seed for run in recorded.runs] == [0, 1]

    again = card()
    assert again.run("base", train, seed=1, settings={"epochs": 1}) == first.runs[1]
    assert train.calls == [(1, 1), (0, 1)]
    again.run("base", train, seed=2, settings={"epochs": 1})
    again.run("more", train, seed=0, settings={"epochs": 1})
    assert train.calls[2:] == [(2, 1), (0, 1)]
    assert load_card("course.1a", book=book).configurations == ("base", "more")


def test_other_settings_replace_a_run(book: Path, card: Callable[..., Card], train: Experiment) -> None:
    card().run("base", train, seed=0, settings={"epochs": 1})
    card().run("base", train, seed=0, settings={"epochs": 2})
    assert load_card("course.1a", book=book).values("base", "test_accuracy") == {0: 2.0}


@pytest.mark.parametrize("case", ["quick", "offline"])
def test_anything_less_stays_in_memory(
    book: Path, card: Callable[..., Card], train: Experiment, quick: Profile, case: str
) -> None:
    (book / "part" / "chapter.md").unlink()
    opened = card(quick) if case == "quick" else card(origin="offline")
    for _ in range(2):
        opened.run("base", train, seed=0, settings={"epochs": 1})
    assert len(train.calls) == 2 and len(opened.runs) == 1
    assert opened.values("base", "test_accuracy") == {0: 1.0}
    assert not (book / "results").exists()
    assert load_card("course.1a", book=book).runs == []


@pytest.mark.parametrize("moved", ["code", "data"])
def test_runs_of_other_code_or_data_are_dropped_with_the_first_new_one(
    book: Path,
    card: Callable[..., Card],
    train: Experiment,
    capsys: pytest.CaptureFixture[str],
    moved: str,
) -> None:
    for seed in (0, 1, 2):
        card().run("base", train, seed=seed, settings={"epochs": 1})
    if moved == "code":
        chapter = book / "part" / "chapter.md"
        chapter.write_text(chapter.read_text().replace("course_cnn()", "course_cnn(classes=3)"))
        opened = card()
    else:
        opened = card(sha256="e" * 64)
    assert opened.runs == [] and len(load_card("course.1a", book=book).runs) == 3
    train.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        opened.run("base", train, seed=1, settings={"epochs": 1})
    assert len(load_card("course.1a", book=book).runs) == 3, (
        "nothing is dropped before there is something new"
    )
    train.failure = None
    assert capsys.readouterr().out == ""
    for seed in (1, 0):
        opened.run("base", train, seed=seed, settings={"epochs": 1})
    assert capsys.readouterr().out == "course.1a.json: 3 runs of other code or data dropped\n"
    assert sorted(load_card("course.1a", book=book).values("base", "test_accuracy")) == [0, 1]


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), RuntimeError("out of memory")])
def test_an_interruption_loses_the_run_under_way_alone(
    book: Path, card: Callable[..., Card], train: Experiment, failure: BaseException
) -> None:
    opened = card()
    opened.run("base", train, seed=0, settings={"epochs": 1})
    train.failure = failure
    with pytest.raises(type(failure)):
        opened.run("base", train, seed=1, settings={"epochs": 1})
    assert [run.seed for run in load_card("course.1a", book=book).runs] == [0]
    assert [path.name for path in (book / "results").iterdir()] == ["course.1a.json"]


def test_stale_cards_say_why(
    book: Path, card: Callable[..., Card], train: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_card("course.1a", book=book).stale(book=book) == ["nothing is recorded yet"]
    card().run("base", train, seed=0, settings={"epochs": 1})
    recorded = load_card("course.1a", book=book)
    assert recorded.stale(book=book) == []
    monkeypatch.setattr("coursekit.data.REGISTRY", {})
    assert recorded.stale(book=book) == ["the data toys is no longer the one it was run on"]
    chapter = book / "part" / "chapter.md"
    chapter.write_text(chapter.read_text().replace("epochs", "rounds"))
    assert recorded.stale(book=book)[1:] == ["the code of the experiment has changed since it was run"]
    chapter.unlink()
    assert "no chapter in" in recorded.stale(book=book)[1]


def test_summaries_and_tables(card: Callable[..., Card], train: Experiment, quick: Profile) -> None:
    opened = card(quick)
    for seed in (0, 1, 2):
        opened.run("base", train, seed=seed, settings={"epochs": 1})
    opened.run("once", train, seed=0, settings={"epochs": 1})
    summary = opened.summary("test_accuracy")
    assert summary["base"].n == 3 and summary["base"].mean == pytest.approx(1.1)
    assert not summary["once"].finite
    assert opened.summary("no_such_metric") == {}
    table = opened.table()
    assert list(table.columns[:4]) == ["configuration", "seed", "epochs", "test_accuracy"]
    assert table.groupby("configuration").test_accuracy.count().to_dict() == {"base": 3, "once": 1}


def test_mistakes_are_named(book: Path, card: Callable[..., Card], train: Experiment) -> None:
    opened = card()
    with pytest.raises(ValueError, match=r"the card course\.1a has no configuration 'bas'; it has none yet"):
        opened.values("bas", "test_accuracy")
    opened.run("base", train, seed=0, settings={"epochs": 1})
    with pytest.raises(ValueError, match=r"has no configuration 'bas'; it has 'base'"):
        opened.runs_of("bas")
    with pytest.raises(
        ValueError, match=r"of 'base' in the card course\.1a have no metric 'loss'; they have 'te"
    ):
        opened.values("base", "loss")
    path = book / "results" / "course.1a.json"
    path.rename(path.with_name("course.1b.json"))
    with pytest.raises(CardError, match=r"course\.1b\.json holds the card of course\.1a; rename it"):
        load_card("course.1b", book=book)
    path.write_text(json.dumps({"schema": 1})[:-1])
    with pytest.raises(CardError, match="is not a result card"):
        card()
