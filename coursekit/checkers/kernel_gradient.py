"""Checker of a kernel's gradient, which collects a term from every position of the image."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.reports import Trial, as_text

# Height and width of the image, rows and columns of the kernel, smallest first: one position, one tap, rows
# and columns that differ, and kernels that are no squares.
SIZES = (
    (1, 1, 1, 1),
    (2, 2, 1, 1),
    (2, 2, 2, 2),
    (1, 3, 1, 2),
    (3, 1, 2, 1),
    (3, 3, 2, 2),
    (4, 3, 2, 3),
    (3, 5, 3, 2),
    (28, 28, 5, 5),
)


def check_kernel_gradient(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Check ``f(image, gradient)``, the loss's gradient with respect to a kernel, against autograd.

    The convolution has stride 1, no padding and one channel.

    Parameters
    ----------
    f
        Takes the image ``(height, width)`` and the loss's gradient with respect to the convolution's output
        ``(height', width')``, and returns the gradient with respect to the kernel,
        ``(height - height' + 1, width - width' + 1)``.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def collected(image, gradient):
    ...     return F.conv2d(image[None, None], gradient[None, None])[0, 0]
    >>> check_kernel_gradient(collected)
    collected: all 9 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)

    def whole(*shape: int) -> Tensor:
        """Small whole numbers, which single precision adds without rounding."""
        return torch.randint(-4, 5, shape, generator=generator).float()

    for height, width, rows, columns in SIZES:
        image, kernel = whole(height, width), whole(rows, columns).requires_grad_()
        output = F.conv2d(image[None, None], kernel[None, None])[0, 0]
        gradient = whole(*output.shape)
        (expected,) = torch.autograd.grad(output, kernel, gradient)
        shown = f"image {height}×{width}, gradient {output.shape[0]}×{output.shape[1]}"
        if height * width < 16:
            shown = f"{as_text(image)}, {as_text(gradient)}"
        answer = trial.call(image.clone(), gradient.clone(), shown=shown)
        trial.tensor(answer, expected, what="the kernel's gradient")
    trial.passed()
