"""Image grids: the pixels that were passed, in reading order, each under its title."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from coursekit.plotting import image_grid


def grey(n=5, height=4, width=6):
    return torch.randint(0, 256, (n, 1, height, width), dtype=torch.uint8, generator=torch.manual_seed(0))


def embedded(figure):
    """The bitmaps inside the SVG, as arrays (height, width, 4)."""
    codes = re.findall(r'href="data:image/png;base64,([^"]+)"', figure.svg())
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(code)))) for code in codes]


def test_the_pixels_come_back_from_the_svg_dark_for_high_values():
    images = grey()
    bitmaps = embedded(image_grid(images, columns=2))
    assert len(bitmaps) == 5
    for bitmap, image in zip(bitmaps, images, strict=True):
        assert np.abs(bitmap[..., 0].astype(int) - (255 - image[0].numpy().astype(int))).max() <= 1
        assert (bitmap[..., 3] == 255).all()


def test_high_values_are_light_when_not_inverted():
    images = grey(1)
    (bitmap,) = embedded(image_grid(images, inverted=False))
    assert np.abs(bitmap[..., 0].astype(int) - images[0, 0].numpy().astype(int)).max() <= 1


def test_colour_images_keep_their_colours():
    images = torch.randint(0, 256, (2, 3, 4, 4), dtype=torch.uint8, generator=torch.manual_seed(0))
    for bitmap, image in zip(embedded(image_grid(images)), images, strict=True):
        difference = bitmap[..., :3].astype(int) - image.permute(1, 2, 0).numpy().astype(int)
        assert np.abs(difference).max() <= 1


def test_pixels_stay_square_edged():
    assert image_grid(grey()).svg().count("image-rendering:pixelated") == 5


@given(n=st.integers(1, 12), columns=st.integers(1, 6))
@settings(deadline=None, max_examples=15)
def test_images_lie_in_reading_order_without_overlap(n, columns):
    figure = image_grid(torch.rand(n, 3, 5), columns=columns)
    (axes,) = figure.axes
    boxes = [image.get_extent() for image in axes.images]
    assert len(boxes) == n
    for number, (left, right, bottom, top) in enumerate(boxes):
        assert (right - left) / (bottom - top) == pytest.approx(5 / 3)
        if number % columns:
            assert left > boxes[number - 1][1] and top == boxes[number - 1][3]
        elif number:
            assert left == boxes[0][0] and top > boxes[number - 1][2]
    width, height = figure.get_size_inches() * 72
    assert max(right for _, right, _, _ in boxes) <= width + 1e-6
    assert max(bottom for *_, bottom, _ in boxes) <= height + 1e-6


def test_every_title_stands_above_its_image():
    figure = image_grid(grey(2), titles=["Shirt\nnot Coat", "Bag"])
    (axes,) = figure.axes
    texts = {text.get_text(): text.get_position() for text in axes.texts}
    assert set(texts) == {"Shirt", "not Coat", "Bag"}
    first, second = (image.get_extent() for image in axes.images)
    assert first[0] < texts["Shirt"][0] < first[1] and second[0] < texts["Bag"][0] < second[1]
    assert texts["Shirt"][1] < texts["not Coat"][1] < first[3]
    assert figure.alt == "2 images of 4×6 pixels: Shirt, not Coat; Bag."


def test_long_titles_get_fewer_columns():
    starts = {
        length: len(
            {
                image.get_extent()[0]
                for image in image_grid(grey(10), titles=["m" * length] * 10).axes[0].images
            }
        )
        for length in (1, 20, 200)
    }
    assert starts == {1: 10, 20: 3, 200: 1}


@pytest.mark.parametrize(
    ("images", "alt"),
    [
        (torch.rand(1, 4, 4), "1 image of 4×4 pixels."),
        (np.zeros((3, 3, 4, 5)), "3 colour images of 4×5 pixels."),
        (torch.rand(2, 1, 4, 4, dtype=torch.bfloat16), "2 images of 4×4 pixels."),
    ],
)
def test_the_description(images, alt):
    assert image_grid(images).alt == alt
    assert image_grid(images, alt="Mine.").alt == "Mine."


def test_the_ends_of_the_scale():
    def ends(*args, **options):
        return image_grid(*args, **options).axes[0].images[0].get_clim()

    assert ends(torch.full((1, 2, 2), 7, dtype=torch.uint8)) == (0, 255)
    assert ends(torch.tensor([[[-1.0, 3.0]]])) == (-1, 3)
    assert ends(torch.tensor([[[-1.0, 3.0]]]), vmin=-2, vmax=2) == (-2, 2)
    assert ends(torch.full((1, 2, 2), 0.5)) == (0.5, 1.5)


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (torch.zeros(4, 4), {}, r"images has the shape \(4, 4\); expected \(n, height, width\), \(n, 1, "),
        (torch.zeros(1, 2, 4, 4), {}, r"images has the shape \(1, 2, 4, 4\); expected "),
        (torch.zeros(0, 1, 4, 4), {}, r"images is empty: its shape is \(0, 1, 4, 4\)"),
        (torch.full((1, 2, 2), torch.nan), {}, r"images holds nan at \[0, 0, 0\]; every value must be"),
        (torch.zeros(2, 4, 4), {"titles": ["a"]}, r"titles has 1 entries for 2 images; give one for each$"),
        (torch.zeros(2, 4, 4), {"columns": 0}, r"columns is 0; a row needs at least 1 image$"),
        (torch.zeros(2, 4, 4), {"vmin": 1, "vmax": 0}, r"vmin is 1 and vmax 0; vmin must be below vmax$"),
        (torch.zeros(2, 4, 4), {"vmax": -1.0}, r"vmin is 0 and vmax -1; vmin must be below vmax$"),
    ],
)
def test_mistakes_get_one_clear_sentence(images, options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        image_grid(images, **options)
