"""Attention as pure functions: scaled dot products, Luong's bilinear form, and the pixels of one image."""

import math

import torch
from torch import Tensor


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Tensor | None = None,
    scale: float | None = None,
) -> tuple[Tensor, Tensor]:
    r"""Attention :math:`Z = P V` with the probabilities :math:`P = \operatorname{softmax}(c\,Q K^T)` by rows.

    Parameters
    ----------
    query
        ``(…, queries, features)``.
    key
        ``(…, keys, features)``.
    value
        ``(…, keys, outputs)``.
    mask
        Boolean, broadcast to ``(…, queries, keys)``: True where a query may look, False for padding. A query
        that may look nowhere gets probability 0 for every key, and so the output 0 and no gradient.
    scale
        The factor :math:`c`, :math:`1/\sqrt{\text{features}}` if None.

    Returns
    -------
    output, probabilities
        ``(…, queries, outputs)`` and ``(…, queries, keys)``. Scores of any size are safe: the softmax
        subtracts the largest of a row first.

    Raises
    ------
    ValueError
        If sizes do not fit together (the message names them).
    TypeError
        If the mask is not boolean, or the tensors hold no floats.

    References
    ----------
    Vaswani et al. (2017), Attention is all you need, eq. 1.

    Examples
    --------
    >>> query, key = torch.tensor([[1.0]]), torch.tensor([[0.0], [0.0], [9.0]])
    >>> value = torch.tensor([[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
    >>> mask = torch.tensor([True, True, False])
    >>> scaled_dot_product_attention(query, key, value, mask=mask)
    (tensor([[0.5000, 0.5000]]), tensor([[0.5000, 0.5000, 0.0000]]))
    """
    _check(query, key, value)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ key.mT * factor
    if mask is None:
        probabilities = scores.softmax(dim=-1)
    else:
        _check_mask(mask, scores)
        # A row without any key would be 0/0; it is computed unmasked first, so that no step back is NaN.
        allowed = mask | ~mask.any(dim=-1, keepdim=True)
        probabilities = scores.masked_fill(~allowed, -math.inf).softmax(dim=-1).masked_fill(~mask, 0)
    return probabilities @ value, probabilities


def bilinear_attention(
    query: Tensor, keys: Tensor, weight: Tensor, *, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    r"""Attention of a decoder state :math:`q` on encoder states :math:`h_i`: :math:`s_i = (W^T q)^T h_i`.

    The probabilities are :math:`p = \operatorname{softmax}(s)` over the positions that are no padding, and
    the context is :math:`c = \sum_i p_i h_i`.

    Parameters
    ----------
    query
        ``(…, query_features)``, one state, or ``(…, steps, query_features)``, one per decoder step.
    keys
        ``(…, positions, key_features)``.
    weight
        :math:`W`, ``(query_features, key_features)``.
    mask
        Boolean ``(…, positions)``: True for a token, False for padding. A sentence of padding alone gets
        probabilities and context 0.

    Returns
    -------
    context, probabilities
        ``(…, key_features)`` and ``(…, positions)``, with `steps` before the last axis if `query` has it.

    Raises
    ------
    ValueError
        If sizes do not fit together (the message names them).
    TypeError
        If the mask is not boolean, or the tensors hold no floats.

    References
    ----------
    Luong, Pham & Manning (2015), Effective approaches to attention-based neural machine translation, section
    3.1 (*general*).

    Examples
    --------
    >>> states = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> bilinear_attention(torch.zeros(3), states, torch.ones(3, 2))
    (tensor([0.5000, 0.5000]), tensor([0.5000, 0.5000]))
    """
    features = (query.shape[-1], keys.shape[-1])
    if tuple(weight.shape) != features:
        raise ValueError(
            f"weight has shape {tuple(weight.shape)}; the query has {features[0]} features and the keys have "
            f"{features[1]}, so pass {features}"
        )
    single = query.ndim == keys.ndim - 1
    projected = query @ weight
    context, probabilities = scaled_dot_product_attention(
        projected.unsqueeze(-2) if single else projected,
        keys,
        keys,
        mask=None if mask is None else mask.unsqueeze(-2),
        scale=1.0,
    )
    return (context.squeeze(-2), probabilities.squeeze(-2)) if single else (context, probabilities)


def pixel_attention(image: Tensor) -> tuple[Tensor, Tensor]:
    r"""Single-head self-attention over the pixels :math:`x'` of an image, with :math:`W_Q = W_K = W_V = 1`.

    A pixel is a token of one feature, so the scale :math:`1/\sqrt{1}` is 1 and
    :math:`P_{ij} = e^{x'_i x'_j} / \sum_k e^{x'_i x'_k}`, :math:`z_i = \sum_j P_{ij} x'_j`.

    Parameters
    ----------
    image
        ``(…, height, width)``; leading axes are a batch.

    Returns
    -------
    output, probabilities
        :math:`z = P x'`, ``(…, height * width)`` in row-major order, and :math:`P`,
        ``(…, height * width, height * width)``, whose rows sum to 1.

    Raises
    ------
    ValueError
        If the image has fewer than two axes.
    TypeError
        If the image holds no floats.

    References
    ----------
    Vaswani et al. (2017), Attention is all you need, eq. 1.

    Examples
    --------
    A black pixel looks at all pixels alike, a bright one at the bright ones:

    >>> output, probabilities = pixel_attention(torch.tensor([[0.0, 0.0], [0.0, 2.0]]))
    >>> output
    tensor([0.5000, 0.5000, 0.5000, 1.8958])
    """
    if image.ndim < 2:
        raise ValueError(f"image has shape {tuple(image.shape)}; pass (height, width)")
    tokens = image.flatten(-2).unsqueeze(-1)
    output, probabilities = scaled_dot_product_attention(tokens, tokens, tokens)
    return output.squeeze(-1), probabilities


def _check(query: Tensor, key: Tensor, value: Tensor) -> None:
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if tensor.ndim < 2:
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}; its last axes must be (tokens, features)"
            )
        if not tensor.is_floating_point():
            raise TypeError(f"{name} holds {tensor.dtype}; pass floats")
    if query.shape[-1] != key.shape[-1] or not query.shape[-1]:
        raise ValueError(
            f"query has {query.shape[-1]} features and key {key.shape[-1]}; a dot product needs "
            "the same number, at least 1"
        )
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"there are {key.shape[-2]} keys and {value.shape[-2]} values; each key needs one value"
        )


def _check_mask(mask: Tensor, scores: Tensor) -> None:
    if mask.dtype != torch.bool:
        raise TypeError(f"mask holds {mask.dtype}; pass booleans, True where a query may look")
    try:
        fits = torch.broadcast_shapes(mask.shape, scores.shape) == scores.shape
    except RuntimeError:
        fits = False
    if not fits:
        raise ValueError(
            f"mask has shape {tuple(mask.shape)}; it must broadcast to (…, queries, keys), "
            f"here {tuple(scores.shape)}"
        )
