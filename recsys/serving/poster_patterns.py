"""Motifs of the drawn posters that show a thing or a pattern."""

import math

from recsys.serving.poster_colors import mix
from recsys.serving.poster_shapes import (
    Scene,
    circle,
    dots,
    num,
    path,
    polygon,
    rays,
    rect,
    ring,
    star,
    stroke,
)


def action(s: Scene) -> str:
    """Draw a lightning bolt on an explosion."""
    p = s.palette
    x, y, side = s.between(95, 205), s.base * s.between(0.42, 0.55), s.sign()
    art = path(rays(x, y, 14, s.between(0, 6), 0.5), p.accent, ' opacity=".45"')
    art += path(star(x, y, 118, 66, 9, s.between(0, 1)), p.accent)
    art += path(star(x, y, 84, 46, 9, s.between(0, 1)), p.sky)
    bolt = [(34, -150), (-46, 14), (-4, 14), (-40, 150), (52, -28), (8, -28), (58, -150)]
    return art + path(polygon((x + side * dx, y + dy) for dx, dy in bolt), p.main)


def animation(s: Scene) -> str:
    """Draw blobs that look about."""
    p = s.palette
    art = ""
    looks = ((p.accent, 78, 0.30), (p.main, 66, 0.58), (mix(p.glow, "#ffffff", 0.45), 52, 0.84))
    side = s.sign()
    for i, (color, size, height) in enumerate(looks):
        x = 150 + side * (-1) ** i * s.between(34, 74)
        y = s.base * height
        rim = [size * s.between(0.8, 1.12) for _ in range(7)]
        spots = [(x + r * math.sin(2 * math.pi * k / 7), y - r * math.cos(2 * math.pi * k / 7))
                 for k, r in enumerate(rim)]  # fmt: skip
        middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
                   for a, b in zip(spots, spots[1:] + spots[:1], strict=True)]  # fmt: skip
        curve = "".join(f"Q{num(*a, *m)}" for a, m in zip(spots, middles, strict=True))
        art += path(f"M{num(*middles[-1])}{curve}z", color)
        look = s.between(-4, 4)
        for eye in (x - size * 0.24, x + size * 0.24):
            art += circle(eye, y - 6, size * 0.17, "#fff")
            art += circle(eye + look, y - 4, size * 0.085, p.ink)
    return art


def comedy(s: Scene) -> str:
    """Draw tiles of quarter circles."""
    p = s.palette
    colors = (p.main, p.accent, p.text, mix(p.sky, "#ffffff", 0.65))
    size = 100
    quarters = ("M0 0h100a100 100 0 0 1-100 100z", "M100 0v100a100 100 0 0 1-100-100z",
                "M100 100h-100a100 100 0 0 1 100-100z", "M0 100v-100a100 100 0 0 1 100 100z",
                "M0 0h100a50 50 0 0 1-100 0z", "M0 100h100a50 50 0 0 0-100 0z")  # fmt: skip
    art = ""
    last = -1
    for i in range(9):
        color = int(s.between(0, 4)) % 4
        last = color = (color + 1) % 4 if color == last else color
        shape = path(quarters[int(s.between(0, 6)) % 6], colors[color])
        if s.rng.random() < 0.45:
            shape += circle(50, 50, 16, colors[(color + 2) % 4])
        art += f'<g transform="translate({i % 3 * size} {i // 3 * size})">{shape}</g>'
    drop = s.base - 3 * size
    return f'<g transform="translate(0 {num(min(drop, 0))})">{art}</g>' if drop < 0 else art


def crime(s: Scene) -> str:
    """Draw a fingerprint."""
    p = s.palette
    x, y, turn = s.between(130, 170), s.base * 0.5, s.between(-22, 22)
    art = ""
    for i in range(9):
        r = 12 + 12.5 * i
        dash = f"{num(s.between(1.2, 3) * r)} {num(s.between(5, 12))}"
        color = p.accent if i == 3 else p.main
        art += f'<ellipse rx="{num(r * 0.78)}" ry="{num(r)}" stroke="{color}" '
        art += f'stroke-dasharray="{dash}" stroke-dashoffset="{num(s.between(0, 90))}"/>'
    group = 'fill="none" stroke-width="5.5" stroke-linecap="round"'
    return f'<g transform="translate({num(x, y)})rotate({num(turn)})" {group}>{art}</g>'


def documentary(s: Scene) -> str:
    """Draw the blades of a lens's aperture."""
    p = s.palette
    x, y, turn = 150 + s.between(-14, 14), s.base * 0.5, s.between(0, 1)
    blades, outer, inner = 7, 108, s.between(30, 46)
    art = circle(x, y, outer + 8, p.main)
    for i in range(blades):
        a, b = (2 * math.pi * (i + k) / blades + turn for k in (0, 1))
        near = (x + inner * math.cos(a), y + inner * math.sin(a))
        rim = [(x + outer * math.cos(c), y + outer * math.sin(c)) for c in (a + 0.62, b + 0.62)]
        hub = (x + inner * math.cos(b), y + inner * math.sin(b))
        color = p.accent if i == 2 else mix(p.main, p.glow, 0.12 + 0.1 * (i % 4))
        art += path(polygon([near, rim[0], rim[1], hub]), color)
    lens = star(x, y, inner, inner * math.cos(math.pi / blades), blades, math.pi / 2 + turn)
    return art + path(lens, p.glow) + circle(x, y, inner * 0.28, p.accent)


