"""Figures that say what the eye claims of a map: classes apart, neighbours kept."""

import torch
from torch import Tensor, nn

from coursekit.latent.checks import finite_points, require_pairs


def knn_accuracy(points: Tensor, labels: Tensor, *, neighbours: int = 10) -> float:
    """Share of the points that most of their nearest neighbours would put into the right class.

    No point is its own neighbour. Of classes with as many votes the one with the smallest label wins, of
    points at one distance the one that comes first is nearer.

    Parameters
    ----------
    points, labels
        ``(n, features)`` and int64 ``(n,)`` from 0.
    neighbours
        How many vote, 1 to n - 1; distances are Euclidean.

    Raises
    ------
    ValueError
        If there are too few points or labels that do not fit.

    Examples
    --------
    >>> knn_accuracy(torch.tensor([[0.0], [1.0], [9.0], [10.0]]), torch.tensor([0, 0, 1, 0]), neighbours=1)
    0.5
    """
    x, classes = finite_points(points), _labels(labels, len(points))
    _require_neighbours(neighbours, len(x) - 1, len(x))
    # Distances do not change when all points move, and small numbers round less.
    moved = x - x[0]
    squares = moved.square().sum(dim=1)
    distances = squares[:, None] + squares - 2 * moved @ moved.T
    distances.fill_diagonal_(float("inf"))
    nearest = distances.argsort(dim=1, stable=True)[:, :neighbours]
    votes = nn.functional.one_hot(classes[nearest]).sum(dim=1)
    return (votes.argmax(dim=1) == classes).double().mean().item()


def silhouette(points: Tensor, labels: Tensor) -> float:
    r"""Mean of :math:`(b - a) / \max(a, b)`: how far apart the classes are, from -1 to 1.

    For each point, `a` is the mean distance to its own class and `b` that to the nearest other class. It is
    0 for classes on top of each other, 1 for classes that are single spots.

    Parameters
    ----------
    points, labels
        ``(n, features)`` and int64 ``(n,)`` from 0.

    Raises
    ------
    ValueError
        If there is only one class, or a class of its own for every point.

    References
    ----------
    Rousseeuw (1987), Silhouettes, equation 2.

    Examples
    --------
    >>> silhouette(torch.tensor([[0.0], [0.0], [5.0], [5.0]]), torch.tensor([0, 0, 1, 1]))
    1.0
    """
    from sklearn.metrics import silhouette_score

    x, classes = finite_points(points), _labels(labels, len(points))
    found = len(classes.unique())
    if not 2 <= found < len(x):
        raise ValueError(
            f"labels name {found} class{'es' if found != 1 else ''} for {len(x)} points; a silhouette needs "
            "at least two classes, and one with two points"
        )
    return float(silhouette_score(x.numpy(), classes.numpy()))


def trustworthiness(points: Tensor, embedded: Tensor, *, neighbours: int = 10) -> float:
    r"""How far the neighbours in a map are neighbours in the data, from 0 to 1.

    :math:`1 - \frac{2}{n k (2n - 3k - 1)} \sum_i \sum_{j \in U_i} (r_{ij} - k)`, where :math:`U_i` holds
    those of the `k` nearest points to `i` in the map that are not so in the data, and :math:`r_{ij}` is the
    rank of `j` by distance from `i` in the data.

    Parameters
    ----------
    points, embedded
        ``(n, features)`` and the map of them, ``(n, dimensions)``.
    neighbours
        `k`, at least 1 and below n/2.

    Raises
    ------
    ValueError
        If the map has another number of points, or `neighbours` does not fit.

    References
    ----------
    Venna & Kaski (2001), Neighborhood preservation in nonlinear projection methods, equation 1.

    Examples
    --------
    >>> line = torch.arange(9.0).unsqueeze(1)
    >>> trustworthiness(line, 2 * line, neighbours=2)
    1.0
    """
    from sklearn.manifold import trustworthiness as of_scikit_learn

    x, y = finite_points(points), finite_points(embedded)
    require_pairs(x, y)
    _require_neighbours(neighbours, (len(x) - 1) // 2, len(x))
    return float(of_scikit_learn(x.numpy(), y.numpy(), n_neighbors=neighbours))


def _labels(labels: Tensor, n: int) -> Tensor:
    if labels.shape != (n,) or labels.dtype != torch.int64 or bool((labels < 0).any()):
        raise ValueError(
            f"labels are {labels.dtype} of shape {tuple(labels.shape)}; pass torch.int64 of shape ({n},), "
            "classes from 0"
        )
    return labels.cpu()


def _require_neighbours(neighbours: int, most: int, n: int) -> None:
    if not 1 <= neighbours <= most:
        raise ValueError(f"neighbours is {neighbours}; with {n} points it is 1 to {most}")
