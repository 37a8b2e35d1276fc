"""Classifiers of reviews: the course's LSTM, a mean of embeddings, and an LSTM that reads both ways."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.models.recurrent import LSTM

Pooling = Literal["last", "mean", "max", "attention"]


class ReviewClassifier(nn.Module):
    """What the classifiers share: an embedding in front, dropout and one linear unit behind.

    Called with ids ``(n, length)`` it returns the two log-probabilities ``(n, 2)`` of "negative" and
    "positive", so that the negative log-likelihood of the label is the binary cross-entropy.

    Parameters
    ----------
    vocabulary, embedding
        Rows and columns of the embedding.
    features
        What `read` makes of a review.
    dropout
        Probability of dropping a feature before the linear layer.
    vectors
        First values of the embedding, ``(vocabulary, embedding)``; drawn from a normal distribution if not
        given.
    frozen
        Do not train the embedding.
    """

    def __init__(
        self,
        vocabulary: int,
        embedding: int,
        *,
        features: int,
        dropout: float,
        vectors: Tensor | None,
        frozen: bool,
    ) -> None:
        super().__init__()
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is {dropout}; give a probability from 0 up and below 1")
        if vectors is not None and vectors.shape != (vocabulary, embedding):
            raise ValueError(
                f"vectors have the shape {tuple(vectors.shape)}; pass one row for every id and one column "
                f"for every dimension, {(vocabulary, embedding)}"
            )
        if vectors is None and frozen:
            raise ValueError(
                "the embedding is frozen but there are no vectors; pass vectors, or frozen=False"
            )
        self.embedding = nn.Embedding(vocabulary, embedding)
        if vectors is not None:
            self.embedding.weight.data.copy_(vectors)
        self.embedding.weight.requires_grad_(not frozen)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(features, 1)

    def read(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Features ``(n, features)`` of the first `lengths` words of reviews ``(n, length, embedding)``."""
        raise NotImplementedError

    def logits(self, ids: Tensor) -> Tensor:
        """The linear layer's output ``(n,)``: positive where the review is taken to be positive."""
        ids, lengths = trimmed(ids)
        return self.logits_of(self.embedding(ids), lengths)

    def logits_of(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """`logits`, from words that are embedded ``(n, length, embedding)`` already."""
        features = self.dropout(self.read(embedded, lengths))
        return torch.squeeze(self.linear(features), 1)

    def probability(self, ids: Tensor) -> Tensor:
        """The probability ``(n,)`` that a review is positive: the logistic function of `logits`."""
        return torch.sigmoid(self.logits(ids).float())

    def forward(self, ids: Tensor) -> Tensor:
        z = self.logits(ids).float()
        return torch.stack([F.logsigmoid(-z), F.logsigmoid(z)], dim=1)


class LSTMClassifier(ReviewClassifier):
    """The network of question mannheim.2a: embedding, LSTM, dropout, linear layer, logistic function.

    Every position is read, padding too, and the last state decides: right for reviews that are padded on
    the left, as the course's are.

    Parameters
    ----------
    vocabulary, embedding
        Ids and dimensions of the embedding.
    hidden, layers
        Units of an LSTM layer, and number of layers.
    lstm_dropout
        Probability of dropping a unit between two LSTM layers; without effect for a single one.
    dropout, vectors, frozen
        As `ReviewClassifier` takes them.

    Raises
    ------
    ValueError
        If a probability or the shape of `vectors` does not fit.

    Examples
    --------
    The course's self-check: one word, every parameter 0.1, a review of 200 zeros.

    >>> model = LSTMClassifier(1, 10, hidden=32, layers=2, lstm_dropout=0, dropout=0)
    >>> for parameter in model.parameters():
    ...     _ = nn.init.constant_(parameter, 0.1)
    >>> [round(p, 4) for p in model.probability(torch.zeros(2, 200, dtype=torch.int64)).tolist()]
    [0.9643, 0.9643]
    """

    def __init__(
        self,
        vocabulary: int,
        embedding: int = 100,
        *,
        hidden: int = 64,
        layers: int = 1,
        lstm_dropout: float = 0.5,
        dropout: float = 0.3,
        vectors: Tensor | None = None,
        frozen: bool = False,
    ) -> None:
        super().__init__(
            vocabulary, embedding, features=hidden, dropout=dropout, vectors=vectors, frozen=frozen
        )
        between = lstm_dropout if layers > 1 else 0.0
        self.lstm = LSTM(embedding, hidden, layers, batch_first=True, dropout=between)

    def logits(self, ids: Tensor) -> Tensor:
        """The linear layer's output ``(n,)``; positions of padding are read as well."""
        return self.logits_of(self.embedding(ids), torch.full((len(ids),), ids.shape[1]))

    def read(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """The LSTM's output ``(n, hidden)`` at the last position."""
        outputs, _ = self.lstm(embedded)
        return torch.select(outputs, 1, -1)


class MeanOfEmbeddings(ReviewClassifier):
    """A bag of words: the mean of the embeddings of a review's words, dropout, one linear unit.

    Takes ids that are padded on the right with 0; a review without words has the mean 0.

    Examples
    --------
    >>> model = MeanOfEmbeddings(5, 3, dropout=0)
    >>> ids = torch.tensor([[2, 3, 0, 0], [3, 2, 0, 0], [0, 0, 0, 0]])
    >>> one, other, none = model.logits(ids).tolist()
    >>> one == other, none == model.linear.bias.item()
    (True, True)
    """

    def __init__(
        self,
        vocabulary: int,
        embedding: int = 100,
        *,
        dropout: float = 0.3,
        vectors: Tensor | None = None,
        frozen: bool = False,
    ) -> None:
        super().__init__(
            vocabulary, embedding, features=embedding, dropout=dropout, vectors=vectors, frozen=frozen
        )

    def read(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """The mean ``(n, embedding)`` over a review's words."""
        return masked(embedded, lengths).sum(dim=1) / lengths.clamp(min=1).unsqueeze(1)


class BidirectionalLSTM(ReviewClassifier):
    """Two LSTMs, one from the first word to the last and one back, whose outputs are pooled over the words.

    Takes ids that are padded on the right with 0. The padding is not read: outputs are those of
    ``nn.utils.rnn.pack_padded_sequence``, which is several times slower on a CPU.

    Parameters
    ----------
    hidden
        Units of each direction.
    pooling
        How the outputs of all words become one: the ``"last"`` of each direction, their ``"mean"`` or
        ``"max"``, or a mean with learned weights, ``"attention"``.
    embedding_dropout
        Probability of dropping a component of an embedded word.

    Examples
    --------
    >>> model = BidirectionalLSTM(9, 4, hidden=3, pooling="attention").eval()
    >>> ids = torch.tensor([[5, 2, 7, 0, 0]])
    >>> weights = model.attention(ids)
    >>> weights.shape, weights[0, 3:].tolist(), round(weights.sum().item(), 4)
    (torch.Size([1, 5]), [0.0, 0.0], 1.0)
    """

    def __init__(
        self,
        vocabulary: int,
        embedding: int = 100,
        *,
        hidden: int = 64,
        pooling: Pooling = "max",
        embedding_dropout: float = 0.0,
        dropout: float = 0.3,
        vectors: Tensor | None = None,
        frozen: bool = False,
    ) -> None:
        super().__init__(
            vocabulary, embedding, features=2 * hidden, dropout=dropout, vectors=vectors, frozen=frozen
        )
        if pooling not in ("last", "mean", "max", "attention"):
            raise ValueError(f"pooling is {pooling!r}; choose 'last', 'mean', 'max' or 'attention'")
        if not 0 <= embedding_dropout < 1:
            raise ValueError(
                f"embedding_dropout is {embedding_dropout}; give a probability from 0 up and below 1"
            )
        self.pooling = pooling
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        self.onward = LSTM(embedding, hidden, batch_first=True)
        self.back = LSTM(embedding, hidden, batch_first=True)
        self.score = nn.Linear(2 * hidden, 1) if pooling == "attention" else None

    def outputs(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Outputs ``(n, length, 2 · hidden)`` of both directions at every word, 0 behind the last one."""
        embedded = self.embedding_dropout(embedded)
        onward, _ = self.onward(embedded)
        back, _ = self.back(reversed_words(embedded, lengths))
        return masked(torch.cat([onward, reversed_words(back, lengths)], dim=2), lengths)

    def read(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """The pooled outputs ``(n, 2 · hidden)``; 0 for a review without words."""
        outputs = self.outputs(embedded, lengths)
        if self.score is not None:
            return (self._weights(outputs, lengths).unsqueeze(2) * outputs).sum(dim=1)
        if self.pooling == "mean":
            return outputs.sum(dim=1) / lengths.clamp(min=1).unsqueeze(1)
        if self.pooling == "max":
            inside = within(outputs, lengths)
            return torch.where(inside, outputs, -1.0).amax(dim=1) * (lengths > 0).unsqueeze(1)
        onward, back = outputs.chunk(2, dim=2)
        at = (lengths - 1).clamp(min=0).view(-1, 1, 1).expand(-1, 1, onward.shape[2])
        return torch.cat([onward.gather(1, at).squeeze(1), back[:, 0]], dim=1)

    def attention(self, ids: Tensor) -> Tensor:
        """The weight ``(n, length)`` of every word: 0 behind the last one, with sum 1 over a review's words.

        Raises
        ------
        ValueError
            If the pooling is another.
        """
        if self.score is None:
            raise ValueError(
                f"pooling is {self.pooling!r}, which weighs no words; build the model with 'attention'"
            )
        short, lengths = trimmed(ids)
        weights = self._weights(self.outputs(self.embedding(short), lengths), lengths)
        return F.pad(weights, (0, ids.shape[1] - short.shape[1]))

    def _weights(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        assert self.score is not None
        inside = within(outputs, lengths).squeeze(2)
        scores = self.score(outputs).squeeze(2).float()
        # The most negative number instead of −∞: a review without words has equal scores, and weights 0.
        scores = scores.masked_fill(~inside, torch.finfo(scores.dtype).min)
        return torch.softmax(scores, dim=1) * inside


def trimmed(ids: Tensor) -> tuple[Tensor, Tensor]:
    """Ids without the columns that are padding in every review, and the length ``(n,)`` of each.

    A review ends with its last id that is not 0; one column at least is left.

    Examples
    --------
    >>> short, lengths = trimmed(torch.tensor([[4, 2, 0, 0, 0], [7, 0, 5, 0, 0]]))
    >>> short.tolist(), lengths.tolist()
    ([[4, 2, 0], [7, 0, 5]], [2, 3])
    """
    positions = torch.arange(1, ids.shape[1] + 1, device=ids.device)
    lengths = ((ids != 0) * positions).amax(dim=1)
    return ids[:, : max(1, int(lengths.max()))], lengths


def within(values: Tensor, lengths: Tensor) -> Tensor:
    """Whether a position is one of a review's words, ``(n, length, 1)``, for `values` ``(n, length, …)``."""
    positions = torch.arange(values.shape[1], device=values.device)
    return (positions < lengths.unsqueeze(1)).unsqueeze(2)


def masked(values: Tensor, lengths: Tensor) -> Tensor:
    """`values` ``(n, length, width)`` with 0 behind every review's last word."""
    return values * within(values, lengths)


def reversed_words(values: Tensor, lengths: Tensor) -> Tensor:
    """`values` ``(n, length, width)`` with every review's words in reverse; what is behind them stays.

    Examples
    --------
    >>> reversed_words(torch.tensor([[[1], [2], [3], [0]]]), torch.tensor([3])).flatten().tolist()
    [3, 2, 1, 0]
    """
    positions = torch.arange(values.shape[1], device=values.device).expand(values.shape[:2])
    ends = lengths.unsqueeze(1)
    order = torch.where(positions < ends, ends - 1 - positions, positions)
    return values.gather(1, order.unsqueeze(2).expand_as(values))
