"""Animals of the scenes: bird, cat and dog, deer and horse, frog, in the frame of a picture."""

import numpy as np

from coursekit.data.synthetic.drawing import Array, Range
from coursekit.data.synthetic.picture import Picture


def draw_bird(picture: Picture) -> None:
    """A round body with a head, a beak and a tail: on two thin legs, or with a wing raised in flight."""
    canvas, between = picture.canvas, picture.canvas.between
    coat, flying = picture.coat(), canvas.chance(0.35)
    stout = between((2.6, 3.8))
    head = between((4.5, 6.5)), between((-6, -3))
    legs = picture.colour((0.1, 0.6), strength=0.2)
    for place in (-1.2, 0.8):
        picture.paint(picture.limb((place, 2), (place + 0.5, 9), (0.5, 0.4)), legs, 1 - flying)
        picture.paint(picture.limb((place + 0.5, 9), (place + 2.2, 9), (0.4, 0.3)), legs, 1 - flying)
    tail = between((9, 12.5)), between((0, 5))
    picture.paint(picture.limb((-3, 1), (-tail[0], tail[1]), (1.6, 1)), coat * 0.8)
    picture.paint(picture.limb((-3, 1), (3, -0.5), (stout, stout)), coat)
    picture.paint(picture.limb((3, -1), head, (stout * 0.7, 1.9)), coat)
    picture.paint(picture.ellipse(head, (2.1, 2.1)), coat * 1.05)
    x, y = head
    long = between((2, 4.5))
    picture.paint(
        picture.polygon((x + 1.5, y - 0.9), (x + 1.8 + long, y + 0.5), (x + 1.5, y + 1.0)),
        picture.colour((0.3, 0.9), strength=0.3),
    )
    picture.paint(picture.ellipse((x + 0.6, y - 0.5), (0.7, 0.7)), picture.trim())
    other = coat * between((0.5, 0.85))[:, None]
    picture.paint(picture.ellipse((-1.5, 0.6), (between((3.2, 4.6)), stout * 0.6)), other, 1 - flying)
    rise, back = between((8, 12)), between((1, 7))
    picture.paint(picture.polygon((-back, -rise), (3, -1), (-3.5, 1)), other, flying)


def draw_cat(picture: Picture) -> None:
    """A face with upright pointed ears and whiskers, over a body; a few ears are folded."""
    _pet(picture, pointed=0.93, muzzle=(1.2, 2), whiskers=0.8, tail=0.7)


def draw_dog(picture: Picture) -> None:
    """A face with hanging ears and a large muzzle, over a body; a fifth have pointed ears."""
    _pet(picture, pointed=0.2, muzzle=(2.3, 3.2), whiskers=0.02, tail=0.4)


def _pet(picture: Picture, *, pointed: float, muzzle: Range, whiskers: float, tail: float) -> None:
    """Cat or dog, from the front; but for `muzzle`, a range of sizes, the arguments are probabilities."""
    canvas, between = picture.canvas, picture.canvas.between
    coat, trim = picture.coat(), picture.trim()
    patch = coat + canvas.chance(0.4)[:, None] * (picture.coat() - coat)
    head, middle, across = between((4.6, 6.6)), between((-5.5, -2.5)), between((-2.5, 2.5))
    end = between((7, 11)), between((-2, 5))
    picture.paint(picture.limb((4, 10), end, (1.1, 0.8)), coat * 0.85, canvas.chance(tail))
    picture.paint(picture.ellipse((0, 9), (between((5, 8)), between((6, 8)))), coat * 0.9)
    picture.paint(picture.limb((across, middle), (0, 8), (head * 0.6, head * 0.7)), coat * 0.88)
    picture.paint(picture.ellipse((0, 10), (2.6, 4)), patch, 0.8)
    upright, ear = canvas.chance(pointed), between((2.6, 4.2))
    for side in (-1.0, 1.0):
        root = across + side * head * 0.55
        tip = across + side * head * 0.85
        corners = [
            (tip, middle - head * 0.75 - ear),
            (root + head * 0.4, middle - head * 0.45),
            (root - head * 0.4, middle - head * 0.45),
        ]
        picture.paint(picture.polygon(*corners), coat * 0.85, upright)
    picture.paint(picture.ellipse((across, middle), (head, head * between((0.85, 1)))), coat)
    hang = between((0.1, 0.9))
    for side in (-1.0, 1.0):
        start = across + side * head * 0.75, middle - head * 0.6
        drop = across + side * head * 1.1, middle + head * hang
        picture.paint(picture.limb(start, drop, (1.3, 1.9)), patch * 0.65, 1 - upright)
    low = middle + head * 0.42
    snout = between(muzzle)
    picture.paint(picture.ellipse((across, low), (snout * 1.15, snout)), patch * 1.15)
    dark = picture.colour((0, 0.15), strength=0.05)
    nose = 0.35 * snout + 0.3
    picture.paint(picture.ellipse((across, low - 0.4 * snout), (nose * 1.2, nose)), dark)
    for side in (-1.0, 1.0):
        eye = across + side * head * 0.42, middle - head * 0.15
        picture.paint(picture.ellipse(eye, (1.2, 1.05)), trim)
        picture.paint(picture.ellipse(eye, (0.6, 0.85)), dark)
    for side in (-1.0, 1.0):
        for rise in (-1.0, 1.0):
            far = across + side * (head + 2.5), low + rise * between((0, 2))
            picture.paint(
                picture.limb((across + side * 1.8, low), far, (0.3, 0.2)), trim, canvas.chance(whiskers) * 0.8
            )


