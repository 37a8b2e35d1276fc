"""What a step consists of: kernels are found one by one, and what is written can be read."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from coursekit.evidence.benchmarks import load_step_times
from coursekit.models import course_cnn

from . import kernels
from .cases import CASES
from .recipes import Recipe, library

LINEAR = Recipe(
    build=lambda: nn.Linear(4, 3),
    train=(torch.ones(7, 4), torch.zeros(7, dtype=torch.int64)),
    test=(torch.ones(1, 4), torch.zeros(1, dtype=torch.int64)),
    batch_size=2,
    rule=torch.optim.SGD,
)


def names(calls: list[kernels.Call]) -> list[str]:
    return [call.kernel.overloadpacket.__name__ for call in calls]


def test_the_kernels_of_a_step_are_those_of_its_parts() -> None:
    run = partial(library, kernels.shortened(LINEAR, 3))
    found = names(kernels.kernels_of_a_step(run))
    # A layer, its loss, the way back to weights and bias, a step for each of them, and the guesses.
    for kernel in ("addmm", "nll_loss_forward", "mm", "nll_loss_backward", "argmax"):
        assert found.count(kernel) == 1
    assert found.index("addmm") < found.index("nll_loss_forward") < found.index("mm")
    assert not {"t", "view", "detach", "transpose"} & set(found)
    assert found == names(kernels.kernels_of_a_step(partial(library, kernels.shortened(LINEAR, 2))))


def test_a_call_computes_what_it_computed() -> None:
    left, right = torch.rand(2, 3), torch.rand(3, 2)
    with kernels.Recorder() as recorder:
        out = torch.empty(2, 2)
        torch.mm(left, right, out=out)
    expected = out.clone()
    out.zero_()
    for call in recorder.calls:
        call()
    assert torch.equal(out, expected)


def test_a_pass_calls_every_kernel_in_its_place(monkeypatch) -> None:
    monkeypatch.setattr(kernels, "PASSES", 3)
    called: list[int] = []
    clock = iter(range(100))
    monkeypatch.setattr(kernels.time, "perf_counter", lambda: next(clock) ** 2)
    spent = kernels.seconds_in_order([partial(called.append, number) for number in range(4)])
    # The first of four passes is not counted; at the squares of 2n and 2n + 1 one takes 4n + 1.
    assert called == list(range(4)) * 4 and spent == 4 * 2 + 1


@pytest.mark.parametrize(("steps", "samples"), [(1, 2), (3, 6), (100, 7)])
def test_a_recipe_is_shortened(steps: int, samples: int) -> None:
    short = kernels.shortened(LINEAR, steps)
    assert [len(tensor) for tensor in short.train] == [samples, samples] and short.epochs == 1
    assert short.batch_size == LINEAR.batch_size


def test_what_is_written_can_be_read(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(kernels, "LEAST_SECONDS", 0)
    monkeypatch.setattr(kernels, "PASSES", 2)
    monkeypatch.setattr(kernels, "peak_gflops", lambda: {"float32": 10.0, "bfloat16": 20.0})
    path = tmp_path / "folder" / "kernels.json"
    cases = ["fashion-cnn-100", "toeplitz"]
    kernels.main(["--case", *cases, "--rounds", "2", "--scale", "0.04", "--output", str(path)])
    (step,) = load_step_times(path).steps
    assert step.name == "fashion-cnn-100" and step.title == CASES["fashion-cnn-100"].title
    assert len(step.seconds) == len(step.in_order) == len(step.alone) == 2 and 20 < step.calls < 100
    whole = sum(p.numel() for p in course_cnn().parameters()) - 320
    # Each of the 784 positions takes 9 products and a bias in 32 channels; then the linear layer.
    assert step.gflop == pytest.approx(3 * 2 * 100 * (784 * 320 + whole) / 1e9)
    assert "Fashion-MNIST CNN, batch 100: a step " in capsys.readouterr().out
    assert list(path.parent.iterdir()) == [path]
