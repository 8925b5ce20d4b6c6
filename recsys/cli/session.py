"""The interactive session: what the commands do, asked for step by step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from recsys.cli.input import find_film, label, load, parse_rating
from recsys.cli.output import SIMULATED, console, history_rows, plain, print_table, rows_of
from recsys.errors import InvalidRequestError, RecsysError

if TYPE_CHECKING:
    from recsys.serving.recommender import Recommender

_MENU = """
  1  Find a film by its title
  2  A user: what they rated, and what to recommend them
  3  Films like one you name
  4  Rate films, and get recommendations
  q  Quit
"""


def run_session(artifacts: Path) -> None:
    """Talk with the person at the keyboard, or read a script from a pipe, until it ends."""
    Session(load(artifacts)).run()


class Session:
    """One conversation.

    Parameters
    ----------
    recommender : Recommender
    """

    def __init__(self, recommender: Recommender) -> None:
        self.recommender = recommender
        self.console = console()
        self.ratings: dict[int, float] = {}

    def run(self) -> None:
        """Show the menu and do what is chosen; the end of the input ends it too."""
        data = self.recommender.manifest.dataset
        self._say(f"{data.name}: {data.n_users:,} users, {data.n_items:,} movies.")
        if data.simulated:
            self._say(SIMULATED)
        actions: dict[str, Callable[[], None]] = {
            "1": self._search,
            "2": self._user,
            "3": self._similar,
            "4": self._rate,
        }
        try:
            while True:
                self.console.print(_MENU)
                choice = self._ask("Your choice").casefold()
                while choice not in actions:
                    if choice in ("q", "quit", "exit"):
                        self._say("Goodbye.")
                        return
                    choice = self._ask("Please type 1, 2, 3, 4 or q").casefold()
                actions[choice]()
        except EOFError:
            self._say("")
            self._say("Goodbye.")

    def _say(self, text: str) -> None:
        self.console.print(plain(text), soft_wrap=True)

    def _ask(self, question: str) -> str:
        answer = self.console.input(f"{question}: ", markup=False, emoji=False).strip()
        if not sys.stdin.isatty():
            self._say(answer)  # as a terminal would show what is typed
        return answer

    def _repeat(self, question: str, answer: Callable[[str], None]) -> None:
        """Ask until an answer is understood, or is empty, which leads back to the menu."""
        while text := self._ask(f"{question} (empty to go back)"):
            try:
                answer(text)
            except RecsysError as error:
                self._say(str(error))
            else:
                return

    def _search(self) -> None:
        def answer(text: str) -> None:
            found = self.recommender.search(text, 10)
            if not len(found):
                self.recommender.find_title(text)  # says so
            print_table(self.console, rows_of(self.recommender, found), f"Titles like '{text}'")

        self._repeat("Title", answer)

    def _user(self) -> None:
        recommender = self.recommender

        def answer(text: str) -> None:
            if not (text.isascii() and text.isdecimal() and len(text) < 19):
                raise InvalidRequestError(f"A user id is a whole number, not '{text}'.")
            user = int(text)
            profile = recommender.user_profile(user)
            heading = f"Rated by user {user}: the latest of {len(profile)}"
            print_table(self.console, history_rows(recommender, user, 10), heading)
            self._recommend(user)

        ids = recommender.users.ids
        self._repeat(f"User id, {ids[0]} to {ids[-1]}", answer)

    def _similar(self) -> None:
        recommender = self.recommender

        def answer(text: str) -> None:
            item_id = find_film(recommender, text)
            listed = recommender.similar(item_id, by=self._by(), explain=True)
            heading = f"Like {label(recommender, item_id)}"
            print_table(self.console, rows_of(recommender, listed), heading)

        self._repeat("Title", answer)

    def _by(self) -> Literal["both", "content"]:
        return "both" if "hybrid" in self.recommender.models else "content"

    def _rate(self) -> None:
        recommender = self.recommender
        low, high = recommender.manifest.dataset.scale
        self._say(f"Type TITLE=RATING, from {low:g} to {high:g}, such as Alien={high:g}.")
        while text := self._ask("Rating (empty when done)"):
            try:
                item_id, stars = parse_rating(recommender, text)
            except RecsysError as error:
                self._say(str(error))
                continue
            self.ratings[item_id] = stars
            self._say(f"Rated {label(recommender, item_id)} {stars:g}; {len(self.ratings)} so far.")
        if self.ratings:
            self._recommend(None)

    def _recommend(self, user: int | None) -> None:
        recommender = self.recommender
        if user is None:
            profile, whom = recommender.profile(self.ratings), "you"
        else:
            profile, whom = recommender.user_profile(user), f"user {user}"
        listed = recommender.for_profile(profile, explain=True)
        rows = rows_of(recommender, listed, profile=profile)
        print_table(self.console, rows, f"Recommended for {whom}, by {listed.model}")
