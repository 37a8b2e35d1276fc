"""Sweeps: one table whatever runs them, nothing done twice, and what goes wrong said where it went wrong."""

import io
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tqdm import std

from coursekit.training import sweep
from coursekit.training.attempt import Done
from coursekit.training.grid import Task, grid
from coursekit.training.run_files import RunFiles, identity

# Experiments are defined inside functions, so that other processes get them by value: they cannot import
# this file. Each run leaves a mark, so that the runs can be counted.

# Stopping joblib while it hands out the next run can end a thread of its own by a KeyError, after it has
# stopped the processes: nothing is lost, and nothing can be done about it from outside.
pytestmark = pytest.mark.filterwarnings(
    "ignore:(?s)Exception in thread ExecutorManagerThread.*KeyError"
    ":pytest.PytestUnhandledThreadExceptionWarning"
)


@pytest.fixture
def marks(tmp_path: Path) -> "Marks":
    folder = tmp_path / "marks"
    folder.mkdir()
    return Marks(folder)


class Marks:
    """Files that runs leave: ``<name>-<process>-<number>``."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def maker(self) -> Callable[[str], None]:
        folder = self.folder

        def mark(name: str) -> None:
            import os
            import uuid
            from pathlib import Path

            Path(folder, f"{name}-{os.getpid()}-{uuid.uuid4().hex}").touch()

        return mark

    def count(self) -> dict[str, int]:
        names = sorted(path.name.rsplit("-", 2)[0] for path in Path(self.folder).iterdir())
        return {name: names.count(name) for name in names}

    def processes(self) -> set[int]:
        return {int(path.name.rsplit("-", 2)[1]) for path in Path(self.folder).iterdir()}


def counted(marks: Marks, **more: Any) -> Callable[..., dict[str, float]]:
    """Scores ``seed + width``, after leaving a mark; raises for widths in `fails`."""
    mark, fails = marks.maker(), more.get("fails", ())

    def experiment(*, seed: int, width: int) -> dict[str, float]:
        mark(f"{width}.{seed}")
        if width in fails:
            raise ValueError(f"width {width} is\ntoo wide")
        return {"score": seed + width}

    return experiment


def training() -> Callable[..., dict[str, float]]:
    """Trains a small convolution; uses random numbers that it seeds, and some that it does not."""

    def experiment(*, seed: int, width: int, rate: float = 0.1) -> dict[str, Any]:
        import random

        import numpy as np
        import torch

        from coursekit.training import fit, seeded

        images = torch.rand(256, 1, 12, 12)
        labels = (images.mean(dim=(1, 2, 3)) > 0.5).long()
        with seeded(seed):
            model = torch.nn.Sequential(
                torch.nn.Conv2d(1, width, 3),
                torch.nn.ReLU(),
                torch.nn.Flatten(),
                torch.nn.Linear(width * 100, 2),
                torch.nn.LogSoftmax(1),
            )
        history = fit(
            model,
            (images, labels),
            epochs=2,
            batch_size=50,
            seed=seed,
            progress=False,
            optimizer=lambda parameters: torch.optim.SGD(parameters, lr=rate),
        )
        weight = model[0].weight
        return {
            "train_loss": history["train_loss"][-1],
            "norm": weight.norm(),
            "numpy": np.random.rand(300, 300).dot(np.random.rand(300, 300)).sum(),
            "python": random.random(),
            "threads": torch.get_num_threads(),
        }

    return experiment


def bits(table: pd.DataFrame) -> list[list[object]]:
    """Every cell, floats to the last bit; missing ones as None."""
    return [
        [v.hex() if isinstance(v, float) else None if v is pd.NA else v for v in row]
        for row in table.itertuples(index=False)
    ]


CONFIGURATIONS = {"wide": {"width": 8, "rate": 0.05}, "base": {"width": 4}}


def test_the_table_is_the_same_to_the_last_bit_from_one_process_and_from_several(tmp_path: Path) -> None:
    random.seed(5)
    torch.manual_seed(5)
    np.random.seed(5)
    before = random.getstate(), torch.get_rng_state(), np.random.get_state()[1].tolist()
    usual = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        here = sweep(training(), CONFIGURATIONS, seeds=(1, 0), workers=1, folder=tmp_path, progress=False)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(usual)
    assert random.getstate() == before[0] and np.random.get_state()[1].tolist() == before[2]
    assert torch.equal(torch.get_rng_state(), before[1])

    processes = sweep(training(), CONFIGURATIONS, seeds=(1, 0), workers=2, progress=False)
    recorded = sweep(training(), CONFIGURATIONS, seeds=(1, 0), workers=1, folder=tmp_path, progress=False)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        threads = sweep(training(), CONFIGURATIONS, seeds=(1, 0), progress=False)
    assert bits(here) == bits(processes) == bits(recorded) == bits(threads)
    assert (here.dtypes == processes.dtypes).all() and (here.dtypes == recorded.dtypes).all()
    assert list(here.columns) == [
        *("configuration", "seed", "width", "rate"),
        *("train_loss", "norm", "numpy", "python", "threads"),
        "error",
    ]
    assert here[["configuration", "seed"]].to_numpy().tolist() == [
        ["wide", 1],
        ["wide", 0],
        ["base", 1],
        ["base", 0],
    ]
    assert here.rate.tolist()[:2] == [0.05, 0.05] and here.rate.isna().tolist() == [False, False, True, True]
    assert here.error.isna().all() and (here.threads == 1).all()
    assert here.train_loss.nunique() == 4 and here.python.nunique() == 2


def test_threads_are_those_asked_for() -> None:
    def experiment(*, seed: int) -> dict[str, float]:
        import torch

        return {"threads": torch.get_num_threads()}

    for workers in (1, 2):
        table = sweep(experiment, {"a": {}}, seeds=(0,), workers=workers, threads=2, progress=False)
        assert table.threads.tolist() == [2]


def test_rows_stand_in_order_however_the_runs_end(marks: Marks) -> None:
    mark, folder = marks.maker(), Path(marks.folder)

    def experiment(*, seed: int) -> dict[str, float]:
        import time

        end = time.monotonic() + 120
        while seed == 0 and len([*folder.iterdir()]) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        mark(f"{len([*folder.iterdir()])}.{seed}")
        return {"seed_again": seed}

    table = sweep(experiment, {"a": {}}, seeds=(0, 1, 2, 3), workers=2, progress=False)
    assert table.seed_again.tolist() == [0, 1, 2, 3]
    assert [*marks.count()][-1] == "3.0", "the first run was to end last"


def test_what_joblib_is_configured_to_is_what_runs(marks: Marks) -> None:
    sweep(counted(marks), {"a": {"width": 1}}, seeds=range(2), progress=False)
    assert marks.processes() == {os.getpid()}
    with joblib.parallel_config(backend="loky", n_jobs=2):
        sweep(counted(marks), {"a": {"width": 2}}, seeds=range(2), progress=False)
        assert len(marks.processes()) > 1
        sweep(counted(marks), {"a": {"width": 3}}, seeds=range(2), workers=1, progress=False)
    by = {path.name.split("-")[0][0]: int(path.name.split("-")[1]) for path in Path(marks.folder).iterdir()}
    assert by["1"] == by["3"] == os.getpid() != by["2"]


@pytest.mark.parametrize("workers", [1, 2])
def test_finished_runs_are_not_repeated_and_failed_ones_are(
    tmp_path: Path, marks: Marks, capsys: pytest.CaptureFixture[str], workers: int
) -> None:
    folder = tmp_path / "runs"
    two = {"a": {"width": 1}, "b": {"width": 9}}
    broken = partial(sweep, counted(marks, fails=(9,)), folder=folder, workers=workers)
    table = broken(two, seeds=(0, 1))
    assert table.score.fillna(-1).tolist() == [0 + 1, 1 + 1, -1, -1]
    assert table.error.fillna("").tolist() == ["", "", *["ValueError: width 9 is too wide"] * 2]
    assert marks.count() == {"1.0": 1, "1.1": 1, "9.0": 1, "9.1": 1}
    said = capsys.readouterr()
    assert "configuration 'b', seed 0: ValueError: width 9 is too wide" in said.out + said.err

    broken(two, seeds=(0, 1), progress=False)
    assert marks.count() == {"1.0": 1, "1.1": 1, "9.0": 2, "9.1": 2}
    said = capsys.readouterr()
    assert said.out + said.err == ""

    record = json.loads(next(path for path in folder.iterdir() if path.name.startswith("b-0-")).read_text())
    assert record["error"] == "ValueError: width 9 is too wide"
    assert any("too wide" in line for line in record["traceback"])
    more = broken({"c": {"width": 3}, **two}, seeds=(1, 0, 2), progress=False)
    assert more.score.fillna(-1).tolist() == [4, 3, 5, 2, 1, 3, -1, -1, -1]
    assert {name: n for name, n in marks.count().items() if n == 1 and name[0] in "13"} == {
        **{f"1.{seed}": 1 for seed in (0, 1, 2)},
        **{f"3.{seed}": 1 for seed in (0, 1, 2)},
    }


def test_other_settings_names_and_code_are_other_runs(tmp_path: Path, marks: Marks) -> None:
    runs = partial(sweep, seeds=(0,), folder=tmp_path / "runs", workers=1, progress=False)
    runs(counted(marks), {"a": {"width": 1}})
    runs(counted(marks), {"a": {"width": 2}})
    runs(counted(marks), {"b": {"width": 1}})
    assert marks.count() == {"1.0": 2, "2.0": 1}
    mark = marks.maker()

    def experiment(*, seed: int, width: int) -> dict[str, float]:
        mark(f"other.{width}.{seed}")
        return {"score": -1}

    assert runs(experiment, {"a": {"width": 1}}).score.tolist() == [-1]
    assert runs(counted(marks), {"a": {"width": 1}}).score.tolist() == [1]
    assert marks.count() == {"1.0": 2, "2.0": 1, "other.1.0": 1}


def test_what_counts_as_the_code_of_an_experiment() -> None:
    def define(text: str) -> Callable[..., object]:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(text, namespace)
        return namespace["f"]

    base = "def f(*, seed, rate=0.1):\n    return {'loss': [x for x in {'a', 'b', 'c'} if x in {'a', 'b'}]}\n"
    same = [
        base,
        "\n\n# a comment\n" + base.replace("0.1", " 0.10"),
        base.replace(":\n", ":\n    'What it does.'\n", 1),
    ]
    assert len({identity(define(text)) for text in same}) == 1
    other = [
        base.replace("0.1", "0.2"),
        base.replace("'a'}", "'d'}").replace("{'a', 'b'}", "{'a', 'd'}"),
        base.replace("[x for x", "[x + x for x"),
        base.replace("'loss'", "'cost'"),
        base.replace("def f", "def g") + "f = g\n",
    ]
    assert len({identity(define(text)) for text in [base, *other]}) == 1 + len(other)

    f = define(base)
    assert len({identity(g) for g in (f, partial(f, rate=1), partial(f, rate=2))}) == 3

    class Trainer:
        def __call__(self, *, seed: int) -> dict[str, float]:
            return {"loss": seed}

        def method(self, *, seed: int) -> dict[str, float]:
            return {"loss": -seed}

    assert identity(Trainer()) == identity(Trainer()) != identity(Trainer().method)


numbers = st.one_of(st.integers(), st.floats())


@given(metrics=st.dictionaries(st.text(min_size=1), numbers, max_size=4))
def test_metrics_come_back_from_their_file_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, metrics: dict[str, float]
) -> None:
    files = RunFiles(tmp_path_factory.mktemp("runs"), training())
    task = Task("a/b \N{SNOWMAN}", {"rates": [0.1, None]}, 3)
    files.write(task, Done(metrics, 1.5))
    found = files.read(task)
    assert found is not None and list(found) == list(metrics)
    for name, value in metrics.items():
        assert type(found[name]) is type(value)
        if isinstance(value, float):
            assert found[name].hex() == (math.nan if math.isnan(value) else value).hex()
        else:
            assert found[name] == value
    assert [path.name for path in files.folder.iterdir()] == [files.path(task).name]
    strict = json.loads(
        files.path(task).read_text(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON")
    )
    assert strict["seconds"] == 1.5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ('{"schema": 1,', "Expecting property name"),
        ("[]", "list indices"),
        ("{}", "'experiment'"),
        (None, "it is about another run"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, marks: Marks, text: str | None, reason: str) -> None:
    runs = partial(sweep, counted(marks), seeds=(0,), folder=tmp_path / "runs", workers=1, progress=False)
    runs({"a": {"width": 1}})
    (path,) = (tmp_path / "runs").iterdir()
    path.write_text(path.read_text().replace('"a"', '"b"') if text is None else text)
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        runs({"a": {"width": 1}})
    assert str(caught.value).startswith(f"{path} is not a whole record of a run (")
    assert str(caught.value).endswith("); delete it, and its run is made anew")
    path.unlink()
    runs({"a": {"width": 1}})
    assert marks.count() == {"1.0": 2}


def test_metrics_that_are_not_finite_are_finished_and_said(tmp_path: Path, marks: Marks) -> None:
    mark = marks.maker()

    def experiment(*, seed: int) -> dict[str, float]:
        mark(str(seed))
        return {"loss": float("nan"), "rate": -float("inf"), "fine": 0.5} if seed else {"fine": 1.0}

    for _ in range(2):
        table = sweep(experiment, {"a": {}}, seeds=(1, 0), folder=tmp_path / "runs", progress=False)
        assert math.isnan(table.loss[0]) and table.rate[0] == -math.inf and table.fine.tolist() == [0.5, 1.0]
        assert table.error.fillna("").tolist() == ["loss is nan, rate is -inf", ""]
    assert marks.count() == {"0": 1, "1": 1}


def test_numbers_of_numpy_and_torch_become_pythons() -> None:
    def experiment(*, seed: int) -> dict[str, Any]:
        return {
            "a": np.float32(0.1),
            "b": torch.tensor(0.1),
            "c": np.int64(7),
            "d": torch.tensor(7),
            "e": True,
            "f": np.array(2.5),
        }

    table = sweep(experiment, {"a": {}}, seeds=(0,), workers=1, progress=False)
    tenth = float(np.float32(0.1))
    assert table.iloc[0, 2:-1].tolist() == [tenth, tenth, 7, 7, 1, 2.5]
    assert table.dtypes.astype(str).tolist()[2:-1] == [
        "float64",
        "float64",
        "int64",
        "int64",
        "int64",
        "float64",
    ]


@pytest.mark.parametrize(
    ("returned", "error"),
    [
        (
            None,
            "TypeError: the experiment returned a NoneType; return a mapping of names to numbers, {'test_acc",
        ),
        (0.5, "TypeError: the experiment returned a float; return a mapping of names to numbers"),
        ({1: 0.5}, "TypeError: the experiment returned a metric named 1; name metrics by strings"),
        ({"loss": "low"}, "TypeError: the metric 'loss' is a str; a metric is one number"),
        ({"loss": torch.ones(2)}, "TypeError: the metric 'loss' is a Tensor; a metric is one number"),
        ({"loss": None}, "TypeError: the metric 'loss' is a NoneType; a metric is one number"),
        ({"seed": 1}, "ValueError: the metric 'seed' has the name of another column; rename it"),
        ({"width": 1}, "ValueError: the metric 'width' has the name of another column; rename it"),
    ],
)
def test_a_run_that_returns_something_else_has_failed(returned: object, error: str) -> None:
    table = sweep(
        lambda seed, width=0: returned, {"a": {}, "b": {"width": 1}}, seeds=(0,), workers=1, progress=False
    )
    assert list(table.columns) == ["configuration", "seed", "width", "error"]
    assert table.error[0].startswith(error) and table.error[1] == table.error[0]


def test_ctrl_c_without_a_folder_says_what_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    def experiment(*, seed: int) -> dict[str, float]:
        if seed:
            raise KeyboardInterrupt
        return {"score": seed}

    with pytest.raises(KeyboardInterrupt):
        sweep(experiment, {"a": {}}, seeds=(0, 1), workers=1)
    said = capsys.readouterr()
    assert "stopped with 1 of 2 runs finished; they are kept in memory only, so they are lost" in (
        said.out + said.err
    )


def test_a_training_cut_short_by_ctrl_c_is_no_result(tmp_path: Path, marks: Marks) -> None:
    mark = marks.maker()

    def experiment(*, seed: int) -> dict[str, float]:
        from coursekit.training import fit

        def pressing(batch: torch.Tensor) -> torch.Tensor:
            if len(marks.count()) == 0:
                mark("pressed")
                os.kill(os.getpid(), signal.SIGINT)
            return batch

        model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.LogSoftmax(1))
        history = fit(
            model,
            (torch.rand(10, 2), torch.zeros(10).long()),
            epochs=3,
            batch_size=5,
            prepare=pressing,
            optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
            progress=False,
        )
        return {"epochs": len(history)}

    usual = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        sweep(experiment, {"a": {}}, seeds=(0,), folder=tmp_path / "runs", workers=1, progress=False)
    assert not (tmp_path / "runs").exists() and signal.getsignal(signal.SIGINT) is usual
    table = sweep(experiment, {"a": {}}, seeds=(0,), folder=tmp_path / "runs", workers=1, progress=False)
    assert table.epochs.tolist() == [3]


def test_a_sweep_whose_program_is_killed_goes_on(tmp_path: Path) -> None:
    (tmp_path / "study.py").write_text(
        "import os, pathlib, sys\n"
        "from coursekit.training import sweep\n"
        "def experiment(*, seed):\n"
        "    with open('runs.txt', 'a') as file:\n"
        "        print(seed, file=file)\n"
        "    if seed in {2, 'a', 'b', 'c', 'd', 'e'} and not pathlib.Path('again').exists():\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return {'score': seed / 3}\n"
        "if __name__ == '__main__':\n"
        "    table = sweep(experiment, {'a': {}}, seeds=range(4), folder='runs', progress=False)\n"
        "    print(table.score.tolist())\n"
    )
    command = [sys.executable, "study.py"]
    killed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL and len([*(tmp_path / "runs").iterdir()]) == 2
    (tmp_path / "again").touch()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"{[seed / 3 for seed in range(4)]}\n"
    assert (tmp_path / "runs.txt").read_text().split() == ["0", "1", "2", "2", "3"]


@pytest.fixture
def only_here(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module that this process has and others cannot import."""
    module = ModuleType("only_here")
    exec("def experiment(*, seed):\n    return {'score': seed}\n", module.__dict__)
    monkeypatch.setitem(sys.modules, "only_here", module)
    return module


