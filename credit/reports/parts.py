"""Rows of the database → parts of a report, with what a variant may not tell left out. Pure."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any, Final

from credit.reports.kinds import PenaltyStanding, Variant
from credit.reports.shape_of_lines import Identity, PromiseLine
from credit.reports.shape_of_parts import AppealLine, PenaltyLine
from db.report_figures import AppealRow, PenaltyRow, PromiseRow
from domain.promise import PromiseState
from domain.register.personal import PersonalField, mask
from domain.register.records import VendorIdentity

#: What has come of a promise for good. One that runs, or was declined, is between the vendor and the market.
_OVER: Final = frozenset({PromiseState.KEPT, PromiseState.BROKEN})


def alike(row: Any) -> dict[str, Any]:
    """Return the values of a row whose part of the report has the same fields."""
    if not is_dataclass(row):
        raise TypeError(f"{type(row).__name__} is no row")
    return {field.name: getattr(row, field.name) for field in fields(row)}


def identity_of(identity: VendorIdentity) -> Identity:
    """Return who a vendor is by law, masked: in full it stands in the register alone, where each look is logged."""
    return Identity(
        kind=identity.kind or "",
        licence_no=mask(PersonalField.LICENCE_NO, identity.licence_no),
        legal_representative=mask(PersonalField.LEGAL_REPRESENTATIVE, identity.legal_representative),
        licence_from=identity.licence_from,
        licence_until=identity.licence_until,
    )


def promise_lines(rows: Iterable[PromiseRow], variant: Variant) -> tuple[PromiseLine, ...]:
    """Return promises; in public those that are kept or broken, over a breach that stands for good."""
    lines = []
    for row in rows:
        if variant is Variant.PUBLIC and not (row.is_final and row.state in _OVER):
            continue
        values = alike(row)
        del values["is_final"]
        lines.append(PromiseLine(**values))
    return tuple(lines)


def penalty_lines(rows: Iterable[PenaltyRow]) -> tuple[PenaltyLine, ...]:
    """Return penalties in their documents' words."""
    return tuple(PenaltyLine(**{**alike(row), "standing": PenaltyStanding(row.standing)}) for row in rows)


def appeal_lines(rows: Iterable[AppealRow]) -> tuple[AppealLine, ...]:
    """Return appeals that await their answer."""
    return tuple(AppealLine(**{**alike(row), "vendor_id": row.vendor_id or ""}) for row in rows)
