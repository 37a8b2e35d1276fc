"""The figure to move, in Chromium, from the disk: keyboard, pointer, both themes, a phone, two on a page."""

import json
from collections.abc import Iterator
from itertools import chain, cycle, product
from typing import Any

import pytest
from figures import SCREENS, opened, page_with_two

from coursekit.plotting import toeplitz_explorer

LIT = """root => {
    const [x, w, z] = root.querySelectorAll("table.te-grid");
    const cells = [...x.querySelectorAll("td")];
    const ground = (node) => getComputedStyle(node).backgroundColor;
    const weights = [...w.querySelectorAll("td")].map(ground);
    const places = cells.flatMap((cell, place) => (cell.matches(".te-tap") ? [place] : []));
    const entries = [...root.querySelectorAll(".te-entry.te-on")];
    return {
        places,
        taps: places.map((place) => weights.indexOf(ground(cells[place]))),
        row: entries.map((e) => [Number(e.dataset.i), Number(e.dataset.j), Number(e.dataset.tap)]),
        numbers: entries.map((e) => Number(e.textContent.replace("\\u2212", "-"))),
        fills: entries.map((e) => weights.indexOf(getComputedStyle(e.firstChild).fill)),
        chosen: [...z.querySelectorAll("td")].map((cell) => cell.matches(".te-chosen")).indexOf(true),
        stops: z.querySelectorAll('td[tabindex="0"]').length,
        pixels: cells.map((cell) => Number(cell.textContent)),
        output: [...z.querySelectorAll("td")].map((td) => Number(td.textContent.replace("\\u2212", "-"))),
        said: root.querySelector("[aria-live]").textContent,
    };
}"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return toeplitz_explorer().values()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with two of the figures."""
    return page_with_two(tmp_path_factory.mktemp("explorer"), toeplitz_explorer()._repr_html_())


@pytest.fixture(params=SCREENS.values(), ids=SCREENS)
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with opened(browser, address, request.param) as found:
        yield found


def figure(page: Any, number: int = 0) -> Any:
    return page.locator(".toeplitz-explorer").nth(number)


def outputs(page: Any, number: int = 0) -> Any:
    return figure(page, number).get_by_role("grid", name="z, the output").get_by_role("gridcell")


def choose(page: Any, *options: str, number: int = 0) -> None:
    for label, option in zip(("Image", "Kernel", "Stride", "Padding"), options, strict=True):
        figure(page, number).get_by_label(label, exact=True).select_option(option)


def check(page: Any, data: dict[str, Any], i: int, *options: str, number: int = 0) -> None:
    """All that is lit belongs to output pixel `i`, and has the weights' colours."""
    image, kernel, stride, padding = options
    layout = data["layouts"][f"{len(data['kernels'][kernel])},{stride},{padding}"]
    entries = [(j, int(tap)) for j, tap in enumerate(layout["taps"][i]) if tap != "."]
    lit = figure(page, number).evaluate(LIT)
    assert dict(zip(lit["places"], lit["taps"], strict=True)) == {
        place: tap for tap, place in enumerate(layout["patches"][i])
    }
    assert sorted(lit["row"]) == [[i, j, tap] for j, tap in entries]
    assert lit["fills"] == [tap for _, _, tap in lit["row"]]
    matrix = data["matrices"][f"{kernel},{stride},{padding}"]
    assert lit["numbers"] == [matrix[row][j] for row, j, _ in lit["row"]]
    assert (lit["chosen"], lit["stops"]) == (i, 1)
    assert lit["pixels"] == list(chain.from_iterable(data["images"][image][padding]))
    output = list(chain.from_iterable(data["outputs"][f"{image},{kernel},{stride},{padding}"]))
    assert lit["output"] == output
    width = layout["shape"][1]
    assert lit["said"].startswith(f"Output pixel ({i // width}, {i % width}) is row {i} of M")
    assert lit["said"].endswith(f" = {output[i]}.".replace("-", "\u2212"))


