"""What cannot run is told loudly, and in CI it is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_browser_tests(path: Path, ci: str) -> subprocess.CompletedProcess[str]:
    """The browser's own tests, with nothing on PATH and so no Chromium."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/e2e/test_browser.py"]
    environment = {**os.environ, "PATH": str(path), "CI": ci}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_without_a_browser_its_tests_are_skipped_with_a_line_of_their_own(tmp_path: Path) -> None:
    done = run_browser_tests(tmp_path, ci="")
    assert done.returncode == 0
    assert "NOT TESTED here, 2 tests: needs a Chromium" in done.stdout


@pytest.mark.parametrize("ci", ["true", "1"])
def test_without_a_browser_its_tests_fail_in_ci(tmp_path: Path, ci: str) -> None:
    done = run_browser_tests(tmp_path, ci)
    assert done.returncode == 1
    assert "2 failed" in done.stdout or "2 errors" in done.stdout