def test_an_experiment_that_workers_cannot_import_says_so(only_here: Any) -> None:
    with joblib.parallel_config(backend="loky", n_jobs=2):
        table = sweep(only_here.experiment, {"a": {}}, seeds=(0,), progress=False)
    assert table.error[0] == (
        "the worker process cannot load the experiment (ModuleNotFoundError: No module named 'only_here'); "
        "install there what it uses, or define it in the notebook itself"
    )


def test_an_experiment_of_a_notebook_runs_in_other_processes() -> None:
    notebook: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "import math\n"
        "SCALE = 3\n"
        "def helper(x):\n"
        "    return math.sqrt(x) * SCALE\n"
        "def experiment(*, seed):\n"
        "    return {'score': helper(seed)}\n",
        notebook,
    )
    table = sweep(notebook["experiment"], {"a": {}}, seeds=(4, 9), workers=2, progress=False)
    assert table.score.tolist() == [6.0, 9.0]


def test_what_cannot_be_sent_is_said_before_anything_runs(marks: Marks) -> None:
    lock, data, mark = threading.Lock(), torch.zeros(3 * 2**20, dtype=torch.uint8), marks.maker()

    def locked(*, seed: int) -> dict[str, float]:
        mark("locked")
        with lock:
            return {"score": seed}

    def heavy(*, seed: int) -> dict[str, float]:
        mark("heavy")
        return {"score": len(data)}

    runs = partial(sweep, configurations={"a": {}}, seeds=(0,), progress=False)
    with pytest.raises(
        TypeError, match=r"cannot be sent to other processes \(TypeError: .*lock.*\); make such"
    ):
        runs(locked, workers=2)
    with pytest.raises(
        ValueError, match=r"would carry 3 MiB to every run, since it uses data from outside; load"
    ):
        runs(heavy, workers=2)
    assert marks.count() == {}
    assert runs(heavy, workers=1).score.tolist() == [3 * 2**20]


