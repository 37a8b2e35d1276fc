"""What the functions on latent spaces accept, and what they say of anything else."""

from torch import Tensor


def finite_points(points: Tensor) -> Tensor:
    """The points in double precision on the CPU; refused unless ``(n, features)``, two or more and finite."""
    if points.ndim != 2 or len(points) < 2:
        raise ValueError(f"points have the shape {tuple(points.shape)}; pass (n, features) with at least two")
    x = points.detach().cpu().double()
    if not x.isfinite().all():
        raise ValueError("points hold infinite values or NaN; a distance needs finite ones")
    return x


def require_pairs(x: Tensor, y: Tensor) -> None:
    """Refuse two maps of different numbers of points."""
    if len(x) != len(y):
        raise ValueError(f"{len(x)} points and {len(y)} in the other map; pass maps of the same points")
