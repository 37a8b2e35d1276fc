"""The receptive field of a stack of layers: what one output sees of the input."""

from collections.abc import Iterable
from typing import NamedTuple

from coursekit.convolution.geometry import Padding, integer, padding_sides


class Window(NamedTuple):
    """A layer that looks through a window: convolution or pooling, along one axis."""

    kernel: int
    stride: int = 1
    dilation: int = 1
    padding: Padding = 0


class ReceptiveField(NamedTuple):
    """Which input pixels the outputs of a stack of layers see, along one axis.

    Attributes
    ----------
    size
        Pixels from the first to the last that one output sees, padding included.
    jump
        Input pixels between the fields of two neighbouring outputs.
    start
        First pixel of output 0's field, counted from 0; negative in the padding.
    """

    size: int
    jump: int
    start: int

    def pixels(self, position: int) -> range:
        """The input pixels that the output at `position` sees, as if there were no borders."""
        first = self.start + position * self.jump
        return range(first, first + self.size)


def receptive_field(layers: Iterable[Window | tuple[int, ...]]) -> ReceptiveField:
    r"""The receptive field of a stack of layers, along one axis.

    With dilated kernels :math:`K_l = d_l(k_l-1)+1`, strides :math:`s_l` and near paddings :math:`p_l` of the
    layers :math:`l = 1, 2, \dots` from the input on, the jump after layer :math:`l` is
    :math:`j_l = \prod_{i \le l} s_i`, the size :math:`1 + \sum_l (K_l - 1)\,j_{l-1}` and the start
    :math:`-\sum_l p_l\,j_{l-1}`.

    Parameters
    ----------
    layers
        From the input to the output, each a `Window` or a tuple (kernel, stride, dilation, padding) whose
        last entries may be left out. No layer at all sees one pixel.

    Raises
    ------
    ValueError, TypeError
        If a number of a layer is out of range or no integer; the message names the layer.

    References
    ----------
    Araujo, Norris & Sim (2019), Computing receptive fields of convolutional neural networks, Distill.

    Examples
    --------
    Two 3×3 convolutions see what one of 5×5 sees; a pooling in front doubles the reach of what follows:

    >>> receptive_field([(3,), (3,)])
    ReceptiveField(size=5, jump=1, start=0)
    >>> receptive_field([Window(2, stride=2), Window(5, padding=2)])
    ReceptiveField(size=10, jump=2, start=-4)
    """
    size, jump, start = 1, 1, 0
    for number, layer in enumerate(layers, start=1):
        if not isinstance(layer, tuple | list) or not 1 <= len(layer) <= 4:
            raise ValueError(f"layer {number} is {layer!r}; give a tuple (kernel, stride, dilation, padding)")
        kernel, stride, dilation, padding = Window(*layer)
        try:
            kernel = integer("kernel", kernel, least=1)
            before, _ = padding_sides(padding, kernel, stride=stride, dilation=dilation)
        except (TypeError, ValueError) as error:
            raise type(error)(f"layer {number} is {tuple(layer)}: {error}") from None
        size += dilation * (kernel - 1) * jump
        start -= before * jump
        jump *= stride
    return ReceptiveField(size, jump, start)
