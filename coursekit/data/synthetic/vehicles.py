"""Vehicles of the scenes, from the side, in the frame of a picture: airplane, automobile, ship, truck."""

import numpy as np

from coursekit.data.synthetic.drawing import Array, wave
from coursekit.data.synthetic.picture import Number, Picture


def draw_airplane(picture: Picture) -> None:
    """A fuselage with a tail fin, a wing towards us, one behind, and a row of windows."""
    between = picture.canvas.between
    skin, nose, tail = picture.coat(), between((9, 12.5)), between((9, 12))
    thick, sweep, span = between((1.3, 2.3)), between((3, 8)), between((6, 10))
    far = (-sweep * 0.6, -span * 0.6)
    picture.paint(picture.polygon((-1.5, 0), far, (far[0] + 2, far[1]), (3, 0)), skin * 0.8)
    picture.paint(picture.limb((-tail, -0.5), (nose, 0), (thick * 0.6, thick)), skin)
    fin = between((4.5, 7.5))
    picture.paint(
        picture.polygon((-tail - 1.5, -fin), (-tail + 1, -fin), (-tail + 4.5, 0), (-tail, 0)), skin * 0.9
    )
    picture.paint(
        picture.polygon((3.5, 0.6), (-sweep + 1.8, span), (-sweep - 1.2, span), (-2, 0.6)), skin * 1.1
    )
    dots = wave(picture.x / 2.2) - 0.1
    row = np.minimum(picture.box((0, -0.4), (nose - 4, 0.5)), dots)
    picture.paint(row, picture.trim(), between((0.2, 0.9)))


def draw_automobile(picture: Picture) -> None:
    """A low body, a cabin with windows, two wheels; a quarter are tall vans."""
    canvas, between = picture.canvas, picture.canvas.between
    paint, glass = picture.coat(), picture.trim()
    tall = canvas.chance(0.25)
    half, sill = between((9.5, 12)), between((-0.5, 1))
    roof = between((-5.5, -3.5)) - 2 * tall
    rear, front = between((-7.5, -3)) - 2 * tall, between((2, 4.5))
    _shadow(picture, half)
    cabin = picture.polygon((rear, roof), (front, roof), (front + 4, sill), (rear - 2.5, sill))
    picture.paint(cabin, paint * 0.92)
    pane = np.minimum(cabin - 0.9, np.abs(picture.x - 0.5 * (rear + front) - 0.5) - 0.5)
    picture.paint(pane, glass, between((0.6, 1)))
    body = np.minimum(
        picture.box((0, 0.5 * (sill + 6.5)), (half, 0.5 * (6.5 - sill))),
        picture.ellipse((0, 4), (half + 2, 7)),
    )
    picture.paint(body, paint)
    picture.paint(picture.ellipse((half - 0.8, sill + 2), (0.9, 0.8)), picture.colour((0.8, 1), strength=0.2))
    for place in (-0.58, 0.58):
        _wheel(picture, place * half, between((2.1, 2.9)))


