"""How an attention runs over the source: where it looks on average, how sharply, and whether it moves on."""

from dataclasses import dataclass
from math import log, nan

import torch
from torch import Tensor


@dataclass(frozen=True)
class Alignment:
    """Measures of the attention of n sentences; NaN where a sentence is too short for one.

    Parameters
    ----------
    forward : (n,)
        Share of the steps after which the mean position is not further left, of all steps but the last.
    rank_correlation : (n,)
        Spearman's correlation of the mean position with the number of the step: 1 for a reading from left to
        right, 0 for none, −1 for one from right to left.
    entropy : (n,)
        Mean over the steps, in nats over the log of the source's length: 0 for a look at one character, 1 for
        an even look at all.
    """

    forward: Tensor
    rank_correlation: Tensor
    entropy: Tensor


def mean_positions(probabilities: Tensor) -> Tensor:
    r"""Where each step looks on average: :math:`\sum_i i\,p_{ti}`, positions counted from 0.

    Parameters
    ----------
    probabilities
        ``(…, steps, positions)``, 0 for padding.

    Examples
    --------
    >>> mean_positions(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]))
    tensor([0.0000, 1.5000])
    """
    positions = torch.arange(probabilities.shape[-1], dtype=probabilities.dtype, device=probabilities.device)
    return probabilities @ positions


def alignment(probabilities: Tensor, steps: Tensor, positions: Tensor) -> Alignment:
    """Measure the attention of n sentences.

    Parameters
    ----------
    probabilities
        ``(n, steps, positions)``: row after row the probabilities with which a step looks at the source.
    steps, positions
        How many of the steps and of the positions count, ``(n,)`` each; the others are padding.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is more to count than there is.

    Examples
    --------
    A look that moves from left to right, and one that stays where it is:

    >>> onward = torch.eye(4)
    >>> still = torch.zeros(4, 4).index_fill_(1, torch.tensor([2]), 1.0)
    >>> found = alignment(torch.stack([onward, still]), torch.tensor([4, 4]), torch.tensor([4, 4]))
    >>> found.forward.tolist(), found.entropy.tolist()
    ([1.0, 1.0], [0.0, 0.0])
    >>> found.rank_correlation.tolist()
    [1.0, nan]
    """
    if probabilities.ndim != 3 or steps.shape != positions.shape or steps.shape != probabilities.shape[:1]:
        raise ValueError(
            f"probabilities have the shape {tuple(probabilities.shape)}, steps {tuple(steps.shape)} and "
            f"positions {tuple(positions.shape)}; pass (n, steps, positions), (n,) and (n,)"
        )
    counted = [int(number.max()) if len(number) else 0 for number in (steps, positions)]
    if counted[0] > probabilities.shape[1] or counted[1] > probabilities.shape[2]:
        raise ValueError(
            f"there are {probabilities.shape[1]} steps and {probabilities.shape[2]} positions, but "
            f"{counted[0]} and {counted[1]} are to be counted; pass numbers without padding"
        )
    rows = [
        _of_sentence(p[:s, :m].double())
        for p, s, m in zip(probabilities.cpu(), steps.tolist(), positions.tolist(), strict=True)
    ]
    table = torch.tensor(rows, dtype=torch.float64).reshape(len(rows), 3)
    return Alignment(*table.unbind(dim=1))


def _of_sentence(p: Tensor) -> tuple[float, float, float]:
    from scipy.stats import rankdata

    steps, length = p.shape
    if not steps or not length:
        return nan, nan, nan
    means = mean_positions(p)
    forward = (means.diff() >= -1e-9).double().mean().item() if steps > 1 else nan
    # Rounded: positions that differ by rounding errors alone have one rank.
    ranks = torch.from_numpy(rankdata(means.numpy().round(6)))
    order = torch.arange(1, steps + 1, dtype=torch.float64)
    varies = steps > 1 and ranks.std() > 0
    correlation = torch.corrcoef(torch.stack([ranks, order]))[0, 1].item() if varies else nan
    spread = torch.special.entr(p).sum(dim=1).mean().item()
    entropy = spread / log(length) if length > 1 else nan
    return forward, correlation, entropy
