"""What makes a run fast: every mode against the plain loop, what is chosen, and what is said of it."""

import platform
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import nn

from coursekit.models import cnn, course_cnn, mlp
from coursekit.training import AUTO, clipped, fit, seeded
from coursekit.training import engine as engines
from coursekit.training.engine import Engine, fuse, keep_memory

ADAM = partial(torch.optim.Adam, lr=1e-3)
CPU = torch.device("cpu")
PLAIN = dict.fromkeys(AUTO, False) | {"precision": "float32"}


def images(n: int = 210) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (n, 1, 28, 28), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 10, (n,), generator=generator)
    pixels[torch.arange(n), 0, 2 * labels] = 255
    return pixels, labels


def trained(build=course_cnn, optimizer=ADAM, **options):
    with seeded(0):
        model = build()
    data = images()
    history = fit(
        model,
        data,
        epochs=2,
        batch_size=50,
        optimizer=optimizer,
        prepare=lambda x: x.float() / 255,
        validation=data,
        progress=False,
        **options,
    )
    return model, history


def deep_cnn() -> nn.Module:
    return cnn((4, 8), convolutions=2, batch_norm=True, hidden=(16,))


@pytest.mark.parametrize("build", [course_cnn, deep_cnn, mlp])
@pytest.mark.parametrize(
    "options",
    [
        {"rearrange": True},
        {"channels_last": True},
        {"fused": True},
        {"rearrange": True, "channels_last": True, "fused": True},
    ],
    ids=" ".join,
)
def test_modes_agree_with_the_plain_loop_up_to_rounding(build, options) -> None:
    model, history = trained(build)
    fast, recorded = trained(build, **options)
    torch.testing.assert_close(recorded.step_losses, history.step_losses, rtol=2e-4, atol=2e-4)
    assert recorded["validation_loss"] == pytest.approx(history["validation_loss"], rel=1e-3)
    for ours, theirs in zip(fast.parameters(), model.parameters(), strict=True):
        # Adam divides by the size of a gradient: one that is 0 but for rounding moves by up to a step.
        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-3)
        assert (ours - theirs).abs().mean() < 1e-4


def test_every_mode_takes_effect(monkeypatch) -> None:
    """What agrees with the plain loop could also be the plain loop."""
    seen: dict[str, object] = {}

    class Layer(nn.Flatten):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
            seen["channels_last"] = seen.get("channels_last", False) or last
            seen["precision"] = torch.is_autocast_enabled("cpu")
            return super().forward(x)

    def build() -> nn.Module:
        return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), Layer(), nn.Linear(338, 10))

    def optimizer(parameters) -> torch.optim.Optimizer:
        seen["optimizer"] = ADAM(parameters)
        return seen["optimizer"]

    class Allocator:
        calls: ClassVar[list[int]] = []

        def mallopt(self, parameter: int, size: int) -> None:
            self.calls.append(parameter)

    def rearranged(model: nn.Module, *, batch_size: int) -> nn.Module:
        seen["rearrange"] = batch_size
        return model

    def compiled(model: nn.Module, *, mode: str) -> nn.Module:
        seen["compile"] = mode
        return model

    monkeypatch.setattr(engines, "_allocator", Allocator)
    monkeypatch.setattr(engines, "rearranged", rearranged)
    monkeypatch.setattr(engines.torch, "compile", compiled)
    trained(build, optimizer, **PLAIN)
    assert not seen["channels_last"] and not seen["precision"] and not Allocator.calls
    assert not {"rearrange", "compile"} & set(seen)
    assert not seen["optimizer"].param_groups[0]["fused"]

    trained(build, optimizer, **dict.fromkeys(AUTO, True) | {"precision": "bfloat16"})
    assert seen["channels_last"] and seen["precision"]
    assert seen["rearrange"] == 50 and seen["compile"] == "default"
    assert seen["optimizer"].param_groups[0]["fused"]
    assert Allocator.calls == [-1, -2, -3]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_keeping_memory_changes_no_bit() -> None:
    model, history = trained()
    kept, recorded = trained(keep_memory=True)
    assert recorded.step_losses == history.step_losses
    assert all(torch.equal(a, b) for a, b in zip(kept.parameters(), model.parameters(), strict=True))


LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or not LARGE_PAGES.is_file() or "[never]" in LARGE_PAGES.read_text(),
    reason="no glibc, or a kernel without large pages",
)
def test_kept_memory_is_asked_for_in_large_pages() -> None:
    code = """if True:
        from pathlib import Path
        from coursekit.training.engine import keep_memory

        def heap():
            maps = Path("/proc/self/smaps").read_text().partition("[heap]")[2].splitlines()
            flags = next(line for line in maps if line.startswith("VmFlags"))
            size = next(line for line in maps if line.startswith("Size"))
            return int(size.split()[1]) // 1024, "hg" in flags.split()

        before = heap()
        keep_memory()
        keep_memory()
        print(before[1], *heap(), heap()[0] - before[0])
    """
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    was, size, large, more = result.stdout.split()
    assert (was, large) == ("False", "True")
    assert 256 <= int(more) <= int(size) < 1024


def test_bfloat16_agrees_to_its_digits() -> None:
    _, history = trained()
    _, recorded = trained(precision="bfloat16", channels_last=True, rearrange=True)
    assert recorded.step_losses[0] == pytest.approx(history.step_losses[0], rel=2**-8)
    assert recorded.step_losses == pytest.approx(history.step_losses, rel=0.05)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("c++") is None, reason="there is no C++ compiler here")
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_run_agrees_up_to_rounding() -> None:
    _, history = trained(mlp)
    model, recorded = trained(mlp, compile=True)
    assert recorded.step_losses == pytest.approx(history.step_losses, rel=1e-4)
    assert set(dict(model.named_parameters())) == set(dict(mlp().named_parameters()))


@pytest.mark.parametrize(
    "optimizer",
    [
        partial(torch.optim.SGD, lr=0.1, momentum=0.9),
        partial(torch.optim.AdamW, lr=1e-3),
        clipped(ADAM, max_norm=0.5),
    ],
)
def test_fused_optimisers_take_the_same_steps(optimizer) -> None:
    _, history = trained(mlp, optimizer)
    _, recorded = trained(mlp, optimizer, fused=True)
    assert recorded.step_losses == pytest.approx(history.step_losses, rel=1e-4)


