import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from requests_cache import SQLiteCache

from recsys.serving.tmdb import PosterRequest, TmdbClient
from tests.fake_tmdb import MODES, FakeTmdb

TOKEN = "eyJ.very-secret-TOKEN.0123456789"
TOY_STORY = PosterRequest(item_id=1, tmdb_id=862, imdb_id="tt0114709")
BY_IMDB = PosterRequest(item_id=2, tmdb_id=0, imdb_id="tt0113497")
UNKNOWN = PosterRequest(item_id=3, tmdb_id=0, imdb_id="")

MakeClient = Callable[..., TmdbClient]


@pytest.fixture
def tmdb(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTmdb]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FakeTmdb() as server:
        yield server


@pytest.fixture
def cache_path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "tmdb.sqlite"


@pytest.fixture
def make_client(tmdb: FakeTmdb, cache_path: Path) -> Iterator[MakeClient]:
    clients = []

    def make(token: str = TOKEN, budget_seconds: float = 10.0) -> TmdbClient:
        client = TmdbClient(
            token,
            base_url=tmdb.url,
            image_base_url=tmdb.image_url,
            cache_path=cache_path,
            budget_seconds=budget_seconds,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


def films(count: int, start: int = 100) -> list[PosterRequest]:
    return [PosterRequest(number, number, "") for number in range(start, start + count)]


def expire_everything(cache_path: Path) -> None:
    cache = SQLiteCache(cache_path, serializer="json")
    cache.reset_expiration(expire_after=1)
    cache.close()
    time.sleep(1.1)  # the cache counts whole seconds, and by the wall clock


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)  # the answer is fetched in the background, and nothing tells of its end
    return False


def test_posters_are_found_by_either_id(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    client = make_client()
    assert client.poster_urls([TOY_STORY, BY_IMDB, UNKNOWN]) == {
        1: f"{tmdb.image_url}/w342/p862.svg",
        2: f"{tmdb.image_url}/w342/ptt0113497.svg",
    }
    assert client.status == "ok"
    assert sorted(tmdb.paths) == ["/3/find/tt0113497?external_source=imdb_id", "/3/movie/862"]
    assert all(seen.headers["Authorization"] == f"Bearer {TOKEN}" for seen in tmdb.seen)


def test_films_with_one_tmdb_id_share_a_request(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    twins = [PosterRequest(1, 5, ""), PosterRequest(2, 5, "")]
    urls = make_client().poster_urls(twins)
    assert urls[1] == urls[2]
    assert len(tmdb.seen) == 1


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        ("429", "TMDB is slow, showing drawn posters"),
        ("500", "TMDB can't be reached"),
        ("401", "TMDB rejected the token"),
        ("404", "ok"),
        ("timeout", "TMDB is slow, showing drawn posters"),
        ("garbage", "TMDB can't be reached"),
        ("missing poster", "ok"),
    ],
)
def test_failures_give_no_poster_and_no_exception(
    mode: str, status: str, tmdb: FakeTmdb, make_client: MakeClient
) -> None:
    tmdb.mode = mode
    tmdb.retry_after = "1000"
    client = make_client(budget_seconds=1.0 if mode == "timeout" else 10.0)
    start = time.monotonic()
    assert client.poster_urls([TOY_STORY, BY_IMDB, *films(20)]) == {}
    assert time.monotonic() - start < 15  # "does not hang" is what is tested
    assert eventually(lambda: client.status == status)


