"""Motifs of the drawn posters that show a place."""

import math

from recsys.serving.poster_colors import mix
from recsys.serving.poster_shapes import (
    Scene,
    circle,
    dots,
    hill,
    num,
    path,
    polygon,
    rays,
    rect,
    ring,
    star,
    stroke,
)


def adventure(s: Scene) -> str:
    """Draw mountains under a compass."""
    p = s.palette
    x, y, r = s.between(90, 210), s.base * 0.34, s.between(46, 56)
    art = circle(x, y, r + 16, p.glow) + stroke(ring(x, y, r + 24), p.glow, 2)
    art += path(star(x, y, r * 0.62, 8, 4, math.pi / 4), p.main)
    art += path(star(x, y, r, 9, 4), p.accent)
    for i, (scale, color) in enumerate(((0.62, 0.45), (0.8, 0.0))):
        top = s.base * scale + s.between(-14, 14)
        peak, fill = s.between(70, 140) + 90 * i, mix(p.main, p.glow, color)
        foot = s.base + 40
        slope = (foot - top) * 0.95
        art += path(polygon([(peak - slope, foot), (peak, top), (peak + slope, foot)]), fill)
        cap = [(peak - 26, top + 28), (peak, top), (peak + 26, top + 28), (peak + 9, top + 19),
               (peak - 3, top + 33), (peak - 13, top + 20)]  # fmt: skip
        art += path(polygon(cap), p.text)
    return art + hill(s, s.base - 12, 16, mix(p.main, p.ink, 0.6))


def voyage(s: Scene) -> str:
    """Draw a sailing ship."""
    p = s.palette
    x, y, side = s.between(90, 210), s.base * 0.4, s.sign()
    art = circle(x, y, s.between(62, 78), p.text) + stroke(ring(x, y, 92), p.text, 2)
    mast, deck = 150 - side * s.between(0, 40), s.base * 0.76
    art += hill(s, deck - 4, 8, mix(p.main, p.glow, 0.5))
    sail = f"M{num(mast, deck - 118)}q{num(side * 86, 54, side * 70, 102)}h{num(-side * 70)}z"
    jib = f"M{num(mast - side * 7, deck - 98)}q{num(-side * 46, 40, -side * 48, 82)}"
    jib += f"h{num(side * 48)}z"
    hull = f"M{num(mast - side * 66, deck - 9)}h{num(side * 148)}l{num(-side * 26, 32)}"
    hull += f"h{num(-side * 94)}z"
    art += path(sail, p.accent) + path(jib, p.accent, ' opacity=".75"') + path(hull, p.ink)
    for i in range(2):
        art += hill(s, deck + 16 + 26 * i, 14, mix(p.main, p.ink, 0.5 * i))
    return art


def city(s: Scene) -> str:
    """Draw searchlights over a skyline."""
    p = s.palette
    side, foot = s.sign(), s.base + 30
    source = 150 - side * s.between(70, 110)
    art = ""
    for i in range(2):
        far = 150 + side * (110 * i - s.between(0, 50))
        beam = [(source, foot), (far - 36, -20), (far + 36, -20)]
        art += path(polygon(beam), p.main, f' opacity="{0.28 - 0.1 * i:.2f}"')
    art += circle(150 + side * s.between(20, 60), s.base * 0.3, s.between(30, 40), p.accent)
    x, towers, lights = -6.0, "", ""
    while x < 300:
        wide, high = s.between(30, 56), s.between(60, 170)
        towers += f"M{num(x, foot)}v{num(-high)}h{num(wide)}v{num(high)}z"
        for k in range(3):
            lights += f"M{num(x + s.between(7, wide - 12), foot - high + 12 + 17 * k)}h6"
        x += wide + s.between(-4, 3)
    return art + path(towers, p.ink) + stroke(lights, p.main, 7)


