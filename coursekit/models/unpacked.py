"""The translator's encoder without packed sequences: padding is read, and changes nothing."""

from contextlib import nullcontext
from copy import copy

import torch
from torch import Tensor, nn

from coursekit.models.lstm import trimmed
from coursekit.models.recurrent import lacks_precision
from coursekit.models.seq2seq import Encoder, State, Translator

#: A gate whose input this is added to is shut or open: its sigmoid is 0 or 1 in 32 bits.
SHUT = 1e4


class UnpackedEncoder(nn.Module):
    r"""What an `Encoder` computes, with its modules, up to rounding.

    torch goes through a packed sequence step by step, and through a whole one in a single call of the CPU's
    library. Here sentences keep their padding, which is marked by one more component of the input,

    .. math:: x_t' = (x_t, p_t), \quad p_t = 1 \text{ for padding and 0 else,}

    with fixed weights into the gates: :math:`-10^4` shuts the input gate and :math:`10^4` opens the forget
    gate. So :math:`c_t = 1 \cdot c_{t-1} + 0` holds what was there: behind a sentence the state at its end
    for the direction that reads forwards, and the zeros in front of it for the other one.

    Parameters
    ----------
    encoder
        Its embedding, LSTM and dropout are used, not copied.

    Examples
    --------
    >>> encoder = Encoder(10, 8, dropout=0.0)
    >>> source = torch.tensor([[5, 7, 9], [4, 0, 0]])
    >>> torch.testing.assert_close(UnpackedEncoder(encoder)(source), encoder(source))
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.embedding = encoder.embedding
        self.lstm = encoder.lstm
        self.dropout = encoder.dropout

    def forward(self, source: Tensor) -> tuple[Tensor, Tensor, State]:
        """Outputs, their mask and the last state, as `Encoder` returns them."""
        short, lengths = trimmed(source)
        embedded = self.dropout(self.embedding(short))
        # A sentence without characters is read as one embedding of zeros.
        read = lengths.clamp(min=1)
        positions = torch.arange(source.shape[1], device=source.device)
        padding = positions[: short.shape[1]] >= read.unsqueeze(1)
        marked = torch.cat([embedded, padding.unsqueeze(2).to(embedded.dtype)], dim=2)
        zeros = marked.new_zeros(2, len(source), self.lstm.hidden_size)
        weights = self._weights()
        with torch.autocast("cpu", enabled=False) if lacks_precision(weights[0]) else nullcontext():
            outputs, _, memories = torch.lstm(
                marked, (zeros, zeros), weights, True, 1, 0.0, self.lstm.training, True, True
            )
        outputs = outputs.masked_fill(padding.unsqueeze(2), 0)
        forwards, backwards = outputs.chunk(2, dim=2)
        ends = forwards[torch.arange(len(source), device=source.device), read - 1]
        last = torch.cat([ends, backwards[:, 0]], dim=1), torch.cat([*memories], dim=1)
        outputs = nn.functional.pad(outputs, (0, 0, 0, source.shape[1] - short.shape[1]))
        return self.dropout(outputs), positions < lengths.unsqueeze(1), last

    def _weights(self) -> list[Tensor]:
        weights = []
        for direction in ("", "_reverse"):
            names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
            into, *others = (getattr(self.lstm, f"{name}{direction}") for name in names)
            gates = into.new_tensor([-SHUT, SHUT, 0, 0]).repeat_interleave(self.lstm.hidden_size)
            weights += [torch.cat([into, gates.unsqueeze(1)], dim=1), *others]
        return weights


def unpacked(model: Translator) -> Translator:
    """A view of `model` with an `UnpackedEncoder` in the place of its encoder; the parameters are shared."""
    view = copy(model)
    view.training = True  # as a new module has it; `evaluate` puts back what it finds
    view._modules = {**model._modules, "encoder": UnpackedEncoder(model.encoder)}
    return view
