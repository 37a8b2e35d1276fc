"""Sweeps on a cluster: a real Dask scheduler and worker processes, some of which are killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest

from coursekit.training import sweep

distributed = pytest.importorskip("distributed", reason="distributed is not installed: no cluster to test on")


class Cluster:
    """A scheduler and workers, each a process of its own, without the nannies that would start them again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        self._scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show")
        self.client = distributed.Client(scheduler_file=str(self._file), timeout=60)

    def need(self, workers: int) -> None:
        """Start workers until at least so many are alive and the scheduler knows exactly those alive."""
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        end = time.monotonic() + 120
        while time.monotonic() < end:
            alive = {worker.pid for worker in self.workers if worker.poll() is None}
            known = set(self.client.run(os.getpid, on_error="ignore").values())
            if known == alive and len(alive) >= workers:
                return
            self.workers += [self._start("worker", *options) for _ in range(workers - len(alive))]
            time.sleep(0.1)
        raise TimeoutError(f"of {workers} workers only {len(known)} came")

    def allow_failures(self, n: int) -> None:
        """How many workers may die with a run before the scheduler gives the run up."""

        def set_it(dask_scheduler: Any) -> None:
            dask_scheduler.allowed_failures = n

        self.client.run_on_scheduler(set_it)

    def close(self) -> None:
        self.client.close()
        for process in [*self.workers, self._scheduler]:
            process.kill()
            process.wait()

    def _start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", kind, *options, "--scheduler-file", str(self._file)]
        with (self.folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--dashboard-address", "127.0.0.1:0"], cwd=self.folder, stdout=log, stderr=log
            )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


def marker(folder: Path) -> Callable[[str], None]:
    """Leaves a file ``<name>-<process>-<number>`` a call."""
    folder.mkdir()

    def mark(name: str) -> None:
        import os
        import uuid

        (folder / f"{name}-{os.getpid()}-{uuid.uuid4().hex}").touch()

    return mark


def marked(folder: Path) -> list[tuple[str, int]]:
    """Names and processes of the marks."""
    return sorted((name, int(pid)) for name, pid, _ in (path.name.split("-") for path in folder.iterdir()))


def on_cluster(
    cluster: Cluster, experiment: Callable[..., Any], configurations: Any, **more: Any
) -> pd.DataFrame:
    with cluster.client.as_current(), joblib.parallel_config(backend="dask"):
        return sweep(experiment, configurations, progress=False, **more)


def wait_until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 300
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


CONFIGURATIONS = {"wide": {"width": 6}, "base": {"width": 3}}


