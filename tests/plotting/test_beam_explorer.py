"""What the figure holds, read out of its HTML, against the traces; and that no text can break the page."""

import html
import json
import re
from importlib.resources import files
from math import exp
from typing import Any

import pytest
import torch

from coursekit.decoding import beam_search
from coursekit.plotting import beam_explorer, trace_beam

SYMBOLS = ("", "", "", "a", "b", " ", "</script><b>", "&")
START, END = 1, 2
SENTENCES = ("¿qué?", "a < b & <!-- </script>")
WIDTHS = (1, 2, 4)


def model(seed: int):
    table = torch.randn(8, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    table[:, END] -= 0.5
    table = table.log_softmax(dim=1)

    def step(ids, state, memory):
        return table[ids], state

    return step, (torch.zeros(1, 1),)


def traces(seed: int, widths=WIDTHS, **options):
    step, state = model(seed)
    numbers = {"start": START, "end": END, "max_length": 9} | options
    return [trace_beam(step, state, width=width, symbols=SYMBOLS, **numbers) for width in widths]


@pytest.fixture(scope="module")
def searches():
    return {sentence: traces(seed) for seed, sentence in enumerate(SENTENCES)}


@pytest.fixture(scope="module")
def markup(searches) -> str:
    return beam_explorer(searches)._repr_html_()


@pytest.fixture(scope="module")
def data(markup: str) -> dict[str, Any]:
    """The values, as a browser reads them."""
    found = re.findall(r'<script type="application/json">(.*?)</script>', markup, flags=re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def test_values_are_what_the_page_holds(searches, data) -> None:
    assert beam_explorer(searches).values() == data
    assert list(data) == list(SENTENCES)
    assert all(list(by_width) == ["1", "2", "4"] for by_width in data.values())


def test_values_are_those_of_the_search(data) -> None:
    for seed, sentence in enumerate(SENTENCES):
        step, state = model(seed)
        for width in WIDTHS:
            shown = data[sentence][str(width)]
            found = beam_search(step, state, start=START, end=END, width=width, max_length=9)
            text, log, score, finished, last, place = shown["found"][0]
            ids = [index for index in found.ids[0, 0, : found.lengths[0, 0]].tolist() if index != END]
            assert text == "".join(SYMBOLS[index] for index in ids)
            assert log == score == round(found.scores[0, 0].item(), 4)
            assert finished == found.finished[0, 0] and last == found.lengths[0, 0] - 1
            assert shown["steps"][last]["rows"][place][3] == log


def test_rows_are_those_of_the_trace(searches, data) -> None:
    compared = 0
    for sentence, found in searches.items():
        for trace in found:
            steps = data[sentence][str(trace.width)]["steps"]
            for layer, shown in zip(trace.layers, steps, strict=True):
                assert (shown["places"], shown["considered"]) == (layer.places, layer.considered)
                for one, row in zip(layer.candidates, shown["rows"], strict=True):
                    parent, symbol, log, total, share, status = row
                    assert parent == (-1 if one.parent is None else one.parent)
                    assert symbol == (None if one.ends else one.symbol)
                    assert (log, total) == (round(one.log_probability, 4), round(one.total, 4))
                    assert share == round(exp(one.total - layer.candidates[0].total), 3)
                    assert status == one.status
                    compared += 1
    assert compared > 100


def test_scores_with_a_length_penalty() -> None:
    explorer = beam_explorer({"¿qué?": traces(0, length_penalty=1.0)})
    shown = explorer.values()["¿qué?"]["4"]
    assert shown["alpha"] == 1.0
    for _, log, score, _, last, _ in shown["found"]:
        assert score == pytest.approx(log / (last + 1), abs=1e-4)
    assert f"score {shown['found'][0][2]:.2f}".replace("-", "−") in repr(explorer)


def test_no_text_breaks_the_page(markup) -> None:
    assert markup.count("</script>") == 2 and markup.count("<!--") == 0
    assert "<b>" not in markup.split("<script>")[0]
    assert "a &lt; b &amp; &lt;!-- &lt;/script&gt;" in markup


def test_fallback_says_the_results(searches, markup) -> None:
    said = html.unescape(re.search(r'<p class="be-fallback">(.*?)</p>', markup, flags=re.DOTALL)[1])
    for sentence, found in searches.items():
        assert f"For “{sentence}” width 1 finds" in said
        for trace in found:
            best = trace.hypotheses[0]
            number = f"{round(best.log_probability, 4):.2f}".replace("-", "−")
            assert f"width {trace.width} finds “{best.text}” at log-probability {number}" in said


def test_words_for_what_was_cut_or_not_found() -> None:
    [cut] = traces(0, [1], max_length=1)
    assert not cut.hypotheses[0].finished
    assert repr(beam_explorer({"¿qué?": [cut]})).endswith(", cut.")

    def silent(ids, state, memory):
        return torch.full((1, 1, 3), -torch.inf), state

    nothing = trace_beam(silent, (torch.zeros(1, 1),), start=0, end=2, width=1, symbols="ab.")
    assert repr(beam_explorer({"¿qué?": [nothing]})).endswith("width 1 finds nothing.")


def test_html_stands_alone(markup) -> None:
    assert len(markup.encode()) < 60_000
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)|@import|url\(|src=|\bid=|fetch\(", markup)
    assert not re.search(r"transition|animation|@keyframes", markup)


def test_text_is_readable_on_every_tint(markup) -> None:
    """WCAG's 4.5:1 for the theme's text on every tint, over both grounds."""

    def luminance(channels):
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    tints = re.findall(r"--be-\w+:rgb\((\d+) (\d+) (\d+) / (\d+)%\)", markup)
    assert len(tints) == 3
    for ground, ink in ((255, 255, 255), (0x22, 0x28, 0x32)), ((0x14, 0x18, 0x1E), (0xCE, 0xD6, 0xDD)):
        for *channels, share in tints:
            part = int(share) / 100
            under = [(part * int(v) + (1 - part) * g) / 255 for v, g in zip(channels, ground, strict=True)]
            light, dark = sorted((luminance(under), luminance([v / 255 for v in ink])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_description_and_bytes_are_the_same_each_time(searches, markup) -> None:
    explorer = beam_explorer(searches)
    assert repr(explorer) == str(explorer) and "0x" not in repr(explorer)
    assert explorer._repr_mimebundle_() == {"text/html": markup, "text/plain": repr(explorer)}


@pytest.mark.parametrize(
    ("searches", "message"),
    [
        ({}, "no searches"),
        ({"a": []}, "no trace for 'a'"),
        ({"a": traces(0, [2, 2])}, r"widths \[2, 2\]"),
        (
            {"a": traces(0, [1, 2]), "b": traces(0, [1])},
            r"'b' have the widths \[1\], those before it \[1, 2\]",
        ),
    ],
)
def test_what_does_not_fit_is_refused(searches, message) -> None:
    with pytest.raises(ValueError, match=message):
        beam_explorer(searches)


def test_script_and_style_come_with_the_package() -> None:
    folder = files("coursekit.plotting")
    for suffix in ("css", "js"):
        text = folder.joinpath(f"beam_explorer.{suffix}").read_text(encoding="utf-8")
        # Either would end the element that holds it.
        assert text.strip() and "</script" not in text and "</style" not in text
