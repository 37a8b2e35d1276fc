"""Outlines of garments, one function per family: clothes with shoulders, trousers, shoes, bags.

Each returns light between 0 and about 1.5, ``(n, 28, 28)``, drawn on the canvas that it is given. Lengths
are pixels; a range is drawn from uniformly, once per image.
"""

from dataclasses import dataclass

import numpy as np

from coursekit.data.synthetic.drawing import Array, Canvas, Range, cloth, inside, mix, ramp, ring, strip, wave


@dataclass(frozen=True)
class Top:
    """What sets a class of clothes with shoulders apart: lengths, and weights of what it may have."""

    shoulder: Range = (6.5, 9.5)
    waist: Range = (5.6, 8.2)
    hem: Range = (5.8, 8.5)
    length: Range = (22, 26)
    neck_depth: Range = (0.3, 4)
    sleeves: tuple[float, float, float] = (0.02, 0.04, 0.94)
    """Weights of none, short, long."""
    fastening: tuple[float, float, float, float, float] = (1, 0, 0, 0, 0)
    """Weights of none, buttons, zip, open front, seam."""
    collar: float = 0.04
    ribbing: float = 0.04
    print: float = 0.04
    """Probability of a printed patch on the chest."""
    weaves: tuple[float, float, float, float, float, float] = (5, 1, 0.5, 0.4, 0.4, 0.6)
    """Weights of the patterns in ``drawing.WEAVES``."""


def draw_top(canvas: Canvas, style: Top) -> Array:
    """T-shirt, pullover, dress, coat or shirt: a torso with sleeves, a neckline and a fastening."""
    x, y, side = canvas.x, canvas.y, np.abs(canvas.x)
    top = canvas.between((0.5, 2.5))
    bottom = top + canvas.between(style.length)
    shoulder, waist, hem = (
        canvas.between(style.shoulder),
        canvas.between(style.waist),
        canvas.between(style.hem),
    )
    half = ramp(y, (top, top + 9, top + 15, bottom), (shoulder, waist + 0.6, waist, hem))
    torso = inside(half - side) * inside(bottom - y)

    kind = canvas.choose(style.sleeves)
    lengths = [np.full_like(top, 0.5), canvas.between((4, 9)), canvas.between((18, 23))]
    length = np.choose(kind, lengths)
    angle = np.where(kind == 1, canvas.between((0.35, 0.9)), canvas.between((0.1, 0.3)))
    width = canvas.between((2, 2.8))
    sleeve, along = strip(side, y, (shoulder - 1.8, top + 2), angle, length, (width, width - 0.5))

    neck, depth = canvas.between((2.2, 3.8)), canvas.between(style.neck_depth)
    across = np.minimum(side / neck, 1)
    curve = np.where(canvas.chance(0.4) == 1, across, across * across)
    slope = canvas.between((0.25, 0.5)) * np.maximum(side - 2, 0)
    shape = np.maximum(torso, sleeve) * inside(y - top - slope)
    shape *= 1 - inside(top + depth * (1 - curve) - y) * (side < neck)

    light = cloth(canvas, style.weaves)
    seam = inside(0.4 - np.abs(half - side)) * inside(y - top - 6) * sleeve
    light *= 1 - canvas.between((0.1, 0.45)) * seam
    light *= 1 - canvas.between((0, 0.25)) * sleeve * (1 - torso)
    edges = np.maximum(inside(y - bottom + 2) * torso, inside(along - length + 2) * sleeve)
    ribs = canvas.chance(style.ribbing) * edges * (0.5 + 0.5 * wave(x / 2 + 0.2))
    light *= 1 - canvas.between((0.2, 0.5)) * ribs
    light = _fasten(canvas, light, style, top + depth, bottom)
    light = _collar(canvas, light, style, top, neck)
    patch = canvas.chance(style.print) * inside(canvas.between((1.5, 3.5)) - side)
    patch *= inside(canvas.between((1, 2.5)) - np.abs(y - top - canvas.between((7, 10))))
    return shape * mix(light, canvas.between((0, 1.3)), patch * canvas.between((0.4, 1)))


