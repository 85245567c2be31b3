"""What the scales are, where each stood for whom when, and their verifications."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import (
    RegisteredScale,
    ScaleIdentity,
    ScaleStay,
    SealState,
    Verification,
    VerificationRecord,
)
from domain.scale import AccuracyClass, ScaleFacts

_SQL = load("register_scales")
_SHOWN = 500


def one(conn: Connection, market_id: MarketId, scale_id: ScaleId) -> RegisteredScale | None:
    """Return a scale, or None."""
    row = conn.execute(_SQL["one"], {"market_id": market_id, "scale_id": scale_id}).fetchone()
    return None if row is None else _scale(row)


def several(conn: Connection, market_id: MarketId, scale_ids: Collection[str]) -> dict[ScaleId, RegisteredScale]:
    """Return those of the scales that are registered."""
    parameters = {"market_id": market_id, "scale_ids": list(scale_ids)}
    return {row[1]: _scale(row) for row in conn.execute(_SQL["several"], parameters)}


def insert(conn: Connection, market_id: MarketId, scale_id: ScaleId, identity: ScaleIdentity) -> bool:
    """Register a scale; return False where there is one of that id."""
    values = {"market_id": market_id, "scale_id": scale_id, **_values(identity)}
    return conn.execute(_SQL["insert"], values).fetchone() is not None


def change(conn: Connection, market_id: MarketId, scale_id: ScaleId, identity: ScaleIdentity, *, revision: int) -> bool:
    """Put an identity in place of revision `revision`; False where that is not the newest any more."""
    values = {"market_id": market_id, "scale_id": scale_id, "revision": revision, **_values(identity)}
    return conn.execute(_SQL["change"], values).fetchone() is not None


def move_revision(conn: Connection, market_id: MarketId, scale_id: ScaleId, revision: int | None) -> bool:
    """Hold a scale and move its revision; False where `revision` (None: whichever) is not the newest any more."""
    parameters = {"market_id": market_id, "scale_id": scale_id, "revision": revision}
    return conn.execute(_SQL["move_revision"], parameters).fetchone() is not None


def stays_of_vendor(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int = _SHOWN
) -> list[ScaleStay]:
    """Return which scales stood with a vendor, the newest stay first."""
    return _stays(conn, "stays_of_vendor", market_id, {"vendor_id": vendor_id, "limit": limit})


def with_vendor(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, moment: datetime, *, limit: int
) -> list[ScaleStay]:
    """Return which scales stand with a vendor at a moment, by their ids."""
    return _stays(conn, "with_vendor", market_id, {"vendor_id": vendor_id, "moment": moment, "limit": limit})


def stays_of_scale(conn: Connection, market_id: MarketId, scale_id: ScaleId, *, limit: int = _SHOWN) -> list[ScaleStay]:
    """Return where a scale stood, the newest stay first."""
    return _stays(conn, "stays_of_scale", market_id, {"scale_id": scale_id, "limit": limit})


def stays_of_stall(conn: Connection, market_id: MarketId, stall_id: StallId, *, limit: int = _SHOWN) -> list[ScaleStay]:
    """Return which scales stood on a stall, the newest stay first."""
    return _stays(conn, "stays_of_stall", market_id, {"stall_id": stall_id, "limit": limit})


def stay_at(
    conn: Connection, market_id: MarketId, scale_id: ScaleId, moment: datetime
) -> tuple[StallId, VendorId] | None:
    """Return where and for whom a scale stood at a moment; None for nowhere."""
    parameters = {"market_id": market_id, "scale_id": scale_id, "moment": moment}
    row = conn.execute(_SQL["stay_at"], parameters).fetchone()
    return None if row is None else (StallId(row[0]), VendorId(row[1]))


def bind(
    conn: Connection,
    market_id: MarketId,
    scale_id: ScaleId,
    stall_id: StallId,
    vendor_id: VendorId,
    moment: datetime,
    *,
    ends: datetime | None = None,
) -> None:
    """Put a scale on a vendor's stall from a moment until its next stay; one that begins then is corrected.

    It ends at `ends` where that is earlier, and a release that was planned stands: where the stay before had an end,
    this one ends there too.
    """
    values: dict[str, object] = {
        "market_id": market_id,
        "scale_id": scale_id,
        "stall_id": stall_id,
        "vendor_id": vendor_id,
        "moment": moment,
    }
    if conn.execute(_SQL["replace_stay"], values).rowcount > 0:
        if ends is not None:
            conn.execute(_SQL["end_stay"], {**values, "moment": ends})
        return
    planned = conn.execute(_SQL["planned_end"], values).fetchone()
    known = [end for end in (ends, planned[0] if planned else None) if end is not None]
    conn.execute(_SQL["end_stay"], values)
    conn.execute(_SQL["insert_stay"], {**values, "ends": min(known, default=None)})


def release(
    conn: Connection, market_id: MarketId, scale_id: ScaleId, moment: datetime
) -> tuple[StallId, VendorId] | None:
    """End the stay of a scale at a moment; return where it was and whose, None where nowhere."""
    values = {"market_id": market_id, "scale_id": scale_id, "moment": moment}
    row = conn.execute(_SQL["end_stay"], values).fetchone() or conn.execute(_SQL["drop_stay"], values).fetchone()
    return None if row is None else (StallId(row[0]), VendorId(row[1]))


def verifications(
    conn: Connection, market_id: MarketId, scale_id: ScaleId, *, limit: int = 50
) -> list[VerificationRecord]:
    """Return the verifications of a scale, the newest first."""
    rows = conn.execute(_SQL["verifications"], {"market_id": market_id, "scale_id": scale_id, "limit": limit})
    return [_verification(row) for row in rows]


def verify(
    conn: Connection,
    market_id: MarketId,
    scale_id: ScaleId,
    new: Verification,
    *,
    revision: int | None,
    is_newest: bool,
    by: str,
    at: datetime,
) -> bool | None:
    """Keep a verification, and put it in force where it is the newest.

    None where the certificate is there already, False where `revision` is not the newest any more.
    """
    values = {"market_id": market_id, "scale_id": scale_id, "revision": revision, "by": by, "at": at, **asdict(new)}
    if conn.execute(_SQL["add_verification"], values).fetchone() is None:
        return None
    return conn.execute(_SQL["verify" if is_newest else "move_revision"], values).fetchone() is not None


def _stays(conn: Connection, statement: str, market_id: MarketId, values: dict[str, Any]) -> list[ScaleStay]:
    with conn.cursor(row_factory=class_row(ScaleStay)) as cursor:
        return cursor.execute(_SQL[statement], {"market_id": market_id, **values}).fetchall()


def _values(identity: ScaleIdentity) -> dict[str, Any]:
    own = {"serial_number": identity.serial_number, "maker": identity.maker, "model": identity.model}
    return {**own, "seal_state": identity.seal_state, **asdict(identity.facts)}


def _scale(row: Sequence[Any]) -> RegisteredScale:
    market_id, scale_id, serial_number, maker, model, seal_state, certificate_no, verified_on, revision, *facts = row
    division_g, max_g, accuracy_class, usual_tare_g, verified_until, production, repair, verification, seal = facts
    return RegisteredScale(
        market_id=market_id,
        scale_id=scale_id,
        identity=ScaleIdentity(
            serial_number=serial_number,
            maker=maker,
            model=model,
            facts=ScaleFacts(
                division_g=division_g,
                max_g=max_g,
                accuracy_class=None if accuracy_class is None else AccuracyClass(accuracy_class),
                usual_tare_g=usual_tare_g,
                verified_until=verified_until,
                production_code=production,
                repair_code=repair,
                verification_code=verification,
                seal_no=seal,
            ),
            seal_state=None if seal_state is None else SealState(seal_state),
        ),
        certificate_no=certificate_no,
        verified_on=verified_on,
        revision=revision,
    )


def _verification(row: Sequence[Any]) -> VerificationRecord:
    verification_id, on, until, certificate_no, verifier, passed, code, seal_no, seal_state, by, at = row
    return VerificationRecord(
        verification_id=verification_id,
        verification=Verification(
            verified_on=on,
            valid_until=until,
            certificate_no=certificate_no,
            verifier=verifier,
            passed=passed,
            verification_code=code,
            seal_no=seal_no,
            seal_state=None if seal_state is None else SealState(seal_state),
        ),
        entered_by=by,
        entered_at=at,
    )
