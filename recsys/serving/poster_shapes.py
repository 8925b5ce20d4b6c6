"""The scene a poster's motif is drawn in, and the shapes it is drawn with, as SVG text."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

from recsys.serving.poster_colors import Palette

WIDTH, HEIGHT = 300, 450


@dataclass(frozen=True)
class Scene:
    """What a motif draws with.

    Parameters
    ----------
    palette
        The film's colours.
    base
        Height (in canvas units from the top) at which the title's panel starts.
    rng
        Seeded by the film. Only its `random()` is used, the one method whose sequence Python
        promises never to change.
    """

    palette: Palette
    base: float
    rng: random.Random

    def between(self, low: float, high: float) -> float:
        """Return a number from `low` to `high`, the next of this film's own."""
        return low + (high - low) * self.rng.random()

    def sign(self) -> int:
        """Return -1 or 1."""
        return 1 if self.rng.random() < 0.5 else -1


def num(*values: float) -> str:
    """Write numbers with spaces between, as short as a poster can bear."""
    return " ".join(f"{v:.0f}" if abs(v) >= 20 else f"{v:.1f}" for v in values)


def circle(x: float, y: float, r: float, fill: str, more: str = "") -> str:
    """Draw a filled circle; `more` is further attributes, with a space before each."""
    return f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{fill}"{more}/>'


def path(d: str, fill: str, more: str = "") -> str:
    """Draw a filled path."""
    return f'<path d="{d}" fill="{fill}"{more}/>'


def stroke(d: str, color: str, width: float, more: str = "") -> str:
    """Draw a line along a path."""
    return path(d, "none", f' stroke="{color}" stroke-width="{num(width)}"{more}')


def rect(x: float, y: float, w: float, h: float, fill: str, more: str = "") -> str:
    """Draw a filled rectangle."""
    size = f'width="{num(w)}" height="{num(h)}"'
    return f'<rect x="{num(x)}" y="{num(y)}" {size} fill="{fill}"{more}/>'


def polygon(points: Iterable[tuple[float, float]]) -> str:
    """Return the path of a closed polygon."""
    return "M" + "L".join(num(x, y) for x, y in points) + "z"


def ring(x: float, y: float, r: float) -> str:
    """Return the path of a circle."""
    return f"M{num(x - r, y)}a{num(r, r)} 0 1 0 {num(2 * r, 0)}a{num(r, r)} 0 1 0 {num(-2 * r, 0)}"


def dots(scene: Scene, count: int, bottom: float, color: str) -> str:
    """Scatter stars over the sky: zero-length strokes with round ends, the shortest to write."""
    spots = "".join(
        f"M{num(scene.between(8, 292), scene.between(8, bottom))}h0" for _ in range(count)
    )
    ends = ' stroke-linecap="round"'
    return stroke(spots, color, scene.between(1.6, 2.4), ends + ' opacity=".8"')


def hill(scene: Scene, y: float, swing: float, fill: str) -> str:
    """Draw a hill from one edge to the other, down to the foot of the canvas."""
    left, right = scene.between(-swing, swing), scene.between(-swing, swing)
    curve = f"C{num(90, y - left - swing, 200, y + right + swing, 300, y - right)}"
    return path(f"M{num(0, y + left)}{curve}V450H0z", fill)


def star(x: float, y: float, long: float, short: float, points: int, turn: float = 0) -> str:
    """Return the path of a star of `points` tips, the first turned `turn` radians from the top."""
    corners = []
    for i in range(2 * points):
        angle = math.pi * i / points + turn
        reach = short if i % 2 else long
        corners.append((x + reach * math.sin(angle), y - reach * math.cos(angle)))
    return polygon(corners)


def rays(x: float, y: float, count: int, turn: float, share: float = 0.5) -> str:
    """Return the path of `count` wedges that go out from a point and fill `share` of the round."""
    wedges = []
    for i in range(count):
        start = 2 * math.pi * i / count + turn
        ends = (start, start + 2 * math.pi / count * share)
        rim = [(x + 520 * math.cos(a), y + 520 * math.sin(a)) for a in ends]
        wedges.append(polygon([(x, y), *rim]))
    return "".join(wedges)
