"""A matplotlib figure that carries its alt text and shows itself as an SVG in the page's own colours."""

import io
from pathlib import Path
from typing import Any

import matplotlib.figure

from coursekit.plotting.style import WIDTH, drawing
from coursekit.plotting.svg import inline

# No date in any of them, so that the same figure gives the same bytes.
_METADATA: dict[str, dict[str, str | None]] = {
    ".svg": {"Date": None, "Creator": None},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


class Figure(matplotlib.figure.Figure):
    """A figure with a description, drawn in the house style and never known to pyplot.

    In a notebook and in the book it appears as an inline SVG on a transparent ground: text, axes and ticks
    take the colour and font of the text around them, so light and dark themes need one figure only.

    Draw inside ``with drawing():`` (`coursekit.plotting.style.drawing`), as every function of this package
    does, so that artists take the house style when they are made.

    Parameters
    ----------
    alt
        What the figure shows, in words; required, for readers who cannot see it.
    width, height
        Inches. The default width fills the column of a page.

    Raises
    ------
    ValueError
        If `alt` is empty.

    Examples
    --------
    >>> with drawing():
    ...     figure = Figure(alt="A parabola: y is x squared.", height=2)
    ...     lines = figure.subplots().plot([-1, 0, 1], [1, 0, 1])
    >>> figure
    Figure: A parabola: y is x squared.
    >>> figure.svg()[:4]
    '<svg'
    """

    def __init__(self, *, alt: str, width: float = WIDTH, height: float = 3.0) -> None:
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(
                f"alt is {alt!r}; say in words what the figure shows, for readers who cannot see it"
            )
        with drawing():
            super().__init__(figsize=(width, height), layout="constrained")
        self.alt = alt

    def svg(self) -> str:
        """One ``<svg>`` element to stand inside HTML: no outside reference, the same bytes each time."""
        buffer = io.StringIO()
        with drawing():
            self._settle()
            self.savefig(buffer, format="svg", facecolor="none", metadata=_METADATA[".svg"])
        return inline(buffer.getvalue(), self.alt)

    def save(self, path: str | Path) -> None:
        """Write the figure to a file, dark on white, to be used outside the book.

        Parameters
        ----------
        path
            Its suffix chooses the format: ``.svg``, ``.png`` (200 dots per inch) or ``.pdf``. The file
            appears when it is complete, never half written.

        Raises
        ------
        ValueError
            If the suffix is another one.
        FileNotFoundError
            If the folder does not exist.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in _METADATA:
            raise ValueError(f"cannot save a figure as {path.name!r}; end the name in .svg, .png or .pdf")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"cannot save {path.name!r}: the folder {path.parent} does not exist")
        unfinished = path.with_name(f".{path.name}.part")
        try:
            with drawing():
                self._settle()
                self.savefig(
                    unfinished,
                    format=suffix[1:],
                    dpi=200,
                    facecolor="white",
                    bbox_inches="tight",
                    pad_inches=0.15,
                    metadata={**_METADATA[suffix], "Title": self.alt},
                )
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def _settle(self) -> None:
        # Constrained layout starts from where the last drawing left the axes, so a second drawing would
        # move them a little: lay out once.
        self.draw_without_rendering()
        self.set_layout_engine("none")

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return self.svg()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.svg(), "text/plain": repr(self)}

    def _ipython_display_(self) -> None:
        # The inline backend adds a PNG to every matplotlib figure; a figure that displays itself gets none.
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
