"""A file as blocks of whole lines, a block as rows, a row as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

BOM = b"\xef\xbb\xbf"
_JOINED = 20  # lines one quoted field may span; beyond it the quote was a mistake
_LONGEST = 1 << 16  # bytes of a heading line


def decode(line: bytes) -> str:
    """Decode UTF-8, or Latin-1 where it is not valid.

    Line by line, so that one bad byte does not garble all other titles.
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def first_line(file: IO[bytes]) -> tuple[int, bytes]:
    """Return the number and bytes of the first line that is not blank; (0, b"") without one."""
    for number, line in enumerate(iter(lambda: file.readline(_LONGEST), b""), start=1):
        text = (line.removeprefix(BOM) if number == 1 else line).rstrip(b"\r\n")
        if text.strip():
            return number, text
    return 0, b""


def whole_lines(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield a file in blocks of about ``size`` bytes that end where a line ends.

    Parameters
    ----------
    file : binary file
    size : int
        -1 for one block.
    """
    rest = b""
    while piece := file.read(size):
        cut = piece.rfind(b"\n") + 1
        if cut and size > 0:
            yield rest + piece[:cut]
            rest = piece[cut:]
        else:
            rest += piece
    if rest.strip():
        yield rest


def records(block: bytes, line: int, *, multiline: bool) -> Iterator[tuple[int, str]]:
    """Yield the line number and text of each row that is not blank.

    Parameters
    ----------
    block : bytes
    line : int
        Number of the block's first line.
    multiline : bool
        Whether a quoted field may span some lines.
    """
    lines = block.split(b"\n")
    i = 0
    while i < len(lines):
        end = i + 1
        if multiline and lines[i].count(b'"') % 2:
            quotes = 1
            for j in range(end, min(len(lines), i + _JOINED)):
                quotes += lines[j].count(b'"')
                if quotes % 2 == 0:
                    end = j + 1
                    break
        text = "\n".join(decode(part) for part in lines[i:end]).removesuffix("\r")
        if text.strip():
            yield line + i, text
        i = end
