"""Tables: HTML that is well formed, escaped and semantic; text that says the same."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from coursekit.evidence.tables import FILTER_SCRIPT, Cell, FilteredTable, Group, Table

EVIL = '<b onclick="x">&</b>'


def table(text: str = "plain") -> Table:
    rows = [[Cell("first"), Cell(text)], [Cell("second"), Cell("no", "<em>no</em>")]]
    attributes = ['data-verdict="holds" data-course="a"', 'data-verdict="wrong" data-course="a"']
    last = Group(
        [[Cell("third"), Cell("yes")]], title="C", attributes=['data-verdict="wrong" data-course="b"']
    )
    return Table(
        f"Caption {text}", ("row", text), [Group(rows, title="A & B", attributes=attributes), last], ["Note."]
    )


def test_html_is_semantic_and_escaped() -> None:
    html = table(EVIL)._repr_html_()
    root = ElementTree.fromstring(f"<body>{html}</body>")
    assert root.find("div").attrib == {"class": "coursekit-scroll"}
    found = root.find("div/table")
    assert found.attrib == {"class": "coursekit-table"}
    assert found.find("caption").text == f"Caption {EVIL}"
    assert [(th.attrib["scope"], th.text) for th in found.find("thead/tr")] == [("col", "row"), ("col", EVIL)]
    groups = found.findall("tbody")
    assert groups[0][0][0].attrib == {"scope": "rowgroup", "colspan": "2"}
    assert [row[0].attrib["scope"] for row in groups[0][1:]] == ["row", "row"]
    assert groups[0][1][1].text == EVIL and groups[0][2].find("td/em").text == "no"
    assert groups[1][1].attrib["data-course"] == "b"
    assert root.find("p").text == "Note."
    assert "http" not in html


def test_text_is_in_columns_or_in_blocks() -> None:
    narrow = Table("Caption", ("row", "value"), [Group([[Cell("a"), Cell("1")]])], ["Note."])
    assert str(narrow) == repr(narrow) == "Caption\n\nrow  value\n──────────\na    1\n\nNote."
    wide = str(table("word " * 40))
    assert "── A & B\n\nfirst\n" in wide and wide.endswith("Note.")
    assert max(map(len, wide.splitlines()[2:])) <= 100 + len("word " * 40)
    assert str(Table("Nothing", ("row", "value"), [Group([])])) == "Nothing"


def test_what_is_missing_shows_as_a_dash() -> None:
    rows = [[Cell("a"), Cell(""), Cell("x" * 120)]]
    assert "  value  –" in str(Table("Caption", ("row", "value", "more"), [Group(rows)]))


def test_without_a_script_the_table_is_whole() -> None:
    filtered = FilteredTable(table(), {"verdict": ["holds", "wrong"], "course": ["a", "b"]})
    root = ElementTree.fromstring(filtered._repr_html_().replace(FILTER_SCRIPT, "").replace(" hidden>", ">"))
    assert " hidden" not in filtered._repr_html_().split("</form>")[1].split("<script>")[0]
    assert [label.text.strip() for label in root.findall("form/label")] == ["verdict", "course"]
    assert [o.text for o in root.findall("form/label/select[@name='course']/option")] == ["all", "a", "b"]
    assert str(filtered) == repr(filtered) == str(table())


@pytest.fixture(scope="module")
def page() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on the path")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield chromium.new_page()
        chromium.close()


@pytest.mark.browser
def test_filters_work_by_keyboard(page: object, tmp_path: Path) -> None:
    filtered = FilteredTable(table(), {"verdict": ["holds", "wrong"], "course": ["a", "b"]})
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{filtered._repr_html_()}", encoding="utf-8")
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(path.as_uri())

    def shown() -> list[str]:
        return [row.inner_text().split()[0] for row in page.locator("tbody tr:visible").all()]

    assert shown() == ["A", "first", "second", "C", "third"]
    page.keyboard.press("Tab")
    page.keyboard.press("w")
    assert shown() == ["A", "second", "C", "third"]
    assert page.locator("output").inner_text() == "2 of 3 shown"
    page.keyboard.press("Tab")
    page.keyboard.press("b")
    assert shown() == ["C", "third"]
    page.keyboard.press("Home")
    assert shown() == ["A", "second", "C", "third"]
    assert errors == []
