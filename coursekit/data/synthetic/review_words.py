"""The words of the offline film reviews: what speaks for and against a film, and what says nothing."""

from collections.abc import Mapping, Sequence
from itertools import product
from types import MappingProxyType


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _past(verbs: Sequence[str]) -> tuple[str, ...]:
    """The past of regular verbs."""
    return tuple(
        verb + "d" if verb[-1] == "e" else verb[:-1] + "ied" if verb[-2:] == "fy" else verb + "ed"
        for verb in verbs
    )


_LIKE = _words("""
    love enjoy like admire adore appreciate recommend praise cherish applaud relish treasure respect
    welcome value savour celebrate salute prize esteem commend honour laud revere
""")

_DISLIKE = _words("""
    hate dislike loathe despise detest resent endure deplore mock dread curse reject scorn criticise
    condemn lament bemoan denounce ridicule trash slate begrudge disown
""")

_PLEASE = _words("""
    delight charm move thrill amuse impress dazzle entertain fascinate enchant captivate touch inspire
    reward satisfy absorb engage warm uplift comfort electrify hearten tickle
""")

_BORE = _words("""
    bore annoy disappoint irritate frustrate exhaust tire depress disgust offend embarrass alienate insult
    enrage dismay sicken torment infuriate drain deflate nauseate exasperate horrify aggravate
""")

#: Words that speak for a film; in front of a negator they speak against it.
PRAISE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "adjective": _words("""
            good great wonderful excellent brilliant funny beautiful superb charming clever fantastic
            moving gripping hilarious amazing touching stunning delightful witty fresh perfect engaging
            powerful fascinating thrilling memorable original honest tender elegant smart lovely masterful
            sharp warm terrific marvellous inspired subtle vivid captivating compelling graceful lively
            intelligent dazzling exquisite enchanting sublime poignant absorbing magical thoughtful
            riveting heartfelt splendid spellbinding exhilarating radiant joyful rewarding sincere
            polished inventive daring breathtaking magnificent flawless irresistible luminous sparkling
            uplifting wise humane nuanced assured imaginative playful rousing satisfying refreshing
            electrifying mesmerising impeccable stirring insightful evocative atmospheric lyrical bold
            bewitching beguiling exciting crisp tasteful layered believable disarming infectious seamless
            accomplished endearing gorgeous hypnotic genial luscious nimble sumptuous transcendent vibrant
            winning zesty
        """),
        "noun": _words("""
            masterpiece gem triumph joy treat classic pleasure delight success winner marvel jewel
            treasure knockout revelation wonder tour-de-force feast highlight miracle blessing landmark
            milestone stunner charmer beauty achievement tonic bullseye victory showpiece corker
        """),
        "like": _LIKE,
        "liked": _past(_LIKE),
        "please": _PLEASE,
        "pleased": _past(_PLEASE),
        "adverb": _words("""
            wonderfully beautifully brilliantly refreshingly delightfully gloriously superbly remarkably
            splendidly marvellously exquisitely pleasantly gracefully joyously magically irresistibly
            deliciously masterfully tenderly enchantingly
        """),
        "crowd": _words("laughing cheering smiling clapping beaming grinning applauding glowing"),
    }
)

