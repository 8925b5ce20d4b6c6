"""A stand-in for TMDB on 127.0.0.1, that can also misbehave."""

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

MODES = ("ok", "429", "500", "401", "404", "timeout", "garbage", "missing poster")


@dataclass(frozen=True)
class Seen:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    at: float


class FakeTmdb:
    """The two lookups of TMDB's API that the project uses, for any film.

    Parameters
    ----------
    mode
        One of `MODES`; may be changed while the server runs.
    delay
        Seconds each answer takes.
    """

    def __init__(self, mode: str = "ok", delay: float = 0.0) -> None:
        self.mode = mode
        self.delay = delay
        self.poster_path: object = None
        """Sent instead of a film's own, when set."""
        self.retry_after = "1"
        self.seen: list[Seen] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fake._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/3"
        self.image_url = f"http://127.0.0.1:{self._server.server_port}/t/p"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> "FakeTmdb":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server; requests that hang are let go. May be called twice."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.seen.append(Seen(handler.path, dict(handler.headers), time.monotonic()))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            # A server that was stopped also falls silent on connections that are still open.
            if self._stopping.wait(60 if self.mode == "timeout" else self.delay):
                handler.close_connection = True
                return
            status, body = self._content(handler.path)
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json;charset=utf-8")
            handler.send_header("Content-Length", str(len(body)))
            handler.send_header("Vary", "Authorization, Accept-Encoding")
            if status == 429:
                handler.send_header("Retry-After", self.retry_after)
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass  # the client has given up
        finally:
            with self._lock:
                self._at_once -= 1

    def _content(self, path: str) -> tuple[int, bytes]:
        if self.mode in ("429", "500", "401", "404"):
            return int(self.mode), b'{"success": false}'
        if path.startswith("/t/p/"):
            return 200, b'<svg xmlns="http://www.w3.org/2000/svg" width="2" height="3"/>'
        if self.mode == "garbage":
            return 200, b"<html>]{ this is not JSON"
        film = path.split("?")[0].rsplit("/", 1)[-1]
        poster = self.poster_path if self.poster_path is not None else f"/p{film}.svg"
        answer: dict[str, object] = {
            "poster_path": None if self.mode == "missing poster" else poster
        }
        if "/find/" in path:
            answer = {"movie_results": [answer], "tv_results": []}
        return 200, json.dumps(answer).encode()
