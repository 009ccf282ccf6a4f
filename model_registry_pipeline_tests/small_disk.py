"""Disks that are soon full, in memory; root's alone to mount."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DISKS = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="mounts a small disk")


@contextmanager
def a_small_disk(folder: Path, size: str, owner: int = 0) -> Iterator[None]:
    """A disk of some size at a new folder."""
    folder.mkdir()
    options = f"size={size},uid={owner},mode=700"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let us mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def give_room(folder: Path, size: str) -> None:
    """Make a small disk as large as this."""
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)
