"""Settings are read once and whole; every problem is named at once, and every setting is in the docs."""

from pathlib import Path

import pytest

from domain.errors import BadFile
from steelyard.settings import PREFIX, Settings, read_settings

ROOT = Path(__file__).parents[3]


def test_every_problem_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_MQTT_PORT", "70000")
    monkeypatch.setenv("STEELYARD_BATCH_SIZE", "many")
    with pytest.raises(BadFile) as refused:
        read_settings()
    assert [problem.split(" is ")[0] for problem in refused.value.problems] == [
        "STEELYARD_MQTT_PORT",
        "STEELYARD_BATCH_SIZE",
    ]


@pytest.mark.parametrize("password", ["plain", "p@ss:w/rd ?#%"])
def test_a_password_from_a_file_goes_into_the_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    from psycopg.conninfo import conninfo_to_dict

    secret = tmp_path / "secret"
    secret.write_text(password + "\n", encoding="utf-8")
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "postgresql://steelyard@db:5432/steelyard?sslmode=require")
    monkeypatch.setenv("STEELYARD_DATABASE_PASSWORD_FILE", str(secret))
    parts = conninfo_to_dict(read_settings().database_url_with_password)
    assert (parts["password"], parts["user"], parts["host"], parts["sslmode"]) == (
        password,
        "steelyard",
        "db",
        "require",
    )


def test_a_secret_that_cannot_be_read_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_MQTT_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        _ = read_settings().mqtt_password


def test_every_setting_is_described_in_the_docs() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"`{PREFIX}{name.upper()}`" not in documented]
    assert missing == []
