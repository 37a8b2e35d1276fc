"""What the figure shows, read out of its HTML, against loops over positions and weights."""

import json
import re
from importlib.resources import files
from itertools import chain, product
from typing import Any

import pytest

from coursekit.plotting import toeplitz_explorer
from coursekit.plotting.style import COLOURS

SIDE = 6


@pytest.fixture(scope="module")
def markup() -> str:
    return toeplitz_explorer()._repr_html_()


@pytest.fixture(scope="module")
def data(markup: str) -> dict[str, Any]:
    """The values, as a browser reads them."""
    found = re.findall(r'<script type="application/json">(.*?)</script>', markup, flags=re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def positions(side: int, stride: int, padding: int) -> list[tuple[int, int]]:
    """Top left corners of the kernel in the image, reading order."""
    steps = range(-padding, SIDE + padding - side + 1, stride)
    return list(product(steps, steps))


def test_every_choice_is_there(data) -> None:
    assert len(data["images"]) == 3
    assert {len(kernel) for kernel in data["kernels"].values()} == {2, 3}
    choices = {f"{stride},{padding}" for stride, padding in product((1, 2), (0, 1))}
    assert set(data["layouts"]) == {f"{side},{choice}" for side, choice in product((2, 3), choices)}
    assert set(data["matrices"]) == {f"{name},{choice}" for name, choice in product(data["kernels"], choices)}
    assert set(data["outputs"]) == {
        ",".join(parts) for parts in product(data["images"], data["kernels"], choices)
    }


def test_images_and_their_padding(data) -> None:
    for image in data["images"].values():
        plain = image["0"]
        assert [len(row) for row in plain] == [SIDE] * SIDE
        empty = [0] * (SIDE + 2)
        assert image["1"] == [empty, *([0, *row, 0] for row in plain), empty]
    assert list(chain.from_iterable(data["images"]["0 to 35"]["0"])) == list(range(36))


@pytest.mark.parametrize(("stride", "padding"), list(product((1, 2), (0, 1))))
def test_every_configuration(data, stride: int, padding: int) -> None:
    compared = 0
    for name, kernel in data["kernels"].items():
        side = len(kernel)
        layout = data["layouts"][f"{side},{stride},{padding}"]
        matrix = data["matrices"][f"{name},{stride},{padding}"]
        corners = positions(side, stride, padding)
        height, width = layout["shape"]
        assert height == width and height * width == len(corners)
        assert len(matrix) == len(layout["taps"]) == len(layout["patches"]) == len(corners)
        for i, (top, left) in enumerate(corners):
            row, taps, patch = [0] * SIDE**2, ["."] * SIDE**2, []
            for m, n in product(range(side), repeat=2):
                r, c = top + m, left + n
                patch.append((r + padding) * (SIDE + 2 * padding) + c + padding)
                if 0 <= r < SIDE and 0 <= c < SIDE:
                    row[r * SIDE + c] = kernel[m][n]
                    taps[r * SIDE + c] = str(m * side + n)
            assert matrix[i] == row
            assert layout["taps"][i] == "".join(taps)
            assert layout["patches"][i] == patch
            for image_name, image in data["images"].items():
                output = data["outputs"][f"{image_name},{name},{stride},{padding}"]
                pixels = list(chain.from_iterable(image["0"]))
                sums = sum(w * x for w, x in zip(row, pixels, strict=True))
                assert output[i // width][i % width] == sums
                compared += 1
    assert compared > 100


def test_values_are_what_the_page_holds(data) -> None:
    assert toeplitz_explorer().values() == data


def test_html_stands_alone(markup) -> None:
    assert len(markup.encode()) < 150_000
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)|@import|url\(|src=|\bid=|fetch\(", markup)
    assert not re.search(r"transition|animation|@keyframes", markup)
    assert markup.count("</script>") == 2
    red, green, blue = bytes.fromhex(COLOURS[0][1:])
    assert f"--te-00:rgb({red} {green} {blue} / " in markup


def test_text_is_readable_on_every_tint(markup) -> None:
    """WCAG's 4.5:1 for the theme's text on the strongest tints, over both grounds."""

    def luminance(channels):
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    tints = re.findall(r"--te-\d\d:rgb\((\d+) (\d+) (\d+) / (\d+)%\)", markup)
    assert len(tints) == 9
    for ground, ink in ((255, 255, 255), (0x22, 0x28, 0x32)), ((0x14, 0x18, 0x1E), (0xCE, 0xD6, 0xDD)):
        for *channels, share in tints:
            part = int(share) / 100
            under = [(part * int(v) + (1 - part) * g) / 255 for v, g in zip(channels, ground, strict=True)]
            light, dark = sorted((luminance(under), luminance([v / 255 for v in ink])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_description_and_bytes_are_the_same_each_time(markup) -> None:
    explorer = toeplitz_explorer()
    assert repr(explorer) == str(explorer) == repr(toeplitz_explorer())
    assert "image" in repr(explorer) and "0x" not in repr(explorer)
    assert explorer._repr_html_() == markup
    assert str(explorer) in markup


def test_script_and_style_come_with_the_package() -> None:
    folder = files("coursekit.plotting")
    for suffix in ("css", "js"):
        text = folder.joinpath(f"toeplitz_explorer.{suffix}").read_text(encoding="utf-8")
        # Either would end the element that holds it.
        assert text.strip() and "</script" not in text and "</style" not in text
