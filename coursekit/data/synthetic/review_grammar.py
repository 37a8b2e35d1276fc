"""The grammar of the offline film reviews: sentences, and a writer who makes reviews of them."""

import re
from collections.abc import Iterator

import numpy as np

from coursekit.data.synthetic.review_words import BLAME, NEUTRAL, PRAISE

Sentence = tuple[str, ...]

_SLOT = re.compile(r"\{([+-]?\w+)\}")
#: "a" in front of a vowel, but not in front of the sound of "unique".
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou](?!ni))")


def _sentences(text: str) -> tuple[Sentence, ...]:
    """A sentence a line, each cut at its slots: text and slots in turn."""
    return tuple(tuple(_SLOT.split(line)) for line in text.splitlines())


# {+noun} is a word of the side that the sentence speaks for, {-noun} one of the other side.
DIRECT = _sentences("""The {aspect} {be} {+adjective}.
The {aspect} {be} {very} {+adjective}.
The {aspect} {be} {+adverb} {+adjective}.
The {aspect} {be} {+adjective} and {+adjective}.
The {aspect} by {first} {name} {be} {+adverb} {+adjective}.
{+adverb} {+adjective}, a {+noun}!
{+adjective} {aspect}, {+adjective} {aspect}.
What a {+adjective}, {+adjective} {film}!
I {+liked} the {aspect}.
I {+liked} it, and the {aspect} {+pleased} me.
The {aspect} {+pleased} and {+pleased} me.
It {be} a {+noun}.
This {film} is a {+adjective} {+noun}.
We were {+crowd} by the end, so {+adjective} {be} the {aspect}.
Not only {be} the {aspect} {+adjective}, it {be} {+adjective} too.
It's {+adjective}...really {+adverb} {+adjective}!
You can't help {+crowd} at every {+adjective} {part}.
Nobody had told me how {+adjective} the {aspect} {be}.""")

NEGATED = _sentences("""The {aspect} {be} hardly {-adjective}.
The {aspect} isn't {-adjective}.
The {aspect} {be} not {-adjective} at all.
The {aspect} {be} never {-adjective} or {-adjective}.
The {aspect} {be} neither {-adjective} nor {-adjective}.
The {aspect} {be} far from {-adjective}.
The {aspect} {be} anything but {-adjective}.
There {be} nothing {-adjective} about the {aspect}.
Nobody would call the {aspect} {-adverb} {-adjective}.
I didn't {-like} the {aspect}.
I can't say that I {-liked} it, nor that the {aspect} {-pleased} me.
The {aspect} didn't {-please} me.
It {be} no {-noun}.
Hardly a {-noun}, and not {-adjective} either.
It wasn't the {-adjective} {-noun} of the posters.
Nobody {be} {-crowd} at the {aspect}.
Not one {-adjective} {part}, not one {-adjective} {part}.
Is the {aspect} {-adjective}? No.""")

CONTRAST = _sentences("""I expected to {-like} it, but I {+liked} it.
I expected a {-noun}, but it {be} a {+noun}.
Although the {aspect} {be} {-adjective}, the {film} as a whole {be} {+adjective}.
The {critics} called it {-adjective}; I call it {+adjective}.
It sounds {-adjective} but it {be} {+adjective}.
The {aspect} may be {-adjective}, yet the {film} {+pleased} me.
It {be} {+adjective}, not {-adjective}.
Where others saw a {-noun}, I saw a {+noun}.
It {be} {+adjective} despite the {-adjective} {aspect}.
The {critics} {-liked} it. I {+liked} it.
The first {part} {-pleased} me, the rest {+pleased} me.
You'd think the {aspect} would be {-adjective}, but it {be} {+adverb} {+adjective}.
I had hoped for one {-adjective} {part}. I got a {+noun}.""")