def _fasten(canvas: Canvas, light: Array, style: Top, start: Array, bottom: Array) -> Array:
    """Add buttons, a zip, an open front or a mere seam, lighter or darker than the cloth, off the middle."""
    kind = canvas.choose(style.fastening)
    across = np.abs(
        canvas.x - canvas.between((-2.5, 2.5)) * np.where(kind == 4, np.float32(2), np.float32(1))
    )
    period = np.where(kind == 1, canvas.between((3.2, 4.8)), np.float32(2))
    beat = np.clip(3 * wave(canvas.y / period + canvas.between((0, 1))), 0, 1)
    dots = inside(0.5 - across) * beat
    line = inside(np.where(kind == 4, np.float32(0.3), canvas.between((0.6, 1.2))) - across)
    mark = np.where(kind == 0, np.float32(0), np.where(kind <= 2, dots, line))
    mark *= inside(canvas.y - start) * inside(bottom - canvas.y)
    light_thread = (canvas.chance(0.5) == 1) & (kind != 3)
    tone = np.where(light_thread, canvas.between((1.3, 1.6)), canvas.between((0, 0.4)))
    return mix(light, tone, mark * canvas.between((0.7, 1)))


def _collar(canvas: Canvas, light: Array, style: Top, top: Array, neck: Array) -> Array:
    """Add the two wings of a collar: a light band on either side of the neck with a dark edge."""
    wing = np.abs(canvas.x) - neck + (canvas.y - top) * canvas.between((0.4, 0.9))
    worn = canvas.chance(style.collar) * inside(top + canvas.between((3.5, 6)) - canvas.y)
    light = mix(light, canvas.between((0.9, 1.4)), inside(1 - np.abs(wing - 1)) * worn * 0.8)
    return mix(light, canvas.between((0, 0.4)), inside(0.4 - np.abs(wing - 2)) * worn)


def draw_trousers(canvas: Canvas) -> Array:
    """Two legs under a waistband, with a crease down each."""
    y, side = canvas.y, np.abs(canvas.x)
    top, bottom, crotch = canvas.between((0.3, 1.5)), canvas.between((26, 28)), canvas.between((8, 13))
    waist, hip, hem = canvas.between((3.4, 5.5)), canvas.between((4.5, 6.8)), canvas.between((4, 7.5))
    outer = ramp(y, (top, crotch, bottom), (waist, hip, hem))
    gap = canvas.between((0, 1))
    inner = ramp(y, (crotch, crotch + 3, bottom), (-0.5, gap, hem - canvas.between((2, 4))))
    shape = inside(outer - side) * inside(side - inner) * inside(y - top) * inside(bottom - y)
    light = cloth(canvas, (6, 0.3, 1, 0.3, 0.3, 1))
    middle = 0.5 * (outer + np.maximum(inner, 0))
    light *= 1 - canvas.between((0, 0.3)) * inside(0.4 - np.abs(side - middle))
    light *= 1 - canvas.between((0, 0.5)) * inside(1 - np.abs(y - top - 1))
    return shape * light


@dataclass(frozen=True)
class Shoe:
    """What sets a class of shoes apart: heights above the ground, and probabilities of what it may have."""

    ground: Range
    """Where the ground is, from the image's upper edge."""
    toe: Range
    instep: Range
    rim: Range
    """Height of the opening's front edge."""
    back: Range
    """How much higher the rear edge is."""
    heel: Range
    straps: float
    laces: float
    zip: float