def curtain(s: Scene) -> str:
    """Draw a stage curtain and a spotlight."""
    p = s.palette
    x = 150 + s.between(-34, 34)
    cone = polygon([(x - 14, -10), (x + 14, -10), (x + 96, s.base), (x - 96, s.base)])
    art = path(cone, p.accent, ' opacity=".5"')
    art += f'<ellipse cx="{num(x)}" cy="{num(s.base - 8)}" rx="96" ry="20" fill="{p.accent}"/>'
    for side in (-1, 1):
        for i in range(5):
            edge, wide = side * (46 + 28 * i + s.between(-4, 4)), 34 * side
            fold = f"M{num(x + edge * 0.72, -5)}Q{num(x + edge, s.base * 0.6, x + edge * 1.1, 460)}"
            fold += f"h{num(wide + side * 60 * (i == 4))}V-5z"
            art += path(fold, mix(p.main, p.ink, (0.1, 0.5, 0.2, 0.62, 0.3)[i]))
    return art


def drama(s: Scene) -> str:
    """Draw hills, one behind the other, and a low sun."""
    p = s.palette
    x, r = s.between(80, 220), s.between(44, 58)
    y = s.base * s.between(0.3, 0.42)
    art = circle(x, y, r + 24, p.accent, ' opacity=".3"') + circle(x, y, r, p.accent)
    layers = 5
    for i in range(layers):
        height = s.base * (0.5 + 0.13 * i)
        art += hill(s, height, 24, mix(mix(p.glow, p.main, 0.5), p.ink, (i / layers) ** 0.9))
    return art


def fantasy(s: Scene) -> str:
    """Draw a castle by night."""
    p = s.palette
    x, side, y = 150 + s.between(-22, 22), s.sign(), s.base
    art = dots(s, 34, y * 0.8, p.text)
    for i in range(4):
        r = 128 - 28 * i
        art += circle(x, y * 0.56, r, p.glow, f' opacity="{0.16 + 0.1 * i:.2f}"')
    art += circle(x + side * 20, y * 0.4, 40, p.accent)
    towers = ((0, 62, 0.5), (-44, 34, 0.64), (42, 40, 0.58), (-78, 26, 0.76), (80, 28, 0.72))
    castle = ""
    for offset, wide, top in towers:
        left, high = x + side * offset - wide / 2, y * top + s.between(-8, 8)
        roof = wide * 1.15
        castle += f"M{num(left, y + 60)}V{num(high)}h{num(-4)}l{num(wide / 2 + 4, -roof)}"
        castle += f" {num(wide / 2 + 4, roof)}h-4V{num(y + 60)}z"
    art += path(castle, p.main)
    for offset, _, top in towers[:3]:
        left, high = x + side * offset - 4, y * top + 24
        art += path(f"M{num(left, high + 16)}v-9a4 4 0 0 1 8 0v9z", p.accent)
    return (
        art + path(star(x - side * 92, y * 0.16, 14, 2.5, 4), p.accent) + hill(s, y - 6, 12, p.main)
    )


def film_noir(s: Scene) -> str:
    """Draw a man in a hat before a blind."""
    p = s.palette
    tilt, gap, side = s.between(16, 34), s.between(21, 25), s.sign()
    near, far = (64, 262) if side > 0 else (38, 236)
    slats = ""
    for i in range(int(s.base / gap) + 3):
        y = 8 + i * gap
        slats += polygon([(near, y), (far, y - side * tilt), (far, y - side * tilt + gap * 0.52),
                          (near, y + gap * 0.52)])  # fmt: skip
    x = 150 + side * s.between(10, 34)
    top = s.base - s.between(150, 168)
    head = f"M{num(x - 62, top + 42)}q62 22 124 0q-20-4-34-9l-9-38q-21-16-29-2q-10-12-27 3l-9 37"
    head += "q-10 5-26 9z"
    face = f"M{num(x - 30, top + 48)}q30 8 60 0q2 34-14 50l0 18q52 8 72 54V450H{num(x - 88)}"
    face += f"V{num(top + 170)}q16-44 70-54l0-18q-14-20-12-50z"
    hat = stroke(f"M{num(x - 38, top + 31)}q38 12 76 0", p.accent, 5)
    return path(slats, p.main, ' opacity=".92"') + path(head + face, p.ink) + hat


