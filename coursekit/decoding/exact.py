"""Exact search: the most probable sentence of all, with a proof, as far as that can be afforded."""

import torch
from torch import Tensor

from coursekit.decoding.hypotheses import Hypotheses, Memory, State, Step, check_search, checked, selected
from coursekit.decoding.search import beam_search


def exact_search(
    step: Step,
    state: State,
    memory: Memory = (),
    *,
    start: int,
    end: int,
    max_length: int = 50,
    width: int = 8,
    most: int = 20_000,
) -> tuple[Hypotheses, Tensor]:
    r"""The most probable hypothesis of every sentence, and whether that is proved.

    Log-probabilities only fall as a sentence grows: a beginning that is less probable than some complete
    sentence cannot become the best. Beam search finds a complete one; then all beginnings that are more
    probable than the best complete one so far are continued, length by length, until there are none. A
    sentence of probability :math:`p` leaves at most :math:`1/p` beginnings of each length.

    Parameters
    ----------
    step, state, memory, start, end, max_length
        As `coursekit.decoding.greedy` takes them.
    width
        Of the beam search that comes first.
    most
        Beginnings of one length after which a sentence is given up; the best that was found is returned.

    Returns
    -------
    hypotheses : Hypotheses
        One for every sentence, scored by its log-probability.
    proved : Tensor, bool (n,)

    Raises
    ------
    ValueError
        If an argument does not fit, or the step returns something else.

    References
    ----------
    Stahlberg & Byrne (2019), On NMT search errors and model errors: cat got your tongue?, section 3.

    Examples
    --------
    The model of `greedy`, and a width at which beam search is wrong:

    >>> table = torch.tensor([[0.1, 0.5, 0.4], [0.2, 0.1, 0.7], [1.0, 0.0, 0.0]]).log()
    >>> def step(ids, state, memory):
    ...     return table[ids], state
    >>> found, proved = exact_search(step, (torch.zeros(1, 1),), start=0, end=2, width=1)
    >>> found.ids[0, 0, :1].tolist(), proved.tolist()
    ([2], [True])
    """
    check_search(state, max_length=max_length, width=width, most=most)
    n, device = len(state[0]), state[0].device
    beam = beam_search(step, state, memory, start=start, end=end, width=width, max_length=max_length)
    best, finished = beam.log_probabilities[:, 0].clone(), beam.finished[:, 0].clone()
    best_ids = torch.full((n, max_length), end, device=device)
    best_ids[:, : beam.ids.shape[2]] = beam.ids[:, 0]
    lengths = beam.lengths[:, 0].clone()
    proved = torch.ones(n, dtype=torch.bool, device=device)

    # One row for every beginning of every sentence.
    owners = torch.arange(n, device=device)
    ids = torch.full((n, 1), start, device=device)
    total = torch.zeros(n, dtype=torch.float64, device=device)
    written = ids[:, :0]
    for length in range(1, max_length + 1):
        if not len(owners):
            break
        log_p, state = step(ids, state, selected(memory, owners))
        candidates = total.unsqueeze(1) + checked(log_p, ids, end)[:, 0]
        rows, symbols = (candidates > best[owners].unsqueeze(1)).nonzero(as_tuple=True)
        total, owners = candidates[rows, symbols], owners[rows]
        written = torch.cat([written[rows], symbols.unsqueeze(1)], dim=1)

        complete = (symbols == end) | (length == max_length)
        for row in complete.nonzero()[:, 0].tolist():
            owner = owners[row]
            if total[row] > best[owner]:
                best[owner], lengths[owner], finished[owner] = total[row], length, symbols[row] == end
                best_ids[owner] = end
                best_ids[owner, :length] = written[row]

        going = ~complete & (total > best[owners])
        counts = torch.bincount(owners[going], minlength=n)
        proved &= counts <= most
        going &= proved[owners]
        owners, total, written, rows = selected((owners, total, written, rows), going)
        ids, state = symbols[going].unsqueeze(1), selected(state, rows)
    longest = int(lengths.max()) if n else 0
    found = Hypotheses(
        best_ids[:, None, :longest], best[:, None], best[:, None], lengths[:, None], finished[:, None]
    )
    return found, proved
