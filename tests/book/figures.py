"""A figure to move, twice on a page of its own, in Chromium: what the tests of such figures share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Screens that a figure must work on: width in pixels, and the theme.
SCREENS = {"desktop, light": (1000, "light"), "phone, dark": (375, "dark")}

LOCAL = ("file:", "data:", "blob:", "about:")
# A rule of the book about tables in outputs comes first, to be overruled.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Figure</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 16px; font-family: sans-serif; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14181e; color: #ced6dd; }} }}
.bd-content div.cell_output table :is(th, td) {{ padding: 0.25rem 0.75rem; }}
</style></head>
<body class="bd-content"><div class="cell_output">{content}</div></body></html>"""


def page_with_two(folder: Path, content: str) -> str:
    """The address of a page that holds the figure twice."""
    path = folder / "page.html"
    path.write_text(PAGE.format(content=content + content), encoding="utf-8")
    return path.as_uri()


@contextmanager
def opened(browser: Any, address: str, screen: tuple[int, str]) -> Iterator[Any]:
    """The page, open; afterwards its console must be empty and nothing asked of another host."""
    width, scheme = screen
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(30_000)
    seen: list[str] = []
    page.on("console", lambda said: seen.append(said.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda ask: ask.url.startswith(LOCAL) or seen.append(f"asks {ask.url[:99]}"))
    page.goto(address)
    yield page
    context.close()
    assert seen == []
