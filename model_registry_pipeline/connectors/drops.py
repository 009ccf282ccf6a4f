"""Files that people drop into a folder, read as warily as an answer from the network."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from heapq import nsmallest
from pathlib import Path

from model_registry_pipeline.connectors.coding import CodingError, Gzip, Plain

CHUNK_BYTES = 256 * 1024

MAX_LISTED = 100_000
"""Names of one folder that are looked at; a folder that holds more is no drop folder."""


class DropError(Exception):
    """A dropped file or its folder can't be read. The text is one sentence that says why."""


def list_drops(folder: Path, limit: int = MAX_LISTED) -> list[Path]:
    """What lies in the folder, sorted by name; hidden names (a copy under way, .gitkeep) are left out.

    Names are only listed, never opened, and may hold anything that a file name can. Raises DropError where there is
    no such folder, or it can't be read.
    """
    with _drop_errors(folder), os.scandir(folder) as entries:
        names = nsmallest(limit, (entry.name for entry in entries if not entry.name.startswith(".")))
    return [folder / name for name in names]


def settled(path: Path, now: datetime, seconds: float) -> bool:
    """Whether a file has not been written to for some seconds; False where it is gone.

    A time of writing that lies in the future by as much is no sign of a writer: it came with the copy.
    """
    try:
        written = path.lstat().st_mtime
    except OSError:
        return False
    return abs(now.timestamp() - written) >= seconds


def read_drop(path: Path, max_bytes: int) -> bytes:
    """The content of a dropped file, decompressed where its name ends in `.gz`.

    Raises DropError for anything but a whole regular file with content, of at most `max_bytes` decompressed.
    """
    with _drop_errors(path), _opened(path) as file:
        before = os.fstat(file)
        _refuse(before, path, max_bytes)
        content = _content(file, path, max_bytes)
        after = os.fstat(file)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DropError(f"{_shown(path)} is still being written")
    if not content:
        raise DropError(f"{_shown(path)} is empty, once decompressed")
    return content


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Without O_NONBLOCK opening a FIFO waits for a writer, for ever; without O_NOFOLLOW a link leads anywhere.
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def _refuse(status: os.stat_result, path: Path, max_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
        raise DropError(f"{_shown(path)} is {kind}, not a file")
    if status.st_size == 0:
        raise DropError(f"{_shown(path)} is empty")
    if status.st_size > max_bytes:
        raise DropError(f"{_shown(path)} is larger than MODEL_REGISTRY_MAX_BYTES ({max_bytes:,})")


def _content(file: int, path: Path, max_bytes: int) -> bytes:
    content = bytearray()
    decode = Gzip() if path.name.endswith(".gz") else Plain()
    try:
        while raw := os.read(file, CHUNK_BYTES):
            for piece in decode.pieces(raw):
                content += piece
                if len(content) > max_bytes:
                    raise DropError(
                        f"{_shown(path)} decompresses to more than MODEL_REGISTRY_MAX_BYTES ({max_bytes:,})"
                    )
        decode.finish()
    except CodingError as error:
        raise DropError(f"{_shown(path)} holds {error}") from None
    return bytes(content)


@contextmanager
def _drop_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise DropError(f"{_shown(path)} is not there") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise DropError(f"{_shown(path)} is a symbolic link, which is not followed") from None
        raise DropError(f"{_shown(path)} cannot be read: {error.strerror}") from None


def _shown(path: Path) -> str:
    """A path in a sentence: a name may hold line breaks, or bytes that are no text."""
    return ascii(str(path))