def horror(s: Scene) -> str:
    """Draw a moon behind bare branches, or claw marks."""
    p = s.palette
    side, x = s.sign(), 150 + s.between(-30, 30)
    if s.rng.random() < 0.4:
        art = ""
        for i in range(4):
            left = 48 + 56 * i + s.between(-6, 6)
            top, foot = s.between(10, 46), s.base - s.between(4, 60) * (1 + (i in (0, 3)))
            lean = side * s.between(26, 40)
            edge = f"M{num(left + lean, top)}Q{num(left + 26, s.base * 0.5, left - lean, foot)}"
            art += path(f"{edge}Q{num(left - 16, s.base * 0.5, left + lean, top)}z", p.accent)
        return art
    y, r = s.base * s.between(0.34, 0.44), s.between(76, 92)
    art = circle(x, y, r + 26, p.glow, ' opacity=".7"') + circle(x, y, r, p.accent)
    foot = 150 - side * 96
    trunk = (
        f"M{num(foot - 15, s.base + 40)}q{num(22, -120, side * 6, -270)}q{num(20, 120, 24, 270)}z"
    )
    art += path(trunk, p.main)
    for i in range(6):
        start, reach = s.base * (0.84 - 0.13 * i), side * s.between(70, 150) * (1 - 0.07 * i)
        if i % 3 == 2:
            reach *= -0.5
        root, lift = foot + side * 6, -s.between(34, 70)
        twigs = f"M{num(root, start)}q{num(reach * 0.5, -4, reach, lift)}"
        twigs += f"M{num(root + reach * 0.5, start + lift * 0.3)}"
        twigs += f"q{num(reach * 0.25, 2, reach * 0.4, 24)}"
        twigs += f"M{num(root + reach * 0.66, start + lift * 0.5)}q{num(reach * 0.1, -20, 0, -38)}"
        art += stroke(twigs, p.main, 5.5 - 0.6 * i, ' stroke-linecap="round"')
    return art + hill(s, s.base - 4, 10, p.main)


def mystery(s: Scene) -> str:
    """Draw a keyhole, and somebody in it."""
    p = s.palette
    x, y, r = 150 + s.between(-30, 30), s.base * 0.38, s.between(40, 48)
    art = ""
    for i in range(4):
        art += circle(x, y + 14, 178 - 32 * i, p.main, ' opacity=".26"')
    spread = r * 1.15
    hole = f"M{num(x - r * 0.5, y + r * 0.7)}L{num(x - spread, y + r * 3.1)}H{num(x + spread)}"
    art += path(ring(x, y, r) + f"{hole}L{num(x + r * 0.5, y + r * 0.7)}z", p.accent)
    foot = y + r * 3.1
    beam = polygon([(x - spread, foot), (x + spread, foot), (x + 190, 450), (x - 190, 450)])
    art += path(beam, p.accent, ' opacity=".22"')
    gaze = x + s.between(-10, 10)
    figure = f"M{num(gaze - 11, foot)}q-2-44 11-46q13 2 11 46z"
    return art + path(figure, p.main) + circle(gaze, foot - 56, 9, p.main)


def war(s: Scene) -> str:
    """Draw a red sun, parachutes and a striped horizon."""
    p = s.palette
    x, y, r = s.between(90, 210), s.base * 0.58, s.between(56, 72)
    art = path(rays(x, y, 18, s.between(0, 1), 0.42), p.glow, ' opacity=".5"')
    art += circle(x, y, r, p.accent)
    for i in range(6):
        top = y + 8 + i * (s.base - y) / 6
        art += rect(0, top, 300, 5 + 4.2 * i, mix(p.main, p.ink, i / 7))
    for i in range(3):
        far = x + (i - 1) * 62 + s.between(-14, 14)
        up, size = s.base * s.between(0.14, 0.36), s.between(17, 24)
        dome = f"M{num(far - size, up)}a{num(size, size)} 0 0 1 {num(2 * size, 0)}z"
        cords = f"M{num(far - size, up)}L{num(far, up + size * 1.6)}L{num(far + size, up)}"
        art += path(dome, p.main) + stroke(cords, p.main, 1.4)
        art += rect(far - 2.5, up + size * 1.5, 5, 11, p.main)
    return art


