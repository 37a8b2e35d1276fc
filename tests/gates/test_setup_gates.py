"""setup.sh says in one sentence what is in the way, and leaves nothing behind."""

import shutil
from pathlib import Path

import pytest

OLD = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.1"\nexit 1\n'
NO_VENV = """#!/bin/sh
[ "$1" = --version ] && echo "Python 3.12.0"
case "$2" in *ensurepip*) exit 1 ;; esac
exit 0
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder to be the whole PATH: the shell's tools, no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "ls", "df", "awk", "mkdir", "rmdir", "rm"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def setup(tmp_path: Path, root: Path, run, **variables: str):
    variables = {"PYTHON": "", **variables}
    return run("sh", root / "book" / "_tools" / "setup.sh", tmp_path / "venv", cwd=root, **variables)


def fake(tools: Path, script: str, name: str = "python3") -> Path:
    path = tools / name
    path.write_text(script)
    path.chmod(0o755)
    return path


def check_one_sentence(result, *parts: str) -> None:
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if not line.startswith("Setting up")]
    assert len(lines) == 1, result.stderr
    for part in parts:
        assert part in lines[0]


def test_no_python(tmp_path: Path, root: Path, run, tools: Path) -> None:
    result = setup(tmp_path, root, run, PATH=str(tools))
    check_one_sentence(result, "No Python 3.11, 3.12 or 3.13 on the PATH", "make PYTHON=")


def test_python_too_old(tmp_path: Path, root: Path, run, tools: Path) -> None:
    fake(tools, OLD)
    result = setup(tmp_path, root, run, PATH=str(tools))
    check_one_sentence(result, "No Python 3.11, 3.12 or 3.13", "python3 is Python 3.8.1")


def test_chosen_python_too_old(tmp_path: Path, root: Path, run, tools: Path) -> None:
    old = fake(tools, OLD, "old")
    result = setup(tmp_path, root, run, PYTHON=str(old))
    check_one_sentence(result, f"PYTHON={old} is Python 3.8.1", "needs Python 3.11, 3.12 or 3.13")


def test_no_venv_module(tmp_path: Path, root: Path, run, tools: Path) -> None:
    fake(tools, NO_VENV)
    result = setup(tmp_path, root, run, PATH=str(tools), NEED_GB="0")
    check_one_sentence(result, "has no venv module", "python3-venv")


def test_disk_too_full(tmp_path: Path, root: Path, run) -> None:
    result = setup(tmp_path, root, run, NEED_GB="9999999")
    check_one_sentence(result, "GB are free", "takes up to 9999999 GB", "make VENV=")
    assert not (tmp_path / "venv").exists()


def test_folder_in_the_way(tmp_path: Path, root: Path, run) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "thesis.tex").write_text("kept")
    check_one_sentence(setup(tmp_path, root, run), "is no virtual environment", "make VENV=")
    assert (tmp_path / "venv" / "thesis.tex").read_text() == "kept"


def test_environment_whose_python_is_gone_is_made_anew(tmp_path: Path, root: Path, run) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "pyvenv.cfg").write_text("home = /gone\n")
    check_one_sentence(setup(tmp_path, root, run, NEED_GB="9999999"), "GB are free")
    assert not (tmp_path / "venv").exists()