def test_every_configuration(page: Any, data: dict[str, Any]) -> None:
    # Every kernel, stride and padding, the images in turn.
    for image, choice in zip(cycle(data["images"]), product(data["kernels"], "12", "01"), strict=False):
        options = (image, *choice)
        choose(page, *options)
        count = len(data["matrices"][",".join(options[1:])])
        for i in {0, count // 2, count - 1}:
            outputs(page).nth(i).dispatch_event("click")
            check(page, data, i, *options)


def test_arrow_keys(page: Any, data: dict[str, Any]) -> None:
    options = ("0 to 35", "numbered 2×2", "1", "0")
    choose(page, *options)
    figure(page).get_by_label("Padding", exact=True).focus()
    page.keyboard.press("Tab")
    kernel = figure(page).get_by_role("grid", name="w, the kernel")
    assert kernel.locator("td:focus").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Control+Home")
    at = 0
    check(page, data, at, *options)
    for key, then in (
        ("ArrowRight", 1),
        ("ArrowDown", 6),
        ("ArrowDown", 11),
        ("ArrowLeft", 10),
        ("ArrowLeft", 10),
        ("ArrowUp", 5),
        ("End", 9),
        ("ArrowRight", 9),
        ("Home", 5),
        ("Control+End", 24),
        ("ArrowDown", 24),
        ("Control+Home", 0),
        ("ArrowUp", 0),
    ):
        page.keyboard.press(key)
        check(page, data, then, *options)
        assert outputs(page).nth(then).evaluate("cell => cell === document.activeElement")
    page.keyboard.press("Tab")
    assert figure(page).locator("summary").evaluate("node => node === document.activeElement")
    page.keyboard.press("Enter")
    assert figure(page).locator("table.te-values").is_visible()


def test_pointer(page: Any, data: dict[str, Any]) -> None:
    options = ("square", "edge 3×3", "1", "1")
    choose(page, *options)
    outputs(page).nth(20).hover()
    check(page, data, 20, *options)
    drawing = figure(page).locator("svg.te-matrix")
    drawing.scroll_into_view_if_needed()
    drawing.locator('.te-entry[data-i="7"] rect').first.hover(force=True)
    check(page, data, 7, *options)


def test_a_weight_shows_all_its_places(page: Any, data: dict[str, Any]) -> None:
    choose(page, "square", "blur 3×3", "1", "1")
    weights = figure(page).get_by_role("grid", name="w, the kernel").get_by_role("gridcell")
    weights.nth(4).focus()
    page.keyboard.press("ArrowRight")
    taps = data["layouts"]["3,1,1"]["taps"]
    expected = [[i, j] for i, row in enumerate(taps) for j, tap in enumerate(row) if tap == "5"]
    marked = figure(page).evaluate(
        "root => [...root.querySelectorAll('.te-entry.te-marked')]"
        ".map((entry) => [Number(entry.dataset.i), Number(entry.dataset.j)])"
    )
    assert sorted(marked) == expected
    assert (
        f"stands in {len(expected)} of the {len(taps)} rows"
        in figure(page).locator("[aria-live]").inner_text()
    )
    outputs(page).nth(0).focus()
    assert figure(page).locator(".te-marked").count() == 0


def test_table_in_numbers(page: Any, data: dict[str, Any]) -> None:
    choose(page, "0 to 35", "numbered 2×2", "2", "1")
    outputs(page).nth(1).focus()
    figure(page).locator("summary").click()
    rows = figure(page).locator("table.te-values tbody tr").all()
    shown = [row.locator("th, td").all_inner_texts() for row in rows]
    assert shown == [
        ["(0, 0)", "1", "padding", "0", "none"],
        ["(0, 1)", "2", "padding", "0", "none"],
        ["(1, 0)", "3", "(0, 1)", "1", "1"],
        ["(1, 1)", "4", "(0, 2)", "2", "2"],
    ]
    total = figure(page).locator("table.te-values tfoot td").inner_text()
    assert total == str(data["outputs"]["0 to 35,numbered 2×2,2,1"][0][1]) == "11"


def test_two_on_a_page_are_independent(page: Any, data: dict[str, Any]) -> None:
    first, second = ("square", "edge 3×3", "1", "0"), ("diagonal", "corner 2×2", "2", "1")
    choose(page, *first)
    choose(page, *second, number=1)
    outputs(page).nth(3).focus()
    outputs(page, 1).nth(15).focus()
    check(page, data, 3, *first)
    check(page, data, 15, *second, number=1)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_fits_and_follows_the_theme(page: Any, data: dict[str, Any]) -> None:
    for kernel, padding in product(("edge 3×3", "numbered 2×2"), "01"):
        choose(page, "0 to 35", kernel, "1", padding)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        wide = figure(page).evaluate("root => root.scrollWidth - root.clientWidth")
        assert wide <= 0, json.dumps([kernel, padding])
    inks = page.evaluate(
        """() => [document.body, ...document.querySelectorAll(".te-cell, .te-said, .te-values th")]
            .map((node) => getComputedStyle(node).color)"""
    )
    assert len(set(inks)) == 1
    assert figure(page).locator(".te-fallback").is_hidden()


def test_words_without_script(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert "choose an image, a kernel" in page.locator(".te-fallback").first.inner_text()
    context.close()
