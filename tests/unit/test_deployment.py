"""The deployment files agree with the product and with each other, and hold nothing secret, floating or anonymous."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
MOSQUITTO = ROOT / "deploy" / "mosquitto"
OWN_IMAGE = re.compile(r"steelyard:\d+\.\d+\.\d+")
EXACT_TAG = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?")
OUTSIDE_ADDRESS = re.compile(r"https?://(?!127\.0\.0\.1|localhost)|--(extra-)?index-url|--find-links")
DEPLOYMENT_FILES = (
    "docker-compose.yml",
    "Dockerfile",
    ".dockerignore",
    "deploy/make-secrets",
    "deploy/mosquitto/make-passwords",
    "deploy/mosquitto/mosquitto.conf",
    "deploy/mosquitto/acl",
)


def own_services() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in SERVICES.items() if "build" in service}


def settings_of_mosquitto() -> dict[str, str]:
    lines = (MOSQUITTO / "mosquitto.conf").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return {pair[0]: pair[1] for pair in pairs}


def is_pinned(image: str) -> bool:
    return EXACT_TAG.fullmatch(image) is not None


@pytest.mark.parametrize("image", ["timescale/timescaledb:latest-pg17", "eclipse-mosquitto", "python:3.11-slim", "x:2"])
def test_a_floating_version_is_recognised(image: str) -> None:
    assert not is_pinned(image)


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_an_exact_version(name: str) -> None:
    image = SERVICES[name]["image"]
    assert OWN_IMAGE.fullmatch(image) if "build" in SERVICES[name] else is_pinned(image)


def test_the_base_images_are_one_exact_version() -> None:
    bases = {line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM ")}
    assert len(bases) == 1
    assert all(is_pinned(base) for base in bases)


def test_the_design_is_complete() -> None:
    assert set(SERVICES) >= {"timescaledb", "mosquitto", "migrate", "ingest", "web", "clerk", "simulators"}
    assert SERVICES["simulators"]["profiles"] == ["demo"]


@pytest.mark.parametrize("name", ["ingest", "web", "clerk"])
def test_a_service_that_uses_the_database_waits_for_the_migrations(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_web_is_healthy_when_healthz_answers() -> None:
    assert "/healthz" in " ".join(SERVICES["web"]["healthcheck"]["test"])


@pytest.mark.parametrize("name", own_services())
def test_every_setting_that_is_passed_exists(name: str) -> None:
    from steelyard.settings import Settings

    known = {f"STEELYARD_{field.upper()}" for field in Settings.model_fields}
    passed = {variable for variable in own_services()[name].get("environment", {}) if variable.startswith("STEELYARD_")}
    assert passed <= known


@pytest.mark.parametrize("name", own_services())
def test_every_command_exists(name: str) -> None:
    from steelyard.cli import app

    command = get_command(app)
    for word in own_services()[name]["command"]:
        if word.startswith("-"):
            break
        assert isinstance(command, TyperGroup), f"{command.name} has no sub-command {word}"
        assert word in command.commands
        command = command.commands[word]


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_and_volume_that_is_used_is_declared(name: str) -> None:
    assert set(SERVICES[name].get("secrets", [])) <= set(COMPOSE["secrets"])
    sources = {volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])}
    files = {source for source in sources if source.startswith("./")}
    assert all((ROOT / source).is_file() for source in files)
    assert sources - files <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_file_that_is_read_is_mounted(name: str) -> None:
    environment: dict[str, str] = SERVICES[name].get("environment", {})
    read = {
        value.removeprefix("/run/secrets/") for value in environment.values() if str(value).startswith("/run/secrets/")
    }
    assert read <= set(SERVICES[name].get("secrets", []))


def test_no_password_is_in_the_compose_file() -> None:
    variables = [variable for service in SERVICES.values() for variable in service.get("environment", {})]
    assert [variable for variable in variables if variable.endswith("PASSWORD")] == []
    urls = [str(service.get("environment", {}).get("STEELYARD_DATABASE_URL", "")) for service in SERVICES.values()]
    assert [url for url in urls if re.search(r"://[^/@]*:[^/@]*@", url)] == []


@pytest.mark.parametrize("secret", COMPOSE["secrets"].values(), ids=COMPOSE["secrets"])
def test_a_secret_file_is_never_committed(secret: dict[str, str]) -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", secret["file"]], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_make_secrets_makes_every_secret_that_is_mounted() -> None:
    script = (ROOT / "deploy" / "make-secrets").read_text(encoding="utf-8")
    for name, secret in COMPOSE["secrets"].items():
        assert Path(secret["file"]).name == name
        assert re.search(rf"^\s*(make_secret|touch)\b.*\b{name}\b", script, re.MULTILINE), name


def test_make_secrets_keeps_what_is_there(tmp_path: Path) -> None:
    """Run a copy twice: a changed database password would lock the product out of its own data."""
    script = tmp_path / "make-secrets"
    script.write_bytes((ROOT / "deploy" / "make-secrets").read_bytes())
    (tmp_path / "secrets").mkdir()
    made: list[dict[str, str]] = []
    for _ in range(2):
        subprocess.run(["bash", script, "--demo"], check=True, capture_output=True)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == set(COMPOSE["secrets"])
    assert len({*made[0].values()} - {""}) == 3


def test_the_broker_lets_nobody_in_without_a_password() -> None:
    settings = settings_of_mosquitto()
    assert settings["allow_anonymous"] == "false"
    mounted = {volume.split(":")[1] for volume in SERVICES["mosquitto"]["volumes"]}
    assert settings["acl_file"] in mounted
    assert str(Path(settings["password_file"]).parent) in mounted


def test_the_broker_keeps_what_it_holds() -> None:
    settings = settings_of_mosquitto()
    assert settings["persistence"] == "true"
    assert settings["max_queued_messages"] == "0"
    assert settings["message_size_limit"] == "262144"


def test_a_device_may_write_in_its_own_name_only() -> None:
    lines = (MOSQUITTO / "acl").read_text(encoding="utf-8").splitlines()
    patterns = [line.split()[2] for line in lines if line.startswith("pattern write ")]
    assert patterns
    assert all("%u" in topic for topic in patterns)
    assert not any(line.endswith(" #") for line in lines if not line.startswith("#"))


def test_the_service_announces_the_caps_and_tells_notices_and_every_device_hears_them() -> None:
    lines = (MOSQUITTO / "acl").read_text(encoding="utf-8").splitlines()
    service = lines[lines.index("user ingest") : lines.index("user simulators")]
    assert {"topic write steelyard/v1/+/caps", "topic write steelyard/v1/+/+/notices"} <= set(service)
    assert {"pattern read steelyard/v1/+/caps", "pattern read steelyard/v1/+/%u/notices"} <= set(lines)
    assert [line for line in lines if " write " in line and "/caps" in line] == ["topic write steelyard/v1/+/caps"]


def test_only_the_service_and_the_simulators_have_rights_of_their_own() -> None:
    lines = (MOSQUITTO / "acl").read_text(encoding="utf-8").splitlines()
    assert [line.split()[1] for line in lines if line.startswith("user ")] == ["ingest", "simulators"]


def test_the_container_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE.rpartition("\nFROM ")[2], re.MULTILINE)
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}


def test_the_image_installs_what_is_locked() -> None:
    assert "--require-hashes -r requirements/run.lock" in DOCKERFILE
    assert "--no-deps --no-build-isolation" in DOCKERFILE


@pytest.mark.parametrize("name", DEPLOYMENT_FILES)
def test_no_registry_is_named(name: str) -> None:
    assert OUTSIDE_ADDRESS.search((ROOT / name).read_text(encoding="utf-8")) is None


def test_everything_in_the_wheel_is_sent_to_the_image_build() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "README.md", "requirements/run.lock"}
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {path for path in needed if f"!{path}" not in sent} == set()
