"""Writes the notebook beside every page from its Markdown, one way: ``notebooks.py [--check] [PAGE …]``.

Checked cells (tags exact and approximate) keep the outputs of a fresh run at quick scale on offline data;
every other output is left out. Running it again writes the same bytes.
"""

import argparse
import hashlib
import json
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import jupytext
import nbclient
import nbformat
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).parent))
import chapters
import kinds
from page_notebook import (
    code_cells,
    execute,
    keep_checked,
    needs_a_run,
    notebook,
    save,
    steady,
    with_stored_outputs,
)


def main() -> int:
    """Write, check or time the notebooks; the exit status is 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path, help="Markdown pages (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing, run nothing, compare")
    parser.add_argument("--all", action="store_true", help="run pages that did not change, too")
    parser.add_argument("--record-times", action="store_true", help="measure the quick run times")
    parser.add_argument("--root", type=Path, default=chapters.ROOT, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    pages = [page.resolve() for page in arguments.pages] or chapters.pages(root)
    if arguments.check:
        return check(pages, root, orphans=not arguments.pages)
    if arguments.record_times:
        for page in pages:
            record_time(page, root)
    return write(pages, root, again=arguments.all)


def write(pages: list[Path], root: Path, *, again: bool = False) -> int:
    """Write the notebooks, running those whose code or whose surroundings changed."""
    world = chapters.state_of_the_world(root, chapters.clean_environment())
    keys = {page: run_key(notebook(page, root), world) for page in pages}
    due = [page for page in pages if again or remembered(page, root) != keys[page]]
    failed = 0
    with ProcessPoolExecutor(max_workers=2) as pool:
        futures = {page: pool.submit(_run, page, root) for page in due}
        for page in pages:
            if page in futures:
                problem = futures[page].result()
                failed += bool(problem)
                print(f"{page.relative_to(root)}: {problem or 'executed'}", flush=True)
                if not problem:
                    remember(page, root, keys[page])
            else:
                save(with_stored_outputs(page, root), page)
    print(kinds.share(all_code_cells(pages)))
    return int(failed > 0)


def _run(page: Path, root: Path) -> str:
    try:
        if not needs_a_run(notebook(page, root)):
            save(notebook(page, root), page)
        else:
            save(steady(keep_checked(execute(page, root)[0]), page, root), page)
    except (ValueError, nbclient.exceptions.CellExecutionError) as error:
        return str(error)
    return ""


def run_key(empty: NotebookNode, world: str) -> str:
    """Digest of a page's code and of all that its outputs depend on."""
    code = [(cell.source, cell.metadata.get("tags")) for cell in code_cells(empty)]
    return hashlib.sha256(json.dumps([world, code]).encode()).hexdigest()


def memory(page: Path, root: Path) -> Path:
    """Where the digest of a page's last run is kept, outside the repository's files."""
    return root / "_build" / ".notebooks" / "-".join(page.relative_to(root).with_suffix("").parts)


def remembered(page: Path, root: Path) -> str | None:
    """The digest of the last run, None when there was none or its notebook is gone."""
    note = memory(page, root)
    known = note.is_file() and page.with_suffix(".ipynb").is_file()
    return note.read_text(encoding="utf-8") if known else None


def remember(page: Path, root: Path, key: str) -> None:
    """Keep the digest of a run that went well."""
    memory(page, root).parent.mkdir(parents=True, exist_ok=True)
    memory(page, root).write_text(key, encoding="utf-8")


def check(pages: list[Path], root: Path, *, orphans: bool = True) -> int:
    """Print what is wrong with the stored notebooks, without running anything."""
    problems = [problem for page in pages for problem in problems_of(page, root)]
    if orphans:
        kept = {page.with_suffix(".ipynb") for page in pages}
        strays = sorted(p for p in (root / "book").rglob("*.ipynb") if p not in kept)
        problems += [f"{stray.relative_to(root)}: no Markdown page beside it" for stray in strays]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("`make notebooks` writes the notebooks anew.", file=sys.stderr)
        return 1
    print(f"{len(pages)} notebooks in step with their Markdown; {kinds.share(all_code_cells(pages))}")
    return 0


def problems_of(page: Path, root: Path) -> list[str]:
    """What is wrong with the notebook beside a page."""
    target = page.with_suffix(".ipynb")
    name = target.relative_to(root).as_posix()
    if not target.is_file():
        return [f"{name}: missing"]
    try:
        expected = with_stored_outputs(page, root)
        stored = nbformat.read(target, as_version=4)
    except (ValueError, nbformat.ValidationError) as error:
        return [f"{name}: {error}"]
    if nbformat.writes(expected, indent=1) + "\n" != target.read_text(encoding="utf-8"):
        return [f"{name}: differs from {page.name}"]
    found = []
    for cell in code_cells(stored):
        kind = kinds.kind_of(cell)
        if kind == kinds.FREE:
            continue
        wrong = kinds.complaint(cell.outputs, cell.metadata.get("tags", []))
        if not cell.outputs or cell.execution_count is None:
            wrong = f"an {kind} cell without a stored output compares nothing"
        if wrong:
            found.append(f"{name}: {wrong}, in the cell\n{cell.source}")
    return found


def all_code_cells(pages: list[Path]) -> list[NotebookNode]:
    """The code cells of all pages, without the bootstrap cells."""
    return [cell for page in pages for cell in code_cells(jupytext.read(page))]


def record_time(page: Path, root: Path) -> None:
    """Write the seconds of a quick run into the front matter when it is off by half or more."""
    matter = chapters.front_matter(page).get("coursekit")
    if not matter or "seconds" not in matter:
        return
    seconds = max(1, round(execute(page, root)[1]))
    stated = matter["seconds"].get("quick", 0)
    print(f"{page.relative_to(root)}: {seconds} s, stated {stated} s", flush=True)
    if max(seconds, stated) > 1.5 * max(1, min(seconds, stated)):
        head, mark, rest = page.read_text(encoding="utf-8")[4:].partition("\n---\n")
        head = re.sub(r"(\bquick:\s*)[\d.]+", rf"\g<1>{seconds}", head, count=1)
        page.write_text(f"---\n{head}{mark}{rest}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
