"""A small book of its own for every test: one chapter with an experiment, and data that needs no files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from coursekit.profile import Profile

CHAPTER = """\
---
kernelspec: {display_name: Python 3, language: python, name: python3}
coursekit: {question: course.1a, data: [toys]}
---
# A question

```{code-cell} ipython3
%matplotlib inline
from coursekit.models import course_cnn
```

```{code-cell} ipython3
:tags: [experiment]
def train_once(seed, epochs):
    return course_cnn()
```
"""


@dataclass(frozen=True)
class Toys:
    name: str = "toys"
    origin: str = "real"
    title: str = "Toys, 6 + 4 images"
    sha256: str = "d" * 64
    train: range = range(6)
    test: range = range(4)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book with one chapter, for the question course.1a, whose data is registered."""
    import coursekit.data

    monkeypatch.setattr(coursekit.data, "REGISTRY", {"toys": Toys()})
    folder = tmp_path / "book"
    (folder / "part").mkdir(parents=True)
    (folder / "claims.yaml").write_text("[]\n", encoding="utf-8")
    (folder / "part" / "chapter.md").write_text(CHAPTER, encoding="utf-8")
    return folder


@pytest.fixture
def full() -> Profile:
    return Profile(name="full", device=torch.device("cpu"))


@pytest.fixture
def quick() -> Profile:
    return Profile(name="quick", device=torch.device("cpu"))


@pytest.fixture
def toys() -> Callable[..., Toys]:
    return Toys
