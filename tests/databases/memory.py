"""Data folders in memory: copying a database creates three hundred files, most of the time a test takes on a disk."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
# In a container it may be 64 MB, which one database fills.
ENOUGH_BYTES = 2 * 1024**3


def fastest_folder() -> Path:
    """Where a temporary data folder is best put."""
    if os.access(SHARED_MEMORY, os.W_OK) and shutil.disk_usage(SHARED_MEMORY).free > ENOUGH_BYTES:
        return SHARED_MEMORY
    return Path(tempfile.gettempdir())


@contextmanager
def mounted_privately(folder: Path) -> Iterator[tuple[str, ...]]:
    """Memory over `folder`, seen only by what is started with the command words that are yielded.

    The mount lives in a namespace of its own, so it is gone with the last process in it, however that ends.
    Where mounting is not allowed there are no words, and the folder stays what it is.
    """
    if not all(shutil.which(program) for program in ("unshare", "nsenter", "mount")):
        yield ()
        return
    owner = folder.stat()
    options = f"mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    mount = 'mount -t tmpfs -o "$1" steelyard-tests "$2" && echo mounted && read -r _'
    # It holds the namespace open until its input closes, which the end of this process does too.
    with subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh", options, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as holder:
        is_mounted = holder.stdout is not None and holder.stdout.readline().strip() == b"mounted"
        yield ("nsenter", "--target", str(holder.pid), "--mount") if is_mounted else ()
