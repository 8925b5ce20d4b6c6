"""Film posters from TMDB, for display only.

A page must never wait long for its pictures, so a call has a time budget: what is not there by
then keeps its drawn poster, and goes on loading into the cache for the next page view.
"""

import logging
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import requests

from recsys.serving.tmdb_session import PAUSE_SECONDS, Gate, open_session

_log = logging.getLogger(__name__)

_THREADS = 4
_POSTER_PATH = re.compile(r"/[A-Za-z0-9_-]+\.(?:jpg|png|svg|webp)")
_IMDB_ID = re.compile(r"tt[0-9]{5,12}")
_TOKEN = re.compile(r"[!-~]+")

_OK = "ok"
_REJECTED = "TMDB rejected the token"
_UNREACHABLE = "TMDB can't be reached"
_SLOW = "TMDB is slow, showing drawn posters"


@dataclass(frozen=True)
class PosterRequest:
    """A film whose poster is wanted.

    Parameters
    ----------
    item_id
        The film's id in this project.
    tmdb_id
        Its id at TMDB, 0 when unknown.
    imdb_id
        Its id at IMDb, such as `tt0114709`, empty when unknown. Used without a TMDB id only.
    """

    item_id: int
    tmdb_id: int
    imdb_id: str


def _lookup_path(request: PosterRequest) -> str | None:
    if request.tmdb_id > 0:
        return f"/movie/{request.tmdb_id}"
    if _IMDB_ID.fullmatch(request.imdb_id):
        return f"/find/{request.imdb_id}?external_source=imdb_id"
    return None


def _film(response: requests.Response) -> dict[str, Any] | None:
    """Return the film of an answer, empty if TMDB knows none, `None` for an answer not TMDB's."""
    if response.status_code == 404:
        return {}
    try:
        answer = response.json()
    except ValueError:
        return None
    if isinstance(answer, dict) and isinstance(answer.get("movie_results"), list):
        if not answer["movie_results"]:
            return {}
        answer = answer["movie_results"][0]
    return answer if isinstance(answer, dict) and "poster_path" in answer else None


