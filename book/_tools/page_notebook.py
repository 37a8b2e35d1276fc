"""One page as a notebook: built from its Markdown, run, its checked outputs kept, saved beside it."""

import hashlib
import sys
import time
from pathlib import Path
from textwrap import dedent

import jupytext
import nbclient
import nbformat
import yaml
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).parent))
import chapters
import kinds

LANGUAGE = {"name": "python"}
BOOTSTRAP = """
    # Brings coursekit where it is missing, on Colab for instance; does nothing where it is installed.
    import importlib.util
    import os
    import subprocess
    import sys
    from pathlib import Path

    if importlib.util.find_spec("coursekit") is None:
        here = Path.cwd()
        root = next((p for p in [here, *here.parents] if (p / "coursekit/__init__.py").is_file()), None)
        if root is None:
            root = here / "course-companion"
            if not root.exists():
                clone = ["git", "clone", "--quiet", "--depth", "1", "{repository}"]
                subprocess.run([*clone, str(root)], check=True)
            os.chdir(root / "{folder}")
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", str(root)], check=True)
        importlib.invalidate_caches()
"""


def notebook(page: Path, root: Path) -> NotebookNode:
    """The notebook of a page without outputs: bootstrap cell first, cell ids by content.

    Raises
    ------
    ValueError
        If a cell's tags make no sense; the message names the page and quotes the cell.
    """
    source = jupytext.read(page)
    for cell in code_cells(source):
        try:
            kind = kinds.kind_of(cell)
        except ValueError as error:
            raise ValueError(f"{page.name}: {error}, in the cell\n{cell.source}") from None
        if kind in (kinds.EXACT, kinds.APPROXIMATE):
            cell.metadata.tags.append("nbval-check-output")
    first = nbformat.v4.new_code_cell(bootstrap(page, root))
    first.metadata.update({"cellView": "form", "tags": ["bootstrap"]})
    cells = [first, *source.cells]
    seen: set[str] = set()
    for cell in cells:
        text, copies = f"{cell.cell_type}:{cell.source}", 0
        while (name := hashlib.sha256(f"{copies}:{text}".encode()).hexdigest()[:12]) in seen:
            copies += 1
        seen.add(name)
        cell.id = name
    kept = ("kernelspec", "coursekit")
    metadata = {key: source.metadata[key] for key in kept if key in source.metadata}
    metadata["language_info"] = dict(LANGUAGE)
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def bootstrap(page: Path, root: Path) -> str:
    """Source of the first cell; the repository's address is that of ``_config.yml``."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    folder = page.parent.relative_to(root).as_posix()
    text = dedent(BOOTSTRAP).strip()
    return text.replace("{repository}", config["repository"]["url"]).replace("{folder}", folder)


def code_cells(book_page: NotebookNode) -> list[NotebookNode]:
    """The code cells of a notebook in order."""
    return [cell for cell in book_page.cells if cell.cell_type == "code"]


def execute(page: Path, root: Path) -> tuple[NotebookNode, float]:
    """Run a page in its folder with none of coursekit's variables set; also the seconds it took."""
    result = notebook(page, root)
    client = nbclient.NotebookClient(
        result,
        timeout=900,
        resources={"metadata": {"path": str(page.parent)}},
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    start = time.perf_counter()
    client.execute(env={**chapters.clean_environment(), "OMP_NUM_THREADS": "1"})
    return result, time.perf_counter() - start


def keep_checked(result: NotebookNode) -> NotebookNode:
    """Drop every output but those of checked cells, and all that differs from run to run.

    Raises
    ------
    ValueError
        If a cell writes warnings, or a checked cell has no output; the message quotes the cell.
    """
    for cell in code_cells(result):
        kind = kinds.kind_of(cell)
        wrong = kinds.complaint(cell.outputs, cell.metadata.get("tags", []))
        if wrong:
            raise ValueError(f"{wrong}\nin the cell\n{cell.source}")
        cell.metadata.pop("execution", None)
        cell.execution_count = None
        if kind == kinds.FREE:
            cell.outputs = []
            continue
        if not cell.outputs:
            raise ValueError(f"nothing to compare: no output in the {kind} cell\n{cell.source}")
        cell.execution_count = 1
        cell.outputs = merged(cell.outputs)
    result.metadata["language_info"] = dict(LANGUAGE)
    return result


def merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with the pieces of one stream put together and counts set to 1."""
    result: list[NotebookNode] = []
    for output in outputs:
        previous = result[-1] if result else None
        stream = output.output_type == "stream"
        if stream and previous is not None and previous.get("name") == output.name:
            previous.text += output.text
            continue
        if output.output_type == "execute_result":
            output.execution_count = 1
        result.append(output)
    return result


def needs_a_run(empty: NotebookNode) -> bool:
    """Whether the notebook has cells whose outputs are stored."""
    return any(kinds.kind_of(cell) != kinds.FREE for cell in code_cells(empty))


def save(result: NotebookNode, page: Path) -> None:
    """Write beside the page, only when the bytes differ."""
    nbformat.validate(result)
    text = nbformat.writes(result, indent=1) + "\n"
    target = page.with_suffix(".ipynb")
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        beside = target.with_suffix(".partial")
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)


def with_stored_outputs(page: Path, root: Path) -> NotebookNode:
    """The page's notebook with the outputs that the file beside it holds, cell by cell."""
    result = notebook(page, root)
    target = page.with_suffix(".ipynb")
    if target.is_file():
        stored = {cell.id: cell for cell in code_cells(nbformat.read(target, as_version=4))}
        for cell in code_cells(result):
            if kinds.kind_of(cell) != kinds.FREE and cell.id in stored:
                cell.outputs = stored[cell.id].outputs
                cell.execution_count = stored[cell.id].execution_count
    return result


def steady(fresh: NotebookNode, page: Path, root: Path) -> NotebookNode:
    """`fresh` with the stored outputs of approximate cells that still agree: no change without a reason."""
    stored = {cell.id: cell for cell in code_cells(with_stored_outputs(page, root))}
    for cell in code_cells(fresh):
        known = stored.get(cell.id)
        compared = kinds.kind_of(cell) == kinds.APPROXIMATE and known is not None and known.outputs
        if compared and kinds.disagreement(cell, known.outputs, cell.outputs) is None:
            cell.outputs = known.outputs
    return fresh
