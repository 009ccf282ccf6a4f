"""The embedded PostgreSQL: real servers, real kills."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from model_registry_pipeline.warehouse.embedded import Cluster, EmbeddedError, embedded_address, release_embedded
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS
from model_registry_pipeline_tests.small_disk import DISKS, a_small_disk, give_room

PROMPT_SECONDS = 30.0
"""For a start or a recovery. They take 0.05 s and 0.15 s when nothing else runs on the machine."""

A_USER = """
import sys
from pathlib import Path
from model_registry_pipeline.warehouse.embedded import embedded_address
print(embedded_address(Path(sys.argv[1]), durable=False), flush=True)
sys.stdin.read()
"""


class User:
    """Another process that uses a cluster, until it is told to end or is killed."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", A_USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def address(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose server is gone after the test, whatever the test did to its users."""
    yield tmp_path / "home"
    for folder in tmp_path.glob("**/postgres"):
        release_embedded(folder.parent)
        Cluster(folder.resolve()).stop()


def start(home: Path) -> str:
    """Without waiting for the disk: only a power cut would tell the difference."""
    return embedded_address(home, durable=False)


def ask(address: str, query: str) -> object:
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def is_running(home: Path) -> bool:
    return Cluster((home / "postgres").resolve())._lives()


def promptly(act: Callable[[], str]) -> str:
    began = time.monotonic()
    address = act()
    assert time.monotonic() - began < PROMPT_SECONDS
    return address


def test_the_database_is_the_same_on_every_machine(home: Path) -> None:
    """Text sorts by code point, time is UTC, and what is committed is on disk, whatever the machine's locale says."""
    address = embedded_address(home)

    assert ask(address, "select string_agg(t, '' order by t) from unnest('{b,B,a,é,Z}'::text[]) t") == "BZabé"
    assert ask(address, "show timezone") == "UTC"
    assert ask(address, "show server_encoding") == "UTF8"
    assert (ask(address, "show fsync"), ask(address, "show synchronous_commit")) == ("on", "on")
    assert ask(address, "show listen_addresses") == ""


def test_the_server_stops_with_its_last_user(home: Path) -> None:
    """One user's end leaves the server to the others; the last one's end stops it."""
    first, second = User(home), User(home)
    assert first.address() == second.address()

    first.end()
    assert is_running(home)

    second.end()
    assert not is_running(home)


def test_eight_processes_start_it_together(home: Path) -> None:
    """Eight first users at once get one server, made once."""
    users = [User(home) for _ in range(8)]
    addresses = {user.address() for user in users}
    server = postmaster(home)

    assert len(addresses) == 1
    assert ask(addresses.pop(), "select count(*) from pg_database where datname = 'registry'") == 1
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(User.end, users))
    assert not is_running(home)
    assert (home / "postgres/data/log").read_text().count(f"[{server}] LOG:  starting PostgreSQL") == 1


def test_a_killed_user_leaves_a_server_for_the_next(home: Path) -> None:
    """After kill -9 of its only user the server stays, and the next user attaches to it, and stops it."""
    user = User(home)
    ask(user.address(), "create table kept as select 1")
    server = postmaster(home)
    user.kill()
    address = promptly(lambda: start(home))

    assert postmaster(home) == server
    assert ask(address, "select count(*) from kept") == 1
    release_embedded(home)
    assert not is_running(home)


@pytest.mark.parametrize("user_is_killed", [False, True], ids=["server killed", "server and user killed"])
def test_a_killed_server_recovers(home: Path, user_is_killed: bool) -> None:
    """After kill -9 of the server, in the middle of a query, the next start has every committed row within seconds."""
    user = User(home)
    address = user.address()
    ask(address, "create table kept as select generate_series(1, 1000)")
    busy = psycopg.connect(address)
    busy.execute("insert into kept select 0 from generate_series(1, 1000)")
    os.kill(postmaster(home), signal.SIGKILL)
    if user_is_killed:
        user.kill()
    address = promptly(lambda: start(home))
    busy.close()

    assert ask(address, "select count(*) from kept") == 1000
    user.kill()


def test_a_pid_file_that_names_a_stranger_is_stale(home: Path) -> None:
    """A pid file left behind whose number is another process's today stops nobody, and harms nobody."""
    start(home)
    pid_file = home / "postgres/data/postmaster.pid"
    lines = pid_file.read_text().split("\n")
    release_embedded(home)
    stranger = subprocess.Popen(["sleep", "900"], user="nobody" if os.geteuid() == 0 else None)
    pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
    promptly(lambda: start(home))

    assert stranger.poll() is None
    assert postmaster(home) != stranger.pid
    stranger.kill()
    stranger.wait()


def test_a_killed_first_start_begins_anew(home: Path) -> None:
    """What a first start left when it was killed is no cluster: the next one makes its own."""
    half_made = home / "postgres" / "new-half"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    address = start(home)

    assert ask(address, "select 1") == 1
    assert not half_made.exists()


@pytest.mark.parametrize(
    "name", ["with a space", "comma,comma", "quote'\"$(x)`&%;", "Überzug", "deep/" * 40 + "folder", "x" * 200]
)
def test_any_path_will_do(home: Path, name: str) -> None:
    """A folder of any name and depth can be the home: sockets take 107 bytes, libpq splits at commas."""
    address = start(home / name)

    assert ask(address, "show data_directory") == str(home / name / "postgres/data")


def test_a_copied_folder_is_another_cluster(home: Path) -> None:
    """A copy never reaches the original's server, though its pid file names it."""
    address = start(home)
    ask(address, "create table original as select 1")
    ask(address, "checkpoint")
    copy = home.with_name("copy")
    subprocess.run(["cp", "-a", home, copy], check=True)
    copied_address = start(copy)
    ask(copied_address, "drop table original")

    assert ask(copied_address, "show data_directory") == str(copy / "postgres/data")
    assert ask(address, "select count(*) from original") == 1
    release_embedded(copy)
    assert is_running(home)


def test_a_folder_can_move(home: Path) -> None:
    """A folder moved under its running server is found at its new place with its rows, and the server still stops."""
    user = User(home)
    ask(user.address(), "create table kept as select 1")
    user.kill()
    moved = home.rename(home.with_name("moved"))
    address = start(moved)

    assert ask(address, "select count(*) from kept") == 1
    release_embedded(moved)
    assert not is_running(moved)


def test_a_folder_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    """A home that can't be made is told with what to set instead."""
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedError, match=r"can't use .*: Not a directory\. .*MODEL_REGISTRY_HOME.*DATABASE_URL"):
        start(tmp_path / "file" / "home")


@DISKS
def test_a_full_disk_is_told_in_a_line_and_forgotten(home: Path) -> None:
    """On a full disk the first start says so in one line; with room again the next one works."""
    with a_small_disk(home, "20m"):
        try:
            with pytest.raises(EmbeddedError, match="No space left on device") as told:
                start(home)
            assert "\n" not in str(told.value)
            give_room(home, "200m")
            assert ask(start(home), "select 1") == 1
        finally:
            release_embedded(home)


def test_a_broken_cluster_is_told_in_the_servers_words(home: Path) -> None:
    """A cluster that can't start is left as it is, and the server's own reason is told in one line."""
    start(home)
    release_embedded(home)
    (home / "postgres/data/PG_VERSION").write_text("12\n")

    with pytest.raises(EmbeddedError, match="database files are incompatible with server") as told:
        start(home)
    assert "\n" not in str(told.value)
