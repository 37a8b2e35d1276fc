"""Matplotlib's SVG made fit for a page: labelled, in the page's ink and font, with ids of its own."""

import hashlib
import re
from xml.etree import ElementTree

from coursekit.plotting.style import INK

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_SHORTHAND = re.compile(r"font: (?:(italic|oblique) )?(?:(\d+) )?([\d.]+px)[^;]*")
_PHONE = 600
_LARGEST_TEXT = 1.35


def inline(markup: str, alt: str) -> str:
    """Rewrite an SVG file that matplotlib wrote, with text kept as text, for use inside HTML.

    The result has ``role="img"`` and `alt` as its label and title, draws `INK` in ``currentColor``, takes
    the font of the page, shrinks with its column, has larger text on a narrow screen, and names nothing
    outside itself. Its ids start with a digest of its content: figures that differ never share one.

    Parameters
    ----------
    markup
        The file's content.
    alt
        What the figure shows, in words.

    Returns
    -------
    str
        One ``<svg>`` element, well-formed as XML too, without prolog, comments, metadata and date.
    """
    root = ElementTree.fromstring(markup)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        if _XLINK in element.attrib:
            element.set("href", re.sub(r"\s", "", element.attrib.pop(_XLINK)))
        if "style" in element.attrib:
            element.set("style", _restyle(element.get("style", ""), is_text=element.tag == "text"))
    # Matplotlib's style sheet selects `*`, which inside HTML is every element of the page.
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in ("title", "style") or child.tag.endswith("metadata"):
                parent.remove(child)
    _drop_idle_ids(root)
    _label(root, alt)
    digest = "f" + hashlib.sha256(ElementTree.tostring(root)).hexdigest()[:12]
    _prefix_ids(root, digest)
    _enlarge_on_phones(root, digest)
    return ElementTree.tostring(root, encoding="unicode")


def _restyle(style: str, *, is_text: bool) -> str:
    style = style.replace(INK, "currentColor")
    if is_text:
        # Matplotlib before 3.10 writes the shorthand `font: italic 700 10px 'DejaVu Sans', …`.
        style = _SHORTHAND.sub(r"font-style: \1; font-weight: \2; font-size: \3", style)
        style = re.sub(r"font-(?:style|weight): ;\s*|font-family:[^;]*(;\s*|$)", "", style)
        style = re.sub(r"font-size: ([\d.]+px)", r"font-size: calc(\1 * var(--figure-text, 1))", style)
    return style


def _references(root: ElementTree.Element) -> set[str]:
    targets = {element.get("href", "").removeprefix("#") for element in root.iter()}
    for element in root.iter():
        for value in element.attrib.values():
            targets.update(_REFERENCE.findall(value))
    return targets


def _drop_idle_ids(root: ElementTree.Element) -> None:
    used = _references(root)
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)


def _label(root: ElementTree.Element, alt: str) -> None:
    root.attrib.pop("version", None)
    root.set("xmlns", _SVG)
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set(
        "style",
        "max-width: 100%; height: auto; overflow: visible; color: inherit; "
        "stroke-linejoin: round; stroke-linecap: butt",
    )
    title = ElementTree.Element("title")
    title.text = alt
    root.insert(0, title)


def _prefix_ids(root: ElementTree.Element, digest: str) -> None:
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{digest}-{value}")
            elif key == "href" and value.startswith("#"):
                element.set(key, f"#{digest}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, _REFERENCE.sub(rf"url(#{digest}-\1)", value))


def _enlarge_on_phones(root: ElementTree.Element, digest: str) -> None:
    points = float(root.get("width", "0").removesuffix("pt"))
    factor = min(_LARGEST_TEXT, points / 360)
    root.set("id", digest)
    if factor > 1:
        style = ElementTree.Element("style")
        style.text = f"@media (max-width: {_PHONE}px) {{#{digest} {{--figure-text: {factor:.2f}}}}}"
        root.insert(1, style)
