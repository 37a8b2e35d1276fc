"""A figure to step through: what a beam search keeps, drops and completes, symbol by symbol."""

import html
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from math import exp
from typing import Any

from coursekit.plotting.beam_trace import BeamTrace, Complete, Layer
from coursekit.plotting.style import COLOURS

# Text in the page's colour keeps a contrast of 4.5:1 on them, on white and on dark.
_TINTS = {"kept": (COLOURS[0], 26), "path": (COLOURS[0], 58), "complete": (COLOURS[2], 42)}


class BeamExplorer:
    """What `beam_explorer` returns: it shows itself as HTML, and as sentences where there is none."""

    def __init__(self, searches: Mapping[str, Sequence[BeamTrace]]) -> None:
        self._searches = {sentence: tuple(traces) for sentence, traces in searches.items()}

    def values(self) -> dict[str, Any]:
        """All that the figure can show.

        Returns
        -------
        dict
            By sentence and width, a dict of ``alpha``, the length penalty; ``steps``, one dict for every
            symbol; and ``found``, the complete hypotheses, the best first. A step has the ``places`` of the
            beam, how many candidates were ``considered``, and the ``rows`` of those that are shown:
            ``[parent, symbol, log-probability, total, share, status]`` with the parent's row in the step
            before (−1 at the first), no symbol for the end, and the probability as a share of the best
            row's. A complete hypothesis is ``[text, log-probability, score, finished, step, row]``.
        """
        return {
            sentence: {
                str(trace.width): {
                    "alpha": trace.length_penalty,
                    "steps": [_step(layer) for layer in trace.layers],
                    "found": [_found(hypothesis) for hypothesis in trace.hypotheses],
                }
                for trace in traces
            }
            for sentence, traces in self._searches.items()
        }

    def __repr__(self) -> str:
        said = []
        for sentence, traces in self._searches.items():
            results = (f"width {trace.width} finds {_result(trace)}" for trace in traces)
            said.append(f"For “{sentence}” {'; '.join(results)}.")
        return (
            "Figure to step through: choose a sentence and the width of the beam, and see at every step "
            f"which beginnings a beam search keeps, drops and completes. {' '.join(said)}"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        # "</script" would end the element that holds the values, and "<!--" would change how it ends.
        values = json.dumps(self.values(), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        folder = files("coursekit.plotting")
        style = folder.joinpath("beam_explorer.css").read_text(encoding="utf-8")
        script = folder.joinpath("beam_explorer.js").read_text(encoding="utf-8")
        colours = "".join(
            f"--be-{name}:rgb({_channels(colour)} / {strength}%);"
            for name, (colour, strength) in _TINTS.items()
        )
        return (
            f'<div class="beam-explorer" style="{colours}--be-line:{COLOURS[0]}">\n<style>\n{style}</style>\n'
            f'<p class="be-fallback">{html.escape(str(self))} '
            "It needs JavaScript, from this page alone.</p>\n"
            f'<script type="application/json">{values}</script>\n<script>\n{script}</script>\n</div>'
        )

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None, **options: object
    ) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}


def beam_explorer(searches: Mapping[str, Sequence[BeamTrace]]) -> BeamExplorer:
    """A figure to step through, in HTML that needs no kernel, no other host and no mouse.

    The reader chooses a sentence and a width, and goes from symbol to symbol with buttons, a slider or the
    arrow keys. A tree shows the beam so far, a list the candidates of the step with their log-probabilities;
    a sentence and a table say the same in words. Every number was computed before; the script in the page
    selects and paints.

    Parameters
    ----------
    searches
        For every sentence its traces, one a width, from `trace_beam`.

    Raises
    ------
    ValueError
        If there is no sentence or no trace, a width comes twice, or the sentences have different widths.

    Examples
    --------
    >>> from coursekit.plotting import trace_beam
    >>> import torch
    >>> table = torch.tensor([[0.0, 0.5, 0.4], [0.2, 0.1, 0.7], [1.0, 0.0, 0.0]]).log()
    >>> def step(ids, state, memory):
    ...     return table[ids], state
    >>> def trace(width):
    ...     return trace_beam(
    ...         step, (torch.zeros(1, 1),), start=0, end=2, width=width, symbols=["", "a", "."]
    ...     )
    >>> beam_explorer({"¡ah!": [trace(1), trace(2)]})
    Figure to step through: ... For “¡ah!” width 1 finds “a” at log-probability −1.05; width 2 finds “” at
    log-probability −0.92.
    """
    if not searches:
        raise ValueError("there are no searches; pass at least one sentence with its traces")
    expected: list[int] = []
    for sentence, traces in searches.items():
        widths = [trace.width for trace in traces]
        if not widths:
            raise ValueError(f"there is no trace for {sentence!r}; pass at least one")
        if len(set(widths)) < len(widths):
            raise ValueError(f"the traces for {sentence!r} have the widths {widths}; pass one a width")
        expected = expected or widths
        if widths != expected:
            raise ValueError(
                f"the traces for {sentence!r} have the widths {widths}, those before it {expected}; "
                "pass the same for all"
            )
    return BeamExplorer(searches)


def _step(layer: Layer) -> dict[str, Any]:
    best = max((candidate.total for candidate in layer.candidates), default=0.0)
    rows = [
        [
            -1 if one.parent is None else one.parent,
            None if one.ends else one.symbol,
            round(one.log_probability, 4),
            round(one.total, 4),
            round(exp(one.total - best), 3),
            one.status,
        ]
        for one in layer.candidates
    ]
    return {"places": layer.places, "considered": layer.considered, "rows": rows}


def _found(one: Complete) -> list[Any]:
    return [
        one.text,
        round(one.log_probability, 4),
        round(one.score, 4),
        int(one.finished),
        one.layer,
        one.place,
    ]


def _result(trace: BeamTrace) -> str:
    if not trace.hypotheses:
        return "nothing"
    best = trace.hypotheses[0]
    score = f", score {_number(best.score)}" if trace.length_penalty else ""
    cut = "" if best.finished else ", cut"
    return f"“{best.text}” at log-probability {_number(best.log_probability)}{score}{cut}"


def _number(value: float) -> str:
    return f"{round(value, 4):.2f}".replace("-", "−")


def _channels(colour: str) -> str:
    return " ".join(str(channel) for channel in bytes.fromhex(colour.removeprefix("#")))
