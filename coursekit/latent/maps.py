"""Maps of a latent space in two dimensions, and how to lay one over another."""

from inspect import signature
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from coursekit.latent.checks import finite_points, require_pairs

#: Steps in which scikit-learn's t-SNE exaggerates the attraction, before the map gets its final form.
EXAGGERATED = 250


def pca(points: Tensor, dimensions: int = 2) -> Tensor:
    """Principal components: the points along the directions in which they vary most, largest first.

    Parameters
    ----------
    points
        ``(n, features)``, at least two.
    dimensions
        How many directions.

    Returns
    -------
    Tensor
        float64 ``(n, dimensions)`` with mean 0. In each direction the largest coordinate is positive, so
        that the signs are no matter of chance.

    Raises
    ------
    ValueError
        If there are fewer directions than asked for, or the points do not differ.

    Examples
    --------
    >>> pca(torch.tensor([[0.0, 0.0], [3.0, 4.0], [12.0, 16.0]]), 1).round(decimals=2)
    tensor([[-8.3300],
            [-3.3300],
            [11.6700]], dtype=torch.float64)
    """
    x = finite_points(points)
    most = min(len(x) - 1, x.shape[1])
    if not 1 <= dimensions <= most:
        raise ValueError(
            f"dimensions is {dimensions}; {len(x)} points of {x.shape[1]} features have 1 to {most}"
        )
    _require_spread(x)
    u, s, _ = torch.linalg.svd(x - x.mean(dim=0), full_matrices=False)
    scores: Tensor = u[:, :dimensions] * s[:dimensions]
    largest = scores.gather(0, scores.abs().argmax(dim=0, keepdim=True))
    return torch.where(largest < 0, -scores, scores)


def tsne(
    points: Tensor,
    *,
    perplexity: float = 30.0,
    iterations: int = 1_000,
    seed: int = 0,
    init: Literal["pca", "random"] = "pca",
) -> Tensor:
    """A t-SNE map by scikit-learn: neighbours stay near, other distances are free.

    Parameters
    ----------
    points
        ``(n, features)``.
    perplexity
        About how many neighbours every point tries to keep, above 0 and below n.
    iterations
        Steps, at least 250: during the first 250 the attraction is exaggerated.
    seed
        Fixes what is random: the beginning, with ``init="random"``.
    init
        Begin with the first two principal components, or with random points.

    Returns
    -------
    Tensor
        float64 ``(n, 2)``.

    Raises
    ------
    ValueError
        If perplexity or iterations are out of range, or the points do not differ.

    References
    ----------
    van der Maaten & Hinton (2008), Visualizing data using t-SNE.

    Examples
    --------
    >>> two = torch.cat([torch.eye(6), torch.eye(6) + 100])
    >>> tsne(two, perplexity=3, iterations=250).shape
    torch.Size([12, 2])
    """
    from sklearn.manifold import TSNE

    x = finite_points(points)
    if not 0 < perplexity < len(x):
        raise ValueError(f"perplexity is {perplexity}; with {len(x)} points it is above 0 and below {len(x)}")
    if iterations < EXAGGERATED:
        raise ValueError(f"iterations is {iterations}; t-SNE needs at least {EXAGGERATED}")
    _require_spread(x)
    # scikit-learn 1.5 renamed the argument.
    steps = "max_iter" if "max_iter" in signature(TSNE).parameters else "n_iter"
    start = _start(x) if init == "pca" else init
    embedding = TSNE(perplexity=perplexity, init=start, random_state=seed, **{steps: iterations})
    return torch.from_numpy(embedding.fit_transform(x.float().numpy())).double()


def align(points: Tensor, reference: Tensor) -> Tensor:
    """Turn, mirror and move a map so that it lies on another as well as it can; its shape and size stay.

    The orthogonal Procrustes problem: least squares over rotations and reflections about the means.

    Parameters
    ----------
    points, reference
        Maps of the same samples, ``(n, dimensions)`` each.

    Returns
    -------
    Tensor
        float64 ``(n, dimensions)``, with the mean of `reference`.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Schönemann (1966), A generalized solution of the orthogonal Procrustes problem.

    Examples
    --------
    >>> triangle = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> align(triangle.flip(1) + 7, triangle).round(decimals=6).abs()
    tensor([[0., 0.],
            [2., 0.],
            [0., 1.]], dtype=torch.float64)
    """
    x, y = finite_points(points), finite_points(reference)
    require_pairs(x, y)
    if x.shape != y.shape:
        raise ValueError(
            f"points have {x.shape[1]} dimensions and the reference {y.shape[1]}; align maps of as many"
        )
    from scipy.linalg import orthogonal_procrustes

    centre = y.mean(dim=0)
    moved = x - x.mean(dim=0)
    turn, _ = orthogonal_procrustes(moved.numpy(), (y - centre).numpy())
    return moved @ torch.from_numpy(turn) + centre


def _start(x: Tensor) -> NDArray[np.float32]:
    """The first two principal components, small, as scikit-learn begins; 0 where there is only one."""
    scores = pca(x, min(2, len(x) - 1, x.shape[1]))
    start = nn.functional.pad(scores, (0, 2 - scores.shape[1]))
    return (start / start[:, 0].std() * 1e-4).float().numpy()


def _require_spread(x: Tensor) -> None:
    if (x == x[0]).all():
        raise ValueError(f"all {len(x)} points are the same; there is no direction in which they differ")
