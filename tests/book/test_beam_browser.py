"""The beam search to step through, in Chromium, from the disk: keys, buttons, both themes, a phone."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import torch
from figures import SCREENS, opened, page_with_two

from coursekit.plotting import BeamExplorer, beam_explorer, trace_beam

SYMBOLS = ("", "", "", *"abcdehilnorstu", " ", "<")
START, END = 1, 2
SHORT, LONG = "una frase", "una frase <larga>"
WIDTHS = (1, 2, 4)
# What is shown, in the form of `values()`: the list, and the boxes of the tree that are not hidden.
SHOWN = """root => {
    const fate = { "→": "kept", "✕": "dropped" };
    const number = (node) => node.lastChild.textContent.replace("\\u2212", "-");
    const rows = [...root.querySelectorAll(".be-list li.be-row")];
    const nodes = [...root.querySelectorAll(".be-node")].filter(
        (node) => getComputedStyle(node).display !== "none" && !node.matches(".be-future"));
    const band = root.querySelector(".be-now").getBoundingClientRect();
    const now = nodes.filter((node) => {
        const box = node.firstChild.getBoundingClientRect();
        return box.left >= band.left && box.right <= band.right;
    });
    return {
        rows: rows.map((row) => ({
            text: row.querySelector(".be-text").textContent,
            log: number(row.querySelector(".be-log")),
            total: number(row.querySelector(".be-total")),
            status: fate[row.querySelector(".be-fate").textContent[0]] ??
                row.querySelector(".be-fate").textContent.slice(2, 5),
            path: row.matches(".be-path") && row.textContent.includes("on the way to the result"),
            bar: parseFloat(row.querySelector(".be-bar > span").style.width) / 100,
        })),
        boxes: now.map((node) => node.textContent),
        path: nodes.filter((node) => node.matches(".be-path")).length,
        said: root.querySelector("[aria-live]").textContent,
        slider: Number(root.querySelector("input").value),
    };
}"""

pytestmark = pytest.mark.browser


def explorer() -> BeamExplorer:
    """Two sentences of a model that looks at the last symbol; the second is one of many symbols."""

    def trace(width: int, sentence: str):
        table = torch.randn(len(SYMBOLS), len(SYMBOLS), generator=torch.Generator().manual_seed(7)) * 1.5
        table[:, :2] -= 9
        table[:, END] += 1.5 if sentence == SHORT else -9
        log_p = table.log_softmax(dim=1)

        def step(ids, state, memory):
            return log_p[ids], state

        return trace_beam(
            step,
            (torch.zeros(1, 1),),
            start=START,
            end=END,
            width=width,
            symbols=SYMBOLS,
            max_length=24,
            n_best=width,
        )

    return beam_explorer({s: [trace(width, s) for width in WIDTHS] for s in (SHORT, LONG)})


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return explorer().values()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with two of the figures."""
    return page_with_two(tmp_path_factory.mktemp("beam"), explorer()._repr_html_())


@pytest.fixture(params=SCREENS.values(), ids=SCREENS)
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with opened(browser, address, request.param) as found:
        yield found


def figure(page: Any, number: int = 0) -> Any:
    return page.locator(".beam-explorer").nth(number)


def choose(page: Any, sentence: str, width: int, number: int = 0) -> None:
    figure(page, number).get_by_label("Width of the beam", exact=True).select_option(str(width))
    figure(page, number).get_by_label("Sentence", exact=True).select_option(sentence)


def text_of(steps: list[dict[str, Any]], at: int, place: int) -> str:
    """What is written in a row, by its parents."""
    parent, symbol, *_ = steps[at]["rows"][place]
    return (text_of(steps, at - 1, parent) if at else "") + (symbol or "")


