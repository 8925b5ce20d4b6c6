"""Downloads from a real server on this machine: cut, resumed, altered, malicious."""

from __future__ import annotations

import errno
import hashlib
import io
import re
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from recsys.data import transfer, unpack
from recsys.data.download import DATASETS, download
from recsys.data.readers import read_dataset
from recsys.errors import DownloadError

NAME = "ml-latest-small"
RATINGS = b"userId,movieId,rating,timestamp\n" + b"".join(
    b"%d,%d,3.5,%d\n" % (user, user % 2 + 1, 10**9 + 7919 * user * user) for user in range(20_000)
)
FILES: dict[str, bytes] = {
    "ml-tiny/README.txt": b"Usage License\n=============\n",
    "ml-tiny/movies.csv": b"movieId,title,genres\n1,A (1999),Drama\n2,B (2000),Drama\n",
    "ml-tiny/ratings.csv": RATINGS,
}


def packed(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@dataclass
class Server:
    """What the server holds and how it misbehaves."""

    url: str = ""
    body: bytes = packed(FILES)
    md5: str | None = None
    etag: str = '"one"'
    ranges: bool = True
    status: int = 200
    cuts: list[int] = field(default_factory=list)
    """Bytes after which the next answers end; answers after these are whole."""
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def zips_asked(self) -> list[str]:
        return [span for path, span in self.asked if path.endswith(".zip")]


class Handler(BaseHTTPRequestHandler):
    state: Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        state, span = self.state, self.headers.get("Range", "")
        state.asked.append((self.path, span))
        if self.path.endswith(".md5"):
            text = (state.md5 or "").encode()
            self.send_response(200 if text else 404)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            return
        body, start, total = state.body, 0, len(state.body)
        if state.status != 200:
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        match = re.fullmatch(r"bytes=(\d+)-", span)
        same = self.headers.get("If-Range", state.etag) == state.etag
        if match and state.ranges and same:
            start = int(match[1])
            if start >= total:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{total}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(total - start))
        if state.etag:
            self.send_header("ETag", state.etag)
        self.end_headers()
        end = start + state.cuts.pop(0) if state.cuts else total
        self.wfile.write(body[start:end])
        if end < total:
            self.close_connection = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(transfer, "_PAUSE", 0.0)
    monkeypatch.setattr(transfer, "_CHUNK", 500)  # of a cut piece nothing is kept
    state = Server()
    handler = type("BoundHandler", (Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield state
        http.shutdown()
        thread.join()


def fetch(server: Server, folder: Path, output: io.StringIO | None = None) -> Path:
    console = Console(file=output or io.StringIO(), width=200)
    return download(NAME, folder, base_url=server.url, console=console)


def failure(server: Server, folder: Path) -> str:
    with pytest.raises(DownloadError) as caught:
        fetch(server, folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_download_is_readable_data(server: Server, tmp_path: Path) -> None:
    server.md5 = f"MD5 (x.zip) = {hashlib.md5(server.body).hexdigest()}\n"
    output = io.StringIO()
    folder = fetch(server, tmp_path / "data", output)
    assert folder == tmp_path / "data" / NAME
    assert names(folder) == ["README.txt", "movies.csv", "ratings.csv"]
    assert names(tmp_path / "data") == [NAME]
    assert read_dataset(folder)[0].n_ratings == 20_000
    text = output.getvalue()
    assert "no redistribution without permission" in text and "README.txt" in text
    assert "No checksum" not in text


def test_nothing_is_done_twice(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    server.asked.clear()
    output = io.StringIO()
    fetch(server, tmp_path, output)
    assert server.asked == [] and "already there" in output.getvalue()


def test_says_when_no_checksum_is_published(server: Server, tmp_path: Path) -> None:
    output = io.StringIO()
    fetch(server, tmp_path, output)
    assert "No checksum is available" in output.getvalue()


def test_cut_connection_is_taken_up_again(server: Server, tmp_path: Path) -> None:
    server.cuts = [1000, 2000]
    fetch(server, tmp_path)
    assert server.zips_asked == ["", "bytes=1000-", "bytes=3000-"]


def test_next_call_continues(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_ATTEMPTS", 1)
    server.cuts = [5000]
    message = failure(server, tmp_path)
    assert "run the same command to continue" in message
    assert f"{NAME}.zip.part" in message
    assert (tmp_path / f"{NAME}.zip.part").read_bytes() == server.body[:5000]
    server.md5 = hashlib.md5(server.body).hexdigest()
    output = io.StringIO()
    fetch(server, tmp_path, output)
    assert server.zips_asked == ["", "bytes=5000-"]
    assert "Continuing" in output.getvalue()
    assert names(tmp_path) == [NAME]


def test_file_that_changed_meanwhile_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    server.cuts = [5000] + [0] * 8
    failure(server, tmp_path)
    server.body = packed(FILES | {"ml-tiny/new.txt": b"x"})
    server.etag, server.cuts = '"two"', []
    assert "new.txt" in names(fetch(server, tmp_path))


def test_server_without_ranges_restarts(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [5000]
    server.md5 = hashlib.md5(server.body).hexdigest()
    fetch(server, tmp_path)
    assert server.zips_asked == ["", "bytes=5000-"]


def test_part_that_is_complete_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.zip.part").write_bytes(server.body)
    server.md5 = hashlib.md5(server.body).hexdigest()
    fetch(server, tmp_path)
    assert names(tmp_path) == [NAME]


def test_part_longer_than_the_file_is_dropped(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.zip.part").write_bytes(server.body + b"more")
    fetch(server, tmp_path)
    assert server.zips_asked[-1] == ""


@pytest.mark.parametrize("etag", ['"one"', ""])
def test_damaged_part_is_found_by_checksum(server: Server, tmp_path: Path, etag: str) -> None:
    server.etag = etag
    (tmp_path / f"{NAME}.zip.part").write_bytes(b"x" * 100)
    server.md5 = hashlib.md5(server.body).hexdigest()
    assert "does not match its published checksum and was removed" in failure(server, tmp_path)
    assert names(tmp_path) == []
    fetch(server, tmp_path)


def test_damaged_zip_without_checksum_is_found(server: Server, tmp_path: Path) -> None:
    middle = len(server.body) // 2
    server.body = server.body[:middle] + b"\xff" * 50 + server.body[middle + 50 :]
    assert "is damaged" in failure(server, tmp_path)
    assert names(tmp_path) == []


def test_web_page_instead_of_a_file(server: Server, tmp_path: Path) -> None:
    server.body = b"<html>Please log in</html>"
    assert "is damaged" in failure(server, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "(404)"), (403, "refuses"), (503, "can't be reached"), (416, "refuses")],
)
def test_refusals(server: Server, tmp_path: Path, status: int, expected: str) -> None:
    server.status = status
    assert expected in failure(server, tmp_path)


def test_no_connection(server: Server, tmp_path: Path) -> None:
    server.url = "http://127.0.0.1:9"
    assert "check the network connection" in failure(server, tmp_path)


def test_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="there are ml-latest-small, ml-latest, ml-100k"):
        download("ml-5", tmp_path)


def test_target_is_a_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("x")
    assert "is a file" in failure(server, tmp_path)


def test_answer_no(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="Nothing was downloaded"):
        download(
            NAME,
            tmp_path,
            base_url=server.url,
            console=Console(file=io.StringIO()),
            confirm=lambda question: "about 1 MB" not in question,
        )
    assert server.asked == []


def test_interrupt_keeps_the_part(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.cuts = [5000]

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(transfer.time, "sleep", interrupt)
        message = failure(server, tmp_path)
    assert message.startswith("Stopped") and "Run the same command to continue" in message
    assert (tmp_path / f"{NAME}.zip.part").stat().st_size == 5000
    fetch(server, tmp_path)
    assert server.zips_asked[-1] == "bytes=5000-"


def test_full_disk_while_unpacking(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(unpack.shutil, "copyfileobj", full)
        assert "The disk is full" in failure(server, tmp_path)
    assert names(tmp_path) == [f"{NAME}.zip.part", f"{NAME}.zip.part.tag"]
    fetch(server, tmp_path)


def test_too_little_room_is_seen_before_fetching(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer.shutil, "disk_usage", lambda _: type("U", (), {"free": 10}))
    assert "are free" in failure(server, tmp_path)
    assert not (tmp_path / f"{NAME}.zip.part").exists()


def link(target: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("ml-tiny/movies.csv")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, target)
    return buffer.getvalue()


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.csv", "1")
            archive.writestr("a.csv", "2")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (lambda: packed({"../evil.txt": b"x"}), "outside of the folder"),
        (lambda: packed({"a/../../evil.txt": b"x"}), "outside of the folder"),
        (lambda: packed({"/evil.txt": b"x"}), "outside of the folder"),
        (lambda: packed({"C:\\evil.txt": b"x"}), "outside of the folder"),
        (lambda: packed({"..\\evil.txt": b"x"}), "outside of the folder"),
        (lambda: link("/etc/passwd"), "is a link"),
        (lambda: link("../../evil.txt"), "is a link"),
        (lambda: packed({"bomb.csv": b"0" * 30_000_000}), "grow more than 200 times"),
        (lambda: packed({f"{i}": b"" for i in range(10_001)}), "10001 files"),
        (lambda: packed({}), "0 files"),
        (lambda: packed({"a": b"x", "a/b": b"y"}), "holds a name twice"),
        (twice, "holds a name twice"),
    ],
)
def test_evil_archives(
    server: Server,
    tmp_path: Path,
    body: object,
    expected: str,
) -> None:
    server.body = body()  # type: ignore[operator]
    folder = tmp_path / "deep" / "data"
    assert expected in failure(server, folder)
    assert names(folder) == [] and names(tmp_path) == ["deep"]
    assert names(tmp_path / "deep") == ["data"]


def test_archive_larger_than_allowed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "MAX_BYTES", 1000)
    assert "GiB allowed" in failure(server, tmp_path)


def test_size_that_lies(server: Server, tmp_path: Path) -> None:
    """A member that says it is smaller than it is is not written beyond that size."""
    body = packed({"a.csv": b"0123456789" * 100_000}, zipfile.ZIP_STORED)
    size = (1_000_000).to_bytes(4, "little")
    server.body = body.replace(size + size, size + (10).to_bytes(4, "little"))
    assert "is damaged" in failure(server, tmp_path)
    assert names(tmp_path) == []


def test_archive_without_a_top_folder(server: Server, tmp_path: Path) -> None:
    server.body = packed({"movies.csv": b"x", "sub/ratings.csv": b"y"})
    assert names(fetch(server, tmp_path)) == ["movies.csv", "sub"]


def test_names() -> None:
    assert list(DATASETS) == [
        *("ml-latest-small", "ml-latest", "ml-100k", "ml-1m", "ml-10m"),
        *("ml-20m", "ml-25m", "ml-32m"),
    ]


def test_script(server: Server, tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "scripts" / "download_data.py"
    environment = {"RECSYS_GROUPLENS_URL": server.url, "NO_PROXY": "127.0.0.1", "PATH": ""}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(script), *arguments, "--output", str(tmp_path / "data")],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )

    done = run(NAME, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "data" / NAME)
    failed = run("ml-5")
    assert failed.returncode == 2
    assert "There is no data set" in failed.stderr and "Traceback" not in failed.stderr
