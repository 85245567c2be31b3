"""What was handed in, what it told of approvals, and whom of the register they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from db.queries import load
from domain.approval import Approval, ApprovalAct, ApprovalKind, ApprovalVersion, Feed, Match, MatchedHow
from domain.ids import MarketId, VendorId

_SQL = load("approvals")
_FIELDS: Final = tuple(Approval.__dataclass_fields__)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredApproval:
    """An approval as it holds today. `is_matched`: a vendor of the register is known to be whom it is about."""

    approval_id: int
    version: int
    approval: Approval
    digest: bytes
    changed_at: datetime | None
    received_at: datetime
    is_matched: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRow:
    """An approval that a record names, the number of its last version, late ones too, and the digests of them all."""

    stored: StoredApproval
    latest: int
    digests: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingReceipt:
    """A file that waits to be taken over."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What was taken over: its name and SHA-256, by whom, and what it told. `digest` in hexadecimal.

    `removed_at`: when its bytes were removed; None: they are kept.
    """

    receipt_id: int
    feed: str
    name: str
    digest: str
    taken_by: str
    taken_at: datetime
    added: int
    changed: int
    unchanged: int
    late: int
    removed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewVersion:
    """A version to keep."""

    version: int
    approval: Approval
    digest: bytes
    changed_at: datetime | None
    changes: dict[str, tuple[str, str]]
    is_late: bool
    feed: Feed
    receipt_id: int | None
    by: str
    at: datetime


def hold_feed(conn: Connection) -> None:
    """Hold what is known of approvals until the transaction ends."""
    conn.execute(_SQL["hold_feed"])


def put_receipt(conn: Connection, feed: Feed, name: str, content: bytes, *, by: str, at: datetime) -> int:
    """Keep what was handed in; return its receipt_id."""
    row = conn.execute(
        _SQL["put_receipt"], {"feed": feed, "name": name, "content": content, "by": by, "at": at}
    ).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no receipt_id")
    return int(row[0])


def forget_looked_at(conn: Connection, before: datetime) -> int:
    """Delete the files that were uploaded before a moment and never taken over; return how many."""
    return conn.execute(_SQL["forget_old"], {"before": before}).rowcount


def remove_contents(conn: Connection, before: datetime, *, at: datetime, limit: int) -> int:
    """Remove the bytes of what was taken over before a moment; its digest and counts stay. Return of how many."""
    return conn.execute(_SQL["remove_contents"], {"before": before, "at": at, "limit": limit}).rowcount


def waiting(conn: Connection, receipt_id: int, *, by: str) -> WaitingReceipt | None:
    """Return a file that its own uploader has not taken over yet, held until the transaction ends."""
    row = conn.execute(_SQL["waiting"], {"receipt_id": receipt_id, "by": by}).fetchone()
    return None if row is None else WaitingReceipt(name=row[0], content=bytes(row[1]))


def taken(
    conn: Connection, receipt_id: int, *, by: str, at: datetime, added: int, changed: int, unchanged: int, late: int
) -> None:
    """Note what a receipt told."""
    values = {"added": added, "changed": changed, "unchanged": unchanged, "late": late}
    conn.execute(_SQL["taken"], {"receipt_id": receipt_id, "by": by, "at": at, **values})


def receipts(conn: Connection, *, limit: int = 20) -> list[Receipt]:
    """Return what was taken over, the newest first."""
    with conn.cursor(row_factory=class_row(Receipt)) as cursor:
        return cursor.execute(_SQL["receipts"], {"limit": limit}).fetchall()


def known(conn: Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], KnownRow]:
    """Return what is known of approvals by authority and number."""
    parameters = {"authorities": [key[0] for key in keys], "numbers": [key[1] for key in keys]}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["known"], parameters).fetchall()
    return {
        (row["authority"], row["number"]): KnownRow(
            stored=_stored(row), latest=row["latest"], digests=tuple(map(bytes, row["digests"]))
        )
        for row in rows
    }


def insert(conn: Connection, new: NewVersion) -> int:
    """Keep an approval that nobody told of before; return its approval_id."""
    row = conn.execute(_SQL["insert"], _values(new)).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no approval_id")
    return int(row[0])


def replace_with(conn: Connection, approval_id: int, new: NewVersion) -> None:
    """Let a version be the one that holds."""
    conn.execute(_SQL["replace"], {**_values(new), "approval_id": approval_id})


def told_again(conn: Connection, approval_id: int, changed_at: datetime) -> None:
    """Note that what holds was told again as of a later moment."""
    conn.execute(_SQL["told_again"], {"approval_id": approval_id, "changed_at": changed_at})


def append_version(conn: Connection, approval_id: int, new: NewVersion) -> None:
    """Keep a version for good."""
    conn.execute(_SQL["append_version"], {**_values(new), "approval_id": approval_id})


def by_id(conn: Connection, approval_id: int) -> StoredApproval | None:
    """Return an approval, or None."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["by_id"], {"approval_id": approval_id}).fetchone()
    return None if row is None else _stored(row)


def by_id_locked(conn: Connection, approval_id: int) -> StoredApproval | None:
    """Return an approval, held for the length of the transaction."""
    conn.execute(_SQL["lock"], {"approval_id": approval_id})
    return by_id(conn, approval_id)


