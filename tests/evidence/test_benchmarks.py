"""Recorded timings: files that are read or refused, ratios by round, the tables, and exponents."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.evidence.benchmarks import (
    BenchmarkError,
    load_benchmarks,
    load_costs,
    load_step_times,
    log_slope,
    ratio,
)

HEAD = {
    "format": 1,
    "date": "2026-01-31",
    "machine": {"processor": "a processor", "threads": 2, "memory_gib": 15.6, "bfloat16": True},
    "versions": {"torch": "2.15.0"},
}
TUTORIAL = {
    "name": "tutorial-0",
    "title": "DataLoader tutorial, 0 workers",
    "ours": False,
    "note": "a plain loop",
    "seconds": [4.0, 6.0, 5.0],
    "first_batch": [0.5, 0.25, 0.125],
    "accuracy": [0.75, 0.5, 1.0],
    "detail": "",
}
AUTO = TUTORIAL | {
    "name": "coursekit-auto",
    "title": "coursekit, <auto>",
    "ours": True,
    "seconds": [2.0, 2.0, 1.0],
    "first_batch": None,
    "detail": "precision bfloat16",
}
BENCHMARKS: dict[str, Any] = HEAD | {
    "peak_gflops": {"float32": 50.0, "bfloat16": 100.0},
    "cases": [
        {
            "name": "small",
            "title": "A small net",
            "data": "toys",
            "origin": "offline",
            "samples": 10_000,
            "steps": 100,
            "gflop": 100.0,
            "baseline": "tutorial-0",
            "ways": [TUTORIAL, AUTO],
        }
    ],
}
COSTS: dict[str, Any] = HEAD | {
    "sweeps": [
        {
            "name": "batch",
            "title": "batch size",
            "varies": "images",
            "lines": [
                {"name": "CNN", "x": [1, 2], "seconds": [[1.0, 3.0, 2.0], [4.0, 4.0, 9.0]], "kept": [8, 16]}
            ],
        }
    ]
}
KERNELS: dict[str, Any] = HEAD | {
    "peak_gflops": {"float32": 50.0, "bfloat16": 100.0},
    "steps": [
        {
            "name": "small",
            "title": "A small net",
            "precision": "bfloat16",
            "gflop": 0.25,
            "calls": 40,
            "seconds": [0.8, 2.0, 1.0],
            "in_order": [0.3, 0.2, 0.4],
            "alone": [0.001, 0.002, 0.009],
        }
    ],
}
seconds = st.floats(1e-6, 1e6)
rounds = st.lists(st.tuples(seconds, seconds), min_size=1, max_size=9)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a document, changed at a place, to a file."""

    def write(document: dict[str, Any], *place: Any, value: Any = ...) -> Path:
        document = deepcopy(document)
        if place:
            *outer, last = place
            target = document
            for key in outer:
                target = target[key]
            if value is ...:
                del target[last]
            else:
                target[last] = value
        path = tmp_path / "timings.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return write


@given(rounds)
def test_a_ratio_lies_between_its_extremes_and_turns_round_with_the_ways(times) -> None:
    baseline, own = map(list, zip(*times, strict=True))
    there, back = ratio(baseline, own), ratio(own, baseline)
    assert 0 < there.low <= there.median <= there.high
    assert there.low == pytest.approx(1 / back.high) and there.high == pytest.approx(1 / back.low)
    assert there.rounds == len(times)
    if len(times) % 2:
        assert there.median == pytest.approx(1 / back.median)


@given(rounds, st.floats(0.01, 100))
def test_a_machine_that_is_slower_throughout_changes_no_ratio(times, factor: float) -> None:
    baseline, own = map(list, zip(*times, strict=True))
    slower = ratio([factor * time for time in baseline], [factor * time for time in own])
    assert slower.median == pytest.approx(ratio(baseline, own).median)


@given(st.lists(seconds, min_size=1, max_size=9))
def test_a_way_is_as_fast_as_itself(times) -> None:
    found = ratio(times, times)
    assert (found.median, found.low, found.high) == (1, 1, 1)


