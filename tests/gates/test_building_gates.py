"""The build beside the tests: they wait for it, and what breaks it breaks the run."""

from pathlib import Path

import pytest

TEST = """
from pathlib import Path

import pytest
from building import wait_for_pages

ROOT = Path(__file__).parent


@pytest.fixture
def html() -> str:
    wait_for_pages(ROOT)
    return (ROOT / "page").read_text()


def test_pages(html: str) -> None:
    assert html == "whole"


def test_without_pages() -> None:
    assert ROOT.is_dir()
"""


@pytest.fixture
def beside(tmp_path: Path, run):
    """Run two tests, one of which needs the pages, beside a build by these commands of the shell."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_pages.py").write_text(TEST)

    def beside(commands: str, *more: str):
        (tmp_path / "build.sh").write_text(commands)
        options = ("-p", "building", "--build-book", "sh build.sh", "-p", "no:cacheprovider", *more)
        return run("python", "-m", "pytest", *options, cwd=tmp_path, COURSEKIT_PROFILE="full")

    return beside


def test_tests_wait_for_the_pages(beside, tmp_path: Path) -> None:
    result = beside("sleep 1; printf half > page; sleep 1; printf whole > page")
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout
    assert not (tmp_path / "_build" / ".building").exists()


def test_what_needs_the_pages_comes_last(beside) -> None:
    listed = beside("printf whole > page", "-v").stdout
    assert listed.index("test_without_pages PASSED") < listed.index("test_pages PASSED")


def test_the_build_sees_quick_scale(beside, tmp_path: Path) -> None:
    beside('printf "scale: <$COURSEKIT_PROFILE>" > seen')
    assert (tmp_path / "seen").read_text() == "scale: <>"


def test_a_build_that_fails_turns_the_run_red(beside) -> None:
    result = beside("echo a page is broken; exit 3")
    assert result.returncode == 1
    assert "1 passed, 1 error" in result.stdout
    assert "the pages could not be built: see _build/book.log" in result.stdout
    assert "the pages could not be built (exit status 3)" in result.stdout
    assert "a page is broken" in result.stdout


def test_a_build_that_fails_late_turns_the_run_red_although_all_tests_pass(beside, tmp_path: Path) -> None:
    (tmp_path / "test_pages.py").write_text("def test_without_pages() -> None:\n    assert 1 + 1 == 2\n")
    result = beside("sleep 2; echo a page is broken; exit 3")
    assert "1 passed" in result.stdout
    assert "a page is broken" in result.stdout
    assert result.returncode == 1


def test_a_failed_or_killed_build_does_not_hold_the_next_run(tmp_path: Path, beside, run) -> None:
    (tmp_path / "page").write_text("whole")
    state = tmp_path / "_build" / ".building"
    assert beside("kill -9 $$").returncode == 1
    assert not state.exists()
    state.write_text("4194304")  # above the largest number that Linux gives a process
    alone = run("python", "-m", "pytest", "-p", "building", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "2 passed" in alone.stdout
    assert not state.exists()