def draw_deer(picture: Picture) -> None:
    """A slim animal on thin legs with a short tail, most with antlers, some spotted."""
    canvas, between = picture.canvas, picture.canvas.between
    coat = picture.coat()
    head = _four_legs(picture, coat, trunk=(2.7, 3.6), leg=(0.65, 0.9), neck=(1.1, 1.6), grazing=0.15)
    picture.paint(picture.limb((-7.5, -1.5), (-9.3, -1), (1, 0.7)), picture.colour((0.7, 1), strength=0.1))
    horns, tone = canvas.chance(0.75), picture.trim()
    for lean in (-2.5, 1.5):
        tip = head[0] + lean + between((-1, 1)), head[1] - between((5, 7.5))
        root = head[0] - 0.8, head[1] - 1
        picture.paint(picture.limb(root, tip, (0.55, 0.35)), tone, horns)
        half = 0.5 * (root[0] + tip[0]), 0.5 * (root[1] + tip[1])
        picture.paint(
            picture.limb(half, (half[0] + between((1.5, 3)), half[1] - 2), (0.45, 0.3)), tone, horns
        )
    spotted = canvas.chance(0.3)
    for place in ((-5, -1.5), (-2.5, -0.5), (0, -1.6), (2.5, -0.4)):
        picture.paint(picture.ellipse(place, (0.7, 0.7)), tone, spotted * 0.8)


def draw_horse(picture: Picture) -> None:
    """A strong animal with a mane and a long tail."""
    between = picture.canvas.between
    coat = picture.coat()
    hair = coat * between((0.3, 0.8))[:, None]
    hang = between((4, 9)), between((-11.5, -8.5))
    picture.paint(picture.limb((-7.5, -1.5), (hang[1], hang[0]), (1, 1.3)), hair)
    head = _four_legs(picture, coat, trunk=(3.2, 4.4), leg=(0.8, 1.25), neck=(1.5, 2.3), grazing=0.3)
    picture.paint(picture.limb((4, -3.2), (head[0] - 2, head[1] - 1), (1.0, 0.8)), hair)


def _four_legs(
    picture: Picture, coat: Array, *, trunk: Range, leg: Range, neck: Range, grazing: float
) -> tuple[Array, Array]:
    """A trunk on four legs with a neck, low with the probability `grazing`; where the head begins."""
    canvas, between = picture.canvas, picture.canvas.between
    thick, deep = between(leg), between(trunk)
    long = between((8.5, 11))
    for place, tone in ((-4.5, 0.7), (5.2, 0.7), (-6.2, 1), (3.8, 1)):
        foot = place + between((-1.8, 1.8))
        picture.paint(picture.limb((place, 1), (foot, long), (thick * 1.4, thick)), coat * tone)
    picture.paint(picture.ellipse((0, 0), (between((7.3, 8.6)), deep)), coat)
    low = canvas.chance(grazing)
    head = between((8.5, 10.5)), between((-8.5, -5.5)) * (1 - low) + low * between((4, 7))
    wide = between(neck)
    picture.paint(picture.limb((5.5, -1), head, (wide * 1.6, wide)), coat)
    picture.paint(
        picture.limb(head, (head[0] + between((2.2, 3.5)), head[1] + between((0.8, 2))), (wide, wide * 0.65)),
        coat * 1.05,
    )
    picture.paint(picture.limb(head, (head[0] - 0.6, head[1] - 2.5), (0.8, 0.4)), coat * 0.9)
    return head


def draw_frog(picture: Picture) -> None:
    """A flat, wide body with folded hind legs and two eyes that stand out on top."""
    canvas, between = picture.canvas, picture.canvas.between
    coat = picture.coat()
    wide, high = between((6.5, 9)), between((4, 5.8))
    for side in (-1.0, 1.0):
        picture.paint(
            picture.ellipse((side * (wide + 0.5), 4.5), (between((2.8, 4)), between((2.3, 3.4)))), coat * 0.75
        )
        picture.paint(picture.limb((side * wide, 7.5), (side * (wide + 3.5), 8), (0.9, 0.7)), coat * 0.8)
        picture.paint(picture.limb((side * 3.5, 4), (side * 4.5, 8.5), (1.1, 1)), coat * 0.85)
    picture.paint(picture.ellipse((0, 2.5), (wide, high)), coat)
    belly = picture.colour((0.5, 1), strength=0.2)
    picture.paint(picture.ellipse((0, 5), (wide * 0.6, high * 0.45)), belly, between((0.3, 1)))
    mouth = picture.ellipse((0, 1.2), (wide * 0.75, 2.2))
    picture.paint(np.minimum(0.45 - np.abs(mouth), picture.y - 1.2), coat * 0.35)
    apart, size = between((3, 5)), between((1.7, 2.6))
    dark = picture.colour((0, 0.15), strength=0.05)
    for side in (-1.0, 1.0):
        eye = side * apart, 2.5 - high - 0.4
        picture.paint(picture.ellipse(eye, (size, size)), coat * 0.9)
        picture.paint(picture.ellipse(eye, (size * 0.65, size * 0.65)), picture.trim())
        picture.paint(picture.ellipse(eye, (size * 0.4, size * 0.25)), dark)
    spots = canvas.chance(0.5)
    for place in ((-4, 0.5), (0.5, -0.5), (4, 1)):
        picture.paint(picture.ellipse(place, (1.1, 0.8)), coat * 0.6, spots)
