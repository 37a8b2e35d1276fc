"""Parts of the offline phrases in both languages: who does something, what it is done to, and the verb."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from coursekit.data.synthetic.phrase_verbs import OF_ANIMALS, VERBS, Verb
from coursekit.data.synthetic.phrase_words import ADJECTIVES, NOUNS, Adjective, Noun

T = TypeVar("T")
Pair = tuple[str, str]
#: Spanish forms by gender and number, English ones by number.
Determiner = tuple[dict[str, Pair], Pair]

HE, WE, THEY = 2, 3, 4

THE: Determiner = ({"m": ("el", "los"), "f": ("la", "las")}, ("the", "the"))
AN: Determiner = ({"m": ("un", "dos"), "f": ("una", "dos")}, ("a", "two"))
BARE: Determiner = ({"m": ("", ""), "f": ("", "")}, ("", ""))
OURS: tuple[Determiner, ...] = (
    ({"m": ("mi", "mis"), "f": ("mi", "mis")}, ("my", "my")),
    ({"m": ("tu", "tus"), "f": ("tu", "tus")}, ("your", "your")),
    ({"m": ("nuestro", "nuestros"), "f": ("nuestra", "nuestras")}, ("our", "our")),
)
_THIS: tuple[Determiner, ...] = (
    ({"m": ("este", "estos"), "f": ("esta", "estas")}, ("this", "these")),
    ({"m": ("ese", "esos"), "f": ("esa", "esas")}, ("that", "those")),
)
_PRONOUNS = ("I", "you", "he", "we", "they")


@dataclass(frozen=True)
class Part:
    """Who or what a sentence is about: its person from 0, "I", to 4, "they", its gender, and 1 for many."""

    spanish: str
    english: str
    person: int
    gender: str
    number: int

    def agreeing(self, adjective: Adjective) -> str:
        """The adjective in this gender and number."""
        return adjective.forms[self.gender][self.number]


class Chooser:
    """Chooses words out of one stream of random numbers and makes parts of sentences of them.

    Examples
    --------
    >>> Chooser(np.random.default_rng(3)).noun_phrase("t", adjective=1.0)
    Part(spanish='la mesa blanca', english='the white table', person=2, gender='f', number=0)
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._numbers = _uniform(rng)

    def one(self, choices: Sequence[T]) -> T:
        """One of them, all equally often."""
        return choices[int(len(choices) * next(self._numbers))]

    def chance(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return next(self._numbers) < probability

    def noun(self, kinds: str) -> Noun:
        """A noun of one of the kinds."""
        return self.one([noun for noun in NOUNS if noun.kind in kinds])

    def adjective(self, kind: str) -> Adjective:
        """An adjective that goes with this kind of nouns."""
        return self.one([adjective for adjective in ADJECTIVES if kind in adjective.kinds])

    def verb(self, *, objects: bool) -> Verb:
        """A verb with or without objects."""
        return self.one([verb for verb in VERBS if bool(verb.takes) is objects])

    def described(self, determiner: Determiner, noun: Noun, number: int, adjective: float) -> Part:
        """A noun, with a chance of an adjective: behind it in Spanish, before it in English."""
        spanish, english = noun.spanish[number], noun.english[number]
        if self.chance(adjective):
            chosen = self.adjective(noun.kind)
            spanish = f"{spanish} {chosen.forms[noun.gender][number]}"
            english = f"{chosen.english} {english}"
        return Part(
            f"{determiner[0][noun.gender][number]} {spanish}".strip(),
            f"{determiner[1][number]} {english}".strip(),
            THEY if number else HE,
            noun.gender,
            number,
        )

    def noun_phrase(self, kinds: str, *, adjective: float) -> Part:
        """A determiner and a noun of one of the kinds, with a chance of an adjective."""
        noun = self.noun(kinds)
        return self.described(self._determiner(noun), noun, int(noun.counts and self.chance(0.35)), adjective)

    def subject(self, verb: Verb, *, noun: float = 0.4, pronoun: float = 0.15, past: bool = False) -> Part:
        """Who does it, often left out in Spanish; in the past not "we", whose verb often is the present's."""
        which = next(self._numbers)
        if which < noun:
            return self.noun_phrase("pa" if verb.infinitive in OF_ANIMALS else "p", adjective=0.15)
        if which < noun + pronoun:
            return self._he_or_she()
        person = self.one((0, 1, THEY) if past else (0, 1, WE, THEY))
        return Part("", _PRONOUNS[person], person, "m", int(person > HE))

    def someone(self) -> tuple[Part, str]:
        """Who or what is something, and of which kind that is."""
        which = next(self._numbers)
        if which < 0.45:
            kind = self.one("patfd")
            return self.noun_phrase(kind, adjective=0.0), kind
        if which < 0.6:
            return self._he_or_she(), "p"
        person = self.one((0, 1, WE, THEY))
        return Part("", _PRONOUNS[person], person, self.one("mf"), int(person > HE)), "p"

    def object(self, verb: Verb) -> Pair:
        """What the verb's action meets; two empty texts where it takes nothing."""
        if not verb.takes:
            return "", ""
        noun = self.noun(verb.takes)
        number = int(noun.counts and self.chance(0.4))
        # Whom one loves, helps or hates is a certain one; of what one eats or buys there may be some.
        some = noun.kind != "p" and (number or not noun.counts) and verb.infinitive != "odiar"
        if some and verb.takes != "pa" and self.chance(0.6):
            part = self.described(BARE, noun, number, 0.3)
        else:
            part = self.described(self._determiner(noun), noun, number, 0.25)
        # Persons are met with "a", and so are the animals that one loves or helps.
        return ("a " if noun.kind == "p" or verb.takes == "pa" else "") + part.spanish, part.english

    def conjugated(self, verb: Verb, person: int, *, clitic: str = "") -> Pair:
        """The verb in the present or the past, negated or not, in Spanish behind a pronoun."""
        past, negated = self.chance(0.4) and person != WE, self.chance(0.2)
        spanish = f"{'no ' if negated else ''}{clitic} {form(verb, person, past)}"
        if negated:
            return spanish, f"{do(person, past)}n't {verb.english[0]}"
        return spanish, verb.english[2 if past else 1 if person == HE else 0]

    def _he_or_she(self) -> Part:
        return self.one((Part("él", "he", HE, "m", 0), Part("ella", "she", HE, "f", 0)))

    def _determiner(self, noun: Noun) -> Determiner:
        return self.one((THE, THE, AN if noun.counts else THE, *OURS, *_THIS))


def form(verb: Verb, person: int, past: bool) -> str:
    """The Spanish form.

    Examples
    --------
    >>> form(VERBS[0], THEY, False), form(VERBS[0], THEY, True)
    ('cantan', 'cantaron')
    """
    return verb.past[person - (person > HE)] if past else verb.present[person]


def do(person: int, past: bool) -> str:
    """What English asks and negates with.

    Examples
    --------
    >>> do(HE, False), do(HE, True), do(THEY, False)
    ('does', 'did', 'do')
    """
    return "did" if past else "does" if person == HE else "do"


def _uniform(rng: np.random.Generator) -> Iterator[float]:
    """Numbers from [0, 1), one at a time."""
    while True:
        yield from rng.random(4096).tolist()