def versions(conn: Connection, approval_id: int) -> list[ApprovalVersion]:
    """Return everything that was ever told of an approval, the newest first."""
    return versions_of_each(conn, [approval_id])[approval_id]


def versions_of_each(conn: Connection, approval_ids: Sequence[int]) -> dict[int, list[ApprovalVersion]]:
    """Return the same of several approvals."""
    found: dict[int, list[ApprovalVersion]] = {one: [] for one in approval_ids}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SQL["versions"], {"approval_ids": list(found)}):
            found[row["approval_id"]].append(_version(row))
    return found


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int) -> list[StoredApproval]:
    """Return the approvals of a vendor, what came last first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_stored(row) for row in cursor.execute(_SQL["of_vendor"], parameters)]


def several(conn: Connection, approval_ids: Sequence[int]) -> dict[int, StoredApproval]:
    """Return approvals by their ids."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(load("approval_checks")["several"], {"approval_ids": list(approval_ids)}).fetchall()
    return {row["approval_id"]: _stored(row) for row in rows}


def match_by_codes(conn: Connection, approval_ids: Sequence[int], *, by: str, at: datetime) -> int:
    """Match approvals with every vendor that goes by their codes; return how many were matched with another vendor.

    Matches by a code that does not hold any more are ended.
    """
    parameters = {"approval_ids": list(approval_ids), "by": by, "at": at}
    ended = [row[0] for row in conn.execute(_SQL["end_stale"], parameters)]
    conn.execute(_SQL["set_matched"], {"approval_ids": ended})
    return len(conn.execute(_SQL["match_by_codes"], parameters).fetchall())


def take_stale_vendors(conn: Connection, limit: int) -> list[tuple[MarketId, VendorId]]:
    """Take vendors whose codes are new, within the transaction that matches them."""
    rows = conn.execute(_SQL["take_stale_vendors"], {"limit": limit}).fetchall()
    return sorted({(MarketId(market_id), VendorId(vendor_id)) for market_id, vendor_id in rows})


def about_vendors(conn: Connection, vendors: Sequence[tuple[MarketId, VendorId]]) -> list[int]:
    """Return the approvals that vendors' codes may match, or matched so far."""
    given = {"market_ids": [one[0] for one in vendors], "vendor_ids": [one[1] for one in vendors]}
    return [int(row[0]) for row in conn.execute(_SQL["about_vendors"], given)]


def match_by_a_person(
    conn: Connection, approval_id: int, market_id: MarketId, vendor_id: VendorId, *, because: str, by: str, at: datetime
) -> bool:
    """Match an approval with a vendor; return False where it is already."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "because": because, "by": by, "at": at}
    is_new = conn.execute(_SQL["match_by_a_person"], {"approval_id": approval_id, **values}).fetchone() is not None
    conn.execute(_SQL["set_matched"], {"approval_ids": [approval_id]})
    return is_new


def end_match(
    conn: Connection, approval_id: int, market_id: MarketId, vendor_id: VendorId, *, because: str, by: str, at: datetime
) -> bool:
    """End a match; return False where there is none."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "because": because, "by": by, "at": at}
    is_ended = conn.execute(_SQL["end_match"], {"approval_id": approval_id, **values}).fetchone() is not None
    conn.execute(_SQL["set_matched"], {"approval_ids": [approval_id]})
    return is_ended


def matches(conn: Connection, approval_id: int) -> list[Match]:
    """Return whom an approval is about."""
    return matches_of_each(conn, [approval_id])[approval_id]


def matches_of_each(conn: Connection, approval_ids: Sequence[int]) -> dict[int, list[Match]]:
    """Return whom each of several approvals is about."""
    found: dict[int, list[Match]] = {one: [] for one in approval_ids}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SQL["matches"], {"approval_ids": list(found)}):
            approval_id = row.pop("approval_id")
            found[approval_id].append(Match(**{**row, "how": MatchedHow(row["how"])}))
    return found


def _version(row: dict[str, Any]) -> ApprovalVersion:
    return ApprovalVersion(
        version=row["version"],
        approval=_approval(row),
        changed_at=row["changed_at"],
        changes={name: (both[0], both[1]) for name, both in row["changes"].items()},
        is_late=row["is_late"],
        feed=Feed(row["feed"]),
        receipt_id=row["receipt_id"],
        received_at=row["received_at"],
        received_by=row["received_by"],
    )


def _values(new: NewVersion) -> dict[str, Any]:
    own = {name: getattr(new, name) for name in NewVersion.__slots__ if name not in ("approval", "changes")}
    return {**own, **{name: getattr(new.approval, name) for name in _FIELDS}, "changes": Jsonb(new.changes)}


def _approval(row: dict[str, Any]) -> Approval:
    texts = {name: row[name] for name in _FIELDS}
    return Approval(**{**texts, "kind": ApprovalKind(row["kind"]), "act": ApprovalAct(row["act"])})


def _stored(row: dict[str, Any]) -> StoredApproval:
    return StoredApproval(
        approval_id=row["approval_id"],
        version=row["version"],
        approval=_approval(row),
        digest=bytes(row["digest"]),
        changed_at=row["changed_at"],
        received_at=row["received_at"],
        is_matched=row["is_matched"],
    )