def draw_truck(picture: Picture) -> None:
    """A cab in front of a high load, three wheels; a quarter are pick-ups with an open bed."""
    canvas, between = picture.canvas, picture.canvas.between
    paint, glass = picture.coat(), picture.trim()
    other = picture.coat()
    same = canvas.chance(0.5)[:, None]
    load = other + same * (paint - other)
    open_bed = canvas.chance(0.25)
    half, gap = between((10, 12)), between((0.2, 1.2))
    top = between((-9, -6.5)) + open_bed * 8.5
    cab = between((5.5, 7.5))
    roof = between((-5.5, -3))
    wall = half - cab - gap
    _shadow(picture, half)
    picture.paint(picture.box((0, 5.3), (half - 0.5, 1)), picture.colour((0, 0.25), strength=0.05))
    picture.paint(
        picture.box((0.5 * (wall - half), 0.5 * (top + 5)), (0.5 * (wall + half), 0.5 * (5 - top))), load
    )
    bars = np.minimum(
        picture.box((0.5 * (wall - half), 0.5 * (top + 5)), (0.5 * (wall + half) - 1, 0.5 * (5 - top) - 1)),
        wave(picture.x / 3.4) - 0.55,
    )
    picture.paint(bars, load * 0.75, canvas.chance(0.5))
    hood = canvas.chance(0.5) * 2.4
    body = picture.box((half - 0.5 * cab, 0.5 * (roof + 5.5)), (0.5 * cab, 0.5 * (5.5 - roof)))
    bonnet = np.maximum(half - hood - picture.x, picture.y - 1.0)
    picture.paint(np.minimum(body, bonnet), paint)
    pane = picture.box((half - 0.5 * cab - 0.5 * hood + 0.3, roof + 2.2), (0.5 * cab - 0.5 * hood - 0.6, 1.4))
    picture.paint(pane, glass, between((0.6, 1)))
    radius = between((2, 2.7))
    for place in (half - 3.2, -half + 2.8, -half + 7.4 + 2 * canvas.chance(0.3)):
        _wheel(picture, place, radius)


def draw_ship(picture: Picture) -> None:
    """A hull in the water, with a bridge and a funnel, or with sails."""
    canvas, between = picture.canvas, picture.canvas.between
    paint, deck = picture.coat(), picture.colour((0.6, 1), strength=0.15)
    half, board, keel = between((9.5, 12.5)), between((1.5, 3)), between((5.5, 7.5))
    sails = canvas.chance(0.35)
    mast = between((-3, 3))
    height = between((-12, -8))
    picture.paint(picture.limb((mast, board), (mast, height), (0.45, 0.3)), picture.trim())
    cloth = picture.colour((0.7, 1), strength=0.15)
    for side in (-1.0, 1.0):
        reach = mast + side * between((4, 8))
        corners = [(mast + side * 0.7, height + 0.5), (reach, board - 1), (mast + side * 0.7, board - 1)]
        if side < 0:
            corners.reverse()
        picture.paint(picture.polygon(*corners), cloth, sails)
    bridge, house = between((-5, 2)), 1 - sails
    picture.paint(
        picture.box((bridge + between((-1.5, 1.5)), board - 5.5), (between((0.8, 1.4)), 2.2)), paint, house
    )
    width = between((3.5, 6))
    picture.paint(picture.box((bridge, board - 2), (width, between((1.8, 2.8)))), deck, house)
    row = np.minimum(picture.box((bridge, board - 2.2), (width - 0.7, 0.6)), wave(picture.x / 2.1) - 0.1)
    picture.paint(row, picture.colour((0, 0.3), strength=0.1), house)
    bow = between((1.5, 3.5))
    hull = picture.polygon((-half, board), (half + bow * 0.4, board), (half - bow, keel), (-half + 1.5, keel))
    picture.paint(hull, paint)
    picture.paint(np.minimum(hull, picture.y - keel + 1.4), picture.coat() * 0.7, canvas.chance(0.6))
    picture.paint(
        picture.limb((-half - 1, keel + 0.3), (half + 1, keel + 0.3), (0.5, 0.3)),
        picture.colour((0.7, 1), strength=0.1),
        between((0.2, 0.8)),
    )


def _wheel(picture: Picture, place: Number, radius: Array) -> None:
    picture.paint(picture.ellipse((place, 6.3), (radius, radius)), picture.colour((0, 0.15), strength=0.04))
    picture.paint(
        picture.ellipse((place, 6.3), (0.42 * radius, 0.42 * radius)),
        picture.colour((0.5, 0.9), strength=0.05),
    )


def _shadow(picture: Picture, half: Array) -> None:
    picture.paint(picture.ellipse((0, 8.6), (half, 1)), picture.colour((0, 0.2), strength=0.04), 0.6)
