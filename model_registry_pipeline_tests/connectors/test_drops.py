"""Files in a folder, and everything that can lie there instead."""

import gzip
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from model_registry_pipeline.connectors import drops
from model_registry_pipeline.connectors.drops import DropError, list_drops, read_drop, settled

LIST = b'{"data": []}'
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("list.json", LIST),
        ("list.json.gz", gzip.compress(LIST, mtime=0)),
        ("members.json.gz", gzip.compress(LIST[:5], mtime=0) + gzip.compress(LIST[5:], mtime=0)),
    ],
)
def test_a_file_is_read_whole(tmp_path: Path, name: str, written: bytes) -> None:
    """Plain or compressed, in one gzip member or several."""
    (tmp_path / name).write_bytes(written)

    assert read_drop(tmp_path / name, max_bytes=len(LIST) * 10) == LIST


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


REFUSED = {
    "not there": (lambda path: None, "is not there"),
    "empty": (lambda path: path.write_bytes(b""), r"is empty$"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "pipe": (pipe, "is a pipe or a device"),
    "socket": (listening_socket, "cannot be read"),
    "link to a file": (lambda path: path.symlink_to("/etc/hostname"), "is a symbolic link"),
    "link to a device": (lambda path: path.symlink_to("/dev/zero"), "is a symbolic link"),
    "link to nothing": (lambda path: path.symlink_to("/nowhere"), "is a symbolic link"),
    "too large": (lambda path: path.write_bytes(bytes(1001)), "is larger than MODEL_REGISTRY_MAX_BYTES"),
    "holes": (lambda path: (path.touch(), os.truncate(path, 2_000_000_000)), "is larger than"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_file_of_bearable_size_is_refused(tmp_path: Path, make: object, reason: str) -> None:
    """In one sentence with its reason, and unread: opening a pipe would wait for a writer for ever."""
    path = tmp_path / "list.json"
    make(path)  # type: ignore[operator]

    with pytest.raises(DropError, match=reason) as refusal:
        read_drop(path, max_bytes=1000)

    assert str(path) in str(refusal.value)


def test_a_device_is_refused() -> None:
    """`/dev/zero` never ends."""
    with pytest.raises(DropError, match="is a pipe or a device"):
        read_drop(Path("/dev/zero"), max_bytes=1000)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (gzip.compress(LIST)[:-8], "gzip that ends too early"),
        (gzip.compress(LIST)[:-9], "gzip that ends too early"),
        (gzip.compress(LIST)[:-8] + bytes(8), "broken gzip"),
        (LIST, "broken gzip"),
        (gzip.compress(b""), "is empty, once decompressed"),
        (gzip.compress(bytes(10_000_000)), "decompresses to more than MODEL_REGISTRY_MAX_BYTES"),
        (gzip.compress(LIST) + gzip.compress(bytes(10_000_000)), "decompresses to more than"),
    ],
    ids=["no trailer", "cut", "checksum", "plain text", "nothing", "bomb", "bomb in the second member"],
)
def test_a_compressed_file_is_whole_or_refused(tmp_path: Path, written: bytes, reason: str) -> None:
    """Never half of it."""
    path = tmp_path / "list.json.gz"
    path.write_bytes(written)

    with pytest.raises(DropError, match=reason):
        read_drop(path, max_bytes=1_000_000)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its writer has not come to the end."""
    path = tmp_path / "list.json"
    path.write_bytes(LIST)
    read = os.read

    def read_as_another_writes(file: int, size: int) -> bytes:
        content = read(file, size)
        with path.open("ab") as writer:
            writer.write(b" " if path.stat().st_size == len(LIST) else b"")
        return content

    monkeypatch.setattr(drops.os, "read", read_as_another_writes)

    with pytest.raises(DropError, match="is still being written"):
        read_drop(path, max_bytes=1000)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told_as_such(tmp_path: Path) -> None:
    """With the operating system's reason."""
    path = tmp_path / "list.json"
    path.write_bytes(LIST)
    path.chmod(0)

    with pytest.raises(DropError, match="Permission denied"):
        read_drop(path, max_bytes=1000)


# -- settled -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "is_settled"), [(0, False), (4, False), (5, True), (3600, True), (-4, False), (-3600, True)]
)
def test_a_file_is_settled_when_nobody_has_written_for_a_while(tmp_path: Path, age: int, is_settled: bool) -> None:
    """A time far in the future came with a copy; it must not keep the file out for ever."""
    path = tmp_path / "list.json"
    path.write_bytes(LIST)
    written = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(path, (written, written))

    assert settled(path, NOW, seconds=5) is is_settled


def test_a_file_that_is_gone_is_not_settled(tmp_path: Path) -> None:
    """It was removed or renamed since the folder was listed: the next look decides."""
    assert not settled(tmp_path / "gone.json", NOW, seconds=5)


# -- folders -------------------------------------------------------------------------------------------------------


def test_a_folder_is_listed_by_name(tmp_path: Path) -> None:
    """Hidden names are copies under way, or git's."""
    for name in ("b_2026-01-01.json", "a_2026-01-01.json", ".gitkeep", ".c_2026-01-01.json.x7Yz"):
        (tmp_path / name).touch()

    assert [path.name for path in list_drops(tmp_path)] == ["a_2026-01-01.json", "b_2026-01-01.json"]


HOSTILE = [
    b"$(touch x)",
    b"new\nline.json",
    b"\xff\xfe.json",
    b"-rf",
    b"..json",
    b"x" * 255,
    "’; drop table.json".encode(),
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_only_a_name(tmp_path: Path, name: bytes) -> None:
    """It is listed (unless hidden), can be read, and stands harmlessly in a sentence."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()

    listed = list_drops(tmp_path)

    if name.startswith(b"."):
        assert listed == []
        return
    with pytest.raises(DropError) as refusal:
        read_drop(listed[0], max_bytes=1000)
    assert str(refusal.value).isprintable()
    assert str(refusal.value).isascii()


def test_ten_thousand_files_are_listed_in_order(tmp_path: Path) -> None:
    """And no more than the limit, the first by name."""
    for number in range(10_000):
        (tmp_path / f"{number:05}.json").touch()

    assert len(list_drops(tmp_path)) == 10_000
    assert [path.name for path in list_drops(tmp_path, limit=2)] == ["00000.json", "00001.json"]


@pytest.mark.parametrize(("make", "reason"), [(lambda path: None, "is not there"), (Path.touch, "Not a directory")])
def test_a_folder_that_is_none_is_told_as_such(tmp_path: Path, make: object, reason: str) -> None:
    """The line names the folder."""
    make(tmp_path / "drops")  # type: ignore[operator]

    with pytest.raises(DropError, match=f"drops' .*{reason}"):
        list_drops(tmp_path / "drops")
