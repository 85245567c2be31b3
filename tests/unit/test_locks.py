"""The lock files hold everything that pyproject.toml asks for, with hashes, and say nothing of where it comes from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILD_IN = ROOT / "requirements" / "build.in"
RUN, DEV = ("requirements/run.lock", "requirements/dev.lock")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
ADDRESS = re.compile(r"[a-z]+://|--(extra-)?index-url|--find-links|^-[if] ", re.MULTILINE)


def text_of(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def pins_of(lock: str) -> dict[str, Version]:
    return {canonicalize_name(name): Version(version) for name, version in PINNED.findall(text_of(lock))}


def requirements_of(lock: str) -> list[Requirement]:
    lines = [line for line in BUILD_IN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    lines += PROJECT["build-system"]["requires"] + PROJECT["project"]["dependencies"]
    if lock == DEV:
        lines += PROJECT["project"]["optional-dependencies"]["dev"]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", [RUN, DEV])
def test_every_requirement_is_locked_to_a_version_that_fits(lock: str) -> None:
    pins = pins_of(lock)
    misfits = [
        f"{requirement} (locked: {pins.get(canonicalize_name(requirement.name))})"
        for requirement in requirements_of(lock)
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), Version("0")))
    ]
    assert misfits == [], "run scripts/lock"


@pytest.mark.parametrize("lock", [RUN, DEV])
def test_every_version_has_its_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", text_of(lock).strip())
    without = [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert without == []


@pytest.mark.parametrize("lock", [RUN, DEV])
def test_a_lock_names_no_address(lock: str) -> None:
    assert ADDRESS.search(text_of(lock)) is None


@pytest.mark.parametrize("line", ["--index-url x", "-i x", "pkg @ https://host/pkg.whl", "--find-links wheels"])
def test_an_address_would_be_found(line: str) -> None:
    assert ADDRESS.search(f"pkg==1.0 \\\n{line}\n")


def test_what_is_deployed_is_what_is_tested() -> None:
    run, dev = pins_of(RUN), pins_of(DEV)
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}
