"""Which words a classifier of reviews went by: the gradient of its logit, and a test by leaving words out."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.models.lstm import ReviewClassifier


def word_saliency(model: ReviewClassifier, ids: Tensor) -> Tensor:
    r"""How much each word speaks for "positive": :math:`(\partial z / \partial e_t) \cdot e_t`.

    That is what the logit :math:`z` would lose if the word's embedding :math:`e_t` shrank to 0 and :math:`z`
    were linear in it. Exact for a mean of embeddings, an approximation for an LSTM.

    Parameters
    ----------
    model
        Used in evaluation mode and in 32-bit floats; its own mode, its weights and their gradients stay.
    ids
        Whole numbers ``(n, length)``, padded as the model takes them.

    Returns
    -------
    Tensor, float32 (n, length)
        Positive where a word speaks for "positive", negative where against; 0 where the id is 0.

    Raises
    ------
    ValueError
        If `ids` is no batch of reviews.

    References
    ----------
    Denil, Demiraj & de Freitas (2014), Extraction of salient sentences from labelled documents, who take the
    gradient times the embedding.

    Examples
    --------
    >>> from coursekit.models import MeanOfEmbeddings
    >>> model = MeanOfEmbeddings(4, 2, vectors=torch.tensor([[0.0, 0], [1, 0], [0, 1], [2, 2]]))
    >>> model.linear.weight.data = torch.tensor([[1.0, -1.0]])
    >>> word_saliency(model, torch.tensor([[1, 2, 3, 0]])) * 3
    tensor([[ 1., -1.,  0.,  0.]])
    """
    if ids.ndim != 2 or ids.is_floating_point() or not ids.shape[1]:
        raise ValueError(
            f"ids are {ids.dtype} of shape {tuple(ids.shape)}; pass whole numbers (n, length), length above 0"
        )
    ids = ids.long()
    embedded: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        embedded.append(output.detach().requires_grad_())
        return embedded[-1]

    modes = [(module, module.training) for module in model.modules()]
    hook = model.embedding.register_forward_hook(keep)
    try:
        model.eval()
        # cuDNN has no backward pass for a recurrent layer in evaluation mode.
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            (gradient,) = torch.autograd.grad(model.logits(ids).sum(), embedded[-1])
    finally:
        hook.remove()
        for module, training in modes:
            module.training = training
    each = (gradient * embedded[-1].detach()).sum(dim=2)
    return F.pad(each, (0, ids.shape[1] - each.shape[1])) * (ids != 0)


def strongest(weights: Tensor, count: int) -> Tensor:
    """A mask ``(n, length)`` of the `count` weights of every row that are largest in size and not 0.

    Raises
    ------
    ValueError
        If `count` is negative.

    Examples
    --------
    >>> strongest(torch.tensor([[0.5, -2.0, 1.0, 0.0], [0.0, 3.0, 0.0, 0.0]]), 2).int().tolist()
    [[0, 1, 1, 0], [0, 1, 0, 0]]
    """
    if count < 0:
        raise ValueError(f"count is {count}; it must be at least 0")
    size = weights.abs()
    places = size.topk(min(count, weights.shape[1]), dim=1).indices
    chosen = torch.zeros_like(weights, dtype=torch.bool).scatter(1, places, True)
    return chosen & (size > 0)


def delete_words(ids: Tensor, chosen: Tensor, *, padding: Literal["left", "right"] = "right") -> Tensor:
    """Reviews ``(n, length)`` without the chosen words: the rest moves together, 0 fills the padded side.

    Parameters
    ----------
    chosen : bool (n, length)

    Raises
    ------
    ValueError
        If the shapes differ, or `padding` is neither word.

    Examples
    --------
    >>> ids, chosen = torch.tensor([[4, 7, 5, 0]]), torch.tensor([[False, True, False, False]])
    >>> delete_words(ids, chosen), delete_words(ids, chosen, padding="left")
    (tensor([[4, 5, 0, 0]]), tensor([[0, 4, 5, 0]]))
    """
    if ids.shape != chosen.shape:
        raise ValueError(
            f"ids have the shape {tuple(ids.shape)} and chosen {tuple(chosen.shape)}; pass one mark an id"
        )
    if padding not in ("left", "right"):
        raise ValueError(f"padding is {padding!r}; choose 'left' or 'right'")
    last = chosen if padding == "right" else ~chosen
    order = last.int().argsort(dim=1, stable=True)
    return ids.masked_fill(chosen, 0).gather(1, order)
