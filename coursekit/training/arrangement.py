"""The same network with less to do: pooling first and in place, flattening too, sentences read unpacked."""

import math
from itertools import pairwise
from typing import TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.models.seq2seq import Translator
from coursekit.models.unpacked import unpacked

#: Activations that never fall: the largest of their values is their value at the largest input.
NEVER_FALLING = (nn.ReLU, nn.Sigmoid, nn.Tanh)


def rearranged(model: nn.Module, *, batch_size: int) -> nn.Module:
    r"""A view of `model` that computes the same and moves fewer numbers; its parameters are the model's.

    Three things change wherever an ``nn.Sequential``, or one inside it, has them one behind the other, and
    one in a translator:

    - An activation :math:`f` that never falls and max-pooling change places, since
      :math:`\max_i f(a_i) = f(\max_i a_i)`, gradients included: behind a 2×2 pooling a quarter of the
      activations is left to compute, and to keep for the way back.
    - A convolution of one channel and max-pooling behind it become a `PooledConvolution`.
    - ``Flatten`` and ``Linear`` read images that are stored with the channel last as they lie, and reorder
      the weights instead, where these are fewer than the numbers of a batch.
    - The encoder of a `Translator` reads whole sentences at once, instead of packed ones step by step
      (`UnpackedEncoder`).

    Parameters
    ----------
    model
        Left as it is; so are its innermost modules, which the view shares with their hooks.
    batch_size
        Samples of a batch, which decides whether reordering weights is cheaper.

    Returns
    -------
    nn.Module
        `model` itself if there is nothing to rearrange.

    Examples
    --------
    >>> layers = nn.Conv2d(3, 2, 3), nn.Sigmoid(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)
    >>> [type(layer).__name__ for layer in rearranged(nn.Sequential(*layers), batch_size=16)]
    ['Conv2d', 'MaxPool2d', 'Sigmoid', 'FlattenedLinear']
    >>> layers = nn.Conv2d(1, 16, 3), nn.Sigmoid(), nn.MaxPool2d(2)
    >>> [type(layer).__name__ for layer in rearranged(nn.Sequential(*layers), batch_size=16)]
    ['PooledConvolution', 'Sigmoid']
    """
    if type(model) is Translator and not _watched(model, model.encoder):
        return unpacked(model)
    # What other modules do with their parts is in their code, not in the order of the parts.
    if type(model) is not nn.Sequential or _watched(model):
        return model
    before = list(model)
    layers = [rearranged(layer, batch_size=batch_size) for layer in before]
    layers = _flattened_as_they_lie(_pooled_in_place(_pooled_first(layers)), batch_size)
    unchanged = len(layers) == len(before) and all(a is b for a, b in zip(layers, before, strict=True))
    return model if unchanged else nn.Sequential(*layers)


class FlattenedLinear(nn.Module):
    """``Flatten`` and ``Linear`` of images ``(n, c, h, w)`` in one, for any storage order of the images."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear

    def forward(self, images: Tensor) -> Tensor:
        """Scores ``(n, out_features)``."""
        if images.dim() != 4 or not images.is_contiguous(memory_format=torch.channels_last):
            return F.linear(images.flatten(1), self.linear.weight, self.linear.bias)
        weight = self.linear.weight.unflatten(1, images.shape[1:]).permute(0, 2, 3, 1).flatten(1)
        return F.linear(images.permute(0, 2, 3, 1).flatten(1), weight, self.linear.bias)


class PooledConvolution(nn.Module):
    """``Conv2d`` of images ``(n, 1, h, w)`` and ``MaxPool2d`` in one, on a CPU in oneDNN's own storage order.

    With one channel there is next to nothing to compute, and the time is that of the memory. Of every window
    torch keeps a 64-bit place of the maximum for the way back; oneDNN keeps a byte.

    Products are of 32 bits, whatever the precision around them. On another device, or for images of other
    numbers, the two layers are called as they are.
    """

    def __init__(self, convolution: nn.Conv2d, pool: nn.MaxPool2d) -> None:
        super().__init__()
        self.convolution = convolution
        self.pool = pool
        size = pool.kernel_size
        self.least = max(convolution.kernel_size) - 1 + (size if isinstance(size, int) else max(size))

    def forward(self, images: Tensor) -> Tensor:
        """The pooled responses ``(n, out_channels, …, …)``."""
        weight, bias = self.convolution.weight, self.convolution.bias
        if not self._suits(images):
            pooled: Tensor = self.pool(self.convolution(images))
            return pooled
        with torch.autocast("cpu", enabled=False):
            responses = F.conv2d(images.to_mkldnn(), weight, bias, padding=self.convolution.padding)
            stride, padding = self.pool.stride, self.pool.padding
            return F.max_pool2d(responses, self.pool.kernel_size, stride, padding).to_dense()

    def _suits(self, images: Tensor) -> bool:
        return (
            not torch.compiler.is_compiling()
            and torch.backends.mkldnn.is_available()
            and images.device.type == "cpu"
            and images.dtype == self.convolution.weight.dtype == torch.float32
            and images.dim() == 4
            and min(images.shape[2:]) >= self.least
            # oneDNN's pooling would leave out what is not a number, and a diverging run go on unnoticed.
            and all(
                math.isfinite(tensor.detach().sum()) for tensor in (images, *self.convolution.parameters())
            )
        )


def _pooled_first(layers: list[nn.Module]) -> list[nn.Module]:
    found = list(layers)
    for i, (layer, following) in enumerate(pairwise(layers)):
        if type(layer) in NEVER_FALLING and _only_pools(following) and not _watched(layer, following):
            found[i], found[i + 1] = following, layer
    return found


def _pooled_in_place(layers: list[nn.Module]) -> list[nn.Module]:
    found = list(layers)
    # From behind, so that joining two leaves the places of the others in front of them.
    for i in range(len(layers) - 2, -1, -1):
        convolution, pool = layers[i], layers[i + 1]
        if (
            type(convolution) is nn.Conv2d
            and convolution.in_channels == 1
            # oneDNN stores channels by sixteen, and fills up what is missing.
            and convolution.out_channels % 16 == 0
            and convolution.stride == convolution.dilation == (1, 1)
            and convolution.padding_mode == "zeros"
            and not isinstance(convolution.padding, str)
            and _only_pools(pool)
            and pool.dilation == 1
            and not pool.ceil_mode
            and not _watched(convolution, pool)
        ):
            found[i : i + 2] = [PooledConvolution(convolution, pool)]
    return found


def _flattened_as_they_lie(layers: list[nn.Module], batch_size: int) -> list[nn.Module]:
    found = list(layers)
    # From behind, so that joining two leaves the places of the others in front of them.
    for i in range(len(layers) - 2, -1, -1):
        flatten, linear = layers[i], layers[i + 1]
        if (
            type(flatten) is nn.Flatten
            and (flatten.start_dim, flatten.end_dim) == (1, -1)
            and type(linear) is nn.Linear
            and linear.out_features < batch_size
            and not _watched(flatten, linear)
        ):
            found[i : i + 2] = [FlattenedLinear(linear)]
    return found


def _only_pools(layer: nn.Module) -> TypeGuard[nn.MaxPool2d]:
    return type(layer) is nn.MaxPool2d and not layer.return_indices


def _watched(*layers: nn.Module) -> bool:
    """Whether somebody looks at what goes into or comes out of one of them."""
    return any(
        getattr(layer, hooks)
        for layer in layers
        for hooks in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    )
