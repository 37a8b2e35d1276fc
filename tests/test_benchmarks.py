"""Benchmarks: ways take turns, ratios are by round, files can be taken up again, every case can be run."""

import json
import multiprocessing
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent))

from benchmarks import __main__ as command
from benchmarks import (
    cost,
    files,
    kernels,
    machine,
    peers,
    recipes,
    report,
    sweeping,
    timing,
    toeplitz,
    translation,
)
from benchmarks.apart import apart, serve
from benchmarks.cases import CASES

from coursekit.data import load
from coursekit.data.characters import Characters, teacher_forced
from coursekit.evidence.benchmarks import load_benchmarks
from coursekit.models import Translator, cifar_cnn, course_cnn, kuzushiji_cnn, mlp
from coursekit.training import predict, seeded

TINY = 0.002
NEEDING_PROCESSES = {"tutorial-2", "whole-tutorial-2", "coursekit-sweep"}


@pytest.fixture(autouse=True)
def without_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Collecting garbage before every call takes a while beside so many modules."""
    monkeypatch.setattr(timing, "collect", int)


def recipe(**changes: Any) -> recipes.Recipe:
    images = torch.randint(0, 256, (24, 1, 28, 28), dtype=torch.uint8)
    data = images, torch.arange(24) % 10
    settings = {"build": mlp, "train": data, "test": data, "batch_size": 10, "dataset": recipes.Images}
    return recipes.Recipe(**{**settings, **changes})


def prepared(*ways: timing.Way, **changes: Any) -> timing.Prepared:
    settings = {"data": "made up", "origin": "offline", "samples": 100, "steps": 10, "gflop": 6.0}
    return timing.Prepared(**{**settings, **changes}, ways=ways)


def measured() -> dict[str, Any]:
    """A case of two ways, the second one three times as fast in the median."""
    case = prepared(
        timing.Way(name="slow", title="Slow", run=int),
        timing.Way(name="fast", title="Fast", run=int, ours=True),
    )
    times = {
        "slow": timing.Times([4.0, 6.0, 5.0], [0.5, 0.5, 0.5], [0.9, 0.9, 0.9]),
        "fast": timing.Times([2.0, 2.0, 1.0], [None, 0.1, 0.1], [None] * 3, detail="made up"),
    }
    return report.as_json("first", "First case", case, times)


def test_every_way_is_called_once_a_round_and_none_is_always_first() -> None:
    called: list[str] = []
    ways = tuple(timing.Way(name=name, title=name, run=partial(called.append, name)) for name in "abc")
    times = timing.in_turn(ways, 3, timing.measure)
    assert "".join(called) == "abcbcacab"
    assert all(len(times[name].seconds) == 3 for name in "abc")


def test_the_first_step_is_noted_where_there_is_one_and_scoring_is_not_timed() -> None:
    def trained() -> str:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
        optimizer.step()
        time.sleep(0.05)
        optimizer.step()
        return "outcome"

    def score(outcome: str) -> float:
        assert outcome == "outcome"
        time.sleep(0.2)
        return 0.5

    stepping = timing.Way(name="steps", title="", run=trained, score=score, detail=str.upper)
    times = timing.in_turn((stepping, timing.Way(name="none", title="", run=int)), 1, timing.measure)
    (first,), (seconds,) = times["steps"].first_batch, times["steps"].seconds
    assert first is not None and first < seconds - 0.04 and seconds < 0.2
    assert times["steps"].accuracy == [0.5] and times["steps"].detail == "OUTCOME"
    assert times["none"].first_batch == [None] and times["none"].accuracy == [None]


def test_what_is_fast_is_called_again_and_counted_once() -> None:
    called: list[None] = []

    def fast() -> None:
        called.append(time.sleep(0.002))

    times = timing.in_turn(
        (timing.Way(name="fast", title="", run=fast),), 1, partial(timing.measure, least=0.02)
    )
    assert len(called) > 1 and 0.002 <= times["fast"].seconds[0] < 0.02


def test_every_way_begins_with_the_same_random_numbers() -> None:
    drawn: list[float] = []
    ways = tuple(timing.Way(name=n, title=n, run=lambda: drawn.append(torch.rand(()).item())) for n in "ab")
    timing.in_turn(ways, 2, timing.measure)
    assert len(set(drawn)) == 1


def test_a_file_is_taken_up_on_the_same_machine_with_the_same_versions_only(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "benchmarks.json"
    order = "zeroth", "first", "second"
    head = {"format": 1, "machine": {"threads": 2}, "versions": {"torch": "1"}, "date": "2020-01-01"}
    head["peak_gflops"] = {"float32": 100.0, "bfloat16": 300.0}
    case = measured()
    for name in ("second", "zeroth"):
        report.put(file, head, {**case, "name": name}, order)
    busy = {"float32": 120.0, "bfloat16": 200.0}
    report.put(file, {**head, "date": "2020-01-02", "peak_gflops": busy}, case, order)
    content = json.loads(file.read_text(encoding="utf-8"))
    assert [found["name"] for found in content["cases"]] == ["zeroth", "first", "second"]
    assert content["date"] == "2020-01-02" and content["cases"][1] == case
    assert content["peak_gflops"] == {"float32": 120.0, "bfloat16": 300.0}
    report.put(file, head, {**case, "title": "again"}, order)
    assert [c["title"] for c in json.loads(file.read_text(encoding="utf-8"))["cases"]].count("again") == 1
    for change in ({"versions": {"torch": "2"}}, {"machine": {"threads": 1}}):
        report.put(file, {**head, **change}, case, order)
        content = json.loads(file.read_text(encoding="utf-8"))
        assert [c["name"] for c in content["cases"]] == ["first"]
        assert content["peak_gflops"] == head["peak_gflops"]
    assert list(file.parent.iterdir()) == [file]


def test_what_a_round_could_not_measure_is_null_and_the_table_says_what_was_measured() -> None:
    case = measured()
    slow, fast = case["ways"]
    assert fast["first_batch"] is None and fast["accuracy"] is None and slow["accuracy"] == [0.9] * 3
    head, _, first, second, note = report.table(case, {"float32": 10.0, "bfloat16": 40.0}).splitlines()
    assert head == "First case: 100 samples, 10 steps; made up (offline)"
    assert first.split() == [
        "Slow",
        "5",
        "1.00",
        "[1.00,",
        "1.00]",
        "20",
        "1.2",
        "3.0%",
        "0.500",
        "0.9000",
    ]
    assert second.split() == ["Fast", "2", "3.00", "[2.00,", "5.00]", "50", "3.0", "7.5%"]
    assert note == "Fast: made up"


def test_the_machine_is_described() -> None:
    this = machine.machine()
    assert this["processor"] and this["threads"] == torch.get_num_threads() and this["memory_gib"] > 0
    assert machine.versions()["torch"] == torch.__version__.partition("+")[0]


@pytest.mark.parametrize(("able", "kinds"), [(True, {"float32", "bfloat16"}), (False, {"float32"})])
def test_peaks_are_of_what_the_processor_has_instructions_for(monkeypatch, able, kinds) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": able})
    peak = machine.peak_gflops(size=32, seconds=0.001)
    assert peak.keys() == kinds and min(peak.values()) > 0


def test_an_image_comes_out_as_in_a_batch() -> None:
    for channels in (1, 3):
        images = torch.randint(0, 256, (4, channels, 6, 6), dtype=torch.uint8)
        samples = recipes.Images(images, torch.arange(4))
        together = torch.stack([samples[i][0] for i in range(len(samples))])
        assert together.equal(recipes.unit_range(images)) and samples[2][1] == 2


def test_a_recipe_counts_the_whole_run() -> None:
    made = recipe(epochs=2)
    weights = sum(parameter.numel() for parameter in mlp().parameters())
    assert (made.samples, made.steps) == (48, 6)
    assert made.gflop == pytest.approx(3 * 2 * weights * 48 / 1e9)


def test_tutorial_and_library_learn_the_same_from_one_batch() -> None:
    made = recipe(batch_size=24, rule=torch.optim.SGD)
    one, other = (way(made).model.state_dict() for way in (recipes.tutorial, recipes.library))
    assert any(not one[name].equal(value) for name, value in made.model().state_dict().items())
    for name, value in one.items():
        torch.testing.assert_close(other[name], value, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_every_case_runs(name: str) -> None:
    case = CASES[name].prepare(TINY)
    chosen = [way for way in case.ways if not (way.needs or way.compiles or way.name in NEEDING_PROCESSES)]
    times = timing.in_turn(tuple(chosen), 1, timing.measure)
    assert case.ways[0] in chosen and any(way.ours for way in chosen)
    for way in chosen:
        assert times[way.name].accuracy[0] is None or 0 <= times[way.name].accuracy[0] <= 1
    names = [way.name for way in case.ways]
    assert len(set(names)) == len(names)


def test_workers_hand_out_the_same_samples() -> None:
    made = recipe()
    alone, together = (recipes.tutorial(made, workers=workers).model for workers in (0, 2))
    assert alone.linear.bias.shape == together.linear.bias.shape
    torch.testing.assert_close(alone.linear.bias, together.linear.bias, rtol=0, atol=0.01)


def test_the_library_may_choose() -> None:
    made = recipe(build=course_cnn)
    auto = recipes.ours(made)[-1]
    times = timing.in_turn((auto,), 1, timing.measure)
    assert auto.name == "coursekit-auto" and auto.compiles
    assert 0 <= times[auto.name].accuracy[0] <= 1
    assert "channels_last True, rearrange True, compile False, fused True" in times[auto.name].detail


def test_both_decoders_and_both_ways_to_translate_agree() -> None:
    pairs = load("spa-eng-ist").train[:20]
    source, target = Characters(pairs.sources), Characters(pairs.targets)

    def built(kind: type[Translator]) -> Translator:
        with seeded(0):
            return kind(len(source), len(target), hidden=16, attention=True).eval()

    inputs, _ = teacher_forced(pairs, source, target)
    outputs = [
        predict(built(kind), inputs, prepare=Tensor.long) for kind in (translation.StepByStep, Translator)
    ]
    torch.testing.assert_close(*outputs, rtol=1e-4, atol=1e-5)
    arguments = built(Translator), pairs.sources, source, target
    together = translation.batched(*arguments, search=translation.greedy)
    assert translation.one_at_a_time(*arguments) == together
    assert translation.character_rate(pairs, list(pairs.targets)) == 1


def test_every_way_to_a_toeplitz_matrix_gives_the_same() -> None:
    for way in toeplitz.matrix(9, 3, 1.0).ways:
        assert way.score(way.run()) == 1
    wrong = toeplitz.four_loops(torch.ones(2, 2), (3, 3))
    assert toeplitz.equal_share(wrong, wrong + torch.eye(4, 9)) == pytest.approx(32 / 36)


@pytest.mark.slow
def test_a_sweep_finds_the_same_in_processes_and_stacked() -> None:
    way = {way.name: way for way in sweeping.many_seeds(64, 2, 1.0).ways}
    expected = way["coursekit-fit"].run()
    assert way["coursekit-sweep"].run() == expected
    assert way["coursekit-stacked"].run() == pytest.approx(expected, abs=0.01)


def test_the_command_writes_what_the_book_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "peak_gflops", lambda: {"float32": 100.0, "bfloat16": 200.0})
    file = tmp_path / "benchmarks.json"
    options = ["--case", "toeplitz", "--scale", "0.3", "--rounds", "2", "--output", str(file)]
    command.main([*options, "--ways", "coursekit-csr"])
    (case,) = load_benchmarks(file).cases
    assert [way.name for way in case.ways] == ["loops", "coursekit-csr"]
    assert "image 8×8" in capsys.readouterr().out
    command.main(["--list"])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(CASES)
    command.main([*options, "--ways", "coursekit-plain"])
    assert "toeplitz is left out; its ways are loops, " in capsys.readouterr().out
    assert len(load_benchmarks(file).cases) == 1


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (command, ["--scale", "0.1"]),
        (command, ["--scale", "0.1", "--output", str(command.RECORD.resolve())]),
        (command, ["--ways", "skorch"]),
        (cost, ["--scale", "0.1"]),
        (kernels, ["--scale", "0.1"]),
        (kernels, ["--case", "mlp-128"]),
    ],
)
def test_no_record_is_lost_to_a_trial(module, options, monkeypatch) -> None:
    monkeypatch.chdir(command.RECORD.resolve().parents[2])
    monkeypatch.setattr(module, "write" if module is not command else "put", _never)
    monkeypatch.setattr(module, "head", _never)
    before = module.RECORD.read_bytes()
    with pytest.raises(SystemExit, match=r"json holds everything at scale 1; .*, name a file by --output$"):
        module.main(options)
    assert module.RECORD.read_bytes() == before


def test_no_record_is_lost_to_other_versions(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(command, "peak_gflops", _never)
    file = tmp_path / "benchmarks.json"
    head = {**files.head(), "versions": {"torch": "1"}, "peak_gflops": {"float32": 1.0}}
    for name in ("toeplitz", "greedy"):
        report.put(file, head, {**measured(), "name": name}, CASES)
    content = file.read_bytes()
    with pytest.raises(SystemExit, match=r"other versions, and would lose greedy; time all cases, or name"):
        command.main(["--case", "toeplitz", "--output", str(file)])
    assert file.read_bytes() == content
    assert report.lost(file, head, ["toeplitz"]) == report.lost(tmp_path / "none", head, []) == []
    assert report.lost(file, files.head(), CASES) == []


def _never(*_: object) -> None:
    raise AssertionError("a refused command went on")


def test_a_missing_peer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="skorch is not installed; `make bench` installs"):
        peers.require("skorch")


def test_every_way_is_measured_in_a_process_of_its_own() -> None:
    ways = CASES["toeplitz"].prepare(0.3).ways[:1]
    before = set(multiprocessing.active_children())
    with apart("toeplitz", 0.3, ways) as measure:
        times = timing.in_turn(ways, 2, measure)
        assert len(set(multiprocessing.active_children()) - before) == 1
    assert [len(found.seconds) for found in times.values()] == [2]
    assert not set(multiprocessing.active_children()) - before


def test_a_way_starts_its_own_processes_as_the_system_does() -> None:
    """Spawned, as its own process was, the tutorial's workers would take seconds to import everything."""
    here, there = multiprocessing.Pipe()
    here.close()
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn", force=True)
    try:
        with pytest.raises(BrokenPipeError):
            serve(there, "toeplitz", 0.3, "loops")
        assert multiprocessing.get_start_method(allow_none=True) is None
    finally:
        multiprocessing.set_start_method(before, force=True)


