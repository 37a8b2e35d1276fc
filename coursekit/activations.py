"""What a layer puts out, caught by a forward hook, and how far it follows the edges of the image."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.training.batches import Transform, to_float
from coursekit.training.evaluation import device_of, evaluating


def activation_maps(
    model: nn.Module,
    images: Tensor,
    *,
    layer: str,
    prepare: Transform = to_float,
    batch_size: int = 1_000,
) -> Tensor:
    """What the layer called `layer` puts out for `images`: a float tensor ``(n, …)`` on the CPU.

    The model runs in evaluation mode without gradients. Afterwards its own mode is back and the hook is
    gone, also where the model raises.

    Parameters
    ----------
    model
        Maps prepared images ``(n, …)`` to anything.
    images
        Inputs ``(n, …)``, at least one; on any device.
    layer
        Name of a submodule, as ``model.named_modules()`` gives it.
    prepare
        Applied to every batch of images on the model's device.

    Raises
    ------
    ValueError
        If the model has no such layer, does not run it exactly once a batch, the layer puts out anything
        but one tensor, or there are no images.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 8, 5, padding=2), nn.ReLU())
    >>> activation_maps(model, torch.rand(3, 1, 28, 28), layer="0").shape
    torch.Size([3, 8, 28, 28])
    """
    layers = dict(model.named_modules())
    if layer not in layers or not layer:
        known = ", ".join(name for name in layers if name) or "none"
        raise ValueError(f"the model has no layer {layer!r}; its layers are: {known}")
    if not len(images):
        raise ValueError("images is empty; pass at least one")
    caught: list[Tensor] = []

    def catch(_module: nn.Module, _inputs: tuple[Tensor, ...], output: object) -> None:
        if not isinstance(output, Tensor):
            raise ValueError(
                f"the layer {layer!r} puts out a {type(output).__name__}; choose one with one tensor"
            )
        caught.append(output.float().cpu())

    device = device_of(model)
    batches = images.split(batch_size)
    handle = layers[layer].register_forward_hook(catch)
    try:
        with evaluating(model, "float32"):
            for batch in batches:
                model(prepare(batch.to(device)))
    finally:
        handle.remove()
    if len(caught) != len(batches):
        raise ValueError(
            f"the layer {layer!r} ran {len(caught)} times in {len(batches)} passes; choose one that runs once"
        )
    # A copy made outside of inference mode can take part in any later computation.
    return torch.cat(caught).clone()


def edge_filters() -> dict[str, Tensor]:
    r"""Sobel's filters of 5×5, by the direction in which the edge runs.

    The derivative (−1, −2, 0, 2, 1) along one axis, the weights (1, 4, 6, 4, 1) along the other, divided by
    their sums 3 and 16. The diagonal ones are :math:`(h \pm v)/\sqrt2`. A filter answers by a positive value
    where the image grows brighter downwards (horizontal), to the right (vertical), down and to the right
    (rising, the edge itself runs like a slash), down and to the left (falling).

    References
    ----------
    Freeman & Adelson (1991), The design and use of steerable filters, section II: the derivative in any
    direction is a combination of two.

    Examples
    --------
    >>> filters = edge_filters()
    >>> list(filters)
    ['horizontal', 'vertical', 'rising', 'falling']
    >>> (48 * filters["horizontal"]).round().int()[:, 2]
    tensor([ -6, -12,   0,  12,   6], dtype=torch.int32)
    """
    across = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    along = torch.tensor([-1.0, -2.0, 0.0, 2.0, 1.0]) / 3
    horizontal = along.outer(across)
    vertical = across.outer(along)
    return {
        "horizontal": horizontal,
        "vertical": vertical,
        "rising": (horizontal + vertical) / 2**0.5,
        "falling": (horizontal - vertical) / 2**0.5,
    }


def brightness_filter() -> Tensor:
    """The blur that goes with `edge_filters`: 5×5 weights that fall off from the centre and sum to 1.

    Examples
    --------
    >>> brightness_filter().sum()
    tensor(1.)
    """
    weights = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    return weights.outer(weights)


def filter_responses(images: Tensor, filters: Mapping[str, Tensor]) -> Tensor:
    """The images filtered, without padding: ``(n, filters, height − k + 1, width − k + 1)``.

    Parameters
    ----------
    images
        ``(n, 1, height, width)``, whole numbers or floats.
    filters
        Tensors ``(k, k)`` of one odd size, by name; slid over the image without mirroring, as a
        convolutional layer slides its kernels.

    Raises
    ------
    ValueError
        If the images have another shape, or the filters are missing, not square, not odd, or larger than
        the images.
    """
    sizes = {tuple(weights.shape) for weights in filters.values()}
    if len(sizes) != 1 or len(size := sizes.pop()) != 2 or size[0] != size[1] or size[0] % 2 == 0:
        shapes = ", ".join(str(tuple(weights.shape)) for weights in filters.values()) or "nothing"
        raise ValueError(f"the filters have the shapes {shapes}; pass square ones of one odd size")
    if images.ndim != 4 or images.shape[1] != 1 or not len(images) or min(images.shape[2:]) < size[0]:
        raise ValueError(
            f"the images have the shape {tuple(images.shape)}; expected (n, 1, height, width) with at least "
            f"one image, no smaller than the filters of {size[0]}×{size[0]}"
        )
    weights = torch.stack([weights.double() for weights in filters.values()]).unsqueeze(1)
    return F.conv2d(images.double(), weights.to(images.device))


def filter_correlations(maps: Tensor, images: Tensor, filters: Mapping[str, Tensor]) -> Tensor:
    r"""Pearson's correlation of every map with every filter's response, over all images and inner pixels.

    Pixels whose filter would reach over the border are left out, since there the maps see the padding.

    Parameters
    ----------
    maps
        ``(n, channels, height, width)``, of the size of the images.
    images
        ``(n, 1, height, width)``.
    filters
        As `filter_responses` takes them.

    Returns
    -------
    Tensor
        float64 ``(channels, filters)``, between −1 and 1; not a number where a map or a response is
        constant, since it then has no correlation.

    Raises
    ------
    ValueError
        If maps and images differ in number or size, or as in `filter_responses`.

    Examples
    --------
    A map that is the negative of what a filter says, and one that says nothing:

    >>> images = torch.rand(10, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    >>> filters = {"right neighbour": torch.tensor([[0.0, 0, 0], [0, 0, 1], [0, 0, 0]])}
    >>> maps = torch.cat([-images.roll(-1, dims=3), torch.ones_like(images)], dim=1)
    >>> filter_correlations(maps, images, filters).round(decimals=4)
    tensor([[-1.],
            [nan]], dtype=torch.float64)
    """
    if maps.ndim != 4 or (len(maps), *maps.shape[2:]) != (len(images), *images.shape[2:]):
        raise ValueError(
            f"maps have the shape {tuple(maps.shape)} and images {tuple(images.shape)}; expected (n, "
            "channels, height, width) and (n, 1, height, width), so take a layer that keeps the image's size"
        )
    responses = filter_responses(images, filters)
    border = (images.shape[2] - responses.shape[2]) // 2
    inner = maps[:, :, border : maps.shape[2] - border, border : maps.shape[3] - border]
    a, b = (_standardised(values) for values in (inner.double(), responses))
    correlations: Tensor = (a @ b.T.to(a.device)).clamp(-1, 1)
    return correlations


def edge_correlations(maps: Tensor, images: Tensor) -> Tensor:
    """`filter_correlations` with the four `edge_filters`: float64 ``(channels, 4)``.

    Examples
    --------
    >>> images = torch.rand(10, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    >>> vertical = F.conv2d(images, edge_filters()["vertical"][None, None], padding=2)
    >>> edge_correlations(vertical, images)[0, 1].round(decimals=6)
    tensor(1., dtype=torch.float64)
    """
    return filter_correlations(maps, images, edge_filters())


def _standardised(values: Tensor) -> Tensor:
    """Rows ``(channels, n · pixels)`` of mean 0 and length 1; not a number where a channel is constant."""
    rows = values.transpose(0, 1).flatten(1)
    constant = rows.amax(dim=1) == rows.amin(dim=1)
    rows = rows - rows.mean(dim=1, keepdim=True)
    length: Tensor = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
    return torch.where(constant.unsqueeze(1), torch.nan, rows / length)