@pytest.mark.parametrize(
    ("baseline", "own", "message"),
    [
        ([], [], "the baseline has 0 rounds and the way 0; compare round by round, at least one"),
        ([1.0], [1.0, 2.0], "the baseline has 1 rounds and the way 2; compare round by round, at least one"),
        ([1.0], [0.0], "a round took 0.0 s; times are positive numbers"),
        ([float("nan")], [1.0], "a round took nan s; times are positive numbers"),
    ],
)
def test_rounds_that_cannot_be_compared(baseline, own, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        ratio(baseline, own)


@pytest.mark.parametrize(
    ("times", "text"),
    [
        ([3.0, 2.0, 5.0], "3.00 [2.00, 5.00]"),
        ([1.5], "1.50, one round"),
        ([31.4, 30.0, 35.0], "31.4 [30.0, 35.0]"),
        ([1234.0, 900.0, 2000.0], "1,234 [900, 2,000]"),
    ],
)
def test_a_ratio_in_words(times, text: str) -> None:
    assert str(ratio(times, [1.0] * len(times))) == text


def test_what_is_read(written) -> None:
    recorded = load_benchmarks(written(BENCHMARKS))
    (case,) = recorded.cases
    assert case["coursekit-auto"].seconds == (2.0, 2.0, 1.0) and case["coursekit-auto"].first_batch is None
    assert case.ratio("coursekit-auto") == ratio((4.0, 6.0, 5.0), (2.0, 2.0, 1.0))
    assert case.ratio("tutorial-0").median == 1
    assert case.ratio("tutorial-0", to="coursekit-auto") == ratio((2.0, 2.0, 1.0), (4.0, 6.0, 5.0))
    assert case.best(ours=True) == case["coursekit-auto"] and case.best(ours=False) is None
    with pytest.raises(KeyError, match="'small' has no way 'keras'; there are tutorial-0, coursekit-auto"):
        case["keras"]
    with pytest.raises(KeyError, match="there is no case 'large'; there are small"):
        recorded.table("large")


def test_the_best_way_is_best_by_its_ratio(written) -> None:
    """A round in which everything is slow weighs in a median of seconds, and not in one of ratios."""
    keras = AUTO | {"name": "keras", "ours": False, "seconds": [3.0, 9.0, 4.0]}
    skorch = AUTO | {"name": "skorch", "ours": False, "seconds": [3.5, 3.5, 3.5]}
    ways = [TUTORIAL | {"seconds": [6.0, 18.0, 6.0]}, keras, skorch]
    (case,) = load_benchmarks(written(BENCHMARKS, "cases", 0, "ways", value=ways)).cases
    assert case.ratio("keras").median == 2 > case.ratio("skorch").median
    assert case.best(ours=False) == case["keras"] and case.best(ours=True) is None


def test_the_table_of_a_case(written) -> None:
    table = load_benchmarks(written(BENCHMARKS)).table("small")
    assert table.caption == "A small net: 10,000 samples in 100 steps; toys"
    assert [[cell.text for cell in row] for row in table.groups[0].rows] == [
        [
            "DataLoader tutorial, 0 workers",
            "5",
            "1.00 [1.00, 1.00]",
            "2,000",
            "20, 20.0 %",
            "0.25",
            "0.750",
        ],
        ["coursekit, <auto>", "2", "3.00 [2.00, 5.00]", "5,000", "50, 50.0 %", "–", "0.750"],
    ]
    assert table.notes == ["coursekit, <auto> chose precision bfloat16."]
    assert "<strong>coursekit, &lt;auto&gt;</strong>" in table._repr_html_()


def test_columns_without_a_figure_are_left_out(written) -> None:
    path = written(BENCHMARKS, "cases", 0, "gflop", value=None)
    assert "GFLOP/s, of the peak" not in load_benchmarks(path).table("small").header
    bare = deepcopy(BENCHMARKS)
    for way in bare["cases"][0]["ways"]:
        way |= {"first_batch": None, "accuracy": None, "seconds": [2.0]}
    table = load_benchmarks(written(bare, "cases", 0, "gflop", value=None)).table("small")
    assert table.header == ("way", "median s", "times as fast", "samples/s")
    assert table.groups[0].rows[1][2].text == "1.00, one round"


def test_the_file_of_the_book_is_read_where_none_is_named(written, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "book" / "performance"
    folder.mkdir(parents=True)
    (folder.parent / "claims.yaml").write_text("[]\n")
    monkeypatch.chdir(folder)
    with pytest.raises(BenchmarkError, match=r"there is no .*benchmarks.json; `make bench` writes it"):
        load_benchmarks()
    with pytest.raises(BenchmarkError, match=r"there is no .*cost.json; .*benchmarks.cost.* writes it"):
        load_costs()
    with pytest.raises(BenchmarkError, match=r"there is no .*kernels.json; .*benchmarks.kernels.* writes it"):
        load_step_times()
    written(BENCHMARKS).rename(folder / "benchmarks.json")
    written(COSTS).rename(folder / "cost.json")
    written(KERNELS).rename(folder / "kernels.json")
    assert load_benchmarks().date == load_costs().date == load_step_times().date == "2026-01-31"


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("format",), 2, r"\(at format: 1 was expected\)"),
        (("machine", "threads"), ..., r"\(at machine: 'threads' is a required property\)"),
        (("peak_gflops",), {}, "at peak_gflops"),
        (("cases",), [], "at cases"),
        (("cases", 0, "origin"), "somewhere", r"at cases\[0\].origin"),
        (("cases", 0, "ways", 1, "seconds"), [], r"at cases\[0\].ways\[1\].seconds"),
        (("cases", 0, "ways", 1, "seconds", 2), 0, r"at cases\[0\].ways\[1\].seconds\[2\]"),
        (("cases", 0, "ways", 1, "accuracy"), [1.5], r"at cases\[0\].ways\[1\].accuracy"),
        (
            ("cases", 0, "baseline"),
            "keras",
            "'small' lacks its baseline 'keras'; it has tutorial-0, coursekit-auto",
        ),
        (("cases", 0, "ways", 1, "name"), "tutorial-0", "'small' has two ways of one name"),
        (("cases", 0, "ways", 1, "seconds"), [1.0], r"'small' has ways of \[1, 3\] rounds"),
    ],
)
def test_files_of_another_format_are_refused(written, place, value, reason: str) -> None:
    with pytest.raises(BenchmarkError, match=reason):
        load_benchmarks(written(BENCHMARKS, *place, value=value))


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "timings.json"
    path.write_text("{")
    with pytest.raises(BenchmarkError, match=r"timings.json is no JSON \(.*\); `make bench` writes it anew"):
        load_benchmarks(path)


