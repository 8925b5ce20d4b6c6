"""Every known format, in data small enough to check by eye."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from recsys.data.blocks import whole_lines
from recsys.data.cells import converter
from recsys.data.dataset import Dataset
from recsys.data.readers import ReadOptions, read_dataset
from recsys.errors import DataError, InvalidRequestError

MOVIES = """\
movieId,title,genres
1,Toy Story (1995),Adventure|Animation|Children
7,"Matrix, The (1999)",Action|Sci-Fi
9,"American President, The (1995)",(no genres listed)
"""
RATINGS = """\
userId,movieId,rating,timestamp
1,1,4.0,964982703
1,7,5.0,964981247
2,9,0.5,964982224
"""
LOOSE = ReadOptions(max_reject_share=0.9)


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files named like ``ratings_csv`` as ``ratings.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        stem, _, ending = name.rpartition("_")
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / f"{stem.replace('_', '-')}.{ending}").write_bytes(data)
    return folder


def movielens(folder: Path, **files: str | bytes) -> Path:
    return write(folder, **{"movies_csv": MOVIES, "ratings_csv": RATINGS} | files)


def rows(data: Dataset) -> list[tuple[int, int, float]]:
    return [
        (int(data.users.ids[u]), int(data.items.ids[i]), float(r))
        for u, i, r in zip(data.user_index, data.item_index, data.rating, strict=True)
    ]


def labels(data: Dataset) -> list[str]:
    return [data.catalog.label(i) for i in range(data.n_items)]


def test_movielens_csv(tmp_path: Path) -> None:
    data, report = read_dataset(movielens(tmp_path / "ml-tiny"))
    assert (data.name, report.format, data.scale) == ("ml-tiny", "MovieLens CSV", (0.5, 5.0))
    assert rows(data) == [(1, 1, 4.0), (1, 7, 5.0), (2, 9, 0.5)]
    assert labels(data) == [
        "Toy Story (1995)",
        "The Matrix (1999)",
        "The American President (1995)",
    ]
    assert data.catalog.genres(0) == ("Adventure", "Animation", "Children")
    assert data.catalog.genres(2) == ()
    assert data.timestamp is not None
    assert data.timestamp.tolist() == [964982703, 964981247, 964982224]
    assert not data.simulated and data.tags is None and data.genome is None
    assert report.lines() == ["Read as MovieLens CSV: movies.csv (3 rows), ratings.csv (3 rows)."]


@pytest.mark.parametrize("change", ["crlf", "bom", "no last line end", "blank lines", "quoted"])
def test_same_data_however_it_is_written(tmp_path: Path, change: str) -> None:
    plain, _ = read_dataset(movielens(tmp_path / "plain"))
    changed = {
        "crlf": lambda text: text.replace("\n", "\r\n").encode(),
        "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
        "no last line end": lambda text: text.rstrip().encode(),
        "blank lines": lambda text: ("\n" + text.replace("\n", "\n\n") + "\n \n").encode(),
        "quoted": lambda text: "\n".join(
            line if '"' in line else ",".join(f'"{cell}"' for cell in line.split(","))
            for line in text.splitlines()
        ).encode(),
    }[change]
    folder = movielens(
        tmp_path / "changed", movies_csv=changed(MOVIES), ratings_csv=changed(RATINGS)
    )
    data, report = read_dataset(folder)
    assert data.digest == plain.digest
    assert not any(report.rejected.values())


def test_files_one_folder_down(tmp_path: Path) -> None:
    movielens(tmp_path / "archive" / "ml-tiny")
    (tmp_path / "archive" / "__MACOSX").mkdir()
    data, _ = read_dataset(tmp_path / "archive")
    assert (data.name, data.n_ratings) == ("archive", 3)


def test_marker_of_simulated_data(tmp_path: Path) -> None:
    folder = movielens(tmp_path)
    (folder / "SIMULATED").touch()
    assert read_dataset(folder)[0].simulated


def test_links(tmp_path: Path) -> None:
    links = "movieId,imdbId,tmdbId\n1,0114709,862\n7,133093,\n9,x12,5\n99,1,1\noops,1,1\n"
    data, report = read_dataset(movielens(tmp_path, links_csv=links))
    assert data.catalog.imdb_id.tolist() == ["tt0114709", "tt0133093", ""]
    assert data.catalog.tmdb_id.tolist() == [862, 0, 0]
    assert report.ignored_links == 2
    assert "2 link rows can't be read and were left out." in report.lines()


def test_tags_count_distinct_users(tmp_path: Path) -> None:
    tags = (
        "userId,movieId,tag,timestamp\n"
        "1,1,Pixar,1\n2,1, pixar ,2\n2,1,PIXAR,3\n1,7,Keanu   Reeves,4\n1,7,,5\n"
        f"1,9,{'long ' * 20},6\n1,99,pixar,7\n"
    )
    data, _ = read_dataset(movielens(tmp_path, tags_csv=tags))
    assert data.tags is not None
    assert data.tags.names == ("keanu reeves", "pixar")
    triples = zip(data.tags.item_index, data.tags.tag_index, data.tags.weight, strict=True)
    assert [tuple(map(float, triple)) for triple in triples] == [(0, 1, 2), (1, 0, 1)]


def test_the_genome_is_a_matrix_of_all_scores(tmp_path: Path) -> None:
    scores = "movieId,tagId,relevance\n1,1,0.9\n1,2,0.49\n7,2,0.5\n7,1,0.1\n99,1,0.9\n7,5,0.9\n"
    folder = movielens(
        tmp_path, genome_scores_csv=scores, genome_tags_csv="tagId,tag\n1,007\n2,Action\n"
    )
    data, _ = read_dataset(folder)
    assert data.genome is not None
    assert data.genome.names == ("007", "action")
    assert data.genome.item_index.tolist() == [0, 1]
    assert data.genome.relevance.dtype == np.float16
    np.testing.assert_allclose(data.genome.relevance, [[0.9, 0.49], [0.1, 0.5]], atol=1e-3)


def test_optional_files_may_be_empty_of_rows(tmp_path: Path) -> None:
    folder = movielens(
        tmp_path, tags_csv="userId,movieId,tag,timestamp\n", links_csv="movieId,imdbId,tmdbId\n"
    )
    assert read_dataset(folder)[0].tags is None


def test_movielens_100k(tmp_path: Path) -> None:
    flags = ["0"] * 19
    flags[1] = flags[4] = "1"  # Action, Children's
    item = "|".join(["1", "Misérables, Les (1995)", "01-Jan-1995", "", "http://x", *flags])
    unknown = "|".join(["267", "unknown", "", "", "", "1", *["0"] * 18])
    folder = write(
        tmp_path,
        u_data="1\t1\t5\t874965758\n2\t267\t3\t876893171\n",
        u_item=f"{item}\n{unknown}\n".encode("latin-1"),
    )
    data, report = read_dataset(folder)
    assert (report.format, data.scale) == ("MovieLens 100K", (1, 5))
    assert labels(data) == ["Les Misérables (1995)", "unknown"]
    assert data.catalog.genres(0) == ("Action", "Children")
    assert data.catalog.genres(1) == ()


def test_movielens_1m(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        ratings_dat="1::1193::5::978300760\n1::661::3::978302109\n",
        movies_dat="661::Amélie: A Life (2001)::Children's|Drama\n1193::X::Drama\n".encode(
            "latin-1"
        ),
        users_dat="1::F::1::10::48067\n",
    )
    data, report = read_dataset(folder)
    assert (report.format, data.scale) == ("MovieLens 1M", (1, 5))
    assert rows(data) == [(1, 661, 3.0), (1, 1193, 5.0)]
    assert labels(data) == ["Amélie: A Life (2001)", "X"]
    assert data.catalog.genres(0) == ("Children", "Drama")


def test_movielens_10m(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        ratings_dat="1::122::5::838985046\n1::185::0.5::838983525\n",
        movies_dat="122::Amélie (2001)::Comedy\n185::Net, The (1995)::Action|Crime\n",
        tags_dat="15::122::excellent!::1215184630\n",
    )
    data, report = read_dataset(folder)
    assert (report.format, data.scale) == ("MovieLens 10M", (0.5, 5))
    assert labels(data) == ["Amélie (2001)", "The Net (1995)"]
    assert data.tags is not None and data.tags.names == ("excellent!",)


def test_movietweetings(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        ratings_dat="1::0114709::8::1381006850\n2::10048342::0::1381006850\n",
        movies_dat="0114709::Toy Story (1995)::Animation|Comedy\n10048342::Q (2020)::\n",
        users_dat="1::139564917\n",
    )
    data, report = read_dataset(folder)
    assert (report.format, data.scale) == ("MovieTweetings", (0, 10))
    assert data.catalog.imdb_id.tolist() == ["tt0114709", "tt10048342"]
    assert rows(data) == [(1, 114709, 8.0), (2, 10048342, 0.0)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_other_headings_posters_and_separators(tmp_path: Path, separator: str) -> None:
    movies = (
        "Movie_ID;Name;Genre;img_url;Release Date\n"
        "1;Toy Story;Comedy, Animation;https://example.org/1.jpg;1995-10-30\n"
        "2;Heat (1995);Drama;/local/2.jpg;\n"
    )
    if separator == ",":
        movies = movies.replace("Comedy, Animation", '"Comedy, Animation"')
    if separator == "|":
        movies = movies.replace("Comedy, Animation", '"Comedy|Animation"')
    ratings = "UserID;MovieID;Rating;Timestamp\n1;1;5;978300760\n1;2;3;978302109\n"
    folder = write(
        tmp_path,
        movies_csv=movies.replace(";", separator),
        ratings_csv=ratings.replace(";", separator),
        users_csv="UserID;Gender\n1;F\n",
    )
    data, _ = read_dataset(folder)
    assert labels(data) == ["Toy Story (1995)", "Heat (1995)"]
    assert data.catalog.genres(0) == ("Animation", "Comedy")
    assert data.catalog.poster_url.tolist() == ["https://example.org/1.jpg", ""]


def test_two_files_with_named_columns(tmp_path: Path) -> None:
    write(
        tmp_path,
        seen_csv="stars,film,who\n7,10,1\n10,11,1\n2,11,2\n",
        films_txt="film;what;kind\n10;A;Drama\n11;B;\n",
    )
    options = ReadOptions(
        name="ours",
        ratings_file=tmp_path / "seen.csv",
        items_file=tmp_path / "films.txt",
        columns={
            "user_id": "who",
            "item_id": "film",
            "rating": "stars",
            "title": "what",
            "genres": "kind",
        },
    )
    data, report = read_dataset(tmp_path, options)
    assert (data.name, data.scale, data.timestamp) == ("ours", (0.0, 10.0), None)
    assert rows(data) == [(1, 10, 7.0), (1, 11, 10.0), (2, 11, 2.0)]
    assert labels(data) == ["A", "B"]
    assert report.rows == {"films.txt": 2, "seen.csv": 3}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["964982703", "964982704"], [964982703, 964982704]),
        (["964982703000", "964982704999"], [964982703, 964982704]),
        (["2000-07-30T18:45:03Z", "2000-07-30 18:45:04"], [964982703, 964982704]),
        (["2000-07-30", "1970-01-01"], [964915200, 0]),
        (["964982703.0", ""], [964982703, 0]),
        (["", "NaN"], None),
    ],
)
def test_times(tmp_path: Path, times: list[str], expected: list[int] | None) -> None:
    ratings = "userId,movieId,rating,timestamp\n" + "".join(
        f"1,{item},3,{time}\n" for item, time in zip((1, 7), times, strict=True)
    )
    data, report = read_dataset(movielens(tmp_path, ratings_csv=ratings))
    assert (None if data.timestamp is None else data.timestamp.tolist()) == expected
    assert report.untimed == (1 if "" in times and expected else 0)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1, 2, 3, 4, 5], (0.5, 5.0)),
        ([1, 2, 3, 7, 10], (0.0, 10.0)),
        ([10, 50, 99.5], (0.0, 100.0)),
        ([-10, 0, 10], (-10.0, 10.0)),
        ([500, 500], (499.0, 501.0)),
    ],
)
def test_scale_found_from_ratings(
    tmp_path: Path, values: list[float], scale: tuple[float, float]
) -> None:
    ratings = "userId,movieId,rating\n" + "".join(f"{u},1,{r}\n" for u, r in enumerate(values))
    data, _ = read_dataset(movielens(tmp_path, ratings_csv=ratings))
    assert data.scale == scale
    assert data.rating.tolist() == values


def test_given_scale_wins(tmp_path: Path) -> None:
    data, _ = read_dataset(movielens(tmp_path), ReadOptions(scale=(0, 10)))
    assert data.scale == (0, 10)
    data, report = read_dataset(tmp_path, ReadOptions(scale=(1, 5), max_reject_share=0.5))
    assert report.first_rejects[0].reason == "rating 0.5 is outside of 1 to 5"
    assert data.n_ratings == 2


def test_outliers_are_rejected_when_nearly_all_ratings_fit(tmp_path: Path) -> None:
    ratings = RATINGS + "".join(f"{u},1,3,5\n" for u in range(10, 50)) + "60,1,99,5\n"
    data, report = read_dataset(movielens(tmp_path, ratings_csv=ratings))
    assert data.scale == (0.5, 5.0) and data.n_ratings == 43
    assert report.rejected["ratings.csv"] == 1
    assert report.first_rejects[0][:3] == (
        "ratings.csv",
        45,
        "rating 99 is outside of 0.5 to 5",
    )


def test_placeholders_duplicates_and_empty_titles(tmp_path: Path) -> None:
    movies = MOVIES + "1,Again (2000),Drama\n20,,Drama\n21,None (2010),\n"
    ratings = RATINGS + "3,123,2.0,5\n1,1,2.5,964982999\n"
    data, report = read_dataset(movielens(tmp_path, movies_csv=movies, ratings_csv=ratings))
    assert labels(data)[0] == "Toy Story (1995)"
    assert labels(data)[3:] == ["Movie 20", "None (2010)", "Movie 123"]
    assert data.catalog.genres(5) == ()
    assert (report.placeholders, report.duplicate_items, report.duplicate_ratings) == (1, 1, 1)
    assert rows(data)[0] == (1, 1, 2.5)  # the later of the two


def test_filters_are_counted_apart_from_duplicates(tmp_path: Path) -> None:
    ratings = RATINGS + "1,1,2.5,964982999\n"
    _, report = read_dataset(
        movielens(tmp_path, ratings_csv=ratings), ReadOptions(min_user_ratings=2)
    )
    assert (report.duplicate_ratings, report.filtered_ratings) == (1, 1)


def test_ids_of_ten_and_more_digits(tmp_path: Path) -> None:
    big = 2**63 - 1
    ratings = f"userId,movieId,rating\n9876543210,1,3\n{big},7,4\n"
    data, _ = read_dataset(movielens(tmp_path, ratings_csv=ratings))
    assert data.users.ids.tolist() == [9876543210, big]


def test_line_numbers_after_titles_with_line_ends(tmp_path: Path) -> None:
    movies = (
        'movieId,title,genres\n1,"Toy\nStory ""T"" (1995)",Drama\nx,Bad,Drama\n'
        '2,7" Single (2001),Drama\n3,C,Drama\n'
    )
    data, report = read_dataset(movielens(tmp_path, movies_csv=movies), LOOSE)
    assert labels(data)[:3] == ['Toy Story "T" (1995)', '7" Single (2001)', "C"]
    assert [(r.line, r.raw) for r in report.first_rejects] == [(4, "x,Bad,Drama")]


def test_rejects_file_holds_every_skipped_row(tmp_path: Path) -> None:
    bad = [f'1,1,"bad, {i}",5' for i in range(8)]
    target = tmp_path / "rejects.csv"
    options = ReadOptions(max_reject_share=0.9, rejects_file=target)
    folder = movielens(tmp_path / "data", ratings_csv=RATINGS + "\n".join(bad))
    _, report = read_dataset(folder, options)
    assert len(report.first_rejects) == 5
    assert report.rejects_file == target
    with target.open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["file", "line", "reason", "raw"]
    assert [row[1] for row in written[1:]] == [str(line) for line in range(5, 13)]
    assert [row[3] for row in written[1:]] == bad
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "rejects.csv"]
    assert f"All skipped rows are in {target}." in report.lines()


def test_no_rejects_file_without_rejects(tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    read_dataset(movielens(tmp_path / "data"), ReadOptions(rejects_file=target))
    assert not target.exists()


def test_rejects_file_is_kept_when_reading_fails(tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    folder = movielens(tmp_path / "data", ratings_csv=RATINGS + "1,1,x,5\n")
    with pytest.raises(DataError, match="--max-rejects"):
        read_dataset(folder, ReadOptions(rejects_file=target))
    assert "rating 'x' is not a number" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize("size", [1, 7, 40, 10_000])
def test_blocks_join_to_the_file(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_text(RATINGS)
    with path.open("rb") as file:
        blocks = list(whole_lines(file, size))
    assert b"".join(blocks) == RATINGS.encode()
    assert all(block.endswith(b"\n") for block in blocks)


def test_bad_rows_in_any_block_keep_their_line_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recsys.data.tables._BLOCK_BYTES", 100)
    lines = [f"{u},{1 if u % 2 else 7},{u % 5 + 1}.0,{1000 + u}" for u in range(300)]
    lines[120], lines[250] = "7,1,??,5", "7,1"
    ratings = "userId,movieId,rating,timestamp\n" + "\n".join(lines)
    data, report = read_dataset(movielens(tmp_path, ratings_csv=ratings))
    assert data.n_ratings == 298
    assert [(r.line, r.reason) for r in report.first_rejects] == [
        (122, "rating '??' is not a number"),
        (252, "2 fields where 4 are expected"),
    ]


def test_fast_and_careful_path_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    lines = [
        f"{u},{i},{r / 10},{t}"
        for u, i, r, t in zip(
            *(rng.integers(low, high, 3000) for low, high in ((0, 10**11), (0, 99), (5, 51))),
            rng.integers(0, 10**10, 3000),
            strict=True,
        )
    ]
    ratings = "userId,movieId,rating,timestamp\n" + "\n".join(lines)
    folder = movielens(tmp_path, ratings_csv=ratings)
    fast, _ = read_dataset(folder)
    monkeypatch.setattr("recsys.data.tables.Table._fast", lambda *_: None)
    careful, _ = read_dataset(folder)
    assert fast.digest == careful.digest


@pytest.mark.parametrize("text", ["1_0", "0x1", "inf", "nan", "1e99", "", "٣", "3,5", "True"])
def test_what_is_no_rating(text: str) -> None:
    with pytest.raises(ValueError, match="rating"):
        converter("rating")(text)


@pytest.mark.parametrize("text", ["1_0", "-1", "1.5", "9223372036854775808", "", "٣", "9" * 5000])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        converter("user_id")(text)


@pytest.mark.parametrize(
    "options",
    [
        {"max_reject_share": 1.5},
        {"scale": (5, 5)},
        {"scale": (0, float("nan"))},
        {"ratings_file": Path("x")},
        {"columns": {"film": "x"}},
    ],
)
def test_options_that_make_no_sense(options: dict[str, object]) -> None:
    with pytest.raises(InvalidRequestError):
        ReadOptions(**options)  # type: ignore[arg-type]


@pytest.mark.real_data
def test_ml_latest_small(real_data: Path) -> None:
    data, report = read_dataset(real_data)
    assert (data.n_ratings, data.n_users, data.n_items) == (100_836, 610, 9_742)
    assert data.scale == (0.5, 5.0)
    assert not any(report.rejected.values())
    assert report.ignored_links == report.placeholders == report.duplicate_ratings == 0
    matrix = int(data.items.index(2571)[0])
    assert data.catalog.label(matrix) == "The Matrix (1999)"
    assert data.catalog.imdb_id[matrix] == "tt0133093"
    assert data.tags is not None and data.tags.weight.max() > 1
