"""Whatever the files hold: a dataset, or one clear sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.readers import ReadOptions, read_dataset
from recsys.errors import DataError

MOVIES = (
    "movieId,title,genres\n"
    '1,Toy Story (1995),Adventure|Children\n7,"Matrix, The (1999)",Action|Sci-Fi\n'
    "9,Amélie (2001),(no genres listed)\n"
)
RATINGS = "userId,movieId,rating,timestamp\n" + "".join(
    f"{user},{item},{(user * item) % 10 / 2 + 0.5},{964982703 + user}\n"
    for user in range(1, 9)
    for item in (1, 7, 9)
)
TAGS = "userId,movieId,tag,timestamp\n1,1,pixar,1\n2,7,keanu,2\n"
LINKS = "movieId,imdbId,tmdbId\n1,0114709,862\n7,0133093,603\n"
FILES = {"movies.csv": MOVIES, "ratings.csv": RATINGS, "tags.csv": TAGS, "links.csv": LINKS}


def folder_of(folder: Path, **changed: bytes | str | None) -> Path:
    for name, text in FILES.items():
        content = changed.get(name.replace(".", "_"), text)
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (folder / name).write_bytes(data)
    return folder


def failure(folder: Path, options: ReadOptions | None = None) -> str:
    with pytest.raises(DataError) as caught:
        read_dataset(folder, options or ReadOptions())
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".") and len(message) < 600
    assert "Traceback" not in message and "pandas" not in message
    return message


def test_folder_does_not_exist(tmp_path: Path) -> None:
    assert "There is no folder" in failure(tmp_path / "nowhere")


def test_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is a file" in failure(tmp_path / "file")


def test_folder_holds_nothing_known(tmp_path: Path) -> None:
    (tmp_path / "Ratings.CSV").write_text(RATINGS)
    message = failure(tmp_path)
    assert "no known rating files" in message
    assert "u.data" in message and "movies.csv" in message and "movies.dat" in message


def test_folder_holds_several_data_sets(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        folder_of(tmp_path / name)
    assert "several data sets (a, b)" in failure(tmp_path)


@pytest.mark.parametrize(
    ("present", "absent"),
    [
        ("ratings.csv", "movies.csv"),
        ("movies.csv", "ratings.csv"),
        ("u.data", "u.item"),
        ("ratings.dat", "movies.dat"),
    ],
)
def test_half_of_a_pair(tmp_path: Path, present: str, absent: str) -> None:
    (tmp_path / present).write_text("x")
    assert f"needs {absent} beside {present}" in failure(tmp_path)


@pytest.mark.parametrize("file", ["movies_csv", "ratings_csv"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\n\n \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x1f\x8b\x08\x00" + bytes(range(256)) * 9, "is not a text file"),
        (RATINGS.encode("utf-16"), "is not a text file"),
        (bytes(range(128, 256)) * 50, "has no column for"),
        (b"a,b,c\n1,2,3\n", "(found: a, b, c)"),
        (b",x,\n1,2,3\n", "has no column for"),
        (b'"' * 200_000, "has no column for"),
        (b"x" * 300_000, "has no column for"),
    ],
)
def test_files_that_hold_nothing(tmp_path: Path, file: str, content: bytes, expected: str) -> None:
    message = failure(folder_of(tmp_path, **{file: content}))
    assert expected in message and file.replace("_", ".") in message


@pytest.mark.parametrize("file", ["movies.csv", "ratings.csv"])
def test_heading_line_alone(tmp_path: Path, file: str) -> None:
    folder_of(tmp_path)
    (tmp_path / file).write_text(FILES[file].split("\n")[0] + "\n")
    assert f"{file} holds no rows" in failure(tmp_path)


def test_headless_file_that_is_empty(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_bytes(b"")
    (tmp_path / "u.item").write_bytes(b"\n")
    assert "is empty" in failure(tmp_path)


def test_missing_column_is_named(tmp_path: Path) -> None:
    message = failure(folder_of(tmp_path, ratings_csv="userId,film,stars\n1,1,3\n"))
    assert "ratings.csv has no column for item_id, rating (found: userId, film, stars)" in message
    assert "--columns" in message


def test_mapped_heading_that_is_not_there(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    message = failure(folder, ReadOptions(columns={"poster_url": "cover"}))
    assert "poster_url=cover" in message


def test_one_heading_for_two_columns(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, movies_csv="movieId,genres\n1,Drama\n7,\n")
    data, _ = read_dataset(folder, ReadOptions(columns={"title": "movieId"}))
    assert data.catalog.title.tolist()[:2] == ["1", "7"]


def test_one_heading_for_two_numbers(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    assert "userId can't stand for user_id and rating" in failure(
        folder, ReadOptions(columns={"rating": "userId"})
    )


def test_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path)
    opened = Path.open

    def refuse(path: Path, *arguments: object, **options: object) -> object:
        if path.name == "ratings.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    assert "ratings.csv can't be opened (Permission denied)" in failure(folder)


def test_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert "can't be read (Permission denied)" in failure(tmp_path)


def test_named_file_that_is_not_there(tmp_path: Path) -> None:
    options = ReadOptions(ratings_file=tmp_path / "a.csv", items_file=tmp_path / "b.csv")
    assert "can't be opened" in failure(tmp_path, options)


BAD_ROWS = [
    ("1,1,abc,5", "rating 'abc' is not a number"),
    ("1,1,,5", "rating is empty"),
    ("1,1,NaN,5", "rating is empty"),
    ("1,1,inf,5", "rating 'inf' is not a number"),
    ("1,1,99,5", "rating 99 is outside of 0.5 to 5"),
    ("1,1,0,5", "rating 0 is outside of 0.5 to 5"),
    ("x,1,3,5", "user id 'x' is not a whole number"),
    ("-1,1,3,5", "user id '-1' is not a whole number"),
    ("1.5,1,3,5", "user id '1.5' is not a whole number"),
    (",1,3,5", "user id is empty"),
    ("1,9223372036854775808,3,5", "item id '9223372036854775808' is not a whole number"),
    ("1,1,3,yesterday", "timestamp 'yesterday' is neither seconds since 1970 nor a date"),
    ("1,1,3,-5", "timestamp '-5' is neither"),
    ("1,1", "2 fields where 4 are expected"),
    ("1,1,3,5,6", "5 fields where 4 are expected"),
    ('1,1,"3,5', "3 fields where 4 are expected; a quote is not closed"),
    ("1,1,3,5\0", "the line holds a NUL byte"),
    ("\x1b[31m" + "z" * 100 + ",1,3,5", "user id '\\x1b[31mzzz"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS)
def test_bad_row_is_named_and_skipped(tmp_path: Path, row: str, reason: str) -> None:
    folder = folder_of(tmp_path, ratings_csv=RATINGS + row + "\n")
    data, report = read_dataset(folder, ReadOptions(scale=(0.5, 5)))
    assert data.n_ratings == 24
    (reject,) = report.first_rejects
    assert (reject.file, reject.line, reject.raw) == ("ratings.csv", 26, row)
    assert reject.reason.startswith(reason)


def test_too_many_bad_rows(tmp_path: Path) -> None:
    bad = "".join(row.replace("\0", "") + "\n" for row, _ in BAD_ROWS[:6])
    folder = folder_of(tmp_path, ratings_csv=RATINGS + bad)
    message = failure(folder, ReadOptions(scale=(0.5, 5)))
    assert "ratings.csv: 6 of 30 rows can't be read, the first in line 26" in message
    assert "rating 'abc' is not a number" in message and "--max-rejects 0.2" in message
    _, report = read_dataset(folder, ReadOptions(scale=(0.5, 5), max_reject_share=0.2))
    assert report.rejected["ratings.csv"] == 6


def test_text_ids_get_a_clear_sentence(tmp_path: Path) -> None:
    ratings = "userId,movieId,rating\n" + "a3f-99,1,3\nb4c-01,7,4\n"
    message = failure(folder_of(tmp_path, ratings_csv=ratings))
    assert "ids must be whole numbers" in message and "2 of 2 rows" in message


def test_all_ratings_unreadable_even_when_allowed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ratings_csv="userId,movieId,rating\n1,1,x\n")
    assert "no readable rating" in failure(folder, ReadOptions(max_reject_share=1))


def test_column_of_booleans_is_not_taken_for_ones(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ratings_csv="userId,movieId,rating\n1,1,True\n1,7,True\n")
    assert "rating 'True' is not a number" in failure(folder)


def test_stray_quote_costs_one_row(tmp_path: Path) -> None:
    movies = MOVIES.replace("7,", '6,"Never closed,Drama\n7,') + "".join(
        f"{i},Film {i},Drama\n" for i in range(100, 140)
    )
    data, report = read_dataset(folder_of(tmp_path, movies_csv=movies))
    assert report.rejected["movies.csv"] == 1
    assert data.n_items == 43


def test_genres_that_are_none(tmp_path: Path) -> None:
    movies = "movieId,title,genres\n" + "".join(f"{i},T,word{i}\n" for i in range(1200))
    assert "does not hold genres" in failure(folder_of(tmp_path, movies_csv=movies))


def test_rejects_file_that_cannot_be_written(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ratings_csv=RATINGS + "1,1,x,5\n")
    message = failure(folder, ReadOptions(rejects_file=tmp_path / "no" / "such" / "rejects.csv"))
    assert "can't be written" in message


def mutate(data: bytes, draw: st.DataObject) -> bytes:
    kind = draw.draw(st.sampled_from(["flip", "delete", "insert", "cut", "swap"]))
    at = draw.draw(st.integers(0, len(data)))
    if kind == "flip" and at < len(data):
        return data[:at] + bytes([data[at] ^ draw.draw(st.integers(1, 255))]) + data[at + 1 :]
    if kind == "cut":
        return data[:at]
    if kind == "insert":
        garbage = st.one_of(
            st.binary(max_size=30),
            st.sampled_from([b'"', b"\n", b"\r", b",", b"\0", b"nan", b"1e400", b"9" * 30, b"::"]),
        )
        return data[:at] + draw.draw(garbage) + data[at:]
    lines = data.split(b"\n")
    line = draw.draw(st.integers(0, len(lines) - 1))
    if kind == "delete":
        del lines[line]
    else:
        lines[line] = lines[line][::-1]
    return b"\n".join(lines)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_files_never_raise_anything_else(draw: st.DataObject) -> None:
    share = draw.draw(st.sampled_from([0.05, 1.0]))
    with tempfile.TemporaryDirectory() as name:
        folder = folder_of(Path(name))
        for _ in range(draw.draw(st.integers(1, 4))):
            path = folder / draw.draw(st.sampled_from(sorted(FILES)))
            path.write_bytes(mutate(path.read_bytes(), draw))
        try:
            data, report = read_dataset(folder, ReadOptions(max_reject_share=share))
        except DataError as error:
            assert "\n" not in str(error)
            return
        assert data.n_ratings > 0
        assert np.isfinite(data.rating).all()
        low, high = data.scale
        assert low <= data.rating.min() and data.rating.max() <= high
        assert (data.users.ids >= 0).all() and (data.items.ids >= 0).all()
        assert all(str(title).isprintable() and title for title in data.catalog.title)
        assert report.lines()
