"""An encoder-decoder of characters: LSTMs that read a sentence both ways and write one, with attention."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from coursekit.attention import bilinear_attention
from coursekit.models.lstm import trimmed
from coursekit.models.recurrent import LSTM

#: The id of padding.
PAD = 0

State = tuple[Tensor, ...]


class Decoded(NamedTuple):
    """What the decoder makes of a sequence.

    Parameters
    ----------
    logits : (n, length, target vocabulary)
    state : output and memory of the LSTM, (n, hidden) each
    attention : (n, length, source length), or None without attention
    """

    logits: Tensor
    state: State
    attention: Tensor | None


class Encoder(nn.Module):
    """Embedding, dropout, a bidirectional LSTM that does not read padding, dropout.

    Called with ids ``(n, length)``, padded on the right with 0, it returns the outputs ``(n, length,
    hidden)`` of both directions side by side, where there is a character ``(n, length)``, and the last output
    and memory ``(n, hidden)``. A sentence without characters is read as one embedding of zeros.

    Parameters
    ----------
    vocabulary
        Ids, padding included.
    hidden
        Components of an embedding and of both directions together; an even number.
    dropout
        Probability of dropping a component of an embedding, and of an output.
    """

    def __init__(self, vocabulary: int, hidden: int, *, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden, padding_idx=PAD)
        self.lstm = LSTM(hidden, hidden // 2, bidirectional=True, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, source: Tensor) -> tuple[Tensor, Tensor, State]:
        short, lengths = trimmed(source)
        embedded = self.dropout(self.embedding(short))
        packed = pack_padded_sequence(
            embedded, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
        )
        outputs, last = self.lstm(packed)
        outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=source.shape[1])
        positions = torch.arange(source.shape[1], device=source.device)
        mask = positions < lengths.unsqueeze(1)
        return self.dropout(outputs), mask, tuple(torch.cat([*value], dim=1) for value in last)


class BilinearAttention(nn.Module):
    r"""The decoder looks at the source: scores :math:`(W_q^T q)^T h_i`, output :math:`\tanh(W_o^T [q; c])`.

    Called with queries ``(n, steps, hidden)``, encoder outputs ``(n, length, hidden)`` and their mask
    ``(n, length)`` it returns outputs ``(n, steps, hidden)`` and probabilities ``(n, steps, length)``.

    References
    ----------
    Luong, Pham & Manning (2015), Effective approaches to attention-based neural machine translation, eq. 5
    and section 3.1 (*general*).
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.output = nn.Linear(2 * hidden, hidden, bias=False)

    def forward(self, query: Tensor, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        context, probabilities = bilinear_attention(query, states, self.query.weight.mT, mask=mask)
        return torch.tanh(self.output(torch.cat([query, context], dim=2))), probabilities


class Translator(nn.Module):
    r"""The encoder-decoder of question ist.3.1: the decoder's LSTM begins with the encoder's last state.

    Its output layer has the weights of the decoder's embedding, as in the course's code. The whole target
    goes through the decoder in one call where the characters before each are known (`decode`, `forward`);
    `start` and `step` write one character at a time. Both compute the same logits. Sentences end in padding,
    id 0, which changes nothing.

    Parameters
    ----------
    source_vocabulary, target_vocabulary
        Ids of each side, with padding.
    hidden
        Components of all embeddings and states: 128 in the course, an even number.
    attention
        Look at all outputs of the encoder at every step, by `BilinearAttention`.
    dropout
        Probability of dropping a component of an embedding, and of what encoder and decoder put out.

    Raises
    ------
    ValueError
        If a number does not fit.

    References
    ----------
    Sutskever, Vinyals & Le (2014), Sequence to sequence learning with neural networks. Luong, Pham & Manning
    (2015). Press & Wolf (2017), Using the output embedding to improve language models.

    Examples
    --------
    >>> model = Translator(10, 12, hidden=8, attention=True).eval()
    >>> source, target = torch.tensor([[5, 7, 9, 0]]), torch.tensor([[1, 6, 4]])
    >>> whole = model.decode(target, *model.encode(source))
    >>> whole.logits.shape, whole.attention[0, :, 3].tolist()
    (torch.Size([1, 3, 12]), [0.0, 0.0, 0.0])
    >>> state, memory = model.start(source)
    >>> log_probabilities, state = model.step(target[:, :1], state, memory)
    >>> torch.allclose(log_probabilities[0, 0], whole.logits[0, 0].log_softmax(dim=0), atol=1e-6)
    True
    """

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        *,
        hidden: int = 128,
        attention: bool = False,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        if hidden < 2 or hidden % 2:
            raise ValueError(f"hidden is {hidden}; give an even number, half of it for each direction")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is {dropout}; give a probability from 0 up and below 1")
        self.encoder = Encoder(source_vocabulary, hidden, dropout=dropout)
        self.embedding = nn.Embedding(target_vocabulary, hidden, padding_idx=PAD)
        self.lstm = LSTM(hidden, hidden, batch_first=True)
        self.attention = BilinearAttention(hidden) if attention else None
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, target_vocabulary)
        self.output.weight = self.embedding.weight

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor, State]:
        """The encoder's outputs, their mask and its last state, of sources ``(n, length)``."""
        states, mask, last = self.encoder(source)
        return states, mask, last

    def decode(self, target: Tensor, states: Tensor, mask: Tensor, state: State) -> Decoded:
        """Logits of the characters that follow each of `target`, ``(n, length)``, in one call."""
        embedded = self.dropout(self.embedding(target))
        outputs, last = self.lstm(embedded, tuple(value.unsqueeze(0) for value in state))
        outputs, probabilities = self._attend(outputs, states, mask)
        return Decoded(self.output(outputs), tuple(value.squeeze(0) for value in last), probabilities)

    def start(self, source: Tensor) -> tuple[State, State]:
        """State ``(n, 1, hidden)`` and memory of the first `step`, for sources ``(n, length)``."""
        states, mask, last = self.encode(source)
        return tuple(value.unsqueeze(1) for value in last), (states, mask)

    def step(self, ids: Tensor, state: State, memory: State) -> tuple[Tensor, State]:
        """One character more for k hypotheses of every sentence.

        Parameters
        ----------
        ids
            The last character of each, ``(n, k)``.
        state
            Output and memory of the LSTM, ``(n, k, hidden)`` each.
        memory
            The encoder's outputs ``(n, length, hidden)`` and their mask ``(n, length)``.

        Returns
        -------
        log_probabilities, state
            ``(n, k, target vocabulary)`` and the new state.
        """
        n, k = ids.shape
        embedded = self.dropout(self.embedding(ids.reshape(n * k, 1)))
        before = tuple(value.reshape(1, n * k, -1) for value in state)
        outputs, last = self.lstm(embedded, before)
        # The hypotheses of a sentence share its memory: they are as many queries of it.
        outputs, _ = self._attend(outputs.reshape(n, k, -1), *memory)
        log_probabilities = self.output(outputs).float().log_softmax(dim=2)
        return log_probabilities, tuple(value.reshape(n, k, -1) for value in last)

    def forward(self, inputs: Tensor) -> Tensor:
        """Log-probabilities ``(n, target vocabulary, length)`` of the characters that follow.

        `inputs` are sources and the targets behind them, ``(n, 2, length)``. Padding itself has −∞: it is no
        prediction.
        """
        source, target = inputs.unbind(dim=1)
        logits = self.decode(target, *self.encode(source)).logits
        log_probabilities = logits.float().log_softmax(dim=2)
        padding = torch.arange(logits.shape[2], device=logits.device) == PAD
        return log_probabilities.masked_fill(padding, -torch.inf).mT

    def _attend(self, outputs: Tensor, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor | None]:
        probabilities = None
        if self.attention is not None:
            outputs, probabilities = self.attention(outputs, states, mask)
        return self.dropout(outputs), probabilities