def test_a_process_that_ends_is_named() -> None:
    way = timing.Way(name="slow", title="Slow", run=int)
    expected = "the process that timed 'Slow' ended; its error is above"
    before = set(multiprocessing.active_children())
    with pytest.raises(SystemExit, match=expected), apart("no such case", 1.0, (way,)):
        pass
    assert not set(multiprocessing.active_children()) - before


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", peers.MODULES)
def test_a_peer_learns_the_same_from_one_batch(name: str) -> None:
    pytest.importorskip(name)
    peers.ready(name)
    made = recipe(batch_size=24)
    (way,) = peers.peers(made, (name,))
    times = timing.in_turn((way,), 1, timing.measure)
    assert times[name].first_batch[0] < times[name].seconds[0]
    models = way.run().model, recipes.tutorial(made).model, made.model()
    with torch.no_grad():
        images = recipes.unit_range(made.train[0])
        found, expected, before = (F.log_softmax(model(images), dim=1) for model in models)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    assert not torch.allclose(found, before, rtol=1e-2, atol=1e-2)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("build", [course_cnn, kuzushiji_cnn, partial(mlp, (64,) * 3), cifar_cnn])
def test_keras_gets_the_same_network(build: Any) -> None:
    pytest.importorskip("keras")
    peers.ready("keras")
    model = build().eval()
    shape = (3, 32, 32) if build is cifar_cnn else (1, 28, 28)
    images = torch.rand(5, *shape)
    with torch.no_grad():
        found = F.log_softmax(peers.in_keras(model, shape)(images), dim=1)
        torch.testing.assert_close(found, model(images), rtol=1e-4, atol=1e-5)
