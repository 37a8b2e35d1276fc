"""The command line: what each command prints, and one sentence instead of a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from coursekit.__main__ import main
from coursekit.data import REGISTRY
from coursekit.evidence import load_claims


def printed(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    streams = capsys.readouterr()
    return status, streams.out, streams.err


@pytest.fixture
def offline(monkeypatch) -> None:
    for name in ("COURSEKIT_DATA", "COURSEKIT_DOWNLOAD", "COURSEKIT_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_info_names_versions_scale_device_and_data(capsys, offline) -> None:
    status, out, _ = printed(capsys, "info")
    facts = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert status == 0
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["scale"] == "quick"
    assert facts["data"] == "offline sets (COURSEKIT_DATA is unset)"


def test_data_list_shows_every_data_set_with_its_licence(capsys, offline) -> None:
    status, out, _ = printed(capsys, "data", "list")
    assert status == 0
    for name, source in REGISTRY.items():
        assert f"{name}: {source.title}" in out
        assert source.licence in out
    assert out.count("not here: its offline set stands in") == len(REGISTRY)


def keep_the_files_of(part: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A data folder with one data set of which nothing but the bytes' number is right."""
    monkeypatch.setenv("COURSEKIT_DATA", str(folder))
    paths = [folder / file.path for file in REGISTRY[part].files]
    for path, file in zip(paths, REGISTRY[part].files, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(file.size))
    return paths


def test_data_list_tells_whole_sets_from_parts(capsys, offline, monkeypatch, tmp_path) -> None:
    keep_the_files_of("kmnist-part", tmp_path, monkeypatch)
    status, out, _ = printed(capsys, "data", "list")
    assert status == 0
    assert [line.strip() for line in out.splitlines()[2::3]] == [
        "not here: python -m coursekit data fetch fashion-mnist",
        "here in part: kmnist-part stands in for it",
        "here",
        "not here: python -m coursekit data fetch cifar-10",
        "not here, and offered nowhere for download",
        "not here: python -m coursekit data fetch imdb",
        "not here, and offered nowhere for download",
        "not here: python -m coursekit data fetch glove.6b",
        *["not here, and offered nowhere for download"] * 3,
    ]


def test_data_verify_takes_a_part_for_the_whole_unless_that_is_named(
    capsys, offline, monkeypatch, tmp_path
) -> None:
    paths = [str(path) for path in keep_the_files_of("kmnist-part", tmp_path, monkeypatch)]

    def states(*names: str) -> dict[str, str]:
        _, out, _ = printed(capsys, "data", "verify", *names)
        rows = [line.split() for line in out.splitlines()]
        assert len({row[-1] for row in rows}) == len(rows), "no file twice"
        return {
            row[-1]: " ".join(row[:-2]) for row in rows if "KMNIST/raw" in row[-1] and "Fash" not in row[-1]
        }

    assert states() == dict.fromkeys(paths, "wrong checksum")
    assert sorted(states("kmnist").values()) == ["missing"] * 2 + ["wrong checksum"] * 2
    keep_the_files_of("kmnist", tmp_path, monkeypatch)
    assert len(states()) == 4


def test_data_verify_does_not_miss_the_copies_of_what_is_here(capsys, offline, monkeypatch, tmp_path) -> None:
    keep_the_files_of("kmnist", tmp_path, monkeypatch)
    _, out, _ = printed(capsys, "data", "verify")
    assert "cifar-10-python.tar.gz" in out
    assert "train.tar.xz" not in out
    keep_the_files_of("cifar-10-jpeg", tmp_path, monkeypatch)
    _, out, _ = printed(capsys, "data", "verify")
    assert "cifar-10-python.tar.gz" not in out
    assert out.count(".tar.xz") == 2


def test_data_fetch_names_every_file_once(capsys, offline, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(
        "coursekit.data.registry.fetch", lambda name: [tmp_path / file.path for file in REGISTRY[name].files]
    )
    status, out, _ = printed(capsys, "data", "fetch")
    assert status == 0
    assert sorted(out.splitlines()) == sorted(
        str(tmp_path / path)
        for path in {file.path for source in REGISTRY.values() for file in source.files if file.urls}
    )


def test_data_verify_fails_on_what_is_missing(capsys, offline, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    status, out, _ = printed(capsys, "data", "verify", "fashion-mnist")
    assert status == 1
    assert [line.split()[0] for line in out.splitlines()] == ["missing"] * 4


def test_data_verify_does_not_miss_what_nobody_offers(capsys, offline, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    _, out, _ = printed(capsys, "data", "verify")
    assert "cifar-10-python.tar.gz" in out
    assert "spa-eng" not in out
    status, out, _ = printed(capsys, "data", "verify", "spa-eng")
    assert (status, out.split()[0]) == (1, "missing")
    keep_the_files_of("spa-eng-ist", tmp_path, monkeypatch)
    (tmp_path / "spa-eng/ist/val-eng-spa.txt").unlink()
    _, out, _ = printed(capsys, "data", "verify")
    states = [line.rsplit(maxsplit=2)[0].strip() for line in out.splitlines() if "spa-eng" in line]
    assert states == ["wrong checksum", "missing", "wrong checksum"]


def test_data_verify_accepts_the_real_files(capsys, real_data) -> None:
    status, out, _ = printed(capsys, "data", "verify")
    assert status == 0
    assert {line.split()[0] for line in out.splitlines()} == {"ok"}


def test_claims_lists_all_or_those_of_a_question(capsys) -> None:
    _, out, _ = printed(capsys, "claims")
    assert len(out.splitlines()) == len(load_claims())
    _, out, _ = printed(capsys, "claims", "--question", "mannheim.1a")
    assert "mannheim.1a.linear-params" in out
    assert "mannheim.1e" not in out


def test_results_shows_every_recorded_figure(capsys) -> None:
    status, out, _ = printed(capsys, "results")
    assert status == 0
    assert "pixels 200 to 209, test_accuracy: 6.97 %" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data", "fetch"], "COURSEKIT_DATA is not set"),
        (["data", "verify", "fashion"], "COURSEKIT_DATA|no data set 'fashion'"),
        (["run"], "say which question to run, or --all; the questions are "),
        (["run", "mannheim.9z"], "no chapter answers mannheim.9z; the questions are "),
        (["claims", "--question", "mannheim.9z"], "no claim belongs to mannheim.9z"),
    ],
)
def test_mistakes_get_one_sentence(capsys, offline, arguments, message) -> None:
    status, _, err = printed(capsys, *arguments)
    assert status == 1
    assert err.startswith("coursekit: ")
    assert len(err.splitlines()) == 1
    assert any(part in err for part in message.split("|"))


def test_ctrl_c_says_what_is_kept(capsys, offline, monkeypatch) -> None:
    def interrupt(question: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("coursekit.evidence.execution.execute_chapter", interrupt)
    status, _, err = printed(capsys, "run", "mannheim.1a")
    assert status == 130
    assert err == "coursekit: stopped; what was finished is kept\n"


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "coursekit", "--help"], capture_output=True, text=True, check=True
    )
    assert "info" in done.stdout
