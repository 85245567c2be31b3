"""`steelyard migrate`: bring the database to the newest schema."""

import typer

from db.migrate import migrate as migrate_database
from db.pool import translate_absence
from steelyard.settings import read_settings


def migrate() -> None:
    """Bring the database to the newest schema; doing it again changes nothing."""
    with translate_absence():
        engine = migrate_database(read_settings().database_url_with_password)
    typer.echo(f"schema is current on {engine}")
