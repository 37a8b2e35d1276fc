"""Where a window fits: the output sizes of convolution, pooling and transposed convolution."""

from operator import index
from typing import Literal, TypeVar

Padding = int | Literal["same", "valid"]
Pair = int | tuple[int, int]
PaddingPair = Padding | tuple[Padding, Padding]
T = TypeVar("T")


def output_size(
    size: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    r"""Positions a kernel can take along one axis: :math:`\lfloor (n + 2p - d(k-1) - 1)/s \rfloor + 1`.

    Parameters
    ----------
    size, kernel
        Pixels of the input :math:`n` and of the kernel or pooling window :math:`k`, at least 1.
    stride, dilation
        Pixels from one position to the next :math:`s`, and from one tap of the kernel to the next :math:`d`.
    padding
        Pixels added on either end, :math:`p`; ``"valid"`` is 0; ``"same"`` adds :math:`d(k-1)` in all, the
        odd pixel at the far end, so that the output is as large as the input (stride 1 only).
    ceil_mode
        Pooling's other rounding: up, unless the last window would then start beyond the input and its near
        padding.

    Raises
    ------
    ValueError
        If the dilated kernel does not fit into the padded input (the message names both sizes), a number is
        too small, or ``"same"`` meets a stride.
    TypeError
        If a number is no integer.

    References
    ----------
    Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning, relationships 6 and 15.

    Examples
    --------
    >>> output_size(28, 5), output_size(28, 5, padding=2), output_size(28, 5, stride=2)
    (24, 28, 12)
    >>> output_size(5, 2, stride=2), output_size(5, 2, stride=2, ceil_mode=True)
    (2, 3)
    """
    size, kernel = integer("size", size, least=1), integer("kernel", kernel, least=1)
    before, after = padding_sides(padding, kernel, stride=stride, dilation=dilation)
    spare = size + before + after - dilation * (kernel - 1) - 1
    positions = (spare + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (positions - 1) * stride >= size + before:
        positions -= 1
    if positions < 1:
        spans = (
            f" with dilation {dilation} spans {dilation * (kernel - 1) + 1} pixels and"
            if dilation > 1
            else ""
        )
        padded = f", {size + before + after} with padding {padding}" if padding else ""
        raise ValueError(
            f"a kernel of {kernel} pixels{spans} does not fit into an input of {size} pixels{padded}; "
            "use a smaller kernel or more padding"
        )
    return positions


def output_shape(
    input_shape: tuple[int, int],
    kernel: Pair,
    *,
    stride: Pair = 1,
    padding: PaddingPair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> tuple[int, int]:
    """Height and width of what a kernel or pooling window makes of an image: `output_size` on both axes.

    Parameters
    ----------
    input_shape
        ``(height, width)`` in pixels.
    kernel, stride, padding, dilation
        One value for both axes or a pair (rows, columns), as in `output_size`.

    Raises
    ------
    ValueError, TypeError
        As `output_size`, with the axis named; or if an argument is no pair.

    Examples
    --------
    >>> output_shape((28, 20), (5, 3))
    (24, 18)
    >>> output_shape((28, 20), 3, stride=(1, 2), padding=1)
    (28, 10)
    """
    shape, kernels = image_shape(input_shape), pair("kernel", kernel)
    strides, dilations = pair("stride", stride), pair("dilation", dilation)
    paddings: tuple[Padding, Padding] = pair("padding", padding)

    def along(axis: int) -> int:
        try:
            return output_size(
                shape[axis],
                kernels[axis],
                stride=strides[axis],
                padding=paddings[axis],
                dilation=dilations[axis],
                ceil_mode=ceil_mode,
            )
        except (TypeError, ValueError) as error:
            raise type(error)(f"along the {('height', 'width')[axis]}: {error}") from None

    return along(0), along(1)


def transposed_output_size(
    size: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    r"""Pixels a transposed convolution makes along one axis: :math:`s(n-1) + d(k-1) + 1 - 2p + a`.

    It turns the sizes of `output_size` round. With a stride, several inputs have the same output size;
    `output_padding` :math:`a` says which of them is meant.

    Parameters
    ----------
    size, kernel, stride, padding, dilation
        As in `output_size`; `size` is what the forward convolution would return, and so the input here.
    output_padding
        Pixels added at the far end, less than `stride` or less than `dilation`.

    Raises
    ------
    ValueError
        If the padding cuts everything away (the message names the sizes), or a number is out of range.
    TypeError
        If a number is no integer.

    References
    ----------
    Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning, relationship 14.

    Examples
    --------
    >>> transposed_output_size(24, 5)
    28
    >>> [transposed_output_size(14, 3, stride=2, padding=1, output_padding=extra) for extra in (0, 1)]
    [27, 28]
    """
    size, kernel = integer("size", size, least=1), integer("kernel", kernel, least=1)
    stride, dilation = integer("stride", stride, least=1), integer("dilation", dilation, least=1)
    padding = integer("padding", padding, least=0)
    output_padding = integer("output_padding", output_padding, least=0)
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding is {output_padding}; it must be less than the stride, {stride}, "
            f"or the dilation, {dilation}"
        )
    whole = stride * (size - 1) + dilation * (kernel - 1) + 1 + output_padding
    if whole - 2 * padding < 1:
        raise ValueError(
            f"an input of {size} pixels and a kernel of {kernel} make {whole} pixels, and padding {padding} "
            f"takes away {2 * padding}; use less padding"
        )
    return whole - 2 * padding


def padding_sides(padding: Padding, kernel: int, *, stride: int, dilation: int) -> tuple[int, int]:
    """Pixels added before and after an axis; also checks `stride`, `padding` and `dilation`."""
    stride, dilation = integer("stride", stride, least=1), integer("dilation", dilation, least=1)
    if padding == "valid":
        return 0, 0
    if padding == "same":
        if stride != 1:
            raise ValueError(
                f'padding="same" needs stride 1, but the stride is {stride}; give the pixels instead'
            )
        total = dilation * (kernel - 1)
        return total // 2, total - total // 2
    if isinstance(padding, str):
        raise ValueError(f'padding is {padding!r}; give a number of pixels, "same" or "valid"')
    padding = integer("padding", padding, least=0)
    return padding, padding


def pair(name: str, value: T | tuple[T, T]) -> tuple[T, T]:
    """`value` for rows and columns: itself if it is a pair, else twice."""
    if not isinstance(value, tuple | list):
        return value, value
    if len(value) != 2:
        raise ValueError(f"{name} is {tuple(value)}; give one value or a pair (rows, columns)")
    return value[0], value[1]


def image_shape(input_shape: tuple[int, ...]) -> tuple[int, int]:
    """`input_shape`, checked: height and width, integers of at least 1."""
    if not isinstance(input_shape, tuple | list) or len(input_shape) != 2:
        raise ValueError(f"input_shape is {input_shape!r}; give (height, width)")
    height, width = input_shape
    return integer("height", height, least=1), integer("width", width, least=1)


def integer(name: str, value: int, *, least: int) -> int:
    """`value` as an int, checked."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; pixels are counted, so pass an integer") from None
    if number < least:
        raise ValueError(f"{name} is {number}; it must be at least {least}")
    return number
