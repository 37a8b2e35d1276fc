"""The checker of TF-IDF weights accepts right functions and rejects plausible wrong ones."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.nn import functional as F

from coursekit.checkers.reports import CheckFailed
from coursekit.checkers.tf_idf import check_tf_idf, tf_idf


def parts(counts):
    texts_with = (counts > 0).sum(dim=0)
    idf = 1 + ((1 + len(counts)) / (1 + texts_with)).log()
    return torch.where(counts > 0, 1 + counts.log(), 0), idf


def in_torch(counts):
    tf, idf = parts(counts)
    return F.normalize(tf * idf, dim=1)


def in_sklearn(counts):
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True).fit_transform(counts.numpy()).toarray()


def by_loops(counts):
    rows = []
    for text in counts.tolist():
        row = []
        for word, count in enumerate(text):
            having = sum(other[word] > 0 for other in counts.tolist())
            idf = 1 + np.log((1 + len(counts)) / (1 + having))
            row.append((1 + np.log(count)) * idf if count else 0.0)
        size = sum(weight**2 for weight in row) ** 0.5
        rows.append([weight / size if size else 0.0 for weight in row])
    return rows


def not_smoothed(counts):
    tf, _ = parts(counts)
    idf = 1 + (len(counts) / (counts > 0).sum(dim=0).clamp(min=1)).log()
    return F.normalize(tf * idf, dim=1)


WRONG = {
    "raw counts": lambda c: F.normalize(c * parts(c)[1], dim=1),
    "no idf": lambda c: F.normalize(parts(c)[0], dim=1),
    "no 1 in the idf": lambda c: F.normalize(parts(c)[0] * (parts(c)[1] - 1), dim=1),
    "not smoothed": not_smoothed,
    "not normalised": lambda c: parts(c)[0] * parts(c)[1],
    "sum 1": lambda c: F.normalize(parts(c)[0] * parts(c)[1], p=1, dim=1),
    "columns normalised": lambda c: F.normalize(parts(c)[0] * parts(c)[1], dim=0),
    "log(1 + count)": lambda c: F.normalize(c.log1p() * parts(c)[1], dim=1),
    "logarithm of 0": lambda c: F.normalize((1 + c.log()) * parts(c)[1], dim=1),
    "division by 0": lambda c: (w := parts(c)[0] * parts(c)[1]) / w.norm(dim=1, keepdim=True),
    "occurrences in place of texts": lambda c: F.normalize(
        parts(c)[0] * (1 + ((1 + len(c)) / (1 + c.sum(dim=0))).log()), dim=1
    ),
    "base 10": lambda c: F.normalize(
        torch.where(c > 0, 1 + c.log10(), 0) * (1 + (parts(c)[1] - 1) / np.log(10)), dim=1
    ),
    "transposed": lambda c: in_torch(c).T,
    "nothing": lambda c: None,
    "an error": lambda c: 1 / 0,
}


@pytest.mark.parametrize("right", [in_torch, in_sklearn, by_loops])
def test_right_functions_pass(right, capsys) -> None:
    check_tf_idf(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 11 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(counts):
        return wrong(counts)

    with pytest.raises(CheckFailed, match=r"^mine\(\[\[.*\]\]\)(: expected .* came| raised )"):
        check_tf_idf(mine)


def test_a_function_that_spoils_its_input_is_judged_by_what_it_returns(capsys) -> None:
    def spoils(counts):
        weights = in_torch(counts)
        counts.zero_()
        return weights

    check_tf_idf(spoils)
    assert "all 11" in capsys.readouterr().out


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_tf_idf(3)  # type: ignore[arg-type]


@given(arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 9)))
def test_definition_is_that_of_scikit_learn(counts) -> None:
    found = tf_idf(torch.from_numpy(counts).double())
    assert np.allclose(found.numpy(), in_sklearn(torch.from_numpy(counts)), atol=1e-12)
