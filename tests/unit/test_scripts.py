"""Every script says what it is for, from any folder, and does nothing else where it is only asked that."""

import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = sorted(path.name for path in (REPOSITORY / "scripts").iterdir())


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that_is_asked_for_help_gives_it(name: str, tmp_path: Path) -> None:
    script = str(REPOSITORY / "scripts" / name)
    asked = subprocess.run([script, "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert asked.returncode == 0, asked.stderr
    assert "Traceback" not in asked.stderr
    assert len(asked.stdout.splitlines()) >= 2
    assert list(tmp_path.iterdir()) == []