def western(s: Scene) -> str:
    """Draw mesas, a cactus and a striped sun."""
    p = s.palette
    x, y, r, side = s.between(100, 200), s.base * 0.46, s.between(72, 88), s.sign()
    art = circle(x, y, r, p.accent)
    for i in range(4):
        art += rect(0, y + 14 + 17 * i, 300, 3 + 2.6 * i, mix(p.sky, p.glow, 0.55))
    far = mix(p.main, p.glow, 0.42)
    for left, wide, high, color in ((s.between(-30, 40), 92, 82, far),
                                    (s.between(180, 240), 110, 112, p.main)):  # fmt: skip
        if side < 0:
            left = 300 - left - wide
        foot = s.base + 30
        steps = [(-26, 0), (-8, -high * 0.45), (0, -high * 0.5), (4, -high), (wide - 6, -high),
                 (wide, -high * 0.5), (wide + 10, -high * 0.42), (wide + 30, 0)]  # fmt: skip
        art += path(
            polygon((left + dx, foot - 30 + dy + 30 * (dy == 0)) for dx, dy in steps), color
        )
    art += hill(s, s.base - 14, 10, mix(p.main, p.ink, 0.55))
    stem = 150 - side * s.between(56, 96)
    cactus = f"M{num(stem, s.base + 20)}v-104m0 58h-16q-8 0-8-8v-22m24 40h14q8 0 8-8v-26"
    return art + stroke(cactus, p.ink, 12, ' stroke-linecap="round"')


def horizon(s: Scene) -> str:
    """Draw a sun over a grid that runs to the horizon."""
    p = s.palette
    x, y, r = 150 + s.between(-36, 36), s.base * s.between(0.56, 0.64), s.between(70, 88)
    art = dots(s, 26, y, p.text) + circle(x, y - r * 0.42, r, p.main)
    for i in range(4):
        art += rect(x - r, y - r * 0.42 + 12 + 13 * i, 2 * r, 2.5 + 2 * i, mix(p.sky, p.glow, 0.6))
    art += rect(0, y, 300, 300, p.ink)
    lines = "".join(f"M{num(x + 9 * k, y)}L{num(x + 70 * k, 450)}" for k in range(-12, 13))
    lines += "".join(f"M0 {num(y + 3.4 * k * k)}h300" for k in range(7))
    return art + stroke(lines, p.accent, 1.3, ' opacity=".65"')


def children(s: Scene) -> str:
    """Draw balloons over clouds."""
    p = s.palette
    art = ""
    for cx, cy, cr in ((40, 0.72, 30), (76, 0.66, 40), (118, 0.73, 28), (262, 0.32, 34)):
        art += circle(cx + s.between(-12, 12), s.base * cy, cr, "#fff", ' opacity=".75"')
    knot = s.between(120, 180)
    colors = (p.main, p.accent, mix(p.sky, p.text, 0.55))
    for i, color in enumerate(colors):
        x = 150 + (i - 1) * 82 + s.between(-14, 14)
        y, r = s.base * (0.36 if i != 1 else 0.24) + s.between(-12, 12), s.between(36, 44)
        string = f"M{num(x, y + r)}Q{num(x, y + 130, knot, s.base + 30)}"
        art += stroke(string, p.text, 1.5, ' opacity=".55"')
        art += f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num(r)}" ry="{num(r * 1.18)}" '
        art += f'fill="{color}"/>' + path(star(x, y + r * 1.2 + 4, 8, 5, 3), color)
        shine = f"M{num(x - r * 0.55, y - 4)}q{num(1, -r * 0.5, r * 0.45, -r * 0.65)}"
        art += stroke(shine, "#fff", 5, ' stroke-linecap="round" opacity=".7"')
    return art
