"""Run a command that does not outlive the process that started it, even when that is ended by kill -9.

`python -m steelyard.embedded.tether PARENT_PID SIGNAL USER COMMAND…`: the kernel sends SIGNAL when the parent is gone
(prctl(2), PR_SET_PDEATHSIG; kept across exec, lost by a change of user: hence the order). USER '-' changes nothing.
"""

import ctypes
import os
import pwd
import signal
import sys

_PR_SET_PDEATHSIG = 1
SAME_USER = "-"


def command_line(
    command: list[str], *, end_with: signal.Signals = signal.SIGTERM, user: str | None = None
) -> list[str]:
    """Return what to start so that `command` runs tethered to the calling process."""
    tether = [sys.executable, "-m", "steelyard.embedded.tether", str(os.getpid())]
    return [*tether, str(int(end_with)), user or SAME_USER, *command]


def main() -> None:
    """Tie this process to its parent, then become the command."""
    # Python notes a signal and acts on it later: one that comes just before the exec would be forgotten.
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_DFL)
    parent, end_with, user, *command = sys.argv[1:]
    if user != SAME_USER:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(end_with)) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != int(parent):
        sys.exit(f"process {parent}, which wanted this started, is gone already")
    os.execvp(command[0], command)  # noqa: S606 - the command is the caller's own


if __name__ == "__main__":
    main()
