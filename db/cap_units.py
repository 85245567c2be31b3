"""What an alert's caps are for, a kg or a piece: an alert keeps the numbers, its weighings the unit."""

from collections.abc import Collection

from psycopg import Connection

from db.queries import load
from domain.alert import Alert
from domain.price_cap import CapUnit

_SQL = load("cap_units")


def of_alerts(conn: Connection, asked: Collection[Alert]) -> dict[int, CapUnit]:
    """Return it by alert_id. Where no species of theirs was ever capped by the piece, no weighing is read."""
    units = dict.fromkeys((alert.alert_id for alert in asked), CapUnit.KG)
    by_the_piece = {row[0] for row in conn.execute(_SQL["species_capped_by_the_piece"])}
    doubtful = [alert.alert_id for alert in asked if alert.species_code in by_the_piece]
    if doubtful:
        rows = conn.execute(_SQL["of_alerts"], {"alert_ids": doubtful})
        units.update({alert_id: CapUnit(unit) for alert_id, unit in rows})
    return units
