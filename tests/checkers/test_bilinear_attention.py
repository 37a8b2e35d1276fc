"""The checker of bilinear attention accepts right functions and rejects plausible wrong ones."""

import math

import numpy as np
import pytest
import torch

from coursekit.attention import bilinear_attention
from coursekit.checkers.bilinear_attention import check_bilinear_attention
from coursekit.checkers.reports import CheckFailed
from coursekit.models.seq2seq import BilinearAttention


def scores_of(query, states, w_query):
    return torch.einsum("nk,nlk->nl", query @ w_query, states)


def finished(query, states, p, w_output):
    context = torch.einsum("nl,nlk->nk", p, states)
    return torch.tanh(torch.cat([query, context], dim=1) @ w_output), p


def attend(query, states, mask, w_query, w_output):
    p = scores_of(query, states, w_query).masked_fill(~mask, -torch.inf).softmax(dim=1)
    return finished(query, states, p, w_output)


def by_the_course_kit(query, states, mask, w_query, w_output):
    context, p = bilinear_attention(query, states, w_query, mask=mask)
    return [torch.tanh(torch.cat([query, context], dim=1) @ w_output), p]


def by_the_module(query, states, mask, w_query, w_output):
    module = BilinearAttention(query.shape[1]).double()
    module.query.weight.data, module.output.weight.data = w_query.T, w_output.T
    output, p = module(query.unsqueeze(1), states, mask)
    return output.squeeze(1), p.squeeze(1)


def in_numpy(query, states, mask, w_query, w_output):
    query, states, mask, w_query, w_output = (t.numpy() for t in (query, states, mask, w_query, w_output))
    outputs, all_p = [], []
    for q, h, allowed in zip(query, states, mask, strict=True):
        s = np.where(allowed, h @ (w_query.T @ q), -np.inf)
        p = np.exp(s - s.max())
        p /= p.sum()
        outputs.append(np.tanh(w_output.T @ np.concatenate([q, p @ h])))
        all_p.append(p)
    return np.stack(outputs), np.stack(all_p)


def in_place(query, states, mask, w_query, w_output):
    s = scores_of(query, states, w_query)
    s[~mask] = -torch.inf
    states[~mask] = 0
    return finished(query, states, s.softmax(dim=1), w_output)


def with_scores(change):
    def wrong(query, states, mask, w_query, w_output):
        p = change(scores_of(query, states, w_query), mask)
        return finished(query, states, p, w_output)

    return wrong


def not_subtracted(s, mask):
    powers = s.exp() * mask
    return powers / powers.sum(dim=1, keepdim=True)


def masked(s, mask):
    return s.masked_fill(~mask, -torch.inf)


WRONG = {
    "no mask": with_scores(lambda s, mask: s.softmax(dim=1)),
    "masked behind the softmax": with_scores(lambda s, mask: s.softmax(dim=1) * mask),
    "score 0 for padding": with_scores(lambda s, mask: (s * mask).softmax(dim=1)),
    "the mask the other way round": with_scores(lambda s, mask: s.masked_fill(mask, -1e30).softmax(dim=1)),
    "a small score for padding": with_scores(lambda s, mask: s.masked_fill(~mask, -10).softmax(dim=1)),
    "overflow": with_scores(not_subtracted),
    "over the sentences": with_scores(lambda s, mask: masked(s, mask).softmax(dim=0).nan_to_num()),
    "scaled": with_scores(lambda s, mask: masked(s / math.sqrt(3), mask).softmax(dim=1)),
    "the mean": with_scores(lambda s, mask: mask / mask.sum(dim=1, keepdim=True)),
    "the largest alone": with_scores(
        lambda s, mask: torch.nn.functional.one_hot(masked(s, mask).argmax(dim=1), s.shape[1]).double()
    ),
    "scores for probabilities": with_scores(lambda s, mask: s * mask),
    "log-probabilities": lambda *given: (attend(*given)[0], attend(*given)[1].log()),
    "W_q not transposed": lambda q, h, m, w_q, w_o: attend(q, h, m, w_q.T, w_o),
    "no W_q": lambda q, h, m, w_q, w_o: attend(q, h, m, torch.eye(len(w_q)).double(), w_o),
    "context first": lambda q, h, m, w_q, w_o: attend(q, h, m, w_q, w_o.roll(len(w_q), dims=0)),
    "no tanh": lambda q, h, m, w_q, w_o: (
        torch.cat([q, torch.einsum("nl,nlk->nk", p := attend(q, h, m, w_q, w_o)[1], h)], dim=1) @ w_o,
        p,
    ),
    "no context": lambda q, h, m, w_q, w_o: (
        torch.tanh(q @ w_o[: len(w_q)]),
        attend(q, h, m, w_q, w_o)[1],
    ),
    "no query": lambda q, h, m, w_q, w_o: (
        torch.tanh(torch.einsum("nl,nlk->nk", p := attend(q, h, m, w_q, w_o)[1], h) @ w_o[len(w_q) :]),
        p,
    ),
    "the turned query in the output": lambda q, h, m, w_q, w_o: finished(
        q @ w_q, h, attend(q, h, m, w_q, w_o)[1], w_o
    ),
    "single precision": lambda q, h, m, w_q, w_o: attend(q.float(), h.float(), m, w_q.float(), w_o.float()),
    "the other way round": lambda *given: attend(*given)[::-1],
    "the context itself": lambda q, h, m, w_q, w_o: (
        torch.einsum("nl,nlk->nk", p := attend(q, h, m, w_q, w_o)[1], h),
        p,
    ),
    "the output alone": lambda *given: attend(*given)[0],
    "one sentence alone": lambda *given: tuple(t[:1] for t in attend(*given)),
    "nothing": lambda *given: None,
    "an error": lambda *given: 1 / 0,
}


@pytest.mark.parametrize("right", [attend, by_the_course_kit, by_the_module, in_numpy, in_place])
def test_right_functions_pass(right, capsys) -> None:
    check_bilinear_attention(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 5 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(*given):
        return wrong(*given)

    with pytest.raises(
        CheckFailed,
        match=r"^mine\(query, states, mask, w_query, w_output for n = \d, l = \d, d = \d\)"
        r"(: expected .* came| raised )",
    ):
        check_bilinear_attention(mine)


def test_what_the_messages_say() -> None:
    with pytest.raises(CheckFailed, match=r"expected a pair \(output, probabilities\), but a Tensor came$"):
        check_bilinear_attention(WRONG["the output alone"])
    with pytest.raises(
        CheckFailed, match=r"l = 4, d = 3\): expected the probabilities to hold .* at \[0, \d\], but .* came$"
    ):
        check_bilinear_attention(WRONG["no mask"])
    with pytest.raises(CheckFailed, match=r"expected the output to hold \S+ at \[0, 0\], but \S+ came$"):
        check_bilinear_attention(WRONG["no context"])
    with pytest.raises(CheckFailed, match=r"expected the probabilities to hold \S+ at .*, but nan came$"):
        check_bilinear_attention(WRONG["overflow"])


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_bilinear_attention(3)  # type: ignore[arg-type]
