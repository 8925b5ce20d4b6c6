"""What the people of the demo data like: kinds of film, and a few people set by hand."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

__all__ = ["EXAMPLES", "TASTES", "Example", "Taste", "matches"]


@dataclass(frozen=True)
class Taste:
    """A kind of film that some people watch more than any other.

    Attributes
    ----------
    share : float
        How many people have it, relative to the other tastes.
    films : tuple of str
        Alternatives. Each is a list of tokens that a film must have, or with ``-`` lack.
    """

    share: float
    films: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A person whose taste is set by hand, to have something to show.

    Attributes
    ----------
    taste, second : str
        Keys of :data:`TASTES`.
    favourites : tuple of str
        Titles; the films most like these appeal most.
    ratings : int
        How many films the person rates, roughly.
    """

    taste: str
    second: str
    favourites: tuple[str, ...]
    ratings: int


def matches(tokens: Container[str], films: tuple[str, ...]) -> float:
    """Tell whether a film is of a kind.

    Parameters
    ----------
    tokens : container of str
        The film's tokens.
    films : tuple of str
        As in :class:`Taste`; tokens in an alternative are separated by ``+``.

    Returns
    -------
    float
        1.0 if one of the alternatives holds, else 0.0.
    """
    return float(
        any(
            all(
                token.removeprefix("-") not in tokens if token[0] == "-" else token in tokens
                for token in alternative.split("+")
            )
            for alternative in films
        )
    )


TASTES: Mapping[str, Taste] = {
    "slashers": Taste(
        8, ("slasher", "final girl+-space", "serial killer+Horror+-Alfred Hitchcock")
    ),
    "ghosts and monsters": Taste(
        7, ("Horror+-Comedy+-slasher+-Alfred Hitchcock", "zombies", "vampires")
    ),
    "alien terror": Taste(5, ("Sci-Fi+Horror+-Comedy", "alien+Thriller+-Children")),
    "science fiction": Taste(
        10, ("Sci-Fi+-superhero+-Comedy+-Animation+-Children", "space", "cyberpunk")
    ),
    "nineties comedy": Taste(
        9,
        (
            "Comedy+1990s+-Romance+-Animation+-Children+USA",
            "Comedy+1980s+-Romance+-Horror+USA",
            "gross-out",
            "slackers",
            "parody+-Animation+-Horror",
        ),
    ),
    "romantic comedy": Taste(
        9,
        (
            "romcom",
            "Comedy+Romance+1980s+-Animation",
            "Comedy+Romance+1990s+-Musical+-Animation+-War",
        ),
    ),
    "period romance": Taste(
        5, ("costume drama+-martial arts+-War", "doomed love+Romance+-Horror", "jane austen")
    ),
    "world cinema": Taste(
        9,
        (
            "Drama+-USA+-UK+-Animation+-Horror+-bollywood+-Adventure+-martial arts+-War+-Western",
            "new wave",
            "slow cinema",
            "neorealism",
        ),
    ),
    "early cinema": Taste(3, ("silent film", "expressionism", "1920s", "1930s+-Animation")),
    "classic Hollywood": Taste(
        8,
        tuple(
            f"{decade}+USA+-Animation+-Horror+-Western+-Sci-Fi+-Musical"
            for decade in ("1930s", "1940s", "1950s")
        ),
    ),
    "suspense": Taste(
        8,
        (
            "Alfred Hitchcock",
            "suspense",
            "wrong man+-prison",
            "Thriller+1950s",
            "Thriller+1960s+-secret agent",
        ),
    ),
    "musicals": Taste(7, ("Musical+-Animation+-bollywood+-Documentary",)),
    "Indian cinema": Taste(3, ("India",)),
    "westerns": Taste(7, ("Western+-Comedy+-Sci-Fi+-silent film",)),
    "family": Taste(9, ("disney", "pixar", "Children+Animation", "Children+Comedy")),
    "anime": Taste(7, ("anime",)),
    "film noir": Taste(5, ("Film-Noir", "noir", "neo-noir")),
    "gangsters": Taste(11, ("gangster+-Comedy", "mafia", "hitman+Crime", "heist+Crime+-Comedy")),
    "the mob": Taste(5, ("mafia", "rise and fall+Crime+-Comedy")),
    "superheroes": Taste(8, ("superhero", "marvel")),
    "action": Taste(
        7,
        (
            "secret agent+Action",
            "one-man army",
            "explosions+Action",
            "stunts+Action+-silent film",
            "car chase+Action",
        ),
    ),
    "adventure": Taste(
        9, ("wizard", "archaeologist", "pirates+Action", "Fantasy+Adventure+-anime+-pixar+-Comedy")
    ),
    "war": Taste(6, ("War+-Comedy+-Musical+-Romance+-silent film", "soldiers+Drama", "nazis+War")),
    "martial arts": Taste(5, ("samurai", "martial arts")),
    "independent": Taste(
        7,
        (
            "quirky+-Animation",
            "deadpan",
            "Comedy+Drama+2000s",
            "Comedy+Drama+2010s",
            "walking and talking",
            "mind-bending+Drama+-Sci-Fi",
        ),
    ),
    "music films": Taste(2, ("Documentary", "rock music", "concert", "jazz")),
}

EXAMPLES: Mapping[int, Example] = {
    1: Example(
        "classic Hollywood",
        "film noir",
        ("Double Indemnity", "Casablanca", "The Maltese Falcon", "Sunset Boulevard"),
        45,
    ),
    12: Example(
        "science fiction",
        "alien terror",
        ("Alien", "Blade Runner", "The Thing", "Arrival"),
        48,
    ),
}
"""By user id."""
