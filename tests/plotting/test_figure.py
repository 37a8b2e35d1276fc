"""The inline SVG and the files of a figure."""

import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure as PlainFigure
from traitlets.config import Config

from coursekit.plotting import effects
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import INK, drawing

SVG = "{http://www.w3.org/2000/svg}"
ALT = 'Loss < 1 & "falling"'


def example(slope=1.0, alt=ALT):
    """Has all that needs an id: a clip path, a marker, an image."""
    with drawing():
        figure = Figure(alt=alt, height=2)
        left, right = figure.subplots(1, 2)
        left.plot([0, 1, 2], [0, slope, 3], marker="o", label="a <b> & c")
        left.legend()
        right.imshow(np.eye(3))
    return figure


@pytest.fixture(scope="module")
def svg():
    return example().svg()


def ids(markup):
    return [element.get("id") for element in ElementTree.fromstring(markup).iter() if element.get("id")]


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_without_a_description_is_refused(alt):
    with pytest.raises(ValueError, match=r"^alt is .*; say in words what the figure shows"):
        Figure(alt=alt)


def test_the_svg_is_labelled(svg):
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == ALT
    assert root[0].tag == f"{SVG}title" and root[0].text == ALT
    assert 'aria-label="Loss &lt; 1 &amp; &quot;falling&quot;"' in svg


def test_text_stays_text_in_the_font_and_ink_of_the_page(svg):
    texts = list(ElementTree.fromstring(svg).iter(f"{SVG}text"))
    assert "a <b> & c" in [text.text for text in texts]
    assert all("fill: currentColor" in text.get("style") for text in texts)
    assert "font-family" not in svg and "DejaVu" not in svg
    assert INK not in svg


def test_the_ground_is_transparent(svg):
    assert "#ffffff" not in svg.lower()


def test_no_style_reaches_beyond_the_figure(svg):
    root = ElementTree.fromstring(svg)
    sheets = [element.text for element in root.iter(f"{SVG}style")]
    selectors = [
        selector.strip()
        for sheet in sheets
        for selector in re.findall(r"([^{}]+)\{", sheet)
        if not selector.startswith("@")
    ]
    assert selectors and all(selector.startswith(f"#{root.get('id')}") for selector in selectors)


def test_it_scales_with_the_page(svg):
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox").split()[:2] == ["0", "0"]
    assert "max-width: 100%" in root.get("style") and "height: auto" in root.get("style")


def test_a_figure_narrower_than_a_phone_keeps_its_text_size():
    narrow = Figure(alt="narrow", width=3, height=1).svg()
    assert "@media" not in narrow


def test_nothing_is_fetched_and_no_date_is_kept(svg):
    root = ElementTree.fromstring(svg)
    targets = [element.get("href") for element in root.iter() if element.get("href")]
    assert targets and all(target.startswith(("#", "data:image/png;base64,")) for target in targets)
    namespace_aside = svg.replace("http://www.w3.org/2000/svg", "")
    assert "//" not in re.sub(r"data:image/png;base64,[^\"]*", "", namespace_aside)
    assert not list(root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"))
    assert "<!--" not in svg and "<?xml" not in svg


def test_the_bytes_are_the_same_each_time(svg):
    figure = example()
    assert figure.svg() == svg
    assert figure.svg() == svg


def test_drawing_again_does_not_move_the_axes():
    figure = effects([("a", 1, 0, 2)] * 5, xlabel="x")
    assert figure.svg() == figure.svg()


def test_the_bytes_do_not_depend_on_what_was_saved_before(svg, tmp_path):
    figure = example()
    figure.save(tmp_path / "first.png")
    assert figure.svg() == svg


def test_references_lead_to_ids_of_the_figure(svg):
    targets = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert targets
    assert targets <= set(ids(svg))


def test_figures_on_one_page_share_no_id(svg):
    others = [example(slope=1.5).svg(), example(alt="Another description").svg()]
    every = [name for markup in [svg, *others] for name in ids(markup)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("shorthand", "longhand"),
    [
        ("", ""),
        ("700 ", "font-weight: 700; "),
        ("italic ", "font-style: italic; "),
        ("italic 700 ", "font-style: italic; font-weight: 700; "),
    ],
)
def test_the_older_font_shorthand_is_understood_too(shorthand, longhand):
    from coursekit.plotting.svg import inline

    markup = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="72pt">'
        f"<text style=\"font: {shorthand}9.5px 'DejaVu Sans'; text-anchor: middle; fill: {INK}\">"
        "a</text></svg>"
    )
    text = ElementTree.fromstring(inline(markup, "A letter.")).find(f"{SVG}text")
    assert text.get("style") == (
        f"{longhand}font-size: calc(9.5px * var(--figure-text, 1)); text-anchor: middle; fill: currentColor"
    )


def test_a_notebook_shows_the_svg_and_nothing_else():
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    # What the inline backend does when a notebook starts.
    shell.display_formatter.formatters["image/png"].for_type(PlainFigure, lambda figure: b"a bitmap")
    try:
        with capture_output() as captured:
            data, metadata = shell.display_formatter.format(example())
    finally:
        shell.display_formatter.formatters["image/png"].pop(PlainFigure)
        InteractiveShell.clear_instance()
    assert (data, metadata) == ({}, {})
    (output,) = captured.outputs
    assert output.data == {"text/html": example().svg(), "text/plain": f"Figure: {ALT}"}


def test_it_prints_as_its_description():
    figure = example()
    assert repr(figure) == str(figure) == f"Figure: {ALT}"
    assert figure._repr_html_() == figure.svg()


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "PNG"])
def test_files_are_complete_and_the_same_each_time(tmp_path, suffix):
    first, second = tmp_path / f"first.{suffix}", tmp_path / f"second.{suffix}"
    example().save(first)
    example().save(str(second))
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size > 1000
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_a_file_is_dark_on_white(tmp_path):
    from PIL import Image

    example().save(tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as image:
        assert image.info["Title"] == ALT
        assert image.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
    example().save(tmp_path / "figure.svg")
    text = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert "currentColor" not in text and "#ffffff" in text and INK in text


@pytest.mark.parametrize("name", ["figure", "figure.jpg"])
def test_another_format_is_refused(tmp_path, name):
    with pytest.raises(
        ValueError, match=rf"^cannot save a figure as '{name}'; end the name in .svg, .png or .pdf$"
    ):
        example().save(tmp_path / name)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"^cannot save 'a.png': the folder .*nowhere does not exist$"
    ):
        example().save(tmp_path / "nowhere" / "a.png")


def test_a_failed_save_keeps_the_old_file_and_leaves_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "figure.svg"
    path.write_text("old")

    def half_written(self, target, **_):
        target.write_text("half")
        raise OSError("no space left on device")

    monkeypatch.setattr(PlainFigure, "savefig", half_written)
    with pytest.raises(OSError, match="no space left"):
        example().save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_s_own_settings_do_not_change_the_bytes(svg):
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "savefig.dpi": 50}):
        assert example().svg() == svg
