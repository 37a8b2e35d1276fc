"""Checker of one step of an LSTM cell, in torch's order of the gates."""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Sequences, inputs, units, words, and the factor of the weights. Sizes differ, so that a wrong axis is seen;
# with large weights the gates are wide open or shut.
CASES = ((1, 1, 1, 3, 1.0), (2, 3, 4, 4, 1.0), (5, 4, 2, 4, 3.0), (3, 2, 3, 2, 500.0))


def check_lstm_step(
    f: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]],
) -> None:
    """Check ``f(x, h, c, w, u, b)`` against torch's own LSTM cell, word by word.

    Parameters
    ----------
    f
        Takes inputs `x` ``(n, e)``, output `h` and memory `c` of the step before, both ``(n, d)``, weights
        `w` ``(4 d, e)`` and `u` ``(4 d, d)``, and biases `b` ``(4 d,)``, all in float64. The rows of the
        weights belong to the input gate, the forget gate, the candidate and the output gate, in this order.
        Returns the new output and the new memory.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def step(x, h, c, w, u, b):
    ...     i, f, g, o = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    ...     c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    ...     return o.sigmoid() * c.tanh(), c
    >>> check_lstm_step(step)
    step: all 13 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    for sequences, inputs, units, words, factor in CASES:
        w, u, b = (factor * drawn(4 * units, *more) for more in ((inputs,), (units,), ()))
        h = c = torch.zeros(sequences, units, dtype=torch.float64)
        for word in range(1, words + 1):
            x = drawn(sequences, inputs)
            given = [tensor.clone() for tensor in (x, h, c, w, u, b)]
            shown = f"x, h, c, w, u, b for n = {sequences}, e = {inputs}, d = {units}, word {word}"
            answer = trial.call(*given, shown=shown)
            if not isinstance(answer, tuple | list) or len(answer) != 2:
                raise trial.fail("a pair (output, memory)", f"a {type(answer).__name__}")
            h, c = torch.lstm_cell(x, (h, c), w, u, b, torch.zeros_like(b))
            trial.tensor(answer[1], c, what="the memory", tolerance=1e-12)
            trial.tensor(answer[0], h, what="the output", tolerance=1e-12)
    trial.passed()
