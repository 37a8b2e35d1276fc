"""The nouns and adjectives of the offline phrases, with their Spanish and English forms.

Kinds tell what goes with what: p for persons, a for animals, t for things, f for food, d for drinks.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """A noun: singular and plural, which are the same where it has no plural, and its gender, m or f."""

    kind: str
    spanish: tuple[str, str]
    gender: str
    english: tuple[str, str]

    @property
    def counts(self) -> bool:
        """Whether there can be two of them."""
        return self.spanish[0] != self.spanish[1]


@dataclass(frozen=True)
class Adjective:
    """An adjective: forms by gender and number, the English one, the verb that it goes with, and kinds.

    Examples
    --------
    >>> next(one for one in ADJECTIVES if one.english == "red").forms
    {'m': ('rojo', 'rojos'), 'f': ('roja', 'rojas')}
    """

    forms: dict[str, tuple[str, str]]
    english: str
    verb: str
    kinds: str


def _nouns(kind: str, text: str) -> tuple[Noun, ...]:
    rows = [line.split() for line in text.strip().splitlines()]
    return tuple(Noun(kind, (row[0], row[1]), row[2], (row[3], row[4])) for row in rows)


def _adjectives(verb: str, text: str) -> tuple[Adjective, ...]:
    rows = [line.split() for line in text.strip().splitlines()]
    return tuple(Adjective(_agreeing(row[0]), row[1], verb, row[2]) for row in rows)


def _agreeing(word: str) -> dict[str, tuple[str, str]]:
    """The four forms; a plural that no rule gives stands behind a slash."""
    if word.endswith("o"):
        return {gender: (word[:-1] + end, word[:-1] + end + "s") for gender, end in (("m", "o"), ("f", "a"))}
    one, _, many = word.partition("/")
    many = many or (one + "s" if one[-1] == "e" else one[:-1] + "ces" if one[-1] == "z" else one + "es")
    return {"m": (one, many), "f": (one, many)}


NOUNS = (
    *_nouns("p", """
        niño niños m boy boys
        niña niñas f girl girls
        hombre hombres m man men
        mujer mujeres f woman women
        amigo amigos m friend friends
        amiga amigas f friend friends
        tío tíos m uncle uncles
        tía tías f aunt aunts
        hijo hijos m son sons
        rey reyes m king kings
        reina reinas f queen queens
        bebé bebés m baby babies
        primo primos m cousin cousins
        prima primas f cousin cousins
        doctor doctores m doctor doctors
        ladrón ladrones m thief thieves
        actor actores m actor actors
        monja monjas f nun nuns
    """),
    *_nouns("a", """
        gato gatos m cat cats
        perro perros m dog dogs
        pato patos m duck ducks
        vaca vacas f cow cows
        oso osos m bear bears
        lobo lobos m wolf wolves
        rata ratas f rat rats
        león leones m lion lions
        pez peces m fish fish
        pájaro pájaros m bird birds
        cerdo cerdos m pig pigs
        rana ranas f frog frogs
        oveja ovejas f sheep sheep
        ratón ratones m mouse mice
        zorro zorros m fox foxes
        abeja abejas f bee bees
        gallina gallinas f hen hens
        búho búhos m owl owls
    """),
    *_nouns("t", """
        casa casas f house houses
        libro libros m book books
        mesa mesas f table tables
        silla sillas f chair chairs
        coche coches m car cars
        tren trenes m train trains
        barco barcos m ship ships
        llave llaves f key keys
        puerta puertas f door doors
        bolsa bolsas f bag bags
        caja cajas f box boxes
        taza tazas f cup cups
        carta cartas f letter letters
        mapa mapas m map maps
        reloj relojes m clock clocks
        cama camas f bed beds
        lápiz lápices m pencil pencils
        gorra gorras f cap caps
        falda faldas f skirt skirts
        zapato zapatos m shoe shoes
        flor flores f flower flowers
        árbol árboles m tree trees
        piano pianos m piano pianos
        foto fotos f photo photos
        avión aviones m plane planes
        anillo anillos m ring rings
        pelota pelotas f ball balls
        plato platos m plate plates
    """),
    *_nouns("f", """
        manzana manzanas f apple apples
        huevo huevos m egg eggs
        pera peras f pear pears
        uva uvas f grape grapes
        limón limones m lemon lemons
        patata patatas f potato potatoes
        pastel pasteles m cake cakes
        cebolla cebollas f onion onions
        pan pan m bread bread
        arroz arroz m rice rice
        queso queso m cheese cheese
        carne carne f meat meat
        miel miel f honey honey
    """),
    *_nouns("d", """
        leche leche f milk milk
        sopa sopa f soup soup
        vino vino m wine wine
        té té m tea tea
        café café m coffee coffee
        zumo zumo m juice juice
        cerveza cerveza f beer beer
    """),
)  # fmt: skip

#: With "ser" what something is like for good, with "estar" the state that it is in.
ADJECTIVES = (
    *_adjectives("ser", """
        rojo red tf
        negro black atd
        blanco white atd
        amarillo yellow tf
        verde green tf
        azul blue t
        gris grey at
        nuevo new t
        viejo old pat
        joven/jóvenes young pa
        pequeño small patf
        grande big patf
        feo ugly pat
        bonito pretty at
        barato cheap tfd
        raro odd pt
        largo long t
        alto tall p
        bajo short p
        gordo fat pa
        delgado thin pa
        rápido fast pa
        lento slow pa
        fuerte strong pa
        débil weak pa
        rico rich p
        pobre poor p
        sabio wise p
        tímido shy pa
        valiente brave pa
        amable kind p
        cruel cruel p
        tonto silly p
        famoso famous p
        redondo round t
        pesado heavy t
        duro hard t
        dulce sweet fd
    """),
    *_adjectives("estar", """
        feliz happy pa
        triste sad pa
        cansado tired pa
        enfermo sick pa
        ciego blind pa
        borracho drunk p
        enojado angry p
        perdido lost pat
        limpio clean pat
        sucio dirty pat
        mojado wet pat
        roto broken t
        vacío empty t
        frío cold fd
        caliente hot fd
        fresco fresh fd
        podrido rotten f
        crudo raw f
    """),
)  # fmt: skip
