"""A text with its words underlined by weight, as HTML that needs no kernel and no script."""

import html
from collections.abc import Sequence
from math import isfinite

from torch import Tensor

from coursekit.plotting.style import COLOURS

_THICKEST = 5
_FRAME = "margin:0.75rem 0;color:inherit"
_TEXT = "line-height:2.1;margin:0.25rem 0;overflow-wrap:anywhere"
_LINES = {"for": ("solid", COLOURS[0]), "against": ("wavy", COLOURS[1])}


class MarkedText:
    """What `marked_text` returns: shows itself as HTML, and as plain text where there is none.

    `alt` names the words of the largest weights on either side.
    """

    def __init__(
        self, words: tuple[str, ...], weights: tuple[float, ...], caption: str, says: tuple[str, str]
    ) -> None:
        self.words, self.weights, self.caption, self.says = words, weights, caption, says
        self._largest = max(map(abs, weights), default=0.0)

    @property
    def alt(self) -> str:
        """The caption and the strongest words with their weights, for those who cannot see the lines."""
        by_size = sorted(range(len(self.weights)), key=lambda place: -abs(self.weights[place]))
        listed = []
        for name, sign in ((f"Strongest for {self.says[1]}", 1), (f"strongest for {self.says[0]}", -1)):
            found = [place for place in by_size if sign * self.weights[place] > 0][:3]
            if found:
                words = (f"{self.words[place]} {_signed(self.weights[place])}" for place in found)
                listed.append(f"{name}: {', '.join(words)}")
        told = "; ".join(listed) or "No word has a weight"
        return f"{self.caption} {told[0].upper()}{told[1:]}."

    def _level(self, weight: float) -> int:
        """Thickness of the line in pixels; 0 for none, below a tenth of the largest weight."""
        if not self._largest or abs(weight) < self._largest / 10:
            return 0
        return max(1, round(_THICKEST * abs(weight) / self._largest))

    def __repr__(self) -> str:
        marked = [
            f"[{word} {_signed(weight)}]" if self._level(weight) else word
            for word, weight in zip(self.words, self.weights, strict=True)
        ]
        return f"{self.caption}\n{' '.join(marked) or '(no words)'}"

    def _repr_html_(self) -> str:
        spans = []
        for word, weight in zip(self.words, self.weights, strict=True):
            level, shown = self._level(weight), html.escape(word)
            if level:
                style = _line(weight > 0, level)
                shown = f'<span title="{_signed(weight)}" style="{style}">{shown}</span>'
            spans.append(shown)
        against, supports = (html.escape(side) for side in self.says)
        example = _THICKEST - 2
        legend = (
            f'<span style="{_line(True, example)}">straight line</span>: speaks for {supports}; '
            f'<span style="{_line(False, example)}">wavy line</span>: for {against}; '
            "the thicker, the stronger."
        )
        text = " ".join(spans) or "(no words)"
        return (
            f'<figure role="group" aria-label="{html.escape(self.alt)}" style="{_FRAME}">\n'
            f'<figcaption style="font-weight:bold;color:inherit">{html.escape(self.caption)}</figcaption>\n'
            f'<p dir="auto" style="{_TEXT}">{text}</p>\n'
            f'<p style="margin:0;font-size:0.85em">{legend}</p>\n</figure>'
        )

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None, **options: object
    ) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}


def marked_text(
    words: Sequence[str],
    weights: Tensor | Sequence[float],
    *,
    caption: str,
    says: tuple[str, str] = ("negative", "positive"),
) -> MarkedText:
    """Words with a line below each: its form is the sign of the word's weight, its thickness the size.

    A straight line is a weight above 0, a wavy one below; thickness is relative to the largest weight of the
    text, and words below a tenth of that have none. Text is drawn in the page's own colour.

    Parameters
    ----------
    words
        As they stand in the text; anything goes, HTML is shown as it is written.
    weights
        One for every word.
    caption
        What the text is, in words.
    says
        What words of negative and of positive weight speak for.

    Raises
    ------
    ValueError
        If words and weights differ in number, a weight is not finite, or the caption is empty.

    Examples
    --------
    >>> shown = marked_text(["not", "a", "dull", "film"], [0.4, 0.0, -2.0, 0.01], caption="A review.")
    >>> shown
    A review.
    [not +0.40] a [dull −2.00] film
    >>> shown.alt
    'A review. Strongest for positive: not +0.40, film +0.01; strongest for negative: dull −2.00.'
    """
    figures = [float(weight) for weight in weights]
    if len(words) != len(figures):
        raise ValueError(f"{len(words)} words but {len(figures)} weights; pass one weight a word")
    strange = [figure for figure in figures if not isfinite(figure)]
    if strange:
        raise ValueError(f"a weight is {strange[0]}; all must be finite")
    if not caption.strip():
        raise ValueError("caption is empty; say what the text is")
    return MarkedText(tuple(words), tuple(figures), caption, says)


def _signed(weight: float) -> str:
    return f"{weight:+.2f}".replace("-", "−")


def _line(positive: bool, thickness: int) -> str:
    form, colour = _LINES["for" if positive else "against"]
    return (
        f"text-decoration:underline {form} {colour} {thickness}px;text-underline-offset:4px;"
        "text-decoration-skip-ink:none"
    )
