"""ruff, mypy, codespell and the doctests, with the project's settings, reject broken code."""

from pathlib import Path

import pytest

SOUND = '''"""A module."""


def double(number: int) -> int:
    """Twice.

    >>> double(2)
    4
    """
    return 2 * number
'''
MISSPELT = "T" + "eh"
COMMANDS = {
    "format": ("ruff", "format", "--check", "--config"),
    "lint": ("ruff", "check", "--config"),
    "types": ("mypy", "--config-file"),
    "spelling": ("codespell_lib", "--toml"),
    "doctest": ("pytest", "-p", "no:cacheprovider", "-c"),
}


def gate(name: str, source: str, folder: Path, root: Path, run):
    (folder / "module.py").write_text(source)
    settings = root / "pyproject.toml"
    return run("python", "-m", *COMMANDS[name], settings, "module.py", cwd=folder)


@pytest.mark.parametrize("name", COMMANDS)
def test_sound_code_passes(name: str, tmp_path: Path, root: Path, run) -> None:
    result = gate(name, SOUND, tmp_path, root, run)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("format", "2 * number", "2*number", "module.py"),
        ("lint", '"""A module."""', '"""A module."""\n\nimport os', "F401"),
        ("lint", "2 * number", f"2 * number  # {'long ' * 20}", "E501"),
        ("types", "number: int", "number", "no-untyped-def"),
        ("types", "2 * number", "str(number)", "return-value"),
        ("types", '"""A module."""', "import no_such_package", "import-not-found"),
        ("spelling", "Twice", MISSPELT, MISSPELT),
        ("doctest", "    4\n", "    5\n", "Expected:"),
    ],
)
def test_broken_code(name: str, old: str, new: str, reason: str, tmp_path: Path, root: Path, run) -> None:
    result = gate(name, SOUND.replace(old, new), tmp_path, root, run)
    assert result.returncode != 0
    assert reason in result.stdout + result.stderr


def test_a_warning_fails_a_test(tmp_path: Path, root: Path, run) -> None:
    source = "import warnings\n\n\ndef test_old() -> None:\n    warnings.warn('old', stacklevel=1)\n"
    (tmp_path / "test_module.py").write_text(source)
    command = ("python", "-m", "pytest", "-p", "no:cacheprovider", "-c", root / "pyproject.toml")
    result = run(*command, "test_module.py", cwd=tmp_path)
    assert result.returncode == 1
    assert "UserWarning: old" in result.stdout


def test_a_test_that_passed_runs_again_after_any_change(tmp_path: Path, root: Path, run) -> None:
    project = tmp_path / "project"
    for name in ("tests/book/unchanged.py", "book/_tools/chapters.py", "requirements.txt"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text((root / name).read_text())
    long = "import time\n\n\ndef test_long() -> None:\n    time.sleep(1.1)\n"
    (project / "tests" / "test_long.py").write_text(long)
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")

    def outcome() -> str:
        options = ("-p", "unchanged", "--skip-unchanged", "-p", "no:cacheprovider", "tests")
        variables = {
            "PYTHONPATH": str(project / "tests" / "book"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        return run("python", "-m", "pytest", *options, cwd=project, **variables).stdout

    assert "1 passed" in outcome()
    assert "1 skipped" in outcome()
    (project / "requirements.txt").write_text("changed")
    assert "1 passed" in outcome()
    (project / "tests" / "test_long.py").write_text(long + "    assert False\n")
    assert "1 failed" in outcome()
    assert "1 failed" in outcome()