def test_a_sweep_inside_a_run_stays_in_its_process() -> None:
    def outer(*, seed: int) -> dict[str, float]:
        import os

        from coursekit.training import sweep

        def inner(*, seed: int) -> dict[str, float]:
            return {"process": os.getpid()}

        table = sweep(inner, {"b": {}}, seeds=(0, 1), workers=2, progress=False)
        return {"stayed": (table.process == os.getpid()).all().item()}

    for workers in (1, 2):
        table = sweep(outer, {"a": {}}, seeds=(0, 1), workers=workers, progress=False)
        assert table.stayed.tolist() == [1, 1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, which Linux alone has")
def test_memory_mapped_data_are_not_copied_into_the_processes(tmp_path: Path) -> None:
    path = tmp_path / "images.npy"
    np.save(path, np.arange(4 * 2**20, dtype=np.uint8))

    def experiment(*, seed: int) -> dict[str, float]:
        import numpy as np
        import torch

        images = torch.from_numpy(np.load(path, mmap_mode="c"))
        total = images.sum().item()
        maps = Path("/proc/self/smaps").read_text()
        mapped = maps.partition(str(path))[2].splitlines()[1:24]
        kib = {line.split(":")[0]: int(line.split()[1]) for line in mapped if line.endswith(" kB")}
        # A page of the file that is not on the disk yet counts as dirty; a copy of it is anonymous.
        return {"total": total, "resident": kib["Rss"], "copied": kib["Anonymous"]}

    table = sweep(experiment, {"a": {}}, seeds=(0, 1), workers=2, progress=False)
    assert (table.total == np.load(path).sum()).all()
    assert (table.resident >= 4 * 2**10).all() and (table.copied == 0).all()


def test_the_bar_counts_recorded_runs_and_can_be_hidden(
    tmp_path: Path, marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars: list[std.tqdm[Any]] = []

    def bar(**options: Any) -> "std.tqdm[Any]":
        bars.append(std.tqdm(**{"disable": False, "file": io.StringIO(), **options}))
        return bars[-1]

    monkeypatch.setattr(sys.modules["coursekit.training.sweep"], "tqdm", bar)
    runs = partial(sweep, counted(marks), {"a": {"width": 1}}, folder=tmp_path / "runs", workers=1)
    runs(seeds=(0, 1))
    runs(seeds=(0, 1, 2))
    assert [(bar.initial, bar.total, bar.n) for bar in bars] == [(0, 2, 2), (2, 3, 3)]
    runs(seeds=(0, 1, 2, 3), progress=False)
    assert bars[-1].disable


ONE = {"a": {}}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"experiment": ONE}, TypeError, "experiment is a dict; pass the function to run first"),
        (
            {"configurations": [ONE]},
            TypeError,
            "configurations is a list; pass a mapping of names to settings",
        ),
        (
            {"configurations": {}},
            ValueError,
            "there are no configurations; pass one or more, {'base': {}} say",
        ),
        ({"configurations": {1: {}}}, TypeError, "the configuration 1 is named by a int; use a string"),
        (
            {"configurations": {"a": 0.1}},
            TypeError,
            "the settings of configuration 'a' are a float; pass a mapping of keywords to values",
        ),
        (
            {"configurations": {"a": {"learning rate": 1}}},
            TypeError,
            "configuration 'a' has a setting 'learning rate'; settings are passed by keyword, so use names",
        ),
        (
            {"configurations": {"a": {"seed": 1}}},
            ValueError,
            "configuration 'a' has a setting 'seed', which is a column of the sweep's own; rename it",
        ),
        (
            {"configurations": {"a": {"error": 1}}},
            ValueError,
            "configuration 'a' has a setting 'error', which is a column of the sweep's own; rename it",
        ),
        (
            {"configurations": {"a": {"device": torch.device("cpu")}}},
            TypeError,
            "the setting 'device' of configuration 'a' is device(type='cpu'), which is no plain value; use",
        ),
        (
            {"configurations": {"a": {"rates": [0.1, math.nan]}}},
            TypeError,
            "the setting 'rates' of configuration 'a' is nan, which is no plain value; use finite numbers",
        ),
        (
            {"configurations": {"a": {"by": {1: 2}}}},
            TypeError,
            "the setting 'by' of configuration 'a' is {1: 2}, which is no plain value",
        ),
        ({"seeds": ()}, ValueError, "there are no seeds; pass one or more, (0, 1, 2) say"),
        ({"seeds": 3}, TypeError, "seeds is 3; pass whole numbers, (0, 1, 2) say"),
        ({"seeds": (0, 0.5)}, TypeError, "seeds is (0, 0.5); pass whole numbers, (0, 1, 2) say"),
        ({"seeds": (0, 1, 0)}, ValueError, "the seed 0 comes twice; pass every seed once"),
        ({"seeds": (0, -1)}, ValueError, "the seed -1 is negative; pass whole numbers from 0 up"),
        ({"workers": 0}, ValueError, "workers is 0; pass how many processes to use, or -1 for one a core"),
        ({"threads": 0}, ValueError, "threads is 0; it must be at least 1"),
    ],
)
def test_mistakes_are_named(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    arguments: dict[str, Any] = {"experiment": lambda seed: {}, "configurations": ONE, "seeds": (0,)}
    with pytest.raises(error, match=f"^{re.escape(message)}") as caught:
        sweep(**(arguments | changes), progress=False)
    assert "\n" not in str(caught.value)


def test_settings_reach_a_run_as_they_would_come_back_from_its_record() -> None:
    (task,) = grid(
        {"a": {"x": (1, (2.5, None)), "y": {"z": ("a",)}, "n": np.float64(0.1)}}, seeds=[np.int64(3)]
    )
    assert task.settings == {"x": [1, [2.5, None]], "y": {"z": ["a"]}, "n": 0.1}
    assert type(task.settings["n"]) is float and type(task.seed) is int
    assert json.loads(json.dumps(task.settings)) == task.settings


# From here on worker processes are ended, and started again by what comes next.


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    runs = partial(sweep, counted(marks), {"a": {"width": 1}}, seeds=(0, 1), progress=False)
    with pytest.raises(
        ValueError, match=r"^folder is '.*/file', which is a file; name a folder for the runs$"
    ):
        runs(folder=tmp_path / "file")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    for workers in (1, 2):
        with pytest.raises(
            OSError, match=r"a-[01]-\w+\.json could not be written \(No space left on device\); make"
        ):
            runs(folder=tmp_path / "runs", workers=workers)
    assert [*(tmp_path / "runs").iterdir()] == []


def stop_when(condition: Callable[[], bool]) -> threading.Thread:
    """Presses Ctrl-C in this process when the condition holds, at the latest after a minute."""

    def wait() -> None:
        end = time.monotonic() + 60
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished(
    tmp_path: Path, marks: Marks, capsys: pytest.CaptureFixture[str], workers: int
) -> None:
    mark, go = marks.maker(), tmp_path / "go"

    def experiment(*, seed: int) -> dict[str, float]:
        import time

        mark(str(seed))
        while seed and not go.exists():
            time.sleep(0.01)
        return {"score": seed}

    folder = tmp_path / "runs"
    runs = partial(sweep, experiment, {"a": {}}, seeds=(0, 1, 2), folder=folder, workers=workers)
    thread = stop_when(lambda: bool([*folder.glob("a-0-*.json")]) and "1" in marks.count())
    with pytest.raises(KeyboardInterrupt):
        runs()
    thread.join()
    said = capsys.readouterr()
    assert f"stopped with 1 of 3 runs finished; they are kept in {folder}" in said.out + said.err
    assert [path.name[:4] for path in folder.iterdir()] == ["a-0-"]
    go.touch()
    assert runs().score.tolist() == [0, 1, 2]
    assert marks.count()["0"] == 1 and marks.count()["1"] == 2


def test_of_the_runs_beside_a_dying_process_only_the_deadly_one_fails(tmp_path: Path, marks: Marks) -> None:
    mark = marks.maker()

    def experiment(*, seed: int) -> dict[str, float]:
        import os
        import time

        mark(str(seed))
        time.sleep(0.1)
        if seed == 2:
            os._exit(7)
        return {"score": seed}

    folder = tmp_path / "runs"
    table = sweep(experiment, {"a": {}}, seeds=range(5), folder=folder, workers=2, progress=False)
    assert table.score.dropna().tolist() == [0, 1, 3, 4]
    dead = table.error[table.error.notna()]
    assert dead.index.tolist() == [2]
    assert set(dead) == {
        "WorkerDied: the process that ran it died (killed for its memory, say, or a crash in compiled code)"
    }
    assert set(marks.count()) == set("01234") and max(marks.count().values()) <= 2
    record = json.loads(next(folder.glob("a-2-*.json")).read_text())
    assert any("EXIT(7)" in line for line in record["traceback"])
