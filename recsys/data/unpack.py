"""Unpacking a zip file from the network without trusting it."""

from __future__ import annotations

import errno
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from recsys.errors import DownloadError

MAX_BYTES = 20 * 2**30
MAX_RATIO = 200
MAX_FILES = 10_000
_RATIO_FREE_BYTES = 2**20  # a small text of equal lines packs better than any limit
_CHUNK = 1 << 20


def unpack(archive: Path, target: Path) -> int:
    """Unpack a zip file into a new folder, which appears complete or not at all.

    A single folder that holds everything else is left out.

    Parameters
    ----------
    archive : Path
    target : Path
        Must not exist, or be empty.

    Returns
    -------
    int
        Number of files.

    Raises
    ------
    DownloadError
        If the file is damaged, or holds names or sizes that a data set would not have.
    OSError
        If the disk is full or the folder can't be written.
    """
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.unpacking-", dir=target.parent))
    try:
        with zipfile.ZipFile(archive) as packed:
            members = _checked(packed, archive.name)
            needed = sum(member.file_size for member in members)
            if needed > shutil.disk_usage(target.parent).free:
                raise OSError(errno.ENOSPC, f"unpacking needs {needed / 1e6:,.0f} MB")
            top = _top_folder([member.filename for member in members])
            for member in members:
                place = work / PurePosixPath(member.filename).relative_to(top)
                place.parent.mkdir(parents=True, exist_ok=True)
                # Reading a member checks its CRC and never yields more than its stated size.
                with packed.open(member) as source, place.open("xb") as sink:
                    shutil.copyfileobj(source, sink, _CHUNK)
        work.chmod(0o755)  # mkdtemp makes it private
        work.rename(target)
    except (FileExistsError, NotADirectoryError):
        raise DownloadError(
            f"The archive {archive.name} holds a name twice, so it was not unpacked."
        ) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        reason = str(error) or type(error).__name__
        raise DownloadError(
            f"The archive {archive.name} is damaged ({reason}); download it again."
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return len(members)


def _checked(packed: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """Return the members that are files; refuse the archive if any member is suspicious."""
    members = [member for member in packed.infolist() if not member.is_dir()]
    for member in packed.infolist():
        problem = _problem(member)
        if problem:
            raise DownloadError(
                f"The archive {name} was not unpacked: {member.filename[:60]!r} {problem}."
            )
    size = sum(member.file_size for member in members)
    packed_size = sum(member.compress_size for member in members)
    if size > MAX_BYTES:
        raise DownloadError(
            f"The archive {name} was not unpacked: its {size / 2**30:,.0f} GiB are more than "
            f"the {MAX_BYTES / 2**30:,.0f} GiB allowed."
        )
    if size > _RATIO_FREE_BYTES and size > MAX_RATIO * packed_size:
        raise DownloadError(
            f"The archive {name} was not unpacked: it would grow more than {MAX_RATIO} times, "
            "which no rating file does."
        )
    if not 0 < len(members) <= MAX_FILES:
        raise DownloadError(f"The archive {name} was not unpacked: it holds {len(members)} files.")
    return members


def _problem(member: zipfile.ZipInfo) -> str:
    name = member.filename
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or not parts:
        return "would be written outside of the folder"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a special file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    return ""


def _top_folder(names: Sequence[str]) -> PurePosixPath:
    """Return the folder that holds all files, or the empty path."""
    tops = {PurePosixPath(name).parts[0] for name in names}
    nested = all(len(PurePosixPath(name).parts) > 1 for name in names)
    return PurePosixPath(tops.pop()) if len(tops) == 1 and nested else PurePosixPath()
