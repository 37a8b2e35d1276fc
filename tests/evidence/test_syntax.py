"""What moves the text of a definition, and which definitions are reached, on a package made for it."""

import ast
from pathlib import Path

import pytest

from coursekit.evidence.syntax import Scope, canonical

PACKAGE = {
    "__init__.py": "",
    "models/__init__.py": "from kit.models.cnn import cnn, wide\nfrom kit.models.mlp import mlp\n",
    "models/cnn.py": (
        "import math\nfrom kit.helpers import half\nKERNEL = 3\nSPARE = 5\n"
        "def cnn(size):\n    return half(size) * KERNEL\n"
        "def wide(size):\n    return size * SPARE\n"
    ),
    "models/mlp.py": "def mlp():\n    return 1\n",
    "helpers.py": "def half(size):\n    from kit.deep import depth\n    return size // depth()\n",
    "deep.py": (
        "RULES = {}\ndef depth():\n    return 2\ndef unused():\n    return 3\n"
        "def known(f):\n    return f\n@known\ndef listed():\n    return 4\nRULES['a'] = listed\n"
    ),
    "figures.py": "def draw():\n    return 0\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in PACKAGE.items():
        path = tmp_path / "kit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "kit"


def reached(package: Path, *cells: tuple[str, bool]) -> dict[str, str]:
    scope = Scope(package, excluded=("kit.figures",))
    scope.add_cells([(ast.parse(source), marked) for source, marked in cells])
    return {name: "\n".join(map(ast.unparse, found)) for name, found in scope.reached().items()}


@pytest.mark.parametrize(
    "source",
    [
        "from kit.models import cnn\ncnn(4)",
        "import kit.models\nkit.models.cnn(4)",
        "from kit.models.cnn import cnn\ncnn(4)",
        "from kit import models\nmodels.cnn(4)",
        "def later():\n    from kit.models import cnn as build\n    return build(4)",
    ],
)
def test_every_way_to_import_reaches_the_same(package: Path, source: str) -> None:
    found = reached(package, (source, True))
    assert set(found) == {"chapter", "kit.models.cnn", "kit.helpers", "kit.deep"}
    assert "KERNEL" in found["kit.models.cnn"]
    assert "wide" not in found["kit.models.cnn"] and "SPARE" not in found["kit.models.cnn"]
    assert "unused" not in found["kit.deep"]


def test_what_a_module_does_at_import_counts(package: Path) -> None:
    found = reached(package, ("from kit.deep import depth\ndepth()", True))["kit.deep"]
    assert "RULES['a'] = listed" in found and "def listed" in found and "def known" in found


@pytest.mark.parametrize(
    ("imported", "decorator", "counts"),
    [
        ("from functools import cache", "@cache", False),
        ("from functools import cache as once", "@once", False),
        ("import functools", "@functools.cache", False),
        ("from functools import lru_cache", "@lru_cache(maxsize=1)", False),
        ("import functools", "@functools.lru_cache(1)", False),
        ("from functools import lru_cache", "@lru_cache(maxsize=depth())", True),
        ("from functools import singledispatch", "@singledispatch", True),
        ("from elsewhere import cache", "@cache", True),
        ("def cache(f):\n    return f", "@cache", True),
    ],
)
def test_a_cached_function_does_nothing_at_import(
    package: Path, imported: str, decorator: str, counts: bool
) -> None:
    (package / "deep.py").write_text(
        f"{imported}\ndef depth():\n    return 2\n{decorator}\ndef kept():\n    return 5\n"
    )
    assert (
        "def kept" in reached(package, ("from kit.deep import depth\ndepth()", True))["kit.deep"]
    ) == counts
    assert "def kept" in reached(package, ("from kit.deep import kept\nkept()", True))["kit.deep"]


def test_a_module_used_as_a_value_counts_as_a_whole(package: Path) -> None:
    found = reached(package, ("from kit import models\nuse(models)", True))
    assert "wide" in found["kit.models.cnn"] and "kit.models.mlp" in found


def test_excluded_modules_are_not_followed(package: Path) -> None:
    assert set(reached(package, ("from kit.figures import draw\ndraw()", True))) == {"chapter"}


def test_other_cells_supply_imports_and_definitions_only(package: Path) -> None:
    cells = [("from kit.models import mlp\nrate = 0.1\nother = 2\nprint(other)", False), ("mlp(rate)", True)]
    found = reached(package, *cells)
    assert set(found) == {"chapter", "kit.models.mlp"}
    assert found["chapter"] == "rate = 0.1\nmlp(rate)"


def test_relative_imports_and_conditional_ones_are_followed(package: Path) -> None:
    (package / "models" / "more.py").write_text(
        "if True:\n    from ..helpers import half\nfrom .mlp import mlp\n"
        "def more():\n    return half(mlp())\n"
    )
    found = reached(package, ("from kit.models.more import more\nmore()", True))
    assert {"kit.models.more", "kit.models.mlp", "kit.helpers", "kit.deep"} <= set(found)


@pytest.mark.parametrize(
    "same",
    [
        "def f(x):\n    return (x +\n            1)",
        'def f(x):\n    """Says what f does."""\n    return x + 1  # why',
        "# a comment\n\ndef f( x ): return x+1",
    ],
)
def test_looks_do_not_count(same: str) -> None:
    assert canonical(ast.parse(same)) == canonical(ast.parse("def f(x):\n    return x + 1"))


@pytest.mark.parametrize(
    "other",
    [
        "def f(x):\n    return x + 1.0",
        "def f(x):\n    return x - 1",
        "def f(x, y=None):\n    return x + 1",
        "def f(x):\n    return 1 + x",
        "async def f(x):\n    return x + 1",
        "def f(x):\n    return None",
        "def f(x):\n    return",
    ],
)
def test_meaning_counts(other: str) -> None:
    assert canonical(ast.parse(other)) != canonical(ast.parse("def f(x):\n    return x + 1"))


def test_a_returned_none_differs_from_a_bare_return_and_so_does_a_string() -> None:
    texts = [
        canonical(ast.parse(f"def f():\n    return{x}")) for x in ("", " None", " 'None'", " False", " 0")
    ]
    assert len(set(texts)) == len(texts)


def test_the_text_is_the_same_for_every_python() -> None:
    # Newer Pythons add fields to these nodes; the text is written out so that none may slip in.
    text = canonical(ast.parse("def f(x: int, *, y=2):\n    return [x]"))
    assert text == (
        "Module(body=[FunctionDef(name='f',args=arguments(args=[arg(arg='x',annotation="
        "Name(id='int',ctx=Load()))],kwonlyargs=[arg(arg='y')],kw_defaults=[Constant(2)]),"
        "body=[Return(value=List(elts=[Name(id='x',ctx=Load())],ctx=Load()))])])"
    )
