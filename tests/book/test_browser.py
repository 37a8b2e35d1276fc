"""The pages in Chromium, from the disk: maths set, console clean, nothing fetched, no wider than a phone."""

from pathlib import Path
from typing import Any

import pytest

VIEWS = {"desktop, light": (1280, "light"), "phone, dark": (375, "dark")}
LOCAL = ("file:", "data:", "blob:", "about:")

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("view", VIEWS)
def test_pages(browser: Any, html: Path, view: str) -> None:
    width, scheme = VIEWS[view]
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(60_000)
    seen: list[str] = []
    page.on("console", lambda said: said.type in ("error", "warning") and seen.append(said.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda ask: ask.url.startswith(LOCAL) or seen.append(f"asks {ask.url[:99]}"))
    problems = []
    for path in sorted((html / "book").rglob("*.html")):
        seen.clear()
        page.goto(path.as_uri())
        page.wait_for_function("!window.MathJax || (MathJax.startup && MathJax.startup.promise)")
        page.evaluate("window.MathJax && MathJax.startup.promise")
        state = page.evaluate(
            """() => ({
                theme: document.documentElement.dataset.theme,
                wide: document.documentElement.scrollWidth - innerWidth,
                maths: document.querySelectorAll('.math').length,
                set: document.querySelectorAll('mjx-container').length,
                wrong: document.querySelectorAll('mjx-merror, [data-mjx-error]').length,
            })"""
        )
        name = path.relative_to(html).as_posix()
        problems += [f"{name}: {text}" for text in seen]
        if state["theme"] != scheme:
            problems.append(f"{name}: theme {state['theme']} instead of {scheme}")
        if state["wide"] > 0:
            problems.append(f"{name}: {state['wide']} px wider than the window")
        if state["set"] < state["maths"] or state["wrong"]:
            problems.append(f"{name}: {state['set']} of {state['maths']} formulas set")
    context.close()
    assert problems == []


def test_search_finds_pages(browser: Any, html: Path) -> None:
    page = browser.new_page()
    page.goto(f"{(html / 'search.html').as_uri()}?q=training")
    page.wait_for_selector("#search-results li a", timeout=60_000)
    assert page.locator("#search-results li a").count() > 0
    page.close()
