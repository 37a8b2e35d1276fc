"""What chapters show: on a small book with one claim that is measured and one that is not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from coursekit.evidence import Card, Outcome, at_scale, claims_table, ledger, open_card, scoreboard, verdicts
from coursekit.evidence.claims import Claim
from coursekit.evidence.tables import FILTER_SCRIPT
from coursekit.evidence.verdicts import Ruling, card_rule, judge_accuracy, rule
from coursekit.profile import Profile

CLAIMS = [
    {
        "id": "course.1a.size",
        "question": "course.1a",
        "says": "It has <7> & no more parameters.",
        "kind": "numeric",
        "claimed": 7,
        "decided_by": "tests/book/test_claims.py::test_size",
        "correction": "{actual} parameters.",
    },
    {
        "id": "course.1a.accuracy",
        "question": "course.1a",
        "says": "It scores 90.5 %.",
        "kind": "measured",
        "claimed": 90.5,
        "unit": "%",
        "headline": True,
        "decided_by": "book/results/course.1a.json",
        "correction": "{actual} over {seeds} seeds.",
    },
    {
        "id": "other.2.seeds",
        "question": "other.2",
        "says": "It always works.",
        "kind": "verbal",
        "decided_by": "tests/book/test_claims.py::test_seeds",
        "correction": "{actual}.",
    },
]


@pytest.fixture(autouse=True)
def audited(book: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The claims above in the book, each with a rule that is gone after the test."""
    verdicts.ruled_claims()
    monkeypatch.setattr(verdicts, "_rules", {})
    monkeypatch.setattr(verdicts, "_card_rules", {})
    (book / "claims.yaml").write_text(yaml.safe_dump(CLAIMS), encoding="utf-8")
    rule("course.1a.size")(lambda claim: Ruling("wrong", "8", evidence="counted: 8 < 9"))
    rule("other.2.seeds")(lambda claim: Ruling("depends on the seed", "Sometimes"))

    @card_rule("course.1a.accuracy")
    def accuracy(claim: Claim, card: Card) -> Ruling:
        return judge_accuracy(claim, card.values("base", "test_accuracy"), images=1000)

    yield


@pytest.fixture
def record(book: Path, full: Profile, toys: Callable) -> Callable[[], Card]:
    """Record three seeds of two configurations, with a fixed device, time and date."""

    def run() -> Card:
        card = open_card("course.1a", dataset=toys(), profile=full, book=book)
        for seed in (0, 1, 2):
            for name, base in (("base", 0.9), ("wide", 0.93)):
                metrics = {"test_accuracy": base + seed / 1000, "test_loss": 0.3}
                card.run(name, lambda seed, metrics=metrics: Outcome(metrics=metrics), seed=seed)
        path = book / "results" / "course.1a.json"
        document = json.loads(path.read_text())
        for i, entry in enumerate(document["runs"]):
            entry |= {"device": "cpu: a processor", "seconds": 20.0, "finished": f"2026-11-2{i}T11:00:00Z"}
        path.write_text(json.dumps(document))
        return card

    return run


def cells(html: str) -> list[list[str]]:
    html = html.split("<script>")[0].split("</form>")[-1]
    root = ElementTree.fromstring(f"<body>{html}</body>" if "</form>" not in html else html)
    return [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]


def test_claims_before_anything_is_recorded(book: Path) -> None:
    table = claims_table("course.1a", book=book)
    assert cells(table._repr_html_())[1:] == [
        [
            "It has <7> & no more parameters.",
            "wrong",
            "8 parameters.counted: 8 < 9 tests/book/test_claims.py::test_size",
        ],
        [
            "It scores 90.5 %.",
            "not yet measured",
            "not yet measuredthe result card course.1a is not recorded yet result card course.1a",
        ],
    ]
    assert '<span class="verdict verdict-wrong">wrong</span>' in table._repr_html_()
    assert '<span class="verdict verdict-pending">not yet measured</span>' in table._repr_html_()
    assert str(table).startswith("What the report said on course.1a: 1 wrong, 1 not yet measured\n")
    assert "8 parameters. [counted: 8 < 9; tests/book/test_claims.py::test_size]" in " ".join(
        str(table).split()
    )
    nothing = claims_table("course.9", book=book)
    assert str(nothing) == "The report says nothing on course.9"
    assert nothing._repr_html_() == "<p>The report says nothing on course.9.</p>"


