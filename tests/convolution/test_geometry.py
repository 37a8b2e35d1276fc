"""Sizes against counted positions and against what torch's layers return."""

import re

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from coursekit.convolution import output_shape, output_size, transposed_output_size

# torch notes that an even kernel makes it copy the input.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")

SIZES, KERNELS = st.integers(1, 20), st.integers(1, 6)
STEPS, PADDINGS = st.integers(1, 4), st.integers(0, 5)


def counted(size: int, kernel: int, stride: int, before: int, after: int, dilation: int) -> int:
    """Starts on the stride's grid from which every tap lies on the padded axis."""
    axis = range(-before, size + after)
    starts = axis[::stride]
    return sum(all(start + dilation * tap in axis for tap in range(kernel)) for start in starts)


@given(size=SIZES, kernel=KERNELS, stride=STEPS, padding=PADDINGS, dilation=STEPS)
def test_size_is_the_number_of_positions(size, kernel, stride, padding, dilation) -> None:
    expected = counted(size, kernel, stride, padding, padding, dilation)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    if expected == 0:
        with pytest.raises(ValueError, match=f"a kernel of {kernel} pixels.* an input of {size} pixels"):
            output_size(size, kernel, **options)
        return
    convolved = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), **options)
    assert output_size(size, kernel, **options) == expected == convolved.shape[-1]


@given(size=SIZES, kernel=KERNELS, dilation=STEPS, padding=st.sampled_from(["same", "valid"]))
def test_padding_by_name(size, kernel, dilation, padding) -> None:
    assume(padding == "same" or size > dilation * (kernel - 1))
    convolved = F.conv1d(
        torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), padding=padding, dilation=dilation
    )
    assert output_size(size, kernel, padding=padding, dilation=dilation) == convolved.shape[-1]


@given(size=SIZES, kernel=KERNELS, stride=STEPS, padding=PADDINGS, dilation=STEPS)
def test_pooling_rounds_up_only_to_windows_that_start_inside(size, kernel, stride, padding, dilation) -> None:
    assume(padding <= kernel // 2)
    axis = range(-padding, size + padding)
    # A window may hang over the far end, but by less than a stride.
    starts = [start for start in axis[::stride] if start + dilation * (kernel - 1) < axis.stop + stride - 1]
    expected = sum(start < size for start in starts)
    assume(expected)
    options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": True}
    pooled = F.max_pool1d(torch.zeros(1, 1, size), kernel, **options)
    assert output_size(size, kernel, **options) == expected == pooled.shape[-1]


@given(
    size=SIZES,
    kernel=KERNELS,
    stride=STEPS,
    padding=PADDINGS,
    dilation=STEPS,
    output_padding=st.integers(0, 3),
)
def test_transposed_size(size, kernel, stride, padding, dilation, output_padding) -> None:
    assume(output_padding < max(stride, dilation))
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    whole = stride * (size - 1) + dilation * (kernel - 1) + 1 + output_padding
    if whole <= 2 * padding:
        with pytest.raises(
            ValueError, match=f"an input of {size} pixels and a kernel of {kernel} make {whole}"
        ):
            transposed_output_size(size, kernel, output_padding=output_padding, **options)
        return
    spread = F.conv_transpose1d(
        torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), output_padding=output_padding, **options
    )
    back = transposed_output_size(size, kernel, output_padding=output_padding, **options)
    assert back == spread.shape[-1]
    if output_padding < stride:
        assert output_size(back, kernel, **options) == size


@given(
    height=SIZES,
    width=SIZES,
    kernel=st.tuples(KERNELS, KERNELS),
    stride=st.tuples(STEPS, STEPS),
    padding=st.tuples(PADDINGS, PADDINGS),
    dilation=st.tuples(STEPS, STEPS),
)
def test_shape_takes_each_axis_for_itself(height, width, kernel, stride, padding, dilation) -> None:
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    assume(height + 2 * padding[0] >= spans[0] and width + 2 * padding[1] >= spans[1])
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    convolved = F.conv2d(torch.zeros(1, 1, height, width), torch.zeros(1, 1, *kernel), **options)
    assert output_shape((height, width), kernel, **options) == tuple(convolved.shape[-2:])


def test_shape_takes_one_value_for_both_axes() -> None:
    assert output_shape((28, 20), 3) == (26, 18)
    assert output_shape((28, 20), 5, padding="same") == (28, 20)
    assert output_shape((28, 21), 2, stride=2, ceil_mode=True) == (14, 11)
    assert output_shape(torch.zeros(4, 7).shape, (4, 7)) == (1, 1)


def test_numbers_of_numpy_count_as_integers() -> None:
    assert output_size(np.int64(7), np.int32(3)) == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: output_size(5, 7),
            "a kernel of 7 pixels does not fit into an input of 5 pixels; use a smaller",
        ),
        (
            lambda: output_size(5, 3, dilation=4, padding=1),
            "a kernel of 3 pixels with dilation 4 spans 9 pixels and does not fit into an input of 5 pixels, "
            "7 with padding 1; use a smaller kernel or more padding",
        ),
        (
            lambda: output_size(5, 9, stride=2, ceil_mode=True),
            "a kernel of 9 pixels does not fit into an input of 5",
        ),
        (lambda: output_size(0, 1), "size is 0; it must be at least 1"),
        (lambda: output_size(5, 0), "kernel is 0; it must be at least 1"),
        (lambda: output_size(5, 3, stride=0), "stride is 0; it must be at least 1"),
        (lambda: output_size(5, 3, dilation=-1), "dilation is -1; it must be at least 1"),
        (lambda: output_size(5, 3, padding=-1), "padding is -1; it must be at least 0"),
        (
            lambda: output_size(5, 3, padding="same", stride=2),
            'padding="same" needs stride 1, but the stride is 2',
        ),
        (
            lambda: output_size(5, 3, padding="full"),
            "padding is 'full'; give a number of pixels, \"same\" or",
        ),
        (
            lambda: output_shape((8, 4), (3, 5)),
            "along the width: a kernel of 5 pixels does not fit into an input of 4",
        ),
        (
            lambda: output_shape((8, 4), 3, stride=(0, 1)),
            "along the height: stride is 0; it must be at least 1",
        ),
        (lambda: output_shape((1, 8, 4), 3), "input_shape is (1, 8, 4); give (height, width)"),
        (lambda: output_shape(28, 3), "input_shape is 28; give (height, width)"),
        (lambda: output_shape((8, 0), 3), "width is 0; it must be at least 1"),
        (
            lambda: output_shape((8, 4), (3, 3, 3)),
            "kernel is (3, 3, 3); give one value or a pair (rows, columns)",
        ),
        (
            lambda: transposed_output_size(5, 3, stride=2, output_padding=2),
            "output_padding is 2; it must be less than the stride, 2, or the dilation, 1",
        ),
        (
            lambda: transposed_output_size(1, 3, padding=2),
            "an input of 1 pixels and a kernel of 3 make 3 pixels, and padding 2 takes away 4; use less",
        ),
        (lambda: transposed_output_size(0, 3), "size is 0; it must be at least 1"),
    ],
)
def test_what_does_not_fit_is_named(call, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


def test_pixels_are_whole() -> None:
    with pytest.raises(TypeError, match=r"size is 2\.5; pixels are counted, so pass an integer"):
        output_size(2.5, 1)
    with pytest.raises(TypeError, match=r"along the width: stride is 1\.5; pixels are counted"):
        output_shape((5, 5), 3, stride=(1, 1.5))
