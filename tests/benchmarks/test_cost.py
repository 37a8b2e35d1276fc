"""How cost is measured: what is kept is counted to the byte, and what is written can be read."""

from pathlib import Path

import pytest
import torch
from torch import nn

from coursekit.evidence.benchmarks import load_costs

from . import cost


def test_what_autograd_keeps_is_counted_once_and_without_the_weights() -> None:
    layer, inputs = nn.Linear(5, 3), torch.rand(2, 5)

    def both() -> torch.Tensor:
        return layer(inputs).sum() + layer(inputs).sum()

    assert cost.kept_bytes(both, besides=layer.parameters()) == inputs.nbytes
    relu = torch.relu(layer(inputs))
    assert cost.kept_bytes(lambda: torch.relu(layer(inputs)), besides=layer.parameters()) == (
        inputs.nbytes + relu.nbytes
    )


def test_a_step_of_a_classifier() -> None:
    job = cost.classifier_step(nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1)), torch.rand(2, 4))
    assert job.parameters == 4 * (4 * 3 + 3)
    assert job.optimizer == 2 * job.parameters + 2 * 4
    # Inputs, log-probabilities, labels and the loss's total weight.
    assert job.kept == 4 * 2 * 4 + 4 * 2 * 3 + 8 * 2 + 4


def test_attention_keeps_the_square_of_its_length() -> None:
    assert cost.attention_step(6).kept == 4 * 8 * 6**2


@pytest.mark.parametrize(("scale", "sizes"), [(0.01, (1, 2, 4)), (0.5, (1, 2, 4, 8)), (1, (1, 2, 4, 8, 16))])
def test_what_is_written_can_be_read(
    scale: float, sizes: tuple[int, ...], tmp_path: Path, monkeypatch
) -> None:
    plan = cost.Sweep(
        title="batch",
        varies="images",
        sizes=cost.doubling(1, 16),
        lines={"CNN": lambda batch: cost.cnn_step(batch=batch, side=8)},
        repetitions=3,
        least=0,
    )
    monkeypatch.setattr(cost, "SWEEPS", {"batch": plan})
    path = tmp_path / "folder" / "cost.json"
    cost.main(["--scale", str(scale), "--output", str(path)])
    line = load_costs(path)["batch"]["CNN"]
    assert line.x == sizes
    assert {len(times) for times in line.seconds} == {max(2, round(3 * scale))}
    assert line.kept is not None
    assert len({(kept - 4) / size for kept, size in zip(line.kept, sizes, strict=True)}) == 1


def test_runs_are_made_every_way(monkeypatch) -> None:
    monkeypatch.setattr(cost, "RUN", cost.RUN | {"epochs": 1, "batch_size": 512})
    for train in (cost.one_by_one, cost.stacked):
        assert cost.seconds(cost.many_runs(train, 2).run, least=0) > 0
