"""Which motifs each genre may have on its drawn posters.

Every motif fills the part of the canvas above `Scene.base`, where the title's panel starts, and
may run on below it: the panel covers what does.
"""

from collections.abc import Callable

from recsys.serving import poster_patterns as patterns
from recsys.serving import poster_scenes as scenes
from recsys.serving.poster_shapes import Scene

# Genres that decide the look of many films have two motifs, so that a shelf of them is not dull.
MOTIFS: dict[str, tuple[Callable[[Scene], str], ...]] = {
    "Action": (patterns.action, patterns.speed),
    "Adventure": (scenes.adventure, scenes.voyage),
    "Animation": (patterns.animation,),
    "Children": (scenes.children,),
    "Comedy": (patterns.comedy, patterns.arcs),
    "Crime": (patterns.crime, scenes.city),
    "Documentary": (patterns.documentary,),
    "Drama": (scenes.drama, scenes.curtain),
    "Fantasy": (scenes.fantasy,),
    "Film-Noir": (scenes.film_noir,),
    "Horror": (scenes.horror,),
    "IMAX": (patterns.large_format,),
    "Musical": (patterns.musical,),
    "Mystery": (scenes.mystery,),
    "Romance": (patterns.romance, patterns.flower),
    "Sci-Fi": (patterns.sci_fi, scenes.horizon),
    "Thriller": (patterns.thriller, patterns.spiral),
    "War": (scenes.war,),
    "Western": (scenes.western,),
    "unknown": (patterns.unknown,),
}


def motif(genre: str, scene: Scene) -> str:
    """Draw one of the genre's motifs, as an SVG fragment; the scene's film decides which."""
    choices = MOTIFS[genre]
    return choices[int(scene.between(0, len(choices)))](scene)