def test_claims_with_a_card_and_with_a_stale_one(book: Path, record: Callable[[], Card]) -> None:
    record()
    table = claims_table("course.1a", book=book)
    _, verdict, right = cells(table._repr_html_())[2]
    assert verdict == "holds"
    assert right.startswith("90.1 % over 3 seeds.claimed 90.5 %, one run is expected in ")
    assert table.notes == []
    chapter = book / "part" / "chapter.md"
    chapter.write_text(chapter.read_text().replace("epochs", "rounds"))
    stale = "The result card course.1a is stale: the code of the experiment has changed since it was run."
    for page in (claims_table("course.1a", book=book), ledger(book=book)):
        assert str(page).endswith(stale) and f"{stale}</p>" in page._repr_html_()
    assert claims_table("other.2", book=book).notes == []


def test_the_ledger_has_every_claim_by_question(book: Path, record: Callable[[], Card]) -> None:
    record()
    page = ledger(book=book)
    text, html = str(page), page._repr_html_()
    assert text.startswith("3 claims: 1 holds, 1 wrong, 1 depends on the seed\n")
    assert "── course.1a: 1 holds, 1 wrong\n" in text and "── other.2: 1 depends on the seed\n" in text
    assert html.count("<tr data-verdict=") == len(CLAIMS)
    assert 'data-verdict="depends on the seed" data-kind="verbal" data-course="other"' in html
    assert page.filters == {
        "verdict": ["holds", "wrong", "depends on the seed"],
        "kind": ("numeric", "measured", "verbal"),
        "course": ["course", "other"],
    }
    assert FILTER_SCRIPT in html and "http" not in html


def test_the_scoreboard_has_every_question(book: Path, record: Callable[[], Card]) -> None:
    assert [row[1:] for row in cells(scoreboard(book=book)._repr_html_())[1:]] == [
        ["1 wrong, 1 not yet measured", "not yet measured", "90.5 %", "not yet measured", "–"],
        ["1 depends on the seed", "–", "–", "no runs needed", "–"],
    ]
    record()
    card = (book / "results" / "course.1a.json").read_text().replace('"course.1a"', '"course.1b"')
    (book / "results" / "course.1b.json").write_text(card)
    runs = "full scale, 3 seeds, cpu: a processor, 2 min 0 s in all, 2026-11-20 to 2026-11-25"
    found = cells(scoreboard(book=book)._repr_html_())[1:]
    assert found[0] == ["course.1a", "1 holds, 1 wrong", "90.1 %", "90.5 %", runs, "up to date"]
    assert found[1][:5] == ["course.1b", "no claims", "–", "–", runs]
    assert found[1][5].startswith("stale: no chapter in")


def test_results_at_scale(book: Path, record: Callable[[], Card], quick: Profile, toys: Callable) -> None:
    here = open_card(
        "course.1a", dataset=toys(origin="offline", title="little toys"), profile=quick, book=book
    )
    here.run("base", lambda seed: Outcome(metrics={"test_accuracy": 0.5}), seed=0)
    reported = {"base": {"test_accuracy": "course.1a.accuracy"}, "deep": {"test_accuracy": 0.75}}
    table = at_scale("course.1a", this_run=here, reported=reported, book=book)
    one_seed = "50.00 %, one seed: no interval"
    assert cells(table._repr_html_())[1:3] == [
        ["base", "not yet measured", "90.5 %", one_seed],
        ["deep", "not yet measured", "75.00 %", "–"],
    ]
    assert table.notes == ["Ours: not yet measured.", "This page: quick scale, little toys."]

    record()
    table = at_scale("course.1a", this_run=here, reported=reported, book=book)
    assert cells(table._repr_html_())[1:] == [
        ["base", "90.10 % [89.85, 90.35], 3 seeds", "90.5 %", one_seed],
        ["wide", "93.10 % [92.85, 93.35], 3 seeds", "–", "–"],
        ["deep", "not yet measured", "75.00 %", "–"],
    ]
    assert table.notes[0] == (
        "Ours: Toys, 6 + 4 images; full scale, 3 seeds, cpu: a processor, 2 min 0 s in all, "
        "2026-11-20 to 2026-11-25."
    )
    two = at_scale("course.1a", metrics=("test_accuracy", "test_loss"), book=book)
    assert [row[0] for row in cells(two._repr_html_())[1:]][:2] == ["base, test accuracy", "base, test loss"]
    chapter = book / "part" / "chapter.md"
    chapter.write_text(chapter.read_text().replace("epochs", "rounds"))
    assert at_scale("course.1a", book=book).notes[1].startswith("Stale: the code of the experiment")
    with pytest.raises(ValueError, match=r"reported names 'course\.1a\.x', which is no claim with a figure"):
        at_scale("course.1a", reported={"base": {"test_accuracy": "course.1a.x"}}, book=book)


def test_pages_come_out_the_same_twice(book: Path, record: Callable[[], Card]) -> None:
    record()
    for page in (lambda: ledger(book=book), lambda: scoreboard(book=book)):
        assert page()._repr_html_() == page()._repr_html_()
        assert repr(page()) == repr(page())
