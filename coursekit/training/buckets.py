"""Batches of sequences that are about equally long, so that little of a batch is padding."""

import torch
from torch import Tensor

from coursekit.training.batches import epoch_order, rows

#: Batches whose sequences are sorted together: the more, the less padding, and the less mixing.
POOL = 50


def bucketed_order(lengths: Tensor, batch_size: int, *, seed: int, epoch: int) -> Tensor:
    """An order ``(n,)`` like `epoch_order`'s, in which the sequences of a batch are about equally long.

    Of every 50 batches of a random order the sequences are sorted by length; then whole batches are shuffled.
    What does not fill a batch comes last.

    Parameters
    ----------
    lengths
        Length of every sequence, ``(n,)``.
    batch_size
        Sequences of a batch.

    Examples
    --------
    >>> order = bucketed_order(torch.tensor([3, 9, 2, 8, 4, 7]), 2, seed=0, epoch=1)
    >>> sorted(sorted(batch.tolist()) for batch in order.split(2))
    [[0, 2], [1, 3], [4, 5]]
    """
    order = epoch_order(len(lengths), seed=seed, epoch=epoch)
    pools = [pool[lengths[pool].argsort(stable=True)] for pool in order.split(POOL * batch_size)]
    order = torch.cat(pools)
    whole = len(order) // batch_size
    batches = order[: whole * batch_size].view(whole, batch_size)
    # Far from the numbers of epochs, so that this shuffling is none of theirs.
    shuffled = batches[epoch_order(whole, seed=seed, epoch=2**32 + epoch)]
    return torch.cat([shuffled.flatten(), order[whole * batch_size :]])


def checked_lengths(lengths: Tensor, inputs: Tensor) -> Tensor:
    """The lengths on the CPU, for sequences that are the last dimension of `inputs`.

    Raises
    ------
    ValueError
        If there is not one length for each input, or one is longer than the inputs.
    """
    if lengths.shape != inputs.shape[:1] or inputs.dim() < 2:
        raise ValueError(
            f"lengths has the shape {tuple(lengths.shape)} for inputs {tuple(inputs.shape)}; give one length "
            "for each input, whose last dimension is the sequence"
        )
    shortest, longest = int(lengths.min()), int(lengths.max())
    if shortest < 0 or longest > inputs.shape[-1]:
        raise ValueError(
            f"lengths are from {shortest} to {longest}; the inputs have room for 0 to {inputs.shape[-1]}"
        )
    # A sequence of nothing is computed as one position of padding.
    return lengths.cpu().clamp(min=1)


def cut(inputs: Tensor, targets: Tensor, index: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """The samples with the numbers `index`; inputs, and targets that are sequences, as long as `length`."""
    x, y = rows(inputs[..., :length], targets, index.to(inputs.device))
    return x, y[..., :length] if y.dim() > 1 else y
