"""The grammar of the offline phrases: a speaker who says the same in Spanish and in English.

Whatever he says in Spanish has one English translation, accents and signs set aside: a verb without a subject
is never in the third person singular of what people do, where it could be he, she or it.
"""

import re

import numpy as np

from coursekit.data.synthetic.phrase_parts import AN, BARE, HE, OURS, THE, Chooser, Pair, do, form
from coursekit.data.synthetic.phrase_verbs import BE, COPULAS, MODALS, NOT_ORDERED, VERBS

_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou])")
_BEFORE_SIGN = re.compile(r" (?=[.?!])")
_LIKING = (("me", "I"), ("te", "you"), ("nos", "we"), ("les", "they"))
#: Whom an action meets, and the persons who cannot do it to them.
_MET = (("me", "me", (0, 3)), ("te", "you", (1,)), ("nos", "us", (0, 3)), ("los", "them", ()))
_WHERE = (("qué", "what"), ("dónde", "where"), ("cuándo", "when"), ("por qué", "why"))


class Speaker:
    """Says sentences out of one stream of random numbers.

    Examples
    --------
    >>> speaker = Speaker(np.random.default_rng(4))
    >>> speaker.phrase()
    ('Hay barcos.', 'There are ships.')
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._some = Chooser(rng)
        # What has more to vary is said more often.
        self._kinds = (
            *(self._thing, self._does, self._does, self._does_to, self._does_to, self._does_to),
            *(self._is, self._is, self._is, self._asks, self._asks_to, self._asks_if, self._asks_if),
            *(self._asks_who, self._asks_what, self._asks_how, self._cries, self._cries, self._orders),
            *(self._likes, self._meets, self._can, self._can, self._there_is, self._belongs),
        )

    def phrase(self) -> Pair:
        """A Spanish sentence and its English translation, with capitals, accents and signs."""
        spanish, english = self._some.one(self._kinds)()
        spanish, english = (_BEFORE_SIGN.sub("", " ".join(text.split())) for text in (spanish, english))
        spanish, english = spanish.replace(" a el ", " al "), _ARTICLE.sub(r"\1n ", english)
        start = 2 if spanish[0] in "¿¡" else 1
        return spanish[:start].upper() + spanish[start:], english[0].upper() + english[1:]

    def _thing(self) -> Pair:
        part = self._some.noun_phrase("patf", adjective=1.0)
        return f"{part.spanish}.", f"{part.english}."

    def _does(self) -> Pair:
        verb = self._some.verb(objects=False)
        who = self._some.subject(verb)
        spanish, english = self._some.conjugated(verb, who.person)
        return f"{who.spanish} {spanish}.", f"{who.english} {english}."

    def _does_to(self) -> Pair:
        verb = self._some.verb(objects=True)
        who, what = self._some.subject(verb, noun=0.2), self._some.object(verb)
        spanish, english = self._some.conjugated(verb, who.person)
        return f"{who.spanish} {spanish} {what[0]}.", f"{who.english} {english} {what[1]}."

    def _is(self) -> Pair:
        who, kind = self._some.someone()
        adjective = self._some.adjective(kind)
        past, negated = self._some.chance(0.25), self._some.chance(0.2)
        copula, be = COPULAS[adjective.verb, past][who.person], BE[past][who.person]
        if negated:
            copula, be = f"no {copula}", "am not" if be == "am" else f"{be}n't"
        return (
            f"{who.spanish} {copula} {who.agreeing(adjective)}.",
            f"{who.english} {be} {adjective.english}.",
        )

    def _asks(self) -> Pair:
        verb, past = self._some.verb(objects=False), self._some.chance(0.3)
        who = self._some.subject(verb, past=past)
        return (
            f"¿{form(verb, who.person, past)} {who.spanish}?",
            f"{do(who.person, past)} {who.english} {verb.english[0]}?",
        )

    def _asks_to(self) -> Pair:
        verb = self._some.verb(objects=True)
        who, what = self._some.subject(verb, noun=0.0, pronoun=0.0), self._some.object(verb)
        return (
            f"¿{form(verb, who.person, False)} {what[0]}?",
            f"do {who.english} {verb.english[0]} {what[1]}?",
        )

    def _asks_if(self) -> Pair:
        who, kind = self._some.someone()
        adjective, past = self._some.adjective(kind), self._some.chance(0.2)
        return (
            f"¿{COPULAS[adjective.verb, past][who.person]} {who.agreeing(adjective)} {who.spanish}?",
            f"{BE[past][who.person]} {who.english} {adjective.english}?",
        )

    def _asks_who(self) -> Pair:
        verb, past = self._some.verb(objects=self._some.chance(0.7)), self._some.chance(0.4)
        what = self._some.object(verb)
        return f"¿quién {form(verb, HE, past)} {what[0]}?", f"who {verb.english[2 if past else 1]} {what[1]}?"

    def _asks_what(self) -> Pair:
        asked = self._some.one(_WHERE)
        verb, past = self._some.verb(objects=asked == _WHERE[0]), self._some.chance(0.3)
        who = self._some.subject(verb, past=past)
        return (
            f"¿{asked[0]} {form(verb, who.person, past)} {who.spanish}?",
            f"{asked[1]} {do(who.person, past)} {who.english} {verb.english[0]}?",
        )

    def _asks_how(self) -> Pair:
        spanish, english, kinds = self._some.one((("cómo", "how", "pa"), ("dónde", "where", "patfd")))
        noun, past = self._some.noun(kinds), self._some.chance(0.3)
        number = int(noun.counts and self._some.chance(0.35))
        part = self._some.described(self._some.one((THE, THE, *OURS)), noun, number, 0.1)
        return (
            f"¿{spanish} {COPULAS['estar', past][part.person]} {part.spanish}?",
            f"{english} {BE[past][part.person]} {part.english}?",
        )

    def _cries(self) -> Pair:
        noun = self._some.noun("patfd")
        adjective, number = self._some.adjective(noun.kind), int(noun.counts and self._some.chance(0.4))
        article = "a" if noun.counts and number == 0 else ""
        return (
            f"¡qué {noun.spanish[number]} tan {adjective.forms[noun.gender][number]}!",
            f"what {article} {adjective.english} {noun.english[number]}!",
        )

    def _orders(self) -> Pair:
        verb = self._some.one([verb for verb in VERBS if verb.infinitive not in NOT_ORDERED])
        what = self._some.object(verb)
        return f"¡{form(verb, HE, False)} {what[0]}!", f"{verb.english[0]} {what[1]}!"

    def _likes(self) -> Pair:
        (spanish, english), noun = self._some.one(_LIKING), self._some.noun("atfd")
        no, does_not = ("no", "don't") if self._some.chance(0.25) else ("", "")
        part = self._some.described(BARE, noun, int(noun.counts), 0.2)
        likes = f"{('gusta', 'gustan')[part.number]} {THE[0][noun.gender][part.number]}"
        return f"{no} {spanish} {likes} {part.spanish}.", f"{english} {does_not} like {part.english}."

    def _meets(self) -> Pair:
        verb = self._some.one([verb for verb in VERBS if "p" in verb.takes])
        who = self._some.subject(verb, noun=0.15)
        clitic, whom, _ = self._some.one([met for met in _MET if who.person not in met[2]])
        spanish, english = self._some.conjugated(verb, who.person, clitic=clitic)
        return f"{who.spanish} {spanish}.", f"{who.english} {english} {whom}."

    def _can(self) -> Pair:
        forms, base, third, negated = self._some.one(MODALS)
        verb = self._some.verb(objects=self._some.chance(0.3))
        who, what = self._some.subject(verb, noun=0.25), self._some.object(verb)
        spanish, english = f"{verb.infinitive} {what[0]}", f"{verb.english[0]} {what[1]}"
        modal = forms[who.person]
        if base == third and self._some.chance(0.3):
            return f"¿{modal} {spanish} {who.spanish}?", f"{base} {who.english} {english}?"
        no, does = "", third if who.person == HE else base
        if self._some.chance(0.25):
            no, does = "no", negated.replace("don't", f"{do(who.person, False)}n't")
        return f"{who.spanish} {no} {modal} {spanish}.", f"{who.english} {does} {english}."

    def _there_is(self) -> Pair:
        noun, negated = self._some.noun("patfd"), self._some.chance(0.3)
        number = int(noun.counts and (negated or self._some.chance(0.5)))
        part = self._some.described(AN if noun.counts and not number else BARE, noun, number, 0.3)
        there = f"{('there is', 'there are')[number]} {'no' if negated else ''}"
        return f"{'no' if negated else ''} hay {part.spanish}.", f"{there} {part.english}."

    def _belongs(self) -> Pair:
        noun = self._some.noun("patf")
        number = int(noun.counts and self._some.chance(0.4))
        determiner = self._some.one((*OURS, AN if noun.counts and not number else BARE))
        part = self._some.described(determiner, noun, number, 0.4)
        one = {"m": "he", "f": "she"}[noun.gender] if noun.kind == "p" else "it"
        return (
            f"{('es', 'son')[number]} {part.spanish}.",
            f"{(f'{one} is', 'they are')[number]} {part.english}.",
        )