def number(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00")


def check(page: Any, data: dict[str, Any], at: int, sentence: str, width: int, figure_: int = 0) -> None:
    """All that is shown belongs to step `at`."""
    search = data[sentence][str(width)]
    steps, best = search["steps"], search["found"][0]
    rows = steps[at]["rows"]
    shown = figure(page, figure_).evaluate(SHOWN)

    path, place = {}, best[5]
    for step in range(best[4], -1, -1):
        path[step], place = place, steps[step]["rows"][place][0]
    for place, (row, seen) in enumerate(zip(rows, shown["rows"], strict=True)):
        _, symbol, log, total, share, status = row
        assert seen["text"] == text_of(steps, at, place) + "■" * (symbol is None) + "∅" * (symbol == "")
        assert (seen["log"], seen["total"]) == (number(log), number(total))
        assert seen["bar"] == pytest.approx(share, abs=1e-6)
        assert seen["status"] == (status[:3] if status in ("complete", "cut") else status)
        assert seen["path"] == (path.get(at) == place)
    sign = {None: "■", " ": "␣", "": "∅"}
    assert shown["boxes"] == [sign.get(row[1], row[1]) for row in rows]
    assert shown["path"] == min(at, best[4]) + 1
    assert shown["slider"] == at + 1
    assert shown["said"].startswith(f"Step {at + 1} of {len(steps)}. ")
    dropped = steps[at]["considered"] - sum(row[5] != "dropped" for row in rows)
    assert f"{dropped} {'is' if dropped == 1 else 'are'} dropped" in shown["said"]
    assert number(rows[0][3]).replace("-", "\u2212") in shown["said"]
    assert ("the search ends" in shown["said"]) == (at == len(steps) - 1)


def test_every_step_of_every_search(page: Any, data: dict[str, Any]) -> None:
    for sentence, width in product((SHORT, LONG), WIDTHS):
        choose(page, sentence, width)
        figure(page).get_by_label("Step", exact=True).press("Home")
        steps = len(data[sentence][str(width)]["steps"])
        for at in range(steps):
            check(page, data, at, sentence, width)
            page.keyboard.press("ArrowRight")
        assert figure(page).get_by_role("button", name="Forward").is_disabled()


def test_keys(page: Any, data: dict[str, Any]) -> None:
    choose(page, LONG, 2)
    last = len(data[LONG]["2"]["steps"]) - 1
    figure(page).get_by_label("Width of the beam", exact=True).focus()
    # The drawing is a stop where it is wider than the page.
    stops = ["drawing"] * (page.viewport_size["width"] < 500) + ["button", "range"]
    for stop in stops:
        page.keyboard.press("Tab")
        found = page.evaluate("document.activeElement.type || 'drawing'")
        assert found == stop
        page.keyboard.press("Home")
        check(page, data, 0, LONG, 2)
        for key, then in (
            ("ArrowLeft", 0),
            ("ArrowRight", 1),
            ("ArrowRight", 2),
            ("ArrowLeft", 1),
            ("End", last),
            ("ArrowRight", last),
            ("ArrowLeft", last - 1),
        ):
            page.keyboard.press(key)
            check(page, data, then, LONG, 2)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    check(page, data, last, LONG, 2)
    page.keyboard.press("Enter")
    # The button keeps the focus at the end.
    assert page.evaluate("document.activeElement.textContent") == "Forward ›"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert figure(page).locator(".be-tables table").first.is_visible()


def test_pointer(page: Any, data: dict[str, Any]) -> None:
    choose(page, SHORT, 4)
    figure(page).get_by_role("button", name="Forward").click()
    check(page, data, 1, SHORT, 4)
    figure(page).get_by_role("button", name="Back").click()
    check(page, data, 0, SHORT, 4)
    figure(page).locator(".be-node.be-kept rect").nth(4).click(force=True)
    check(page, data, 1, SHORT, 4)


def test_blanks_are_seen_and_said(page: Any, data: dict[str, Any]) -> None:
    choose(page, LONG, 4)
    steps = data[LONG]["4"]["steps"]
    at = next(t for t, step in enumerate(steps) if any(row[1] == " " for row in step["rows"]))
    for _ in range(at):
        figure(page).get_by_role("button", name="Forward").click()
    blank = figure(page).locator(".be-list .be-new .be-space").first
    assert blank.inner_text() == " "
    assert "gradient" in blank.evaluate("node => getComputedStyle(node).backgroundImage")
    assert "a blank" in figure(page).locator(".be-legend").inner_text()


def test_tables(page: Any, data: dict[str, Any]) -> None:
    choose(page, SHORT, 4)
    figure(page).get_by_label("Step", exact=True).press("End")
    figure(page).locator("summary").click()
    steps, found = data[SHORT]["4"]["steps"], data[SHORT]["4"]["found"]

    def cells(name: str, at: int) -> list[list[str]]:
        rows = figure(page).locator(f".be-{name} table").nth(at).locator("tbody tr")
        return [
            [cell.replace("\u2212", "-") for cell in row.locator("th, td").all_text_contents()]
            for row in rows.all()
        ]

    last = len(steps) - 1
    candidates = cells("tables", 0)
    for place, (row, shown) in enumerate(zip(steps[last]["rows"], candidates, strict=True)):
        assert shown[0].rstrip("■∅") == text_of(steps, last, place)
        assert shown[1:4] == [number(row[2]), number(row[3]), f"place {row[0] + 1}"]
    complete = [[text or "(empty)", str(step + 1), number(log)] for text, log, _, _, step, _ in found]
    assert cells("tables", 1) == complete
    best = {width: data[SHORT][str(width)]["found"][0] for width in WIDTHS}
    assert cells("results", 0) == [
        [str(width), text or "(empty)", str(step + 1), number(log)]
        for width, (text, log, _, _, step, _) in best.items()
    ]


def test_a_change_of_width_stays_at_the_step(page: Any, data: dict[str, Any]) -> None:
    choose(page, LONG, 4)
    figure(page).get_by_label("Step", exact=True).press("ArrowRight")
    figure(page).get_by_label("Width of the beam", exact=True).select_option("2")
    check(page, data, 1, LONG, 2)
    figure(page).get_by_label("Step", exact=True).press("End")
    figure(page).get_by_label("Width of the beam", exact=True).select_option("1")
    check(page, data, len(data[LONG]["1"]["steps"]) - 1, LONG, 1)
    figure(page).get_by_label("Sentence", exact=True).select_option(SHORT)
    check(page, data, 0, SHORT, 1)


def test_two_on_a_page_are_independent(page: Any, data: dict[str, Any]) -> None:
    choose(page, SHORT, 2)
    choose(page, LONG, 4, 1)
    figure(page, 1).get_by_label("Step", exact=True).press("ArrowRight")
    check(page, data, 0, SHORT, 2)
    check(page, data, 1, LONG, 4, 1)
    assert page.evaluate("document.querySelectorAll('.beam-explorer [id]').length") == 0


def test_fits_and_follows_the_theme(page: Any, data: dict[str, Any]) -> None:
    figure(page).locator("summary").click()
    for sentence in (SHORT, LONG):
        choose(page, sentence, 4)
        for key in ("Home", "End"):
            figure(page).get_by_label("Step", exact=True).press(key)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert figure(page).evaluate("root => root.scrollWidth - root.clientWidth") <= 0
            seen = figure(page).evaluate(
                """root => {
                    const [outer, band] = [".be-drawing", ".be-now"].map(
                        (name) => root.querySelector(name).getBoundingClientRect());
                    return band.left >= outer.left - 1 && band.right <= outer.right + 1;
                }"""
            )
            assert seen
    inks = page.evaluate(
        """() => [document.body, ...document.querySelectorAll(".be-row span, .be-said, .be-values th")]
            .map((node) => getComputedStyle(node).color)"""
    )
    assert len(set(inks)) == 1
    assert figure(page).locator(".be-fallback").is_hidden()


def test_a_page_that_becomes_narrow(page: Any, data: dict[str, Any]) -> None:
    choose(page, SHORT, 4)
    figure(page).get_by_label("Step", exact=True).press("ArrowRight")
    page.set_viewport_size({"width": 340, "height": 900})
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    check(page, data, 1, SHORT, 4)


def test_words_without_script(browser: Any, address: str, data: dict[str, Any]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    said = page.locator(".be-fallback").first.text_content()
    for sentence, width in product((SHORT, LONG), WIDTHS):
        text, log, *_ = data[sentence][str(width)]["found"][0]
        number_ = number(log).replace("-", "\u2212")
        assert f"width {width} finds “{text}” at log-probability {number_}" in said
    assert page.locator(".be-fallback").first.is_visible()
    context.close()
