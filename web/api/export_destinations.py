"""Destinations of exports, for programs with a session: register, try out, look at the ledger, send again."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from db import export_deliveries, export_destinations, export_trials
from db.export_destinations import Destination, NewDestination
from domain.errors import NotFound
from domain.export import DeliveryState
from supervision.exports import destinations
from supervision.exports.batching import destination_of
from web.api.export_models import (
    AskedTrial,
    BecauseOf,
    DestinationSecret,
    DestinationStep,
    ExportAttempt,
    ExportBatch,
    ExportDestination,
    ExportTrial,
    LedgerLine,
    NewExportDestination,
    RegisteredDestination,
    SentAgain,
)
from web.pages.export_destinations import by_of
from web.signed_in import ManagesExports
from web.state import Db, Now, Running

router = APIRouter(prefix="/exports", tags=["exports"])

_NEWEST: Final = 2**63 - 1


@router.get("/destinations")
def all_destinations(conn: Db, _viewer: ManagesExports) -> list[ExportDestination]:
    """Every destination, the oldest first."""
    return [_destination(one) for one in export_destinations.destinations(conn)]


@router.post("/destinations", status_code=201)
def register(
    running: Running, conn: Db, now: Now, viewer: ManagesExports, what: NewExportDestination
) -> RegisteredDestination:
    """Register a destination."""
    new = NewDestination(
        name=what.name.strip(),
        url=what.url.strip(),
        forms=frozenset(what.forms),
        market_ids=tuple(what.market_ids),
        sees_identities=what.sees_identities,
    )
    made = destinations.register(conn, new, running.config.exports_policy, by=by_of(viewer, now))
    found = _destination(destination_of(conn, made.destination_id))
    return RegisteredDestination(**found.model_dump(), secret=made.secret)


@router.get("/destinations/{destination_id}")
def one_destination(conn: Db, _viewer: ManagesExports, destination_id: int) -> ExportDestination:
    """One destination."""
    return _destination(destination_of(conn, destination_id))


@router.get("/destinations/{destination_id}/steps")
def steps(conn: Db, _viewer: ManagesExports, destination_id: int) -> list[DestinationStep]:
    """What was done with it, the last first, at most 200."""
    destination_of(conn, destination_id)
    return [DestinationStep.model_validate(one) for one in export_destinations.steps(conn, destination_id)]


@router.get("/destinations/{destination_id}/deliveries")
def deliveries(
    conn: Db,
    _viewer: ManagesExports,
    destination_id: int,
    state: DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int, Query(ge=1, le=_NEWEST)] = _NEWEST,
) -> list[LedgerLine]:
    """Its lines of the ledger, the newest revision first; `before`: only what has a smaller revision."""
    destination_of(conn, destination_id)
    found = export_deliveries.ledger(conn, destination_id=destination_id, state=state, before=before, limit=limit)
    return [LedgerLine.model_validate(one) for one in found]


@router.get("/destinations/{destination_id}/tests")
def trials(conn: Db, _viewer: ManagesExports, destination_id: int) -> list[ExportTrial]:
    """The last trial messages with what was answered, the newest first."""
    destination_of(conn, destination_id)
    return [ExportTrial.model_validate(one) for one in export_trials.of_destination(conn, destination_id)]


@router.post("/destinations/{destination_id}/test", status_code=202)
def send_trial(running: Running, conn: Db, now: Now, viewer: ManagesExports, destination_id: int) -> AskedTrial:
    """Have a message sent that holds no record."""
    policy = running.config.exports_policy
    return AskedTrial(trial_id=destinations.send_trial(conn, destination_id, policy, by=by_of(viewer, now)))


@router.post("/destinations/{destination_id}/secret")
def change_secret(
    running: Running, conn: Db, now: Now, viewer: ManagesExports, destination_id: int
) -> DestinationSecret:
    """Give a destination another secret."""
    secret = destinations.change_secret(conn, destination_id, running.config.exports_policy, by=by_of(viewer, now))
    return DestinationSecret(secret=secret, previous_until=destination_of(conn, destination_id).previous_until)


@router.post("/destinations/{destination_id}/disable")
def disable(conn: Db, now: Now, viewer: ManagesExports, destination_id: int, what: BecauseOf) -> ExportDestination:
    """Give a destination nothing any more."""
    destinations.switch_off(conn, destination_id, what.because, by=by_of(viewer, now))
    return _destination(destination_of(conn, destination_id))


@router.post("/destinations/{destination_id}/enable")
def enable(conn: Db, now: Now, viewer: ManagesExports, destination_id: int) -> ExportDestination:
    """Go on giving, from where it stopped."""
    destinations.switch_on(conn, destination_id, by=by_of(viewer, now))
    return _destination(destination_of(conn, destination_id))


@router.get("/batches/{batch_id}")
def one_batch(conn: Db, _viewer: ManagesExports, batch_id: int) -> ExportBatch:
    """One delivery: its records and every attempt."""
    found = export_deliveries.batch(conn, batch_id)
    if found is None:
        raise NotFound(f"there is no batch {batch_id}")
    values = {name: getattr(found, name) for name in ExportBatch.model_fields if name not in ("attempts", "records")}
    return ExportBatch(
        **values,
        attempts=[ExportAttempt.model_validate(one) for one in export_deliveries.attempts(conn, batch_id)],
        records=[LedgerLine.model_validate(one) for one in export_deliveries.of_batch(conn, batch_id)],
    )


@router.post("/batches/{batch_id}/send-again", status_code=202)
def send_again(conn: Db, now: Now, viewer: ManagesExports, batch_id: int, what: BecauseOf) -> SentAgain:
    """Have what was given up or refused sent again."""
    return SentAgain(batch_id=destinations.send_again(conn, batch_id, what.because, by=by_of(viewer, now)))


def _destination(one: Destination) -> ExportDestination:
    values = {
        name: getattr(one, name) for name in ExportDestination.model_fields if name not in ("forms", "market_ids")
    }
    return ExportDestination(**values, forms=sorted(one.forms), market_ids=list(one.market_ids))
