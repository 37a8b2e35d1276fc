"""Batches of sequences that are about equally long, so that little of a batch is padding."""

import torch
from torch import Tensor

from coursekit.training.batches import epoch_order

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
