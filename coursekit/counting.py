"""Counting a network: per layer the shape in, the shape out, the parameters and the multiply-adds."""

from dataclasses import dataclass
from math import prod

import torch
from torch import nn


@dataclass(frozen=True)
class Layer:
    """One leaf module of a network, as it was called in a forward pass of one sample.

    Attributes
    ----------
    name
        Dotted path of the module, as in ``model.named_modules()``.
    kind
        Class of the module, ``"Conv2d"`` for instance.
    input_shape, output_shape
        Shapes without the batch dimension.
    parameters
        Weights and biases, 0 when the module was already counted in an earlier call.
    multiply_adds
        For one sample. A bias counts as one multiply-add for every output it is added to, which is
        torchinfo's convention; layers without parameters count 0.
    """

    name: str
    kind: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class LayerTable:
    """The layers of a network in the order of execution, with totals; prints as a table."""

    rows: tuple[Layer, ...]

    @property
    def parameters(self) -> int:
        """Parameters of the whole network."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one forward pass of one sample."""
        return sum(row.multiply_adds for row in self.rows)

    def __getitem__(self, name: str) -> Layer:
        """The layer with that dotted name."""
        for row in self.rows:
            if row.name == name:
                return row
        known = ", ".join(row.name for row in self.rows)
        raise KeyError(f"no layer is called {name!r}; the layers are: {known}")

    def _cells(self) -> list[tuple[str, ...]]:
        def shape(sizes: tuple[int, ...]) -> str:
            return "×".join(map(str, sizes)) or "scalar"

        body = [
            (
                row.name,
                row.kind,
                shape(row.input_shape),
                shape(row.output_shape),
                f"{row.parameters:,}",
                f"{row.multiply_adds:,}",
            )
            for row in self.rows
        ]
        total = ("total", "", "", "", f"{self.parameters:,}", f"{self.multiply_adds:,}")
        return [("layer", "kind", "in", "out", "parameters", "multiply-adds"), *body, total]

    def __str__(self) -> str:
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = []
        for row in cells:
            left = [text.ljust(width) for text, width in zip(row[:4], widths[:4], strict=True)]
            right = [text.rjust(width) for text, width in zip(row[4:], widths[4:], strict=True)]
            lines.append("  ".join(left + right).rstrip())
        rule = "─" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    __repr__ = __str__


def layer_table(model: nn.Module, input_shape: tuple[int, ...]) -> LayerTable:
    """Count the layers of `model` on one sample of `input_shape`, by torchinfo.

    Parameters
    ----------
    model
        Called once on zeros in evaluation mode; its own mode is restored.
    input_shape
        Shape of one sample without the batch dimension, ``(channels, height, width)`` for images.

    Returns
    -------
    LayerTable
        One row per call of a leaf module.

    Raises
    ------
    ValueError
        If the model cannot take a sample of that shape; the message carries torch's reason.

    Examples
    --------
    >>> print(layer_table(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU()), (1, 5, 5)))
    layer  kind    in     out    parameters  multiply-adds
    ──────────────────────────────────────────────────────
    0      Conv2d  1×5×5  4×3×3          40            360
    1      ReLU    4×3×3  4×3×3           0              0
    ──────────────────────────────────────────────────────
    total                                40            360
    """
    from torchinfo import summary

    if prod(input_shape) < 1:
        raise ValueError(f"input_shape is {input_shape}; every size of a sample must be at least 1")
    sample = torch.zeros(1, *input_shape, device=_device_of(model))
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.inference_mode():
            model(sample)
        statistics = summary(model, input_data=sample, verbose=0, mode="eval")
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"the model cannot take a sample of shape {input_shape}: {reason}") from error
    finally:
        for module, training in modes:
            module.training = training
    names = {id(module): name or type(module).__name__ for name, module in model.named_modules()}
    rows = tuple(
        Layer(
            name=names[info.layer_id],
            kind=info.class_name,
            input_shape=tuple(info.input_size[1:]),
            output_shape=tuple(info.output_size[1:]),
            parameters=0 if info.is_recursive else info.num_params,
            multiply_adds=info.macs,
        )
        for info in statistics.summary_list
        if info.is_leaf_layer
    )
    return LayerTable(rows)


def _device_of(model: nn.Module) -> torch.device:
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device