def test_a_killed_worker_loses_nothing_and_repeats_nothing_finished(cluster: Cluster, tmp_path: Path) -> None:
    starts, held, mark = tmp_path / "starts", tmp_path / "held", marker(tmp_path / "starts")

    def train(*, seed: int, width: int) -> dict[str, Any]:
        import torch

        from coursekit.training import fit, seeded

        images = torch.rand(128, 1, 10, 10)
        with seeded(seed):
            model = torch.nn.Sequential(
                torch.nn.Conv2d(1, width, 3),
                torch.nn.Flatten(),
                torch.nn.Linear(64 * width, 2),
                torch.nn.LogSoftmax(1),
            )
        history = fit(
            model,
            (images, (images.mean(dim=(1, 2, 3)) > 0.5).long()),
            epochs=2,
            batch_size=32,
            seed=seed,
            progress=False,
            optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        )
        return {"loss": history["train_loss"][-1], "norm": sum(p.norm() for p in model.parameters())}

    def experiment(*, seed: int, width: int) -> dict[str, Any]:
        """Holds one run, on a process that has finished others, until that process is killed."""
        import os
        import time
        from contextlib import suppress

        name = f"{'wide' if width == 6 else 'base'}.{seed}"
        experienced = [*starts.glob(f"*-{os.getpid()}-*")]
        mark(name)
        if experienced:
            with suppress(FileExistsError), held.open("x") as file:
                file.write(f"{name} {os.getpid()}")
                file.close()
                while True:
                    time.sleep(0.01)
        return train(seed=seed, width=width)

    runs = tmp_path / "runs"
    killed: list[int] = []

    def kill() -> None:
        """Kills the process that holds a run, once everything that it finished before is recorded."""

        def in_the_middle() -> bool:
            name, _, holder = held.read_text().partition(" ") if held.exists() else ("", "", "")
            recorded = [".".join(path.name.split("-")[:2]) for path in runs.glob("*.json")]
            before = [run for run, pid in marked(starts) if str(pid) == holder and run != name]
            return bool(before) and len(recorded) >= 2 and set(before) <= set(recorded)

        wait_until(in_the_middle)
        killed.append(int(held.read_text().split()[1]))
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    cluster.need(workers=2)
    table = on_cluster(cluster, experiment, CONFIGURATIONS, seeds=range(4), folder=runs)
    thread.join()
    here = sweep(train, CONFIGURATIONS, seeds=range(4), workers=1, progress=False)
    assert table.map(repr).equals(here.map(repr)) and (table.dtypes == here.dtypes).all()
    assert table.error.isna().all() and table.loss.nunique() == 8

    every = [f"{name}.{seed}" for name in CONFIGURATIONS for seed in range(4)]
    names = [name for name, _ in marked(starts)]
    assert names == sorted([*every, held.read_text().split()[0]]), "each once, the killed one once more"
    processes = {pid for _, pid in marked(starts)}
    assert len(processes) == 2 and killed[0] in processes and os.getpid() not in processes
    assert sum(worker.poll() is None for worker in cluster.workers) == 1

    again = on_cluster(cluster, experiment, CONFIGURATIONS, seeds=range(4), folder=runs)
    assert again.map(repr).equals(here.map(repr)) and len(marked(starts)) == 9


def test_only_a_run_that_kills_its_workers_fails(cluster: Cluster, tmp_path: Path) -> None:
    starts, mark = tmp_path / "starts", marker(tmp_path / "starts")

    def experiment(*, seed: int) -> dict[str, float]:
        import os

        mark(str(seed))
        if seed == 1:
            os._exit(3)
        return {"score": seed / 3}

    cluster.need(workers=3)
    cluster.allow_failures(0)
    table = on_cluster(cluster, experiment, {"a": {}}, seeds=range(5))
    assert table.score.fillna(-1).tolist() == [0, -1, 2 / 3, 1, 4 / 3]
    assert table.error.fillna("").str.startswith("WorkerDied: the process that ran it died").tolist() == [
        seed == 1 for seed in range(5)
    ]
    assert [name for name, _ in marked(starts)].count("1") == 2


def test_errors_on_the_cluster_stand_in_their_rows(cluster: Cluster, tmp_path: Path) -> None:
    def experiment(*, seed: int) -> dict[str, float]:
        if seed:
            raise ValueError("too\nwide")
        return {"score": 1.0}

    cluster.need(workers=1)
    table = on_cluster(cluster, experiment, {"a": {}}, seeds=(0, 1))
    assert table.error.fillna("").tolist() == ["", "ValueError: too wide"]


def test_runs_that_the_cluster_gives_up_are_named(cluster: Cluster, tmp_path: Path) -> None:
    starts, mark = tmp_path / "starts", marker(tmp_path / "starts")
    go = tmp_path / "go"

    def experiment(*, seed: int) -> dict[str, float]:
        import time

        mark(str(seed))
        while seed and not go.exists():
            time.sleep(0.01)
        return {"score": 0.5}

    cluster.need(workers=1)
    runs = partial(on_cluster, cluster, experiment, {"a": {}}, seeds=(0, 1), folder=tmp_path / "runs")

    def cancel() -> None:
        wait_until(lambda: len(marked(starts)) == 2 and [*(tmp_path / "runs").glob("a-0-*.json")])
        cluster.client.cancel(
            [distributed.Future(key, cluster.client) for key in list(cluster.client.futures)]
        )

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(
        RuntimeError, match=r"gave up the run of configuration 'a', seed 1 \(cancelled\); see"
    ):
        runs()
    thread.join()
    go.touch()
    assert runs().score.tolist() == [0.5, 0.5]
    assert [name for name, _ in marked(starts)] == ["0", "1", "1"]