def draw_shoe(canvas: Canvas, style: Shoe) -> Array:
    """Sandal, sneaker or ankle boot, toe to the left: an upper on a sole, in straps, laced or zipped."""
    x = canvas.x
    ground, heel = canvas.between(style.ground), canvas.between(style.heel)
    lift = heel * ramp(x, (-6, 4, 8), (0, 0.6, 1))
    height = ground - lift - canvas.y
    toe, instep, rim = canvas.between(style.toe), canvas.between(style.instep), canvas.between(style.rim)
    back, opening = rim + canvas.between(style.back), canvas.between((-1, 3))
    knots = (-13.5, -11, opening - 3, opening, opening + 4, 12)
    dip = 0.5 * (rim + back) - canvas.between((0, 1.5))
    upper = ramp(x, knots, (toe * 0.5, toe, instep, rim, dip, back))
    ends = inside(x + 13) * inside(canvas.between((11.5, 13)) - x)
    shape = inside(upper - height) * inside(height) * ends

    slant = canvas.between((-1.2, 1.2))
    bands = wave((x + slant * height) / canvas.between((4, 9)) + canvas.between((0, 1)))
    bands = inside(canvas.between((0.5, 2.5)) * (bands - canvas.between((-0.3, 0.8))))
    edge = canvas.chance(0.7) * inside(canvas.between((0.4, 0.9)) - np.abs(upper - 1 - height))
    thickness = canvas.between((0.8, 2.6))
    sole = inside(thickness - height) * inside(height) * ends
    strapped = canvas.chance(style.straps)
    shape *= np.maximum(1 - strapped * (1 - np.maximum(bands, edge)), sole)

    light = mix(cloth(canvas, (6, 0.5, 0.5, 1, 0.3, 1.5)), canvas.between((0.2, 1.3)), sole)
    light *= 1 - canvas.between((0, 0.8)) * inside(0.4 - np.abs(height - thickness)) * (1 - strapped)
    laces = inside(1.8 - np.abs(x - opening + canvas.between((0, 3))))
    laces *= np.maximum(wave((height + 0.3 * slant * x) / 2), 0) * inside(height - thickness - 2)
    light *= 1 - canvas.between((0.3, 0.8)) * canvas.chance(style.laces) * laces
    zipper = inside(0.4 - np.abs(x - canvas.between((4, 9)))) * inside(height - thickness)
    light *= 1 - canvas.between((0.3, 0.8)) * canvas.chance(style.zip) * zipper
    block = inside(canvas.between((0.5, 3)) - np.abs(x - canvas.between((8.5, 10.5))))
    block *= inside(lift) * inside(-height) * inside(ground - canvas.y)
    return np.maximum(shape * light, block * canvas.between((0.4, 1)))


def draw_bag(canvas: Canvas) -> Array:
    """A box with a handle, a strap or neither, often with a flap and a clasp."""
    x, y, side = canvas.x, canvas.y, np.abs(canvas.x)
    bottom = canvas.between((23, 27.5))
    top = bottom - canvas.between((10, 21))
    lower, upper = canvas.between((8, 13)), canvas.between((7, 12.5))
    body = inside(ramp(y, (top, bottom), (upper, lower)) - side) * inside(y - top) * inside(bottom - y)
    reach = np.maximum(top - canvas.between((0.5, 2)), 2)
    handle = ring(x, y, (0, top), (canvas.between((3, 7)), reach), canvas.between((0.4, 1.1)))
    slung = np.abs(side - upper * np.clip((y - top + reach) / reach, 0, 1))
    strap = inside(canvas.between((0.3, 0.8)) - slung) * inside(y - top + reach)
    kind = canvas.choose((2, 1, 1))
    carried = np.where(kind == 0, handle, np.where(kind == 1, strap, np.float32(0))) * inside(top - y)
    light = cloth(canvas, (6, 0.7, 0.7, 0.7, 0.7, 1.2))
    fold = top + (bottom - top) * canvas.between((0.3, 0.7)) - side * canvas.between((-0.1, 0.4))
    flap = canvas.chance(0.6) * inside(fold - y)
    light = mix(light, canvas.between((0.3, 1.3)), flap * canvas.between((0, 0.7)))
    light *= 1 - canvas.between((0.1, 0.7)) * canvas.chance(0.6) * inside(0.4 - np.abs(fold - y))
    clasp = inside(canvas.between((0.6, 1.5)) - np.maximum(side, np.abs(y - fold))) * canvas.chance(0.6)
    light = mix(light, canvas.between((0, 1.4)), clasp)
    return np.maximum(body * light, carried * canvas.between((0.4, 1)))