def musical(s: Scene) -> str:
    """Draw a record and waves."""
    p = s.palette
    x, y = s.between(100, 200), s.base * 0.36
    art = circle(x, y, 84, p.accent) + circle(x, y, 60, p.sky) + circle(x, y, 26, p.accent)
    colors = (p.main, mix(p.main, p.glow, 0.45), p.accent, p.text)
    for i in range(6):
        height, swing = s.base * (0.5 + 0.09 * i), s.between(26, 58)
        wave = f"M-20 {num(height)}q{num(50, -swing, 90, 0)}t90 0t90 0t90 0"
        shift = f' transform="translate({num(s.between(-18, 0))})" stroke-linecap="round"'
        art += stroke(wave, colors[(i + 1) % 4], s.between(5, 17), shift)
    return art


def romance(s: Scene) -> str:
    """Draw two circles that meet."""
    p = s.palette
    y, r, gap = s.base * 0.47, s.between(78, 88), s.between(42, 52)
    tilt = s.between(-26, 26)
    left, right = (150 - gap, y + tilt), (150 + gap, y - tilt)
    art = circle(*left, r, p.main) + circle(*right, r, p.accent)
    far = math.hypot(2 * gap, 2 * tilt)
    half = math.sqrt(r * r - far * far / 4)
    ux, uy = 2 * tilt / far * half, 2 * gap / far * half
    lens = f"M{num(150 - ux, y - uy)}A{num(r, r)} 0 0 1 {num(150 + ux, y + uy)}"
    art += path(f"{lens}A{num(r, r)} 0 0 1 {num(150 - ux, y - uy)}z", mix(p.main, p.text, 0.62))
    for i in (1, 2, 3):
        art += stroke(ring(*left, r + 11 * i) + ring(*right, r + 11 * i), p.main, 1,
                      f' opacity="{0.5 - 0.13 * i:.2f}"')  # fmt: skip
    return art


def sci_fi(s: Scene) -> str:
    """Draw a planet and its orbits."""
    p = s.palette
    x, y, r = s.between(110, 190), s.base * s.between(0.42, 0.54), s.between(58, 76)
    turn, side = s.between(-32, 32), s.sign()
    art = dots(s, 42, s.base + 20, p.text)
    for i in (1, 2):
        art += stroke(ring(x, y, r + 42 * i), p.accent, 1, ' opacity=".35"')
        angle = s.between(0, 6.28)
        moon = (x + (r + 42 * i) * math.cos(angle), y + (r + 42 * i) * math.sin(angle))
        art += circle(*moon, 13 - 5 * i + 2, p.accent)
    art += circle(x, y, r, p.main)
    shade = f"M{num(x, y - r)}a{num(r, r)} 0 0 {int(side > 0)} 0 {num(2 * r)}"
    shade += f"a{num(r * 1.25, r * 1.25)} 0 0 {int(side < 0)} 0 {num(-2 * r)}z"
    art += path(shade, p.ink, ' opacity=".45"')
    if s.rng.random() < 0.65:
        wide = r * 1.75
        loop = f"M{num(-r * 0.94, -r * 0.16)}C{num(-wide * 1.5, r * 0.5, wide * 1.5, r * 0.5)}"
        loop += f" {num(r * 0.94, -r * 0.16)}"
        at = f' transform="translate({num(x, y)})rotate({num(turn)})" stroke-linecap="round"'
        art += stroke(loop, p.accent, 7, at)
    return art


def thriller(s: Scene) -> str:
    """Draw slashes, and somebody who runs."""
    p = s.palette
    side, pick = s.sign(), int(s.between(2, 5))
    art = ""
    for i in range(7):
        left, wide = -50 + 56 * i + s.between(-8, 8), s.between(16, 34)
        top, foot = s.between(-20, s.base * 0.32), s.base * s.between(0.7, 1.05)
        if i == pick:
            wide, top, foot = 42, -20, s.base + 90
        lean = side * 0.34
        xs = [150 + (left - 118) + lean * (s.base * 0.5 - v) for v in (top, foot)]
        bar = polygon([(xs[0], top), (xs[0] + wide, top), (xs[1] + wide, foot), (xs[1], foot)])
        color = p.main if i == pick else p.accent
        art += path(bar, color, "" if i == pick else f' opacity="{s.between(0.08, 0.3):.2f}"')
    x, y = 150 - side * s.between(40, 80), s.base - 26
    run = f"M{num(x, y - 42)}l{num(-side * 7, 24)}l{num(side * 13, 14)}l{num(-side * 3, 24)}"
    run += f"M{num(x - side * 7, y - 18)}l{num(-side * 9, 20)}l{num(-side * 16, 8)}"
    run += f"M{num(x + side * 17, y - 22)}l{num(-side * 16, -12)}l{num(-side * 17, 10)}"
    limbs = ' stroke-linecap="round" stroke-linejoin="round"'
    return art + stroke(run, p.accent, 7, limbs) + circle(x + side * 3, y - 55, 8, p.accent)


