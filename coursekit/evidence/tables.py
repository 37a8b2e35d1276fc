"""Tables that a page shows: semantic HTML with a caption, and the same as plain text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

TEXT_WIDTH = 100

FILTER_SCRIPT = """
for (const table of document.querySelectorAll(".coursekit-filtered:not([data-ready])")) {
  table.dataset.ready = "";
  const form = table.querySelector("form");
  const rows = [...table.querySelectorAll("tbody tr")].filter((row) => row.querySelector("td"));
  const show = () => {
    const wanted = [...new FormData(form)].filter(([, value]) => value);
    for (const row of rows)
      row.hidden = wanted.some(([name, value]) => row.dataset[name] !== value);
    for (const group of table.querySelectorAll("tbody"))
      group.hidden = rows.every((row) => row.hidden || !group.contains(row));
    const shown = rows.filter((row) => !row.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${rows.length} shown`;
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
}
"""


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and its HTML where that is more than the escaped text."""

    text: str
    html: str = ""

    def markup(self) -> str:
        """The HTML of the content."""
        return self.html or escape(self.text)


@dataclass(frozen=True)
class Group:
    """Rows under a common heading; without a title they stand on their own."""

    rows: Sequence[Sequence[Cell]]
    title: str = ""
    attributes: Sequence[str] = ()

    def attributes_of(self, index: int) -> str:
        """HTML attributes of a row, with a leading blank."""
        return f" {self.attributes[index]}" if self.attributes else ""


@dataclass(frozen=True)
class Table:
    """A table whose first cell in every row names the row.

    ``str`` sets it in columns where it fits into 100 characters, else as one block per row.

    Examples
    --------
    >>> print(Table("Two nets", ("net", "accuracy"), [Group([[Cell("small"), Cell("88 %")]])]))
    Two nets
    <BLANKLINE>
    net    accuracy
    ───────────────
    small  88 %
    """

    caption: str
    header: Sequence[str]
    groups: Sequence[Group]
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        body = [self._columns() or self._blocks()] if any(group.rows for group in self.groups) else []
        return "\n\n".join([self.caption, *body, *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.header)
        bodies = "".join(self._body(group) for group in self.groups)
        notes = "".join(f'<p class="coursekit-note">{escape(note)}</p>' for note in self.notes)
        if not any(group.rows for group in self.groups):
            return f"<p>{escape(self.caption)}.</p>{notes}"
        return (
            '<div class="coursekit-scroll"><table class="coursekit-table">'
            f"<caption>{escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead>{bodies}</table></div>{notes}"
        )

    def _body(self, group: Group) -> str:
        title = (
            f'<tr><th scope="rowgroup" colspan="{len(self.header)}">{escape(group.title)}</th></tr>'
            if group.title
            else ""
        )
        rows = "".join(
            f'<tr{group.attributes_of(i)}><th scope="row">{first.markup()}</th>'
            + "".join(
                f'<td data-label="{escape(name)}">{cell.markup()}</td>'
                for name, cell in zip(self.header[1:], rest, strict=True)
            )
            + "</tr>"
            for i, (first, *rest) in enumerate(group.rows)
        )
        return f"<tbody>{title}{rows}</tbody>"

    def _columns(self) -> str:
        rows = [list(self.header), *([c.text for c in row] for group in self.groups for row in group.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        total = sum(widths) + 2 * (len(widths) - 1)
        if total > TEXT_WIDTH or any(group.title for group in self.groups):
            return ""
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([lines[0], "─" * total, *lines[1:]])

    def _blocks(self) -> str:
        margin = max(map(len, self.header[1:])) + 4
        blocks = []
        for group in self.groups:
            blocks += [f"── {group.title}"] if group.title else []
            for first, *rest in group.rows:
                lines = [first.text]
                for name, cell in zip(self.header[1:], rest, strict=True):
                    label = f"  {name}".ljust(margin)
                    lines += wrap(
                        label + (cell.text or "–"),
                        width=TEXT_WIDTH,
                        subsequent_indent=" " * margin,
                        drop_whitespace=True,
                        break_on_hyphens=False,
                        break_long_words=False,
                    )
                blocks.append("\n".join(lines))
        return "\n\n".join(blocks)


@dataclass(frozen=True)
class FilteredTable:
    """A table whose rows can be filtered by their ``data-`` attributes; the page itself is all it needs.

    `filters` has the values to choose from by attribute. Without a script the form stays hidden and every
    row is in the table.
    """

    table: Table
    filters: Mapping[str, Sequence[str]]

    def __str__(self) -> str:
        return str(self.table)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        labels = "".join(
            f'<label>{escape(name)} <select name="{escape(name)}"><option value="">all</option>'
            + "".join(f"<option>{escape(value)}</option>" for value in values)
            + "</select></label> "
            for name, values in self.filters.items()
        )
        return (
            '<div class="coursekit-filtered">'
            f'<form class="coursekit-filter" hidden>{labels}<output></output></form>'
            f"{self.table._repr_html_()}<script>{FILTER_SCRIPT}</script></div>"
        )
