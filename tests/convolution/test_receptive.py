"""Receptive fields against the gradient of one output of a real stack of layers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from coursekit.convolution import ReceptiveField, Window, output_size, receptive_field

# torch notes that an even kernel makes it copy the input.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")

LAYERS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3)), max_size=3
)


def seen(layers: list[tuple[int, int, int, int]], size: int, position: int) -> tuple[int, int]:
    """First and last input pixel that an output's gradient reaches, when every kernel is all ones."""
    x = torch.zeros(1, 1, size, dtype=torch.float64, requires_grad=True)
    z = x
    for kernel, stride, dilation, padding in layers:
        weight = torch.ones(1, 1, kernel, dtype=torch.float64)
        z = F.conv1d(z, weight, stride=stride, dilation=dilation, padding=padding)
    z[0, 0, position].backward()
    pixels = x.grad[0, 0].nonzero()
    return int(pixels[0]), int(pixels[-1])


@given(layers=LAYERS)
def test_field_is_where_the_gradient_arrives(layers) -> None:
    field = receptive_field(layers)
    # The first output whose field lies inside the image on the near side, on an image that holds the field.
    position = -(field.start // field.jump)
    size = field.pixels(position).stop + 40
    pixels = field.pixels(position)
    assert pixels.start >= 0
    assert (pixels[0], pixels[-1]) == seen(layers, size, position)
    beyond = field.pixels(position + 1)
    assert (beyond[0], beyond[-1]) == seen(layers, size, position + 1)


@given(size=st.integers(1, 9), kernel=st.integers(1, 6), dilation=st.integers(1, 3))
def test_same_padding_starts_where_torch_starts(size, kernel, dilation) -> None:
    field = receptive_field([Window(kernel, dilation=dilation, padding="same")])
    x = torch.zeros(1, 1, size, requires_grad=True)
    F.conv1d(x, torch.ones(1, 1, kernel), padding="same", dilation=dilation)[0, 0, 0].backward()
    reached = [pixel for pixel in field.pixels(0)[::dilation] if 0 <= pixel < size]
    assert x.grad.flatten().nonzero().flatten().tolist() == reached


def test_known_stacks() -> None:
    assert receptive_field([]) == ReceptiveField(size=1, jump=1, start=0)
    assert receptive_field([(3,)] * 3) == receptive_field([(7,)])
    # VGG-16 up to its last pooling: Araujo et al., table 1.
    vgg = [block for convolutions in (2, 2, 3, 3, 3) for block in [(3, 1, 1, 1)] * convolutions + [(2, 2)]]
    field = receptive_field(vgg)
    assert (field.size, field.jump) == (212, 32)
    assert field.pixels(0) == range(-90, 122)


@given(layers=LAYERS, position=st.integers(0, 5))
def test_fields_are_a_jump_apart(layers, position) -> None:
    field = receptive_field(layers)
    first, second = field.pixels(position), field.pixels(position + 1)
    assert len(first) == len(second) == field.size
    assert second.start - first.start == field.jump


def test_one_output_sees_an_image_of_the_fields_size() -> None:
    layers = [(5,), (2, 2), (3, 1, 2), (2, 2)]
    size = receptive_field(layers).size
    for kernel, stride, dilation in ((5, 1, 1), (2, 2, 1), (3, 1, 2), (2, 2, 1)):
        size = output_size(size, kernel, stride=stride, dilation=dilation)
    assert size == 1


def test_mistakes_name_the_layer() -> None:
    with pytest.raises(ValueError, match=r"layer 2 is \(3, 0\): stride is 0; it must be at least 1"):
        receptive_field([(3,), (3, 0)])
    with pytest.raises(TypeError, match=r"layer 1 is \(1\.5,\): kernel is 1\.5; pixels are counted"):
        receptive_field([(1.5,)])
    with pytest.raises(ValueError, match=r'layer 1 is \(3, 2, 1, \'same\'\): padding="same" needs stride 1'):
        receptive_field([(3, 2, 1, "same")])
    for wrong in (3, (), (3, 1, 1, 0, 0)):
        with pytest.raises(
            ValueError, match=r"layer 1 is .*; give a tuple \(kernel, stride, dilation, padding\)"
        ):
            receptive_field([wrong])