def test_costs_are_read(written) -> None:
    costs = load_costs(written(COSTS))
    line = costs["batch"]["CNN"]
    assert (line.x, line.medians, line.kept, line.optimizer) == ((1, 2), (2.0, 4.0), (8, 16), None)
    with pytest.raises(KeyError, match="there is no sweep 'width'; there are batch"):
        costs["width"]
    with pytest.raises(KeyError, match="'batch' has no line 'MLP'; there are CNN"):
        costs["batch"]["MLP"]


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("sweeps", 0, "lines", 0, "kept"), [8], "'CNN' of 'batch' has 2 sizes and 1 values"),
        (("sweeps", 0, "lines", 0, "seconds"), [[1.0]], "'CNN' of 'batch' has 2 sizes and 1 values"),
        (("sweeps", 0, "lines", 0, "x", 0), 0, r"at sweeps\[0\].lines\[0\].x\[0\]"),
        (("sweeps", 0, "varies"), ..., r"at sweeps\[0\]: 'varies' is a required property"),
    ],
)
def test_costs_that_do_not_fit_together(written, place, value, reason: str) -> None:
    with pytest.raises(BenchmarkError, match=reason):
        load_costs(written(COSTS, *place, value=value))


def test_a_step_and_its_kernels(written) -> None:
    steps = load_step_times(written(KERNELS))
    assert steps["small"].share == 0.3 and steps["small"].calls == 40
    (group,) = steps.table().groups
    assert group.title == steps.where == "a processor, with bfloat16, 2026-01-31"
    (row,) = group.rows
    assert [cell.text for cell in row] == ["A small net", "1,000", "300, 30 %", "2", "40", "2.5, bfloat16"]
    with pytest.raises(KeyError, match="there is no step 'large'; there are small"):
        steps["large"]


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("steps",), [], "at steps"),
        (("steps", 0, "precision"), "half", r"at steps\[0\].precision"),
        (("steps", 0, "alone"), [0], r"at steps\[0\].alone\[0\]"),
        (("steps", 0, "in_order"), ..., r"at steps\[0\]: 'in_order' is a required property"),
        (("peak_gflops", "bfloat16"), 0, "at peak_gflops.bfloat16"),
    ],
)
def test_steps_of_another_format_are_refused(written, place, value, reason: str) -> None:
    with pytest.raises(BenchmarkError, match=f"{reason}.*benchmarks.kernels.* writes it anew"):
        load_step_times(written(KERNELS, *place, value=value))


def test_a_step_in_a_precision_without_a_peak_is_refused(written) -> None:
    reason = "the step 'small' is in bfloat16, and peak_gflops has float32; measure the peak of every"
    with pytest.raises(BenchmarkError, match=reason):
        load_step_times(written(KERNELS, "peak_gflops", "bfloat16"))


@given(
    st.floats(-4, 4),
    st.floats(0.01, 100),
    st.lists(st.integers(1, 10_000), min_size=2, max_size=8, unique=True),
)
def test_the_exponent_of_a_power_is_found(power: float, factor: float, sizes) -> None:
    assert log_slope(sizes, [factor * size**power for size in sizes]) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1], [1], "1 sizes and 1 values; a slope needs two sizes, with a value each"),
        ([2, 2], [1, 3], "2 sizes and 2 values; a slope needs two sizes, with a value each"),
        ([1, 2], [1], "2 sizes and 1 values; a slope needs two sizes, with a value each"),
        ([1, 2], [0, 1], "a size or value is 0; logarithms need positive numbers"),
    ],
)
def test_what_has_no_exponent(x, y, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        log_slope(x, y)
