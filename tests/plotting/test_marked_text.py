"""Marked text: every word is there and escaped, lines tell sign and size, words are said without colour."""

import re
from html.parser import HTMLParser

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.plotting.marked_text import marked_text

WORDS = ("a", "dull", "but", "superb", "well-made", "film")
WEIGHTS = (0.01, -2.0, 0.3, 1.0, 0.4, 0.0)


class Reader(HTMLParser):
    """Collects the text of the first paragraph, its marked words with their styles, and all tags."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags, self.text, self.marked, self.label = [], [], [], ""
        self._open, self._paragraphs, self._style = [], 0, None
        self.feed(source)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self._open.append(tag)
        self._paragraphs += tag == "p"
        self._style = given.get("style") if tag == "span" else self._style
        self.label = given.get("aria-label", self.label)

    def handle_endtag(self, tag) -> None:
        assert self._open.pop() == tag
        if tag == "span":
            self._style = None

    def handle_data(self, data) -> None:
        if self._paragraphs == 1 and "p" in self._open:
            self.text.append(data)
            if self._style is not None:
                form, size = re.search(r"underline (\w+) #\w{6} (\d)px", self._style).groups()
                self.marked.append((data, form, int(size)))


def read(shown) -> Reader:
    return Reader(shown._repr_html_())


def test_lines_show_sign_by_form_and_size_by_thickness() -> None:
    found = read(marked_text(WORDS, WEIGHTS, caption="A review."))
    assert found.marked == [
        ("dull", "wavy", 5),
        ("but", "solid", 1),
        ("superb", "solid", 2),
        ("well-made", "solid", 1),
    ]
    assert "".join(found.text) == "a dull but superb well-made film"


def test_a_legend_and_a_label_say_it_in_words() -> None:
    shown = marked_text(WORDS, torch.tensor(WEIGHTS), caption="A review.", says=("bad", "good"))
    page = shown._repr_html_()
    assert ">straight line</span>: speaks for good;" in page and ">wavy line</span>: for bad;" in page
    assert ">A review.</figcaption>" in page
    assert read(shown).label == shown.alt
    assert shown.alt == (
        "A review. Strongest for good: superb +1.00, well-made +0.40, but +0.30; "
        "strongest for bad: dull −2.00."
    )


def test_plain_text_has_the_weights() -> None:
    shown = marked_text(WORDS, WEIGHTS, caption="A review.")
    text = "A review.\na [dull −2.00] [but +0.30] [superb +1.00] [well-made +0.40] film"
    assert repr(shown) == str(shown) == text
    assert shown._repr_mimebundle_() == {"text/html": shown._repr_html_(), "text/plain": text}


def test_needs_no_script_no_style_sheet_and_no_kernel() -> None:
    found = read(marked_text(WORDS, WEIGHTS, caption="A review."))
    assert set(found.tags) == {"figure", "figcaption", "p", "span"}


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=8), st.floats(-5, 5, allow_nan=False)), max_size=20),
    st.text(min_size=1).filter(str.strip),
)
def test_any_words_come_back_as_they_are(pairs, caption) -> None:
    words, weights = [word for word, _ in pairs], [weight for _, weight in pairs]
    shown = marked_text(words, weights, caption=caption)
    page = shown._repr_html_()
    for opened in re.findall(r"<\s*/?\s*(\w+)", page):
        assert opened in ("figure", "figcaption", "p", "span")
    largest = max((abs(weight) for weight in weights), default=0)
    marked = sum(bool(largest) and abs(weight) >= largest / 10 for weight in weights)
    assert page.count("<span title=") == marked
    assert page == marked_text(words, weights, caption=caption)._repr_html_()


@pytest.mark.parametrize(
    "word", ["<script>alert(1)</script>", 'a"b', "R&B", "<br />", "фильм", "映画", "فيلم", "\U0001f600"]
)
def test_markup_and_other_alphabets_are_shown_as_written(word) -> None:
    shown = marked_text([word, "film"], [1.0, -1.0], caption=f"About {word}.")
    found = read(shown)
    assert "".join(found.text) == f"{word} film"
    assert found.label == shown.alt and word in shown.alt
    assert "script" not in found.tags and "br" not in found.tags


def test_no_words_and_no_weight() -> None:
    empty = marked_text([], [], caption="An empty review.")
    assert repr(empty) == "An empty review.\n(no words)" and "(no words)" in empty._repr_html_()
    flat = marked_text(["so"], [0.0], caption="A review.")
    assert flat.alt == "A review. No word has a weight." and not read(flat).marked


def test_one_side_alone_begins_a_sentence() -> None:
    assert marked_text(["dull"], [-1], caption="A review.").alt == (
        "A review. Strongest for negative: dull −1.00."
    )


def test_ten_thousand_words() -> None:
    shown = marked_text(["word"] * 10_000, torch.linspace(-1, 1, 10_000), caption="A long review.")
    assert len(read(shown).marked) == 9_000


@pytest.mark.parametrize(
    ("words", "weights", "caption", "message"),
    [
        (["a"], [1.0, 2.0], "A review.", "1 words but 2 weights; pass one weight a word"),
        (["a", "b"], [1.0, float("nan")], "A review.", "a weight is nan; all must be finite"),
        (["a"], [1.0], "  ", "caption is empty; say what the text is"),
    ],
)
def test_errors(words, weights, caption, message) -> None:
    with pytest.raises(ValueError, match=rf"^{message}$"):
        marked_text(words, weights, caption=caption)