def test_a_fast_run_goes_on_to_the_same_result(tmp_path) -> None:
    options = {"rearrange": True, "channels_last": True, "fused": True}
    whole, history = trained(deep_cnn, **options)
    with seeded(0):
        model = deep_cnn()
    pixels, labels = images()
    for epochs in (1, 2):
        again = fit(
            model,
            (pixels, labels),
            epochs=epochs,
            batch_size=50,
            optimizer=ADAM,
            prepare=lambda x: x.float() / 255,
            checkpoint=tmp_path / "run.pt",
            progress=False,
            **options,
        )
    assert again.step_losses == history.step_losses
    for ours, theirs in zip(model.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_what_is_chosen_is_in_the_history_and_printed_once(capsys) -> None:
    with seeded(0):
        model = course_cnn()
    history = fit(model, images(), epochs=2, batch_size=50, optimizer=ADAM, **AUTO)
    assert list(history.chosen) == list(AUTO)
    assert history.chosen["channels_last"] is True and history.chosen["compile"] is False
    printed = capsys.readouterr().out
    assert printed.count("chosen for 10 steps: ") == 1
    assert "channels last, rearrange, fused" in printed
    _, silent = trained(**AUTO)
    assert silent.chosen == history.chosen
    assert capsys.readouterr().out == ""
    assert trained()[1].chosen == {}


def choose(
    model: nn.Module, optimizer=ADAM, *, device: torch.device = CPU, steps=100, batch_size=64, **asked
):
    made = optimizer(model.parameters())
    return Engine.choose(AUTO | asked, model, made, device=device, steps=steps, batch_size=batch_size)


@pytest.mark.parametrize("able", [False, True])
def test_the_choice_follows_model_batch_and_device(able, monkeypatch) -> None:
    monkeypatch.setattr(engines, "computes_in_bfloat16", lambda device: able)
    half = "bfloat16" if able else "float32"
    gpu = torch.device("cuda")
    for build, device, batch_size, expected in (
        (deep_cnn, CPU, 64, half),
        (deep_cnn, CPU, 8, "float32"),
        (course_cnn, CPU, 64, "float32"),
        (course_cnn, gpu, 64, half),
        (course_cnn, gpu, 8, "float32"),
    ):
        images_engine = choose(build(), device=device, batch_size=batch_size)
        assert images_engine.precision == expected
        assert images_engine.channels_last and images_engine.rearrange and images_engine.fused
    vectors = choose(mlp())
    assert (vectors.precision, vectors.channels_last, vectors.rearrange) == ("float32", False, False)
    assert not choose(mlp(), steps=10**9).compile


def test_a_long_run_on_a_gpu_is_compiled(monkeypatch) -> None:
    monkeypatch.setattr(engines, "computes_in_bfloat16", lambda device: True)
    monkeypatch.setattr(engines.shutil, "which", lambda program: f"/usr/bin/{program}")
    gpu = torch.device("cuda")
    assert choose(mlp(), device=gpu, steps=engines.LONG).compile
    assert not choose(mlp(), device=gpu, steps=engines.LONG - 1).compile
    assert not choose(mlp(), device=gpu, steps=engines.LONG).keep_memory
    monkeypatch.setattr(engines.shutil, "which", lambda program: None)
    assert not choose(mlp(), device=gpu, steps=engines.LONG).compile


def test_what_is_asked_for_is_not_chosen() -> None:
    assert choose(course_cnn(), **PLAIN) == Engine(**PLAIN)
    assert str(Engine(**PLAIN)) == "float32, channels first"
    everything = Engine(**dict.fromkeys(AUTO, True) | {"precision": "bfloat16"})
    assert (
        str(everything) == "bfloat16, channels last, rearrange, compile, fused, keep memory, flush denormal"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "half"}, r"precision is 'half'; choose 'float32', 'bfloat16' or 'auto'$"),
        ({"compile": "yes"}, r"compile is 'yes'; choose True, False or 'auto'$"),
        ({"rearrange": None}, r"rearrange is None; choose True, False or 'auto'$"),
    ],
)
def test_values_that_are_no_choice_are_named(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        trained(**options)


def test_optimisers_without_a_fused_step() -> None:
    rmsprop = partial(torch.optim.RMSprop, lr=1e-3)
    assert choose(mlp(), rmsprop).fused is False
    with pytest.raises(
        ValueError, match=r"fused is True, but torch has no fused RMSprop .* pass fused=False or"
    ):
        trained(mlp, rmsprop, fused=True)
    differentiable = torch.optim.Adam(mlp().parameters(), differentiable=True)
    with pytest.raises(ValueError, match=r"no fused Adam with these settings"):
        fuse(differentiable)


def test_another_c_library_is_named(monkeypatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert choose(mlp()).keep_memory is False
    with pytest.raises(ValueError, match=r"keep_memory is True, but .* no mallopt; pass False or 'auto'$"):
        keep_memory()


@pytest.mark.parametrize(("first", "then"), [(True, False), (False, True)])
def test_a_resumed_run_computes_its_steps_as_it_is_asked_to(tmp_path, first: bool, then: bool) -> None:
    made: list[torch.optim.Optimizer] = []

    def adam(parameters):
        made.append(ADAM(parameters))
        return made[-1]

    with seeded(0):
        model = course_cnn()
    settings = {"batch_size": 50, "optimizer": adam, "progress": False, "checkpoint": tmp_path / "run.pt"}
    fit(model, images(), epochs=1, fused=first, **settings)
    fit(model, images(), epochs=2, fused=then, **settings)
    assert [bool(optimizer.param_groups[0]["fused"]) for optimizer in made] == [first, then]
