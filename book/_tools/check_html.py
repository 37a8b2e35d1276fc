"""Checks built pages: inner links and anchors, foreign hosts, words for pictures, raw markup, weight.

Usage: ``check_html.py FOLDER``; prints what is wrong, one line each; the exit status is then 1.
"""

import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

HEAVY = 1_500_000
LOADED_RELATIONS = {"stylesheet", "preload", "prefetch", "modulepreload", "icon", "shortcut", "manifest"}
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
VERBATIM = frozenset({"code", "pre", "script", "style", "svg", "textarea"})
RAW = re.compile(r"\$[^$\s][^$]*\$|\*\*\S[^*]*\*\*|\{(?:cite|eq|ref|numref|term|doc)(?::\w+)?\}")
"""Mathematics, bold type and roles that were not rendered."""
CSS_LOADS = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")


@dataclass
class Page(HTMLParser):
    """What one page links to, loads, and defines."""

    path: Path
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    wordless: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []
        self._in_empty_item = False
        self.feed(self.path.read_text(encoding="utf-8"))

    __hash__ = object.__hash__

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Sort one element's addresses into links and loads."""
        given = {name: value or "" for name, value in attributes}
        names = {given["id"]} if given.get("id") else set()
        if tag == "a" and given.get("name"):
            names.add(given["name"])
        self.twice |= names & self.anchors
        self.anchors |= names
        if tag in ("a", "area") and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and LOADED_RELATIONS & set(given.get("rel", "").lower().split()):
            self.loads.append(given.get("href", ""))
        elif tag in ("image", "use"):
            self.loads += [given[key] for key in ("href", "xlink:href") if key in given]
        self.loads += [given[key] for key in ("src", "poster", "data") if key in given and tag != "a"]
        self.loads += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        if "style" in given:
            self.styles.append(given["style"])
        if tag in ("ul", "ol") and self._in_empty_item:
            # "- + x" in Markdown: the second sign was meant as text.
            self.raw.append("a list item that begins with a list")
        self._in_empty_item = tag == "li"
        if tag not in VOID:
            verbatim = tag in VERBATIM or "math" in given.get("class", "").split()
            self._open.append((tag, verbatim or self._verbatim))
        if tag == "img" and not given.get("alt", "").strip() and given.get("role") != "presentation":
            self.wordless.append(f"img {given.get('src', '')[:60]}")
        if given.get("role") == "img" and tag != "img":
            named = given.get("aria-label", "").strip() or given.get("aria-labelledby")
            if not named and given.get("aria-hidden") != "true":
                self.wordless.append(f"{tag} role=img")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Enter and leave an element that closes itself."""
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        """Keep what a style element says, and markup that stands in the text as it was written."""
        self._in_empty_item = self._in_empty_item and not data.strip()
        if self._open and self._open[-1][0] == "style":
            self.styles.append(data)
        elif not self._verbatim:
            self.raw += RAW.findall(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave the innermost open element of that name, and those inside it that were never closed."""
        depth = max((i for i, (name, _) in enumerate(self._open) if name == tag), default=None)
        if depth is not None:
            del self._open[depth:]

    @property
    def _verbatim(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def problems(folder: Path) -> list[str]:
    """Everything that is wrong with the pages under `folder`, one line each."""
    folder = folder.resolve()
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts}
    if not pages:
        return [f"{folder}: no page"]
    found = []
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        found += [f"{name}: {text}" for text in _problems_of(page, pages, folder)]
    for sheet in sorted(folder.rglob("*.css")):
        loads = _css_loads(sheet.read_text(encoding="utf-8", errors="replace"))
        remote = [load for load in loads if _is_remote(load)]
        found += [f"{sheet.relative_to(folder)}: loads {load} from another host" for load in remote]
    return found


def _problems_of(page: Page, pages: dict[Path, Page], folder: Path) -> list[str]:
    found = []
    every = page.loads + [load for style in page.styles for load in _css_loads(style)]
    # What the page holds itself weighs in its own size.
    loads = [load for load in every if load and not load.startswith(("data:", "#"))]
    for load in loads:
        if _is_remote(load):
            found.append(f"loads {load} from another host")
        else:
            found += _missing(load, page, pages, folder)
    for link in page.links:
        if not urlsplit(link).scheme and not link.startswith("//"):
            found += _missing(link, page, pages, folder)
    found += [f"a picture without words: {what}" for what in page.wordless]
    found += [f"markup that was not rendered: {text[:60]}" for text in page.raw]
    weight = page.path.stat().st_size + sum(
        file.stat().st_size for file in {_target(load, page) for load in loads} if _is_own(file)
    )
    if weight > HEAVY:
        found.append(f"weighs {weight / 1e6:.2f} MB with its pictures, more than {HEAVY / 1e6:.1f} MB")
    return found


def _missing(link: str, page: Page, pages: dict[Path, Page], folder: Path) -> list[str]:
    target = _target(link, page)
    anchor = unquote(urlsplit(link).fragment)
    if target.is_dir():
        target = target / "index.html"
    if not target.exists() or folder not in target.parents:
        return [f"{link} leads nowhere"]
    if not anchor or target not in pages:
        return []
    if anchor not in pages[target].anchors:
        return [f"{link}: no such anchor"]
    return [f"{link}: two elements carry this anchor"] if anchor in pages[target].twice else []


def _target(link: str, page: Page) -> Path:
    path = unquote(urlsplit(link).path)
    return (page.path.parent / path).resolve() if path else page.path


def _is_own(file: Path) -> bool:
    return file.is_file() and "_static" not in file.parts and file.suffix != ".html"


def _is_remote(link: str) -> bool:
    return link.strip().lower().startswith(("http:", "https:", "//", "ftp:", "ws:", "wss:"))


def _css_loads(text: str) -> list[str]:
    return [(match[1] or match[2]).strip() for match in CSS_LOADS.finditer(text)]


def main() -> int:
    """Check the folder named on the command line."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = problems(Path(sys.argv[1]))
    for text in found:
        print(text, file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