def large_format(s: Scene) -> str:
    """Draw frames within frames."""
    p = s.palette
    x, y = 150 + s.between(-20, 20), s.base * 0.48
    art = ""
    for i in range(7):
        size, share = 1 - i / 7.4, i / 6
        wide, high = 330 * size, s.base * 1.1 * size
        left, top = 150 + (x - 150) * share - wide / 2, s.base * 0.5 + (y - s.base * 0.5) * share
        color = p.accent if i == 6 else mix(p.sky, p.main, share**1.6)
        art += rect(left, top - high / 2, wide, high, color, ' rx="6"')
    return art


def unknown(s: Scene) -> str:
    """Draw a film reel."""
    p = s.palette
    x, y, r = 150 + s.between(-16, 16), s.base * 0.48, s.between(92, 104)
    turn = s.between(0, 6.28)
    art = circle(x, y, r, p.main)
    for i in range(5):
        angle = 2 * math.pi * i / 5 + turn
        hole = (x + r * 0.58 * math.cos(angle), y + r * 0.58 * math.sin(angle))
        art += circle(*hole, r * 0.25, p.accent if i == 0 else p.ink)
    art += circle(x, y, r * 0.12, p.ink)
    film = f"M{num(x, y + r)}C{num(x + 70, y + r, 200, s.base - 6, 310, s.base - 30)}"
    return art + stroke(film, p.main, 12)


def speed(s: Scene) -> str:
    """Draw streaks past a disc."""
    p = s.palette
    x, y, side = 150 + s.between(-40, 40), s.base * s.between(0.4, 0.55), s.sign()
    art = circle(x, y, s.between(66, 82), p.accent)
    for i in range(11):
        top, wide = 6 + i * s.base / 11, s.between(5, 15)
        start, reach = s.between(-60, 120), s.between(90, 230)
        color = p.main if i % 3 else p.text
        art += rect(start, top, reach, wide, color, f' rx="{num(wide / 2)}"')
    return f'<g transform="rotate({num(-side * 24, 150, y)})">{art}</g>'


def flower(s: Scene) -> str:
    """Draw petals."""
    p = s.palette
    x, y, count = 150 + s.between(-20, 20), s.base * 0.46, 6 + 2 * (s.rng.random() < 0.5)
    turn = s.between(0, 60)
    art = ""
    for i in range(2 * count):
        color = p.accent if i % 2 else p.main
        long, wide = (52, 24) if i % 2 else (58, 32)
        at = f' transform="rotate({num(180 * i / count + turn, x, y)})" opacity=".72"'
        art += f'<ellipse cx="{num(x)}" cy="{num(y - long)}" rx="{wide}" ry="{long}" '
        art += f'fill="{color}"{at}/>'
    return art + circle(x, y, 22, p.text) + circle(x, y, 9, p.accent)


def arcs(s: Scene) -> str:
    """Draw arcs and confetti."""
    p = s.palette
    art = ""
    colors = (p.main, p.accent, p.text, mix(p.sky, "#ffffff", 0.7))
    for k in range(2):
        x, y, turn = (
            150 + (2 * k - 1) * s.between(30, 64),
            s.base * (0.28 + 0.4 * k),
            s.between(0, 360),
        )
        for i in range(4):
            r = 84 - 20 * i
            half = f"M{num(-r, 0)}A{num(r, r)} 0 0 1 {num(r, 0)}"
            at = f' transform="translate({num(x, y)})rotate({num(turn)})"'
            art += stroke(half, colors[(i + k) % 4], 15, at)
    for color in colors:
        bits = ""
        for _ in range(4):
            bits += f"M{num(s.between(8, 292), s.between(8, s.base))}"
            bits += f"l{num(s.between(-9, 9), s.between(-9, 9))}"
        art += stroke(bits, color, 6, ' stroke-linecap="round"')
    return art


def spiral(s: Scene) -> str:
    """Draw rings, and somebody who falls."""
    p = s.palette
    x, y, side = 150 + s.between(-20, 20), s.base * 0.48, s.sign()
    drift = s.between(0, 6.28)
    art = ""
    for i in range(9):
        r, off = 176 - 19 * i, 3.4 * i
        color = (p.accent, p.sky)[i % 2] if i < 8 else p.main
        art += circle(x + off * math.cos(drift) * 0.9, y + off * math.sin(drift) * 0.9, r, color)
    far = (x + 24 * math.cos(drift), y + 24 * math.sin(drift))
    fall = f"m-4-16l{num(side * 9, 18)}l-9 17m9-17l12 13m-16-22l-13 6m13-6l{num(side * 17, -8)}"
    limbs = ' stroke-linecap="round" stroke-linejoin="round"'
    return (
        art
        + circle(far[0] - 6, far[1] - 26, 6, p.text)
        + stroke(f"M{num(*far)}{fall}", p.text, 5, limbs)
    )
