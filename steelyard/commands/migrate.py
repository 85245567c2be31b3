"""`steelyard migrate`: bring the database to the newest schema."""

import typer


def migrate() -> None:
    """Bring the database to the newest schema; doing it again changes nothing."""
    from db.migrate import migrate as migrate_database
    from steelyard.settings import read_settings

    typer.echo(f"schema is current on {migrate_database(read_settings().database_url_with_password)}")
