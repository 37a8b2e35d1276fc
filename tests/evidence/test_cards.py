"""Result cards: when runs are recorded, reused, dropped and stale."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coursekit.evidence import Card, CardError, Outcome, Run, load_card, open_card
from coursekit.profile import Profile
from coursekit.training.grid import Task
from coursekit.training.processes import run_all


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


def scoring(marks: Path, fails: tuple[tuple[int, int], ...] = ()) -> Callable[..., Outcome]:
    """Like `Experiment`, for other processes: they get it by value, and it leaves its marks as files."""
    marks.mkdir(exist_ok=True)

    def experiment(*, seed: int, epochs: int) -> Outcome:
        import os
        import uuid

        from coursekit.evidence import Outcome

        (marks / f"{epochs}.{seed}-{os.getpid()}-{uuid.uuid4().hex}").touch()
        if (epochs, seed) in fails:
            raise ValueError("out of\npatience")
        return Outcome(metrics={"test_accuracy": seed / 10 + epochs}, history={"loss": [1.0, 1 / 3]})

    return experiment


def marked(marks: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in marks.iterdir())


TWO = {"more": {"epochs": 2}, "base": {"epochs": 1}}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_sweep_keeps_what_single_runs_keep(
    book: Path, tmp_path: Path, card: Callable[..., Card], train: Experiment, workers: int
) -> None:
    opened, marks = card(), tmp_path / "marks"
    swept = opened.sweep(TWO, scoring(marks), seeds=(1, 0), workers=workers, progress=False)
    assert [(run.configuration, run.seed) for run in swept] == [
        ("more", 1),
        ("more", 0),
        ("base", 1),
        ("base", 0),
    ]
    assert load_card("course.1a", book=book).runs == opened.runs
    assert opened.configurations == ("more", "base") and sorted(marked(marks)) == ["1.0", "1.1", "2.0", "2.1"]
    by = {int(path.name.split("-")[1]) for path in marks.iterdir()}
    assert (os.getpid() in by) == (workers == 1)

    again = card()
    assert again.sweep(TWO, scoring(marks), seeds=(1, 0), workers=workers, progress=False) == swept
    assert again.run("base", train, seed=0, settings={"epochs": 1}) == swept[3] and train.calls == []
    assert len(marked(marks)) == 4
    again.sweep(
        {"new": {"epochs": 3}, **TWO}, scoring(marks), seeds=(0, 1, 2), workers=workers, progress=False
    )
    assert marked(marks) == [f"{epochs}.{seed}" for epochs in (1, 2, 3) for seed in (0, 1, 2)]
    assert load_card("course.1a", book=book).configurations == ("new", "more", "base")

    one_by_one = Card("course.1a", scale="quick")
    for name in ("new", "more", "base"):
        for seed in (0, 1, 2):
            one_by_one.run(
                name, train, seed=seed, settings={"epochs": {"new": 3, "more": 2, "base": 1}[name]}
            )
    assert [run.history for run in again.runs] == [{"loss": [1.0, 0.333333]}] * 9
    assert [(r.configuration, r.seed, r.settings, r.metrics) for r in again.runs] == [
        (r.configuration, r.seed, r.settings, r.metrics) for r in one_by_one.runs
    ]


def test_the_order_of_a_card_is_that_of_the_sweep_however_runs_end(
    tmp_path: Path, card: Callable[..., Card], train: Experiment
) -> None:
    opened = card()
    opened.run("first", train, seed=0, settings={"epochs": 9})
    opened.run("base", train, seed=0, settings={"epochs": 1})
    opened.run("last", train, seed=0, settings={"epochs": 8})
    opened.sweep(TWO, scoring(tmp_path / "marks"), seeds=(0,), workers=1, progress=False)
    assert opened.configurations == ("first", "more", "last", "base")
    assert card().configurations == opened.configurations


def test_a_sweep_at_quick_scale_stays_in_memory(
    book: Path, tmp_path: Path, card: Callable[..., Card], quick: Profile
) -> None:
    opened, marks = card(quick), tmp_path / "marks"
    for _ in range(2):
        opened.sweep(TWO, scoring(marks), seeds=(0,), workers=1, progress=False)
    assert marked(marks) == ["1.0", "1.0", "2.0", "2.0"] and len(opened.runs) == 2
    assert not (book / "results").exists()


def test_runs_that_fail_are_reported_when_the_others_are_kept(
    book: Path, tmp_path: Path, card: Callable[..., Card], capsys: pytest.CaptureFixture[str]
) -> None:
    marks = tmp_path / "marks"
    arguments: dict[str, Any] = {"seeds": (0, 1), "workers": 1}
    with pytest.raises(RuntimeError) as caught:
        card().sweep(TWO, scoring(marks, fails=((2, 1), (1, 0))), **arguments)
    assert str(caught.value) == (
        "2 of 4 runs failed, first that of configuration 'more', seed 1 (ValueError: out of patience); the "
        "others are kept: the same call again makes what is missing"
    )
    assert [note.splitlines()[0] for note in caught.value.__notes__] == [
        "configuration 'more', seed 1:",
        "configuration 'base', seed 0:",
    ]
    assert all("in experiment" in note and "ValueError: out of" in note for note in caught.value.__notes__)
    assert [(r.configuration, r.seed) for r in load_card("course.1a", book=book).runs] == [
        ("more", 0),
        ("base", 1),
    ]
    said = capsys.readouterr()
    assert "configuration 'base', seed 0: ValueError: out of patience" in said.out + said.err

    with pytest.raises(RuntimeError) as caught:
        card().sweep(TWO, scoring(marks, fails=((1, 0),)), progress=False, **arguments)
    assert str(caught.value) == (
        "the run of configuration 'base', seed 0 failed (ValueError: out of patience); the others are kept: "
        "the same call again makes what is missing"
    )
    assert capsys.readouterr() == ("", "")
    assert len(card().sweep(TWO, scoring(marks), progress=False, **arguments)) == 4
    assert marked(marks) == ["1.0"] * 3 + ["1.1"] + ["2.0"] + ["2.1"] * 2


@pytest.mark.parametrize(
    ("variable", "value", "sees"),
    [
        ("COURSEKIT_DATA", ".", "quick scale and real data"),
        ("COURSEKIT_PROFILE", "full", "full scale and offline data"),
        ("OTHER", "1", None),
    ],
)
def test_workers_that_see_other_data_or_another_scale_measure_nothing(
    card: Callable[..., Card],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    sees: str | None,
) -> None:
    def elsewhere(
        function: Callable[[Task], Run], tasks: list[Task], **_: object
    ) -> Iterator[tuple[int, object]]:
        monkeypatch.setenv(variable, value)
        yield from run_all(function, tasks, workers=1)

    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    monkeypatch.setattr("coursekit.evidence.sweeping.run_all", elsewhere)
    opened, marks = card(), tmp_path / "marks"
    try:
        opened.sweep({"base": {"epochs": 1}}, scoring(marks), seeds=(0,), progress=False)
    except RuntimeError as error:
        assert (
            f"(RuntimeError: the worker process sees {sees}, this one quick scale and offline data; start "
            "workers with the same COURSEKIT_PROFILE and COURSEKIT_DATA)"
        ) in str(error)
    assert marked(marks) == ([] if sees else ["1.0"])


def test_mistakes_in_a_sweep_are_named_before_anything_runs(
    card: Callable[..., Card], train: Experiment
) -> None:
    opened = card()
    with pytest.raises(
        TypeError, match="configurations is a Experiment; pass a mapping of names to settings"
    ):
        opened.sweep(train, TWO, seeds=(0,))
    with pytest.raises(ValueError, match="there are no seeds"):
        opened.sweep(TWO, train, seeds=())
    with pytest.raises(ValueError, match="workers is 0"):
        opened.sweep(TWO, train, seeds=(0,), workers=0)
    with pytest.raises(RuntimeError, match=r"experiment of 'a' returned dict; return evidence\.Outcome"):
        opened.sweep({"a": {}}, lambda seed: {}, seeds=(0,), workers=1, progress=False)
    assert train.calls == [] and opened.runs == []
