"""torch's LSTM for mixed precision on any processor."""

from typing import Any

import torch
from torch import Tensor, nn

from coursekit.profile import computes_in_bfloat16


class LSTM(nn.LSTM):
    """``nn.LSTM``, which stays in the precision of its weights where the processor knows no lower one.

    Other layers emulate bfloat16 on a CPU without instructions for it; for an LSTM oneDNN has nothing, and
    torch stops with an error.

    Examples
    --------
    >>> lstm = LSTM(3, 2)
    >>> with torch.autocast("cpu", torch.bfloat16):
    ...     outputs, _ = lstm(torch.zeros(4, 1, 3))
    >>> outputs.shape
    torch.Size([4, 1, 2])
    """

    def forward(self, input: Any, hx: Any = None) -> Any:
        """What ``nn.LSTM`` returns, of a tensor or a packed sequence."""
        weight = self.all_weights[0][0]
        if not lacks_precision(weight):
            return super().forward(input, hx)
        with torch.autocast("cpu", enabled=False):
            state = hx if hx is None else tuple(value.to(weight.dtype) for value in hx)
            return super().forward(input.to(weight.dtype), state)


def lacks_precision(weight: Tensor) -> bool:
    """Whether mixed precision is on, and the CPU that has the weight is without instructions for bfloat16."""
    return (
        weight.device.type == "cpu"
        and torch.is_autocast_enabled("cpu")
        and not computes_in_bfloat16(weight.device)
    )
