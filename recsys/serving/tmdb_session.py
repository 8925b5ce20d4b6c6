"""The HTTP side of the TMDB client: pace, retries, authorization and cache."""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0
"""How long to leave alone a server that keeps failing."""

_REQUESTS_PER_SECOND = 20
_KEEP_SECONDS = 60 * 24 * 3600
_FAILURES_UNTIL_PAUSE = 3


class _PacedRetry(Retry):
    """Retries that keep to the request rate like first attempts."""

    pace: Callable[[], None]

    def new(self, **kw: Any) -> "_PacedRetry":
        retry = super().new(**kw)
        retry.pace = self.pace
        return retry

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        super().sleep(response)
        self.pace()


class Gate:
    """When the next request may go out: the rate, and pauses after trouble."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_slot = 0.0
        self._paused_until = 0.0
        self._failures = 0

    def pace(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            slot = max(time.monotonic(), self._next_slot)
            self._next_slot = slot + 1 / _REQUESTS_PER_SECOND
        time.sleep(max(0.0, slot - time.monotonic()))

    def pause_left(self) -> float:
        """Return for how many seconds no request may go out."""
        with self._lock:
            return max(0.0, self._paused_until - time.monotonic())

    def pause(self, seconds: float) -> None:
        """Let no request out for a while."""
        with self._lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def succeeded(self) -> None:
        """Forget past failures."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Count a failure; from the third in a row on, each starts a pause."""
        with self._lock:
            self._failures += 1
            too_many = self._failures >= _FAILURES_UNTIL_PAUSE
        if too_many:
            self.pause(PAUSE_SECONDS)


def open_session(
    cache_path: Path,
    token: str,
    *,
    pace: Callable[[], None],
    makes_sense: Callable[[requests.Response], bool],
) -> CachedSession:
    """Open a session that authorizes, retries and caches its requests.

    Parameters
    ----------
    cache_path
        SQLite file; when it can't be written, the cache lasts as long as the session.
    token
        Goes into the `Authorization` header of what is sent, and into nothing that is kept.
    pace
        Called before each retry.
    makes_sense
        Tells answers from garbage; garbage is an error, for which a stale answer is used.
    """
    backend = "sqlite"
    try:
        cache_path.parent.mkdir(parents=True, exist_ok=True)
        # requests-cache would try for ever to write to a file it can't write to.
        with contextlib.closing(sqlite3.connect(cache_path, timeout=1)) as probe:
            probe.execute("BEGIN IMMEDIATE")
    except (OSError, sqlite3.Error) as error:
        _log.warning("The poster cache can't be written (%s).", type(error).__name__)
        backend = "memory"
    session = CachedSession(
        str(cache_path),
        backend=backend,
        serializer="json" if backend == "sqlite" else None,  # never unpickle what a file holds
        expire_after=_KEEP_SECONDS,
        allowable_codes=(200, 404),
        stale_if_error=True,
        ignored_parameters=["Authorization"],  # is stored as "REDACTED"
    )
    # A 429 is not retried here but by the client: urllib3 would sleep as long as it is told to.
    retry = _PacedRetry(
        total=2,
        connect=1,
        read=False,
        backoff_factor=0.2,
        status_forcelist=(500, 502, 503, 504),
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    retry.pace = pace
    adapter = HTTPAdapter(max_retries=retry)
    session.mount("https://", adapter)
    session.mount("http://", adapter)

    # A function rather than a session header: it also keeps requests from putting a login of
    # the user's .netrc in the token's place, and nothing printable holds the token.
    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    def check(response: requests.Response, **_: Any) -> None:
        # What TMDB says of a film is the same for all; and for an answer that varies with a
        # header, requests-cache would send a request even when told to look into the cache only.
        response.headers.pop("Vary", None)
        if response.status_code == 200 and not makes_sense(response):
            raise requests.exceptions.ContentDecodingError("not an answer of TMDB")

    session.auth = authorize
    session.hooks["response"].append(check)
    return session
