"""MovieLens data sets from GroupLens: fetched with resume, verified, unpacked safely."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests
from rich.console import Console

from recsys.data.transfer import Transfer, published_md5
from recsys.data.unpack import unpack
from recsys.errors import DownloadError
from recsys.settings import settings

LICENCE = (
    "MovieLens data is for research: no commercial use and no redistribution without permission "
    "from GroupLens, and no claim of an endorsement by the University of Minnesota. Work that "
    "uses it cites F. M. Harper and J. A. Konstan, The MovieLens Datasets: History and Context, "
    "ACM TiiS 5(4), 2015."
)
"""The terms in short; each data set's README has them in full."""


@dataclass(frozen=True)
class Source:
    """A data set that can be fetched.

    Attributes
    ----------
    file : str
        Name of the zip file, and the end of its address.
    megabytes : int
        About how much is fetched; for people, not for checking.
    md5 : str or None
        Known checksum; without one, the checksum published beside the file counts.
    licence : str
        The terms in short.
    """

    file: str
    megabytes: int
    md5: str | None = None
    licence: str = LICENCE


DATASETS: dict[str, Source] = {
    "ml-latest-small": Source("ml-latest-small.zip", 1),
    "ml-latest": Source("ml-latest.zip", 350),
    "ml-100k": Source("ml-100k.zip", 5),
    "ml-1m": Source("ml-1m.zip", 6),
    "ml-10m": Source("ml-10m.zip", 65),
    "ml-20m": Source("ml-20m.zip", 200),
    "ml-25m": Source("ml-25m.zip", 260),
    "ml-32m": Source("ml-32m.zip", 240),
}
"""What can be fetched, by name."""


def download(
    name: str,
    output: Path | None = None,
    *,
    base_url: str | None = None,
    console: Console | None = None,
    confirm: Callable[[str], bool] | None = None,
) -> Path:
    """Fetch a data set, unless it is there.

    An interrupted download is kept and continued by the next call.

    Parameters
    ----------
    name : str
        One of ``DATASETS``.
    output : Path, optional
        Folder of data sets; the one from the settings by default.
    base_url : str, optional
        Where to fetch from; the address from the settings by default.
    console : Console, optional
        For progress and notes.
    confirm : callable, optional
        Asked whether to go on, after the licence was shown.

    Returns
    -------
    Path
        Folder of the files, ``output / name``.

    Raises
    ------
    DownloadError
    """
    source = DATASETS.get(name)
    if source is None:
        raise DownloadError(
            f"There is no data set {name!r} to download; there are {', '.join(DATASETS)}."
        )
    console = console or Console(stderr=True)
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    folder = settings().data if output is None else output
    target = folder / name
    part = folder / f"{source.file}.part"
    try:
        if target.is_dir() and any(target.iterdir()):
            say(f"{target} is already there; nothing to download.")
            return target
        if target.exists() and not target.is_dir():
            raise DownloadError(f"{target} is a file; move it away to download {name} there.")
        say(source.licence)
        question = f"Download {name} (about {source.megabytes} MB) to {target}?"
        if confirm is not None and not confirm(question):
            raise DownloadError("Nothing was downloaded, as the question was not answered yes.")
        folder.mkdir(parents=True, exist_ok=True)
        url = f"{base_url or settings().grouplens_url}".rstrip("/") + f"/{source.file}"
        with requests.Session() as session:
            session.headers["Accept-Encoding"] = "identity"  # ranges count bytes as stored
            transfer = Transfer(session, url, part, console)
            transfer.run()
            transfer.verify(source.md5 or published_md5(session, url, console))
        count = _unpack(transfer, target)
    except KeyboardInterrupt:
        kept = f"; what was fetched is kept in {part}" if part.exists() else ""
        raise DownloadError(f"Stopped{kept}. Run the same command to continue.") from None
    except OSError as error:
        raise DownloadError(_disk_problem(error, folder)) from None
    say(f"{count} files are in {target}.")
    readme = next(iter(sorted(target.glob("README*"))), None)
    if readme is not None:
        say(f"The full licence and citation are in {readme}.")
    return target


def _unpack(transfer: Transfer, target: Path) -> int:
    """Unpack a verified file and remove it; a refused one is removed too."""
    try:
        count = unpack(transfer.part, target)
    except DownloadError:
        transfer.discard()
        raise
    transfer.discard()
    return count


def _disk_problem(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full; what was fetched is kept in {folder}: make room and run the same "
            "command to continue, or give another folder with --output."
        )
    return f"{folder} can't be written ({error.strerror}); give another folder with --output."
