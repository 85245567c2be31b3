"""`steelyard migrate`: bring the database to the newest schema."""

from datetime import UTC, datetime

import typer


def migrate() -> None:
    """Bring the database to the newest schema; doing it again changes nothing.

    The first time it also keeps the credit rules that count from now on: a file that is changed later changes nothing
    of what was scored.
    """
    from credit.rules.enacting import found
    from db.migrate import migrate as migrate_database
    from db.pool import connect
    from steelyard.settings import read_settings

    settings = read_settings()
    url = settings.database_url_with_password
    typer.echo(f"schema is current on {migrate_database(url)}")
    rules = settings.policy_file("credit.toml").read_text(encoding="utf-8")
    with connect(url) as conn:
        found(conn, rules, datetime.now(UTC))
