"""What alerts say of single weighings: read to be held against what judging again says, and changed by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection

from db.queries import load
from domain.alert import AlertKind, AlertState
from domain.ids import MarketId
from domain.weighing import WeighingKey

_SQL = load("rejudging")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What an occurrence says: excess in fen per the cap's unit and in thousandths of it, money above the cap."""

    excess_fen: int
    overcharge_fen: int
    excess_permille: int
    cap_fen: int | None
    cap_unit: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An occurrence of an alert. `stands`: it was not taken back. `identity`: what one open alert is counted by."""

    alert_id: int
    state: AlertState
    key: WeighingKey
    identity: tuple[str, str, str, str, date]
    figures: Figures
    stands: bool


def standing(
    conn: Connection, market_id: MarketId, earliest: datetime, latest: datetime, kinds: Sequence[AlertKind]
) -> list[Standing]:
    """Return the occurrences of alerts of some kinds whose weighings were made in a span of time, both ends in it."""
    parameters = {"market_id": market_id, "earliest": earliest, "latest": latest, "kinds": [one.value for one in kinds]}
    return [
        Standing(
            alert_id=alert_id,
            state=AlertState(state),
            key=WeighingKey(market_id, scale_id, journal_id, seq, weighed_at),
            identity=(market_id, subject, kind, species, day),
            figures=Figures(
                excess_fen=excess,
                overcharge_fen=overcharge,
                excess_permille=permille,
                cap_fen=cap_fen,
                cap_unit=cap_unit,
            ),
            stands=stands,
        )
        for (
            alert_id,
            scale_id,
            journal_id,
            seq,
            weighed_at,
            excess,
            overcharge,
            permille,
            cap_fen,
            cap_unit,
            stands,
            kind,
            subject,
            species,
            day,
            state,
        ) in conn.execute(_SQL["standing"], parameters)
    ]


def withdraw(conn: Connection, rejudgement_id: int, gone: Sequence[Standing]) -> None:
    """Mark occurrences as taken back."""
    conn.execute(_SQL["withdraw_occurrences"], {**_keys(gone), "rejudgement_id": rejudgement_id})


def correct(conn: Connection, corrected: Sequence[tuple[Standing, Figures]]) -> None:
    """Let occurrences say something else, and stand again where they were taken back."""
    parameters = _keys([one for one, _ in corrected])
    for name in Figures.__slots__:
        parameters[name] = [getattr(figures, name) for _, figures in corrected]
    conn.execute(_SQL["correct_occurrences"], parameters)


def recount(conn: Connection, alert_ids: Sequence[int], now: datetime) -> None:
    """Let undecided alerts say what those of their occurrences say that stand."""
    conn.execute(_SQL["recount"], {"alert_ids": list(alert_ids), "now": now})


def without_occurrences(conn: Connection, alert_ids: Sequence[int]) -> list[tuple[int, AlertState]]:
    """Return those alerts of which no occurrence stands any more, with their state."""
    rows = conn.execute(_SQL["without_occurrences"], {"alert_ids": list(alert_ids)})
    return [(alert_id, AlertState(state)) for alert_id, state in rows]


def _keys(occurrences: Sequence[Standing]) -> dict[str, object]:
    parameters: dict[str, object] = {"alert_id": [one.alert_id for one in occurrences]}
    for name in ("scale_id", "journal_id", "seq", "weighed_at"):
        parameters[name] = [getattr(one.key, name) for one in occurrences]
    return parameters
