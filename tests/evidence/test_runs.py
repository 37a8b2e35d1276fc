"""One run: what is measured around an experiment and what is kept of its outcome."""

import math
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import torch

from coursekit.evidence.runs import Outcome, Run, measure, plain

CPU = torch.device("cpu")


class History:
    def to_dict(self) -> dict[str, list[float]]:
        return {"train_loss": [1.0, 0.123456789]}


def run(outcome: object, **settings: object) -> Run:
    return measure("base", lambda seed, **_: outcome, seed=3, settings=settings, device=CPU)


def test_time_memory_and_place_are_measured() -> None:
    def experiment(seed: int, epochs: int) -> Outcome:
        time.sleep(0.05)
        return Outcome(metrics={"seed": seed, "epochs": epochs})

    found = measure("base", experiment, seed=3, settings={"epochs": 2}, device=CPU)
    assert found.metrics == {"seed": 3, "epochs": 2}
    assert 0.05 <= found.seconds < 5
    assert found.peak_memory_mib is not None and 10 < found.peak_memory_mib < 100_000
    assert found.device.startswith("cpu: ") and found.versions["torch"] == torch.__version__
    finished = datetime.strptime(found.finished, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - finished) < timedelta(minutes=1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_memory_of_a_gpu_is_that_of_the_run() -> None:
    def experiment(seed: int) -> Outcome:
        return Outcome(metrics={"sum": torch.ones(64 * 2**18, device="cuda").sum()})

    found = measure("base", experiment, seed=0, settings={}, device=torch.device("cuda"))
    assert found.peak_memory_mib is not None and 64 <= found.peak_memory_mib < 90


def test_figures_become_plain_and_short() -> None:
    outcome = Outcome(
        metrics={"a": torch.tensor(0.25), "b": np.float32(0.1), "c": 1 / 3, "d": 7},
        history=History(),
        confusion=torch.tensor([[3, 1], [0, 4]]),
    )
    found = run(outcome, filters=(32, 64))
    assert found.metrics == {"a": 0.25, "b": 0.1, "c": 0.333333, "d": 7}
    assert all(type(value) in (int, float) for value in found.metrics.values())
    assert found.history == {"train_loss": [1.0, 0.123457]}
    assert found.confusion == [[3, 1], [0, 4]]
    assert found.settings == {"filters": [32, 64]}


def test_mistakes_are_named() -> None:
    with pytest.raises(TypeError, match=r"the experiment of 'base' returned dict; return evidence\.Outcome"):
        run({"test_accuracy": 1.0})
    with pytest.raises(ValueError, match="'base', seed 3: loss is nan; a card holds finite figures"):
        run(Outcome(metrics={"loss": math.nan}))
    with pytest.raises(ValueError, match="'base', seed 3: loss is inf; a card holds finite figures"):
        run(Outcome(metrics={}, history={"loss": [1.0, math.inf]}))
    with pytest.raises(TypeError, match=r"cannot be written to a card \(.*\); use numbers, strings"):
        plain({"device": torch.device("cpu")})