def test_no_server_at_all(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    tmdb.stop()
    client = make_client()
    assert client.poster_urls([TOY_STORY]) == {}
    assert client.status == "TMDB can't be reached"


def test_a_failing_server_is_left_alone(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    tmdb.mode = "500"
    client = make_client()
    client.poster_urls(films(60))
    asked = len(tmdb.seen)
    assert asked <= 6 * 3  # three failures, three more under way, three attempts each
    tmdb.mode = "ok"
    assert client.poster_urls(films(60)) == {}
    assert len(tmdb.seen) == asked


def test_a_long_retry_after_is_obeyed_by_not_asking(
    tmdb: FakeTmdb, make_client: MakeClient
) -> None:
    tmdb.mode, tmdb.retry_after = "429", "3000"
    client = make_client()
    client.poster_urls(films(30))
    assert len(tmdb.seen) <= 4
    tmdb.mode = "ok"
    assert client.poster_urls(films(30)) == {}
    assert len(tmdb.seen) <= 4


def test_a_short_retry_after_is_waited_for(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    tmdb.mode, tmdb.retry_after = "429", "1"
    client = make_client()
    original = tmdb._content

    def recover(path: str) -> tuple[int, bytes]:
        answer = original(path)
        tmdb.mode = "ok"
        return answer

    tmdb._content = recover  # type: ignore[method-assign]
    assert list(client.poster_urls([TOY_STORY])) == [1]
    first, second = (seen.at for seen in tmdb.seen)
    assert second - first >= 0.99


def test_answers_are_cached_across_clients(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    first = make_client().poster_urls([TOY_STORY, BY_IMDB])
    asked = len(tmdb.seen)
    assert make_client().poster_urls([TOY_STORY, BY_IMDB]) == first
    assert len(tmdb.seen) == asked


def test_unknown_films_are_cached(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    tmdb.mode = "404"
    make_client().poster_urls([TOY_STORY])
    tmdb.mode = "ok"
    assert make_client().poster_urls([TOY_STORY]) == {}
    assert len(tmdb.seen) == 1


@pytest.mark.parametrize("mode", ["401", "500", "garbage"])
def test_failures_are_not_cached(mode: str, tmdb: FakeTmdb, make_client: MakeClient) -> None:
    tmdb.mode = mode
    assert make_client().poster_urls([TOY_STORY]) == {}
    tmdb.mode = "ok"
    assert list(make_client().poster_urls([TOY_STORY])) == [1]


def test_late_answers_are_there_at_the_next_call(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    tmdb.delay = 0.6
    client = make_client(budget_seconds=1.0)
    wanted = films(12)
    first = client.poster_urls(wanted)
    assert len(first) < len(wanted)
    assert eventually(lambda: len(client.poster_urls(wanted)) == len(wanted))
    assert len(tmdb.seen) == len(wanted)
    assert 3 <= tmdb.most_at_once <= 4  # slow enough for all threads to be busy


@pytest.mark.parametrize("trouble", ["stopped", "500", "401", "garbage"])
def test_stale_answers_are_used_when_the_server_fails(
    trouble: str, tmdb: FakeTmdb, make_client: MakeClient, cache_path: Path
) -> None:
    fresh = make_client().poster_urls([TOY_STORY])
    expire_everything(cache_path)
    if trouble == "stopped":
        tmdb.stop()
    else:
        tmdb.mode = trouble
    client = make_client()
    assert client.poster_urls([TOY_STORY]) == fresh
    assert eventually(lambda: client.status != "ok")
    assert client.poster_urls([TOY_STORY]) == fresh


def test_stale_answers_are_refreshed(
    tmdb: FakeTmdb, make_client: MakeClient, cache_path: Path
) -> None:
    make_client().poster_urls([TOY_STORY])
    expire_everything(cache_path)
    tmdb.poster_path = "/new.jpg"
    client = make_client()
    assert client.poster_urls([TOY_STORY])[1].endswith("/p862.svg")
    assert eventually(lambda: client.poster_urls([TOY_STORY])[1].endswith("/new.jpg"))


def test_the_server_is_not_flooded(tmdb: FakeTmdb, make_client: MakeClient) -> None:
    tmdb.delay = 0.1
    assert len(make_client().poster_urls(films(40))) == 40
    assert 2 <= tmdb.most_at_once <= 4
    assert tmdb.seen[-1].at - tmdb.seen[0].at >= 39 / 20 - 0.2  # 20 a second, start to start


@pytest.mark.parametrize(
    "path",
    ['/x".jpg', "/x.jpg onerror=1", "x.jpg", "/../x.jpg", "/x.exe", "/x.jpg\n", 7, ["/x.jpg"], ""],
)
def test_strange_poster_paths_are_ignored(
    path: object, tmdb: FakeTmdb, make_client: MakeClient
) -> None:
    tmdb.poster_path = path
    assert make_client().poster_urls([TOY_STORY]) == {}


@pytest.mark.parametrize(
    "imdb_id", ["tt1/../../x", "tt", "0114709", "tt0114709?x=y", "tt0114709\n"]
)
def test_strange_imdb_ids_are_not_asked_for(
    imdb_id: str, tmdb: FakeTmdb, make_client: MakeClient
) -> None:
    assert make_client().poster_urls([PosterRequest(1, 0, imdb_id)]) == {}
    assert tmdb.seen == []


@pytest.mark.parametrize("token", ["", "two\r\nlines", "two words", "schlüssel"])
def test_a_token_no_header_can_hold(token: str, tmdb: FakeTmdb, make_client: MakeClient) -> None:
    client = make_client(token=token)
    assert client.poster_urls([TOY_STORY]) == {}
    assert client.status == "TMDB rejected the token"
    assert tmdb.seen == []


@pytest.mark.parametrize("mode", MODES)
def test_the_token_is_in_the_header_only(
    mode: str,
    tmdb: FakeTmdb,
    make_client: MakeClient,
    cache_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    client = make_client(budget_seconds=1.0)
    client.poster_urls([TOY_STORY, BY_IMDB])
    tmdb.mode = mode
    expire_everything(cache_path)
    client.poster_urls([TOY_STORY, BY_IMDB, *films(5)])
    client.poster_urls([TOY_STORY, BY_IMDB])
    assert eventually(lambda: not client._pending)

    assert caplog.text  # the libraries did log
    printed = "".join(capfd.readouterr())
    assert not any(TOKEN in text for text in (caplog.text, printed, repr(client), client.status))
    assert not any(TOKEN in str(vars(record)) for record in caplog.records)
    assert not any(TOKEN in path for path in tmdb.paths)
    files = [file for file in cache_path.parent.iterdir() if file.is_file()]
    assert files
    for file in files:
        assert TOKEN.encode() not in file.read_bytes()


@pytest.mark.parametrize("kind", ["not a database", "directory"])
def test_an_unusable_cache_file_only_costs_the_cache(
    kind: str, tmdb: FakeTmdb, make_client: MakeClient, cache_path: Path
) -> None:
    if kind == "directory":
        cache_path.mkdir(parents=True)
    else:
        cache_path.parent.mkdir()
        cache_path.write_bytes(b"not a database, and long enough not to be taken for one" * 50)
    client = make_client()
    assert list(client.poster_urls([TOY_STORY])) == [1]
    assert list(client.poster_urls([TOY_STORY])) == [1]
    assert len(tmdb.seen) == 1
