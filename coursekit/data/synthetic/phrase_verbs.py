"""The verbs of the offline phrases: Spanish forms by tense and person, and English ones.

The persons are counted: 0 is I, 1 you, 2 he or she, 3 we, 4 they.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """A verb: Spanish forms by tense and person, the three English forms, and what it takes and allows.

    Parameters
    ----------
    present
        Of I, you, he or she, we and they.
    past
        Of I, you, he or she and they: the preterite, whose first person plural often is that of the present.
    english
        Base, third person singular and past.
    takes
        The kinds of its object; none for an intransitive verb.
    """

    infinitive: str
    present: tuple[str, ...]
    past: tuple[str, ...]
    english: tuple[str, str, str]
    takes: str


def _verbs(takes: str, text: str) -> tuple[Verb, ...]:
    rows = [line.split() for line in text.strip().splitlines()]
    return tuple(
        Verb(row[0], tuple(row[1:6]), tuple(row[6:10]), (row[10], row[11], row[12]), takes) for row in rows
    )


VERBS = (
    *_verbs("", """
        cantar canto cantas canta cantamos cantan canté cantaste cantó cantaron sing sings sang
        bailar bailo bailas baila bailamos bailan bailé bailaste bailó bailaron dance dances danced
        nadar nado nadas nada nadamos nadan nadé nadaste nadó nadaron swim swims swam
        llorar lloro lloras llora lloramos lloran lloré lloraste lloró lloraron cry cries cried
        correr corro corres corre corremos corren corrí corriste corrió corrieron run runs ran
        dormir duermo duermes duerme dormimos duermen dormí dormiste durmió durmieron sleep sleeps slept
        caminar camino caminas camina caminamos caminan caminé caminaste caminó caminaron walk walks walked
        remar remo remas rema remamos reman remé remaste remó remaron row rows rowed
        gritar grito gritas grita gritamos gritan grité gritaste gritó gritaron shout shouts shouted
        esperar espero esperas espera esperamos esperan esperé esperaste esperó esperaron wait waits waited
        saltar salto saltas salta saltamos saltan salté saltaste saltó saltaron jump jumps jumped
        jugar juego juegas juega jugamos juegan jugué jugaste jugó jugaron play plays played
        rezar rezo rezas reza rezamos rezan recé rezaste rezó rezaron pray prays prayed
        viajar viajo viajas viaja viajamos viajan viajé viajaste viajó viajaron travel travels travelled
        hablar hablo hablas habla hablamos hablan hablé hablaste habló hablaron speak speaks spoke
        mentir miento mientes miente mentimos mienten mentí mentiste mintió mintieron lie lies lied
        ganar gano ganas gana ganamos ganan gané ganaste ganó ganaron win wins won
        soñar sueño sueñas sueña soñamos sueñan soñé soñaste soñó soñaron dream dreams dreamed
        fumar fumo fumas fuma fumamos fuman fumé fumaste fumó fumaron smoke smokes smoked
        votar voto votas vota votamos votan voté votaste votó votaron vote votes voted
        toser toso toses tose tosemos tosen tosí tosiste tosió tosieron cough coughs coughed
    """),
    *_verbs("f", """
        comer como comes come comemos comen comí comiste comió comieron eat eats ate
        cocinar cocino cocinas cocina cocinamos cocinan cociné cocinaste cocinó cocinaron cook cooks cooked
        cortar corto cortas corta cortamos cortan corté cortaste cortó cortaron cut cuts cut
    """),
    *_verbs("d", """
        beber bebo bebes bebe bebemos beben bebí bebiste bebió bebieron drink drinks drank
    """),
    *_verbs("tf", """
        lavar lavo lavas lava lavamos lavan lavé lavaste lavó lavaron wash washes washed
        llevar llevo llevas lleva llevamos llevan llevé llevaste llevó llevaron carry carries carried
    """),
    *_verbs("t", """
        pintar pinto pintas pinta pintamos pintan pinté pintaste pintó pintaron paint paints painted
        usar uso usas usa usamos usan usé usaste usó usaron use uses used
        romper rompo rompes rompe rompemos rompen rompí rompiste rompió rompieron break breaks broke
        mover muevo mueves mueve movemos mueven moví moviste movió movieron move moves moved
        robar robo robas roba robamos roban robé robaste robó robaron steal steals stole
    """),
    *_verbs("atfd", """
        tener tengo tienes tiene tenemos tienen tuve tuviste tuvo tuvieron have has had
        comprar compro compras compra compramos compran compré compraste compró compraron buy buys bought
        vender vendo vendes vende vendemos venden vendí vendiste vendió vendieron sell sells sold
        querer quiero quieres quiere queremos quieren quise quisiste quiso quisieron want wants wanted
        traer traigo traes trae traemos traen traje trajiste trajo trajeron bring brings brought
    """),
    *_verbs("patfd", """
        ver veo ves ve vemos ven vi viste vio vieron see sees saw
        odiar odio odias odia odiamos odian odié odiaste odió odiaron hate hates hated
        pesar peso pesas pesa pesamos pesan pesé pesaste pesó pesaron weigh weighs weighed
    """),
    *_verbs("pa", """
        amar amo amas ama amamos aman amé amaste amó amaron love loves loved
        ayudar ayudo ayudas ayuda ayudamos ayudan ayudé ayudaste ayudó ayudaron help helps helped
        llamar llamo llamas llama llamamos llaman llamé llamaste llamó llamaron call calls called
        seguir sigo sigues sigue seguimos siguen seguí seguiste siguió siguieron follow follows followed
        oír oigo oyes oye oímos oyen oí oíste oyó oyeron hear hears heard
        besar beso besas besa besamos besan besé besaste besó besaron kiss kisses kissed
    """),
)  # fmt: skip

#: What animals do as well.
OF_ANIMALS = frozenset({
    "nadar", "correr", "dormir", "caminar", "saltar", "jugar", "esperar", "comer", "beber", "ver", "oír",
    "seguir",
})  # fmt: skip

#: What nobody is told to do, or what one is told in a form that is not that of the third person.
NOT_ORDERED = frozenset({
    "tener", "ver", "querer", "oír", "odiar", "soñar", "mentir", "robar", "fumar", "ganar", "toser",
})  # fmt: skip

#: By the infinitive, and whether it was: the imperfect.
COPULAS = {
    ("ser", False): ("soy", "eres", "es", "somos", "son"),
    ("ser", True): ("era", "eras", "era", "éramos", "eran"),
    ("estar", False): ("estoy", "estás", "está", "estamos", "están"),
    ("estar", True): ("estaba", "estabas", "estaba", "estábamos", "estaban"),
}
#: By whether it was.
BE = {False: ("am", "are", "is", "are", "are"), True: ("was", "were", "was", "were", "were")}

#: Spanish forms; English ones of he or she and of the others; the negated one of the others.
MODALS = (
    (("puedo", "puedes", "puede", "podemos", "pueden"), "can", "can", "can't"),
    (("debo", "debes", "debe", "debemos", "deben"), "must", "must", "mustn't"),
    (("quiero", "quieres", "quiere", "queremos", "quieren"), "want to", "wants to", "don't want to"),
)
