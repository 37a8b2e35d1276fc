"""nbval with the book's kinds of cells rejects what it should: one notebook, every cell a case of its own."""

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import nbformat
import pytest


class Case(NamedTuple):
    """A cell, what is stored under it, and what the gate must say of it (nothing: it passes)."""

    tags: tuple[str, ...]
    source: str
    stored: str | None
    complaint: str = ""


CASES = {
    "free cell that runs": Case((), "1 + 1", None),
    "free cell that raises": Case((), "1 / 0", None, "ZeroDivisionError"),
    "exact, same": Case(("exact",), "print('a', 1)", "a 1\n"),
    "exact, other": Case(("exact",), "print('a', 2)", "a 1\n", "Cell outputs differ"),
    "exact, stripped": Case(("exact",), "print('a', 3)", None, "compares nothing"),
    "exact, silent now": Case(("exact",), "_ = 'a'", "a 1\n", "Cell outputs differ"),
    "approximate, within": Case(("approximate",), "print('loss 0.98')", "loss 1.00\n"),
    "approximate, beyond": Case(
        ("approximate",), "print('loss 0.80')", "loss 1.00\n", "0.80 is not within 5 % of 1.00"
    ),
    "approximate, tight": Case(
        ("approximate", "rtol-0.001"), "print('loss 0.980')", "loss 1.000\n", "not within 0.1 %"
    ),
    "approximate, wide": Case(("approximate", "rtol-0.5"), "print('loss 0.8')", "loss 1.0\n"),
    "approximate, other words": Case(
        ("approximate",), "print('error 1.00')", "loss 1.00\n", "'error' instead of 'loss'"
    ),
    "approximate, a number more": Case(
        ("approximate",), "print('loss 1.00 1.00')", "loss 1.00\n", "2 numbers instead of 1"
    ),
    "approximate, not a number": Case(
        ("approximate",), "print('loss nan')", "loss 1.00\n", "nan is not within"
    ),
    "approximate, stripped": Case(("approximate",), "print('b')", None, "compares nothing"),
    "warning": Case((), "import warnings; warnings.warn('old')", None, "writes to stderr"),
    "traceback in print": Case(
        (),
        "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    print(traceback.format_exc())",
        None,
        "a warning or a traceback",
    ),
    "error that was announced": Case(("raises-exception",), "1 / 0 + 1", None),
    "error that did not come": Case(("raises-exception",), "1 + 2", None, "raises none"),
    "misspelt kind": Case(("exactly",), "1 + 3", None, "'exactly' is unknown"),
    "two kinds": Case(("exact", "approximate"), "1 + 4", None, "of one kind"),
    "tolerance in vain": Case(("rtol-0.1",), "1 + 5", None, "means nothing"),
}
NAMES = list(CASES)
SHARE = "compared: 4 exact, 8 approximate of 18 code cells (67 %)"


def notebook(cases: list[Case]) -> nbformat.NotebookNode:
    """A notebook of these cells."""
    cells = []
    for case in cases:
        cell = nbformat.v4.new_code_cell(case.source)
        cell.metadata.tags = list(case.tags)
        if case.stored is not None:
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=case.stored)]
            cell.execution_count = 1
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def failures(folder: Path, run, cases: list[Case], share: str, *options: str, **variables: str) -> list[str]:
    """For each case what nbval said, an empty text when it passed."""
    nbformat.write(notebook(cases), folder / "cases.ipynb")
    result = run(
        *("python", "-m", "pytest", "-p", "nbval_kinds", "-p", "no:cacheprovider"),
        *("--nbval-lax", "--nbval-current-env", "--junitxml=result.xml", "cases.ipynb", *options),
        cwd=folder,
        **variables,
    )
    assert (folder / "result.xml").is_file(), result.stdout + result.stderr
    found = ElementTree.parse(folder / "result.xml").iter("testcase")
    said = {case.get("name"): "".join(case.itertext()) for case in found}
    assert len(said) == len(cases)
    failed = result.returncode == 1
    assert failed == any(said.values())
    assert share in result.stdout
    return [said[f"Cell {number}"] for number in range(len(cases))]


@pytest.fixture(scope="module")
def said(tmp_path_factory, run) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("cases")
    return dict(zip(NAMES, failures(folder, run, list(CASES.values()), SHARE), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_cell(name: str, said: dict[str, str]) -> None:
    expected = CASES[name].complaint
    if expected:
        assert expected in said[name]
    else:
        assert said[name] == ""


@pytest.mark.parametrize(
    "variables", [{"COURSEKIT_PROFILE": "full"}, {"COURSEKIT_DATA": "."}, {"COURSEKIT_EPOCHS": "1"}]
)
def test_at_full_scale_on_real_data_or_with_bounded_epochs_only_exact_cells_are_compared(
    tmp_path: Path, run, variables: dict[str, str]
) -> None:
    names = ["approximate, beyond", "approximate, stripped", "exact, other"]
    cases = [CASES[name] for name in names]
    share = "compared: 1 exact, 2 approximate of 3 code cells (100 %)"
    beyond, stripped, other = failures(tmp_path, run, cases, share, **variables)
    assert beyond == ""
    assert "compares nothing" in stripped
    assert "Cell outputs differ" in other


@pytest.mark.parametrize(("options", "epochs"), [((), "1"), (("--nbval-offline",), "None")])
def test_cells_see_the_variables_that_are_set_but_offline_none_of_coursekit(
    tmp_path: Path, run, options: tuple[str, ...], epochs: str
) -> None:
    source = "import os\nprint(*map(os.environ.get, ('OMP_NUM_THREADS', 'COURSEKIT_EPOCHS')))"
    case = Case(("exact",), source, f"1 {epochs}\n")
    share = "compared: 1 exact"
    assert failures(tmp_path, run, [case], share, *options, COURSEKIT_EPOCHS="1") == [""]
