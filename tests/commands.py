"""The command line in this process: what a command decides and says, without a Python that starts for it.

What is about the process itself (what it loads, signals, how it ends) needs a process.
"""

import io
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest import mock

from steelyard.cli import main


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How a command ended, named as `subprocess.CompletedProcess` names it."""

    returncode: int
    stdout: str
    stderr: str


def run_here(*words: str, environment: Mapping[str, str], stdin: str = "") -> Ran:
    """Do `steelyard WORDS…` with this environment and no other; nothing it says goes to a terminal."""
    out, err, asked = _stream(), _stream(), _stream(stdin)
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.object(sys, "argv", ["steelyard", *words]),
        mock.patch.object(sys, "stdin", asked),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        status = _status_of_main()
    return Ran(returncode=status, stdout=_said(out), stderr=_said(err))


def _status_of_main() -> int:
    try:
        main()
    except SystemExit as end:
        assert isinstance(end.code, int | None)
        return end.code or 0
    return 0


def _stream(content: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content.encode()), encoding="utf-8", newline="")


def _said(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