class TmdbClient:
    """Looks up the addresses of film posters at TMDB.

    Parameters
    ----------
    token
        A TMDB read access token. Sent in the `Authorization` header and nowhere else.
    base_url, image_base_url
        Where TMDB answers and where its pictures are.
    cache_path
        The SQLite file that keeps TMDB's answers.
    budget_seconds
        How long one call may take at most.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://api.themoviedb.org/3",
        image_base_url: str = "https://image.tmdb.org/t/p",
        cache_path: Path,
        budget_seconds: float = 2.0,
    ) -> None:
        token = token.strip()
        self._base_url = base_url.rstrip("/")
        self._image_base_url = image_base_url.rstrip("/")
        self._budget = budget_seconds
        self._gate = Gate()
        self._session = open_session(
            cache_path,
            token,
            pace=self._gate.pace,
            makes_sense=lambda response: _film(response) is not None,
        )
        self._lock = threading.Lock()
        self._pending: dict[str, Future[str | None]] = {}
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        # A header can't hold such a token, and the error that says so would print it.
        self._usable = bool(_TOKEN.fullmatch(token))
        self._status = _OK if self._usable else _REJECTED
        # Daemon threads: a server that hangs must not keep the program from ending.
        for number in range(_THREADS):
            threading.Thread(target=self._work, name=f"tmdb-{number}", daemon=True).start()

    def __repr__(self) -> str:
        """Name the server only."""
        return f"TmdbClient(base_url={self._base_url!r})"

    @property
    def status(self) -> str:
        """How TMDB did lately, in a few words for people; "ok" when all is well."""
        return self._status

    def close(self) -> None:
        """Let the threads end once they have done what is queued. Lookups are over then."""
        self._usable = False
        for _ in range(_THREADS):
            self._queue.put(None)

    def poster_urls(self, requests: Sequence[PosterRequest]) -> dict[int, str]:
        """Look up posters, for no longer than the time budget. Never raises.

        Parameters
        ----------
        requests
            The films on the page.

        Returns
        -------
        dict
            Addresses of pictures by `item_id`. A film is missing if TMDB has no poster of it, or
            did not tell in time; ask again at the next page view.
        """
        deadline = time.monotonic() + self._budget
        paths = {r.item_id: path for r in requests if (path := _lookup_path(r)) is not None}
        urls: dict[str, str | None] = {}
        asked: dict[str, Future[str | None]] = {}
        for path in dict.fromkeys(paths.values()):
            known, url, fresh = self._from_cache(path)
            if known:
                urls[path] = url
            if not fresh and self._usable:
                future = self._ask(path)
                if not known:
                    asked[path] = future
        late = wait(asked.values(), timeout=max(0.0, deadline - time.monotonic())).not_done
        if late and self._status == _OK:
            self._status = _SLOW
        urls |= {path: future.result() for path, future in asked.items() if future.done()}
        return {item: url for item, path in paths.items() if (url := urls.get(path))}

    def _from_cache(self, path: str) -> tuple[bool, str | None, bool]:
        """Return whether an answer is cached, the poster it names, and whether it's fresh."""
        try:
            response = self._session.get(self._base_url + path, only_if_cached=True)
            film = _film(response) if response.status_code in (200, 404) else None
        except Exception as error:  # a broken cache is no reason for a broken page
            _log.debug("The poster cache failed: %s", type(error).__name__)
            return False, None, False
        if film is None:
            return False, None, False
        return True, self._poster_url(film), not getattr(response, "is_expired", False)

    def _ask(self, path: str) -> Future[str | None]:
        """Queue a lookup, unless it is queued already."""
        with self._lock:
            future = self._pending.get(path)
            if future is None:
                future = self._pending[path] = Future()
                self._queue.put(path)
            return future

    def _work(self) -> None:
        while (path := self._queue.get()) is not None:
            url = None
            try:
                url = self._fetch(path)
            except requests.Timeout:
                self._trouble(_SLOW)
            except Exception as error:  # whatever it is, this film keeps its drawn poster
                _log.debug("A poster lookup failed: %s", type(error).__name__)
                self._trouble(_UNREACHABLE)
            with self._lock:
                future = self._pending.pop(path)
            future.set_result(url)

    def _fetch(self, path: str) -> str | None:
        for _ in range(2):
            pause = self._gate.pause_left()
            if pause > self._budget:
                return None
            time.sleep(pause)
            self._gate.pace()
            # Without redirects: no other server is to see the token.
            response = self._session.get(
                self._base_url + path, timeout=self._budget, allow_redirects=False
            )
            if response.status_code != 429:
                break
            self._status = _SLOW
            wish = response.headers.get("Retry-After", "")
            self._gate.pause(min(float(wish), 3600.0) if wish.isdecimal() else 1.0)
        film = _film(response) if response.status_code in (200, 404) else None
        if response.status_code in (401, 403):
            self._status = _REJECTED
            self._gate.pause(PAUSE_SECONDS)
        elif response.status_code == 429:
            self._trouble(_SLOW)
        elif film is None or getattr(response, "is_expired", False):
            self._trouble(_UNREACHABLE)  # an expired answer is what the cache gives on failure
        else:
            self._gate.succeeded()
            self._status = _OK
        return self._poster_url(film or {})

    def _trouble(self, status: str) -> None:
        self._status = status
        self._gate.failed()

    def _poster_url(self, film: dict[str, Any]) -> str | None:
        path = film.get("poster_path")
        # The address ends up in a page, so nothing but the usual form is let through.
        if not isinstance(path, str) or not _POSTER_PATH.fullmatch(path):
            return None
        return f"{self._image_base_url}/w342{path}"
