"""The checker of an embedding's first rows accepts right functions and rejects plausible wrong ones."""

import numpy as np
import pytest
import torch

from coursekit.checkers.embedding_table import check_embedding_table
from coursekit.checkers.reports import CheckFailed


def embedding_table(words, vectors, drawn):
    found = {i: vectors[word] for i, word in enumerate(words, start=1) if word in vectors}
    table = drawn * torch.stack(list(found.values())).std(correction=0)
    table[0] = 0
    for i, vector in found.items():
        table[i] = vector
    return table


def in_place(words, vectors, drawn):
    known = torch.tensor([False, *(word in vectors for word in words)])
    found = torch.stack([vectors[word] for word in words if word in vectors])
    drawn.mul_(found.std(correction=0))
    drawn[known] = found
    drawn[:1] = 0
    return drawn


def in_numpy(words, vectors, drawn):
    spread = np.std([vectors[word].numpy() for word in words if word in vectors])
    rows = [
        vectors[word].numpy() if word in vectors else spread * drawn[i].numpy()
        for i, word in enumerate(words, start=1)
    ]
    return np.stack([np.zeros_like(rows[0]), *rows])


def no_row_for_padding(words, vectors, drawn):
    return embedding_table(words, vectors, drawn)[1:]


def padding_drawn(words, vectors, drawn):
    table = embedding_table(words, vectors, drawn)
    table[0] = drawn[0]
    return table


def padding_last(words, vectors, drawn):
    return embedding_table(words, vectors, drawn).roll(-1, dims=0)


def in_the_order_of_the_file(words, vectors, drawn):
    table = embedding_table(words, vectors, drawn)
    known = [i for i, word in enumerate(words, start=1) if word in vectors]
    found = [vector for word, vector in vectors.items() if word in words]
    table[known] = torch.stack(found)
    return table


def unscaled(words, vectors, drawn):
    table = drawn.clone()
    table[0] = 0
    for i, word in enumerate(words, start=1):
        table[i] = vectors.get(word, table[i])
    return table


def scaled_by(spread):
    """A table that is right but for the factor of the drawn rows."""

    def table(words, vectors, drawn):
        right = embedding_table(words, vectors, drawn)
        for i, word in enumerate(words, start=1):
            if word not in vectors:
                right[i] = spread(words, vectors) * drawn[i]
        return right

    return table


def inside(words, vectors):
    return torch.stack([vectors[word] for word in words if word in vectors])


def zeros_for_unknown(words, vectors, drawn):
    return embedding_table(words, vectors, torch.zeros_like(drawn))


def folded(words, vectors, drawn):
    lower = {word.lower(): vector for word, vector in vectors.items()}
    return embedding_table([word.lower() for word in words], lower, drawn)


def next_drawn(words, vectors, drawn):
    """Takes the drawn rows one after another, without leaving out those of known words."""
    return embedding_table(words, vectors, drawn.roll(1, dims=0))


WRONG = {
    "no row for padding": no_row_for_padding,
    "padding is drawn": padding_drawn,
    "padding behind the words": padding_last,
    "vectors in the file's order": in_the_order_of_the_file,
    "not scaled": unscaled,
    "scaled by n - 1": scaled_by(lambda words, vectors: inside(words, vectors).std()),
    "scaled by all vectors": scaled_by(
        lambda words, vectors: torch.stack(list(vectors.values())).std(correction=0)
    ),
    "scaled by the variance": scaled_by(lambda words, vectors: inside(words, vectors).var(correction=0)),
    "scaled by the root mean square": scaled_by(
        lambda words, vectors: inside(words, vectors).square().mean().sqrt()
    ),
    "scaled by column": scaled_by(lambda words, vectors: inside(words, vectors).std(dim=0, correction=0)),
    "zeros for unknown words": zeros_for_unknown,
    "case folded": folded,
    "another word's row": next_drawn,
    "everything scaled": lambda words, vectors, drawn: (
        embedding_table(words, vectors, drawn) * inside(words, vectors).std(correction=0)
    ),
    "single precision": lambda *given: embedding_table(*given).float().double(),
    "transposed": lambda *given: embedding_table(*given).T,
    "nothing": lambda *given: None,
    "a word": lambda *given: "table",
    "an error": lambda words, vectors, drawn: vectors["?"],
}


@pytest.mark.parametrize("right", [embedding_table, in_place, in_numpy])
def test_right_functions_pass(right, capsys) -> None:
    check_embedding_table(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 6 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(*given):
        return wrong(*given)

    with pytest.raises(
        CheckFailed, match=r"^mine\(\('.*\), vectors of '.*', drawn\)(: expected .* came| raised )"
    ):
        check_embedding_table(mine)


def test_a_wrong_shape_is_named() -> None:
    with pytest.raises(CheckFailed, match=r"expected a table of shape \(4, 2\), but shape \(3, 2\) came"):
        check_embedding_table(no_row_for_padding)


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_embedding_table(3)  # type: ignore[arg-type]