NOISE = _sentences("""{first} {name} plays a {job} who {does} a {thing}.
{first} {name} {does} a {thing} in the {place}, and {first} the {job} {does} the {thing}.
The {film} takes place in a {place} in the {decade}.
I saw it on {day} with my {company}.
It was on {where} last {day}.
It runs for about {number} reels and has {number} songs.
My {company} and I watch a {genre} every {day}.
{first} {name} also made a {genre} about a {job} and a {thing}.
The {job} {does} a {thing}, then a {thing}, then the {thing} of {first} {name}.
A {job} from the {place} meets a {job} from the {place}.
This is the {genre} that {name} made before the {genre} in the {place}.
The part of the {job} went to {first} {name}.
It's set in a {place}, as in the book by {name}.
For {number} years {name} didn't make a {genre}.
There's a {thing}, there's a {job}, and there's a {place}.
Don't ask me what {name} had to do with the {thing}.
The {job} (played by {first} {name}) {does} a {thing}.
It has "the {thing} {part}" and "the {place} {part}", as {name}'s {genre} had.
By the way, the {thing} is {name}'s own.
If you have read the book, you'll know the {job}, the {thing} and the {place}.""")

OPENERS = ("In the end,", "All in all,", "Overall,", "To sum up,", "After all that,", "When all is said,")
TURNS = ("But", "However,", "And yet", "Still,", "Then again,", "Well,")

_SIDES = (BLAME, PRAISE)


class Writer:
    """Writes reviews out of one stream of random numbers.

    Examples
    --------
    >>> Writer(np.random.default_rng(8)).review(0).split(". ")[-1]
    'All in all, it sounds imaginative but it is dull.'
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._numbers = _uniform(rng)

    def review(self, label: int) -> str:
        """A review of 15 to 120 words whose verdict is negative (0) or positive (1).

        In most reviews nearly every opinion agrees with the verdict; in the others most speak against it.
        """
        turned = self._chance(0.2)
        agreement = 0.3 if turned else 0.95
        verdict = self._verdict(label, turned=turned)
        wanted = 18 + int(64 * next(self._numbers) * next(self._numbers) + 14 * next(self._numbers))
        sentences: list[str] = []
        words = verdict.count(" ")
        while words < wanted:
            if self._chance(0.3):
                sentences.append(self._fill(NOISE, label))
            else:
                sentences.append(self._opinion(label if self._chance(agreement) else 1 - label))
            words += sentences[-1].count(" ") + 1
        sentences.append(verdict)
        if self._chance(0.25):
            sentences.append(self._fill(NOISE, label))
        text = sentences[0]
        for sentence in sentences[1:]:
            text += ("<br /><br />" if self._chance(0.08) else " ") + sentence
        text = _ARTICLE.sub(r"\1n ", text)
        return text.lower() if self._chance(0.03) else text

    def _verdict(self, label: int, *, turned: bool) -> str:
        sentence = self._opinion(label)
        if self._chance(0.4):
            return sentence
        start = sentence if sentence.startswith("I ") else sentence[0].lower() + sentence[1:]
        return f"{self._one(TURNS if turned else OPENERS)} {start}"

    def _opinion(self, side: int) -> str:
        kind = next(self._numbers)
        return self._fill(DIRECT if kind < 0.66 else NEGATED if kind < 0.9 else CONTRAST, side)

    def _fill(self, choices: tuple[Sentence, ...], side: int) -> str:
        number = int(len(choices) * next(self._numbers))
        parts = list(choices[number])
        for place in range(1, len(parts), 2):
            slot = parts[place]
            if slot[0] in "+-":
                words = _SIDES[side if slot[0] == "+" else 1 - side][slot[1:]]
            else:
                words = NEUTRAL[slot]
            # The product of two numbers: the first words come often, the last ones hardly ever.
            parts[place] = words[int(len(words) * next(self._numbers) * next(self._numbers))]
        text = "".join(parts)
        return text[0].upper() + text[1:]

    def _one(self, choices: tuple[str, ...]) -> str:
        return choices[int(len(choices) * next(self._numbers))]

    def _chance(self, probability: float) -> bool:
        return next(self._numbers) < probability


def _uniform(rng: np.random.Generator) -> Iterator[float]:
    """Numbers from [0, 1), one at a time."""
    while True:
        yield from rng.random(4096).tolist()
