"""check_html.py rejects dead links, foreign hosts, pictures without words and heavy pages."""

from pathlib import Path

import pytest

GOOD = """<html><head><link rel="stylesheet" href="a.css"><link rel="canonical" href="https://example.org/">
</head><body id="top"><a href="b.html#there">b</a><a href="#top">top</a><a href="b.html?x=1">b</a>
<a href="https://example.org/">elsewhere</a><img src="p.svg" alt="a dot">
<svg role="img" aria-label="a line"><path id="p"/><use href="#p"/></svg>
<p>it costs $5<br>and 2 ** 3<code>$x$ **kwargs</code>
<span class="math notranslate">$x$</span></p>
<svg role="img" aria-label="dots"><image href="data:image/png;base64,"/></svg>
<ul><li>one<ul><li>of two</li></ul></li></ul></body></html>""".replace("base64,", "base64," + "A" * 5_000)

BROKEN = {
    '<a href="c.html">c</a>': "c.html leads nowhere",
    '<a href="b.html#nowhere">b</a>': "b.html#nowhere: no such anchor",
    '<a href="#nowhere">here</a>': "#nowhere: no such anchor",
    '<a href="../outside.html">out</a>': "../outside.html leads nowhere",
    '<i id="x"></i><i id="x"></i><a href="#x">x</a>': "two elements carry this anchor",
    '<script src="missing.js"></script>': "missing.js leads nowhere",
    '<script src="https://cdn.example.org/x.js"></script>': "from another host",
    '<script src="//cdn.example.org/x.js"></script>': "from another host",
    '<link rel="stylesheet" href="https://example.org/x.css">': "from another host",
    '<link rel="preload" as="font" href="https://example.org/x.woff">': "from another host",
    '<link rel="icon" href="https://example.org/x.ico">': "from another host",
    '<img src="https://example.org/x.png" alt="x">': "from another host",
    '<img src="p.svg" srcset="https://example.org/x.png 2x" alt="x">': "from another host",
    '<iframe src="https://example.org/"></iframe>': "from another host",
    '<svg><image href="https://example.org/x.png"/></svg>': "from another host",
    '<p style="background: url(https://example.org/x.png)">x</p>': "from another host",
    '<style>@import "https://example.org/x.css";</style>': "from another host",
    '<img src="p.svg">': "a picture without words: img p.svg",
    '<img src="p.svg" alt=" ">': "a picture without words: img p.svg",
    '<svg role="img"><path/></svg>': "a picture without words: svg role=img",
    "<p>the size $H - M + 1$ of</p>": "markup that was not rendered: $H - M + 1$",
    "<p><em>as</em> **Answer.** it is</p>": "markup that was not rendered: **Answer.**",
    "<p>by {eq}<code>size</code></p>": "markup that was not rendered: {eq}",
    "<ul><li>\n<ul><li>five</li></ul></li></ul>": "a list item that begins with a list",
    "x" * 1_500_001: "weighs 1.51 MB",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two sound pages, a style sheet and a picture."""
    folder = tmp_path / "html"
    folder.mkdir()
    (folder / "a.html").write_text(GOOD)
    (folder / "b.html").write_text('<p id="there">b</p>')
    (folder / "a.css").write_text("body { background: url(p.svg) }")
    (folder / "p.svg").write_text("<svg/>")
    (tmp_path / "outside.html").write_text("outside")
    return folder


def check(site: Path, root: Path, run):
    return run("python", root / "book" / "_tools" / "check_html.py", site, cwd=site)


def test_sound_pages_pass(site: Path, root: Path, run) -> None:
    result = check(site, root, run)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(("markup", "reason"), BROKEN.items(), ids=[k[:40] for k in BROKEN])
def test_broken_page(site: Path, root: Path, run, markup: str, reason: str) -> None:
    (site / "a.html").write_text(GOOD.replace("</body>", f"{markup}</body>"))
    result = check(site, root, run)
    assert result.returncode == 1
    assert "a.html: " in result.stderr
    assert reason in result.stderr


def test_style_sheet_that_loads_a_font(site: Path, root: Path, run) -> None:
    (site / "a.css").write_text("@font-face { src: url('https://example.org/x.woff2') }")
    result = check(site, root, run)
    assert result.returncode == 1
    assert "a.css: loads https://example.org/x.woff2 from another host" in result.stderr


def test_no_pages_at_all(tmp_path: Path, root: Path, run) -> None:
    result = check(tmp_path, root, run)
    assert result.returncode == 1
    assert "no page" in result.stderr
