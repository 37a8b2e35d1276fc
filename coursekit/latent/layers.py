"""What a layer of a network makes of images: the points of its latent space."""

from typing import Any

import torch
from torch import Tensor, nn

from coursekit.training.batches import Transform, to_float
from coursekit.training.evaluation import Precision, autocast, device_of


def latent(
    model: nn.Module,
    images: Tensor,
    *,
    layer: str,
    prepare: Transform = to_float,
    batch_size: int = 1_000,
    precision: Precision = "float32",
) -> Tensor:
    """What comes out of a layer of `model` for every image, as float32 ``(n, features)`` on the CPU.

    Parameters
    ----------
    model
        Used in evaluation mode on the device that it is on; its own mode is restored.
    images
        Inputs ``(n, …)``, at least one.
    layer
        Name of the layer, as ``model.named_modules()`` gives it.
    prepare
        Applied to every batch of inputs on the device.

    Raises
    ------
    ValueError
        If there is no such layer, no image, or the layer takes no part in what the model computes.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Linear(4, 2))
    >>> latent(model, torch.tensor([[[1, -2], [-3, 4]]]), layer="1")
    tensor([[1., 0., 0., 4.]])
    """
    layers = dict(model.named_modules())
    if layer not in layers or not layer:
        raise ValueError(f"the model has no layer {layer!r}; choose one of {', '.join(filter(None, layers))}")
    if not len(images):
        raise ValueError("there are no images; pass at least one")
    seen: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        seen.append(output.detach().float().flatten(1).cpu())

    device, training = device_of(model), model.training
    hook = layers[layer].register_forward_hook(keep)
    try:
        model.eval()
        with torch.inference_mode(), autocast(device, precision):
            for batch in images.split(batch_size):
                model(prepare(batch.to(device)))
    finally:
        hook.remove()
        model.train(training)
    if not seen:
        raise ValueError(f"the layer {layer!r} takes no part in what the model computes; choose another")
    return torch.cat(seen)
