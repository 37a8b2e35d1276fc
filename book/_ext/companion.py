"""What the book asks of Sphinx: fresh pages, no foreign host, a line of facts under a chapter's title."""

import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT, ROOT / "book" / "_tools"):
    sys.path.insert(0, str(folder))
import chapters  # noqa: E402

MATHJAX = "tex-svg-full.js"
MATHJAX_PACKAGE = "sphinx-mathjax-offline"
LEDGER = "book/evidence/claims"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the handlers."""
    # Kernels start in a chapter's folder; where the package is not installed they find it all the same.
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    # A progress bar on a page would be a widget, and ask for scripts from another host.
    os.environ.setdefault("TQDM_DISABLE", "1")
    app.connect("config-inited", freshen_cache, priority=100)
    app.connect("config-inited", check_front_matter)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", copy_mathjax)
    app.add_transform(ChapterFacts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def freshen_cache(app: Sphinx, config: Any) -> None:
    """Keep executed pages in a folder named after all that their outputs depend on.

    jupyter-cache sees a page's cells only; a change of the package, of the result cards, of the
    requirements or of the settings makes another folder, and Sphinx reads the pages anew.
    """
    folder = chapters.cache_folder(Path(app.srcdir), os.environ)
    config.nb_execution_cache_path = str(folder)
    if folder.parent.is_dir():
        by_age = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime)
        for old in by_age[:-4]:
            shutil.rmtree(old, ignore_errors=True)


def check_front_matter(app: Sphinx, config: Any) -> None:
    """Stop at a chapter whose front matter lacks its question, data or run times."""
    for page in chapters.pages(Path(app.srcdir)):
        if chapters.is_chapter(page, Path(app.srcdir)):
            try:
                chapters.facts(page)
            except chapters.FrontMatterError as error:
                raise ExtensionError(str(error)) from None


def drop_thebe(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Leave out the scripts of sphinx-thebe: unused here, and an error in the browser's console."""
    for key in ("script_files", "css_files"):
        files = context.get(key, [])
        context[key] = [file for file in files if not _is_thebe(file)]


def _is_thebe(file: Any) -> bool:
    body = str(getattr(file, "attributes", {}).get("body") or "")
    return "thebe" in f"{getattr(file, 'filename', None) or file} {body}".lower()


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Put MathJax's single file, fonts inside, beside the pages; it comes from an installed package."""
    if exception is not None or app.builder.format != "html":
        return
    try:
        files = distribution(MATHJAX_PACKAGE).files or []
    except PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.name == MATHJAX]
    if not found:
        raise ExtensionError(f"{MATHJAX} is missing: install {MATHJAX_PACKAGE}")
    target = Path(app.outdir) / "_static" / "mathjax" / MATHJAX
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found[0], target)


class ChapterFacts(SphinxTransform):
    """Under a chapter's title: the question's id, its data, and how long it runs."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Insert the line, from the page's front matter."""
        root, page = Path(self.app.srcdir), Path(self.env.doc2path(self.env.docname))
        if not chapters.is_chapter(page, root):
            return
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is None:
            return
        facts = chapters.facts(page)
        ledger = addnodes.pending_xref(
            "",
            nodes.inline(text=facts["question"]),
            reftype="doc",
            refdomain="std",
            refexplicit=True,
            reftarget=f"/{LEDGER}",
            refdoc=self.env.docname,
            refwarn=True,
        )
        from coursekit.data.sources import find_source

        names = ", ".join(find_source(name).title.split(",")[0] for name in facts["data"]) or "none"
        quick, full = (in_words(facts["seconds"][scale]) for scale in ("quick", "full"))
        line = nodes.paragraph(classes=["chapter-facts"])
        line += [nodes.Text("Question "), ledger]
        line += nodes.Text(f" · Data: {names} · Runs in {quick} (quick), {full} (full)")
        title.parent.insert(title.parent.index(title) + 1, line)


def in_words(seconds: float) -> str:
    """A duration as a reader says it.

    Examples
    --------
    >>> in_words(4), in_words(200), in_words(9000)
    ('4 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
