"""The digest of an experiment: what moves it and what does not, on the package itself."""

import shutil
from pathlib import Path

import pytest

from coursekit.evidence.chapters import PACKAGE
from coursekit.evidence.provenance import DataUsed, code_of, code_sha256, versions


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    copy = tmp_path / "coursekit"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_the_digest_covers_the_model_and_nothing_it_does_not_name(book: Path) -> None:
    code = code_of("course.1a", book=book)
    assert code.modules == ("coursekit.models.cnn",)
    assert code.sha256 == code_sha256("course.1a", book=book)


def test_the_digest_moves_with_the_code_alone(book: Path, package: Path) -> None:
    def digest() -> str:
        return code_of("course.1a", book=book, package=package).sha256

    before, cnn, chapter = digest(), package / "models" / "cnn.py", book / "part" / "chapter.md"
    (package / "models" / "other.py").write_text("def other():\n    return 1\n")
    edit(package / "models" / "__init__.py", "__all__ = [", "from .other import other\n\n__all__ = [")
    cnn.write_text(cnn.read_text() + "\n\ndef unused() -> int:\n    return 1\n")
    edit(chapter, "# A question", "# A better question")
    edit(
        chapter, "def train_once(seed, epochs):", '# once\ndef train_once( seed, epochs ):\n    """Train."""'
    )
    assert digest() == before

    edit(chapter, "return course_cnn()", "return course_cnn(classes=11)")
    changed = digest()
    assert changed != before
    edit(cnn, "conv=nn.Conv2d(in_channels, 32,", "conv=nn.Conv2d(in_channels, 33,")
    assert digest() not in (before, changed)


def test_a_chapter_without_experiment_is_named(book: Path) -> None:
    edit(book / "part" / "chapter.md", "[experiment]", "[exact]")
    with pytest.raises(LookupError, match=r"chapter\.md has no cell tagged 'experiment'"):
        code_of("course.1a", book=book)


def test_a_cell_that_is_no_python_is_named_with_its_line(book: Path) -> None:
    edit(book / "part" / "chapter.md", "return course_cnn()", "return ((")
    with pytest.raises(ValueError, match=r"chapter\.md, line 15: the cell is not plain Python"):
        code_of("course.1a", book=book)


def test_what_is_kept_of_the_data(toys: type) -> None:
    assert DataUsed.of(toys()) == DataUsed("toys", "real", "Toys, 6 + 4 images", "d" * 64, 6, 4)


def test_versions_are_those_that_run() -> None:
    import platform

    import torch

    assert versions()["python"] == platform.python_version()
    assert versions()["torch"] == torch.__version__