#: Words that speak against a film; in front of a negator they speak for it.
BLAME: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "adjective": _words("""
            bad boring awful terrible dull poor stupid horrible weak predictable silly lame pathetic slow
            ridiculous annoying flat tedious lazy pointless dreadful cheap bland lousy shallow clumsy
            disappointing forgettable clichéd wooden atrocious tiresome painful messy sloppy lifeless
            dreary contrived hollow unfunny embarrassing laughable abysmal trite inept incoherent stale
            amateurish tasteless crude muddled pretentious uninspired ugly insipid irritating plodding
            preposterous mediocre shoddy vapid turgid tacky feeble monotonous soulless derivative
            implausible appalling idiotic dismal sluggish grating depressing unbearable mindless gloomy
            incompetent generic soggy ludicrous threadbare witless bloated hackneyed overlong excruciating
            charmless senseless stilted ghastly obnoxious nonsensical drab banal cringeworthy joyless
            laboured nauseating murky insufferable wretched ponderous cynical unwatchable dated cumbersome
            rancid toothless stodgy limp garbled
        """),
        "noun": _words("""
            mess waste disaster failure joke bore disappointment dud flop insult chore turkey
            embarrassment travesty stinker catastrophe letdown snooze fiasco nightmare shambles eyesore
            misfire muddle wreck blunder nuisance calamity snoozefest clunker ordeal debacle
        """),
        "like": _DISLIKE,
        "liked": _past(_DISLIKE),
        "please": _BORE,
        "pleased": _past(_BORE),
        "adverb": _words("""
            painfully hopelessly terribly awfully horribly unbearably tediously embarrassingly
            ridiculously dreadfully miserably drearily shamelessly woefully pathetically insultingly
            annoyingly depressingly clumsily grotesquely
        """),
        "crowd": _words("yawning groaning snoring leaving cringing sighing booing fidgeting"),
    }
)

_FIRST = _words("""
    Ada Bruno Clara Dario Edda Felix Greta Hugo Ines Jonas Kira Lasse Mira Nils Olga Piet Rhea Sven Tilda
    Ugo Vera Wim Xenia Yann Zita Anouk Boris Carla Dunja Emil
""")
_SURNAME = product(
    _words("Bel Cor Dra Fen Gar Hal Jor Kes Lor Mon Nor Pel Quin Ros Sel Tor Ver Wen Yor Zel"),
    _words("bano dane fell gard holt ick lund mara nock quist rand sova tero ven wick"),
)

#: Words that say nothing about a film's worth, by the place that they take in a sentence.
NEUTRAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "first": _FIRST,
        "name": tuple("".join(halves) for halves in _SURNAME),
        "film": _words("film movie picture thing story feature remake sequel drama flick"),
        "aspect": _words("""
            acting plot script ending story dialogue music cast direction pacing camera soundtrack opening
            humour editing photography romance premise lighting score villain chemistry narration wardrobe
            finale stuntwork scenery suspense animation satire staging choreography makeup voiceover
            subplot epilogue prologue montage climax monologue
        """),
        "part": _words("""
            scene line shot moment minute idea character twist song sequence frame chapter
        """),
        "job": _words("""
            detective teacher soldier doctor widow pilot painter thief lawyer waitress farmer boxer priest
            nurse sailor spy singer baker clerk gambler butcher miner dancer janitor professor gardener
            smuggler reporter butler locksmith cellist beekeeper surveyor plumber welder tailor
        """),
        "does": _words("""
            finds steals loses hides buys inherits sells returns guards follows repairs paints chases
            discovers carries borrows studies visits watches collects
        """),
        "thing": _words("""
            letter car house map diary horse photograph boat key train suitcase violin clock dog farm
            hotel ring book bridge lighthouse piano painting telescope wagon parrot lantern mirror coat
            ticket orchard barn compass notebook kite bicycle caravan mill trumpet necklace chessboard
        """),
        "place": _words("""
            city village desert harbour forest steppe suburb island prison castle school hospital
            monastery valley factory circus embassy bakery library marsh canyon vineyard colony quarry
            port abbey airport lagoon borderland glacier
        """),
        "genre": _words("""
            thriller comedy western drama musical horror mystery documentary romance adventure war crime
            fantasy noir sports heist biopic vampire zombie courtroom
        """),
        "day": _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
        "company": _words("""
            brother sister wife husband mother father cousin friend neighbour son daughter uncle aunt
        """),
        "where": _words("television video DVD tape cable holiday campus"),
        "number": _words("two three four five six seven eight nine ten twelve fifteen twenty thirty"),
        "decade": _words("thirties forties fifties sixties seventies eighties nineties"),
        "critics": _words("critics reviewers friends people posters trailers colleagues neighbours"),
        "very": _words("very really truly quite rather so simply just utterly completely"),
        "be": ("is", "was"),
    }
)
