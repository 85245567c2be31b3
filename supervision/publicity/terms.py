"""Whether a penalty is told in public, from when to when, and whether its decision is final. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from domain.alert_step import AlertAction, AlertStep
from domain.publicity import PenaltyKind, PublicityField, PublicityTerm
from supervision.alerts.appeals import appeal_until
from supervision.policy import SupervisionPolicy
from supervision.publicity.policy import PublicityPolicy


class Finality(StrEnum):
    """Whether the newest penalty of a trail may still be appealed, stands for good, or was overturned."""

    OPEN = "open"
    FINAL = "final"
    OVERTURNED = "overturned"


def is_published(kind: PenaltyKind, policy: PublicityPolicy, *, is_simple: bool = False) -> bool:
    """Say whether a penalty is told in public: not of these kinds, and none of the simple procedure (简易程序)."""
    return not is_simple and kind not in policy.not_published


def term_of(field: PublicityField, published_from: date, policy: PublicityPolicy) -> PublicityTerm:
    """Return the days of an entry that is put on the list on `published_from`."""
    months = policy.terms[field]
    return PublicityTerm(
        published_from=published_from,
        published_to=months_after(published_from, months.months),
        repairable_from=months_after(published_from, months.repairable_after_months),
    )


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or its last one where it has no such day."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def finality(
    trail: Sequence[AlertStep],
    policy: SupervisionPolicy,
    *,
    today: date,
    timezone: str,
    document: tuple[str, str] | None = None,
) -> Finality:
    """Say whether a penalty of a trail (oldest step first) is final on `today`: the newest, or that of a `document`.

    It is once its days of appeal are over without one, or an appeal was answered by upholding it. An appeal after
    another penalty is about that one. `document`: authority and number. Raise ValueError for a trail without it.
    """
    penalties = [index for index, step in enumerate(trail) if step.action is AlertAction.RECORD_PENALTY]
    of_document = [index for index in penalties if document is None or document_of(trail[index]) == document]
    if not of_document:
        raise ValueError("the trail has no such penalty")
    at = of_document[-1]
    if AlertAction.OVERTURN in [step.action for step in trail[at + 1 :]]:
        return Finality.OVERTURNED
    until = next((index for index in penalties if index > at), len(trail))
    after = [step.action for step in trail[at + 1 : until]]
    if AlertAction.UPHOLD in after:
        return Finality.FINAL
    if AlertAction.APPEAL in after or today <= appeal_until(trail[at], policy, timezone):
        return Finality.OPEN
    return Finality.FINAL


def final_together(each: Iterable[Finality]) -> bool:
    """Say whether a document is final from what it is over each alert: those left standing are, and one is left."""
    standing = [one for one in each if one is not Finality.OVERTURNED]
    return bool(standing) and all(one is Finality.FINAL for one in standing)


def document_of(step: AlertStep) -> tuple[str, str] | None:
    """Return the authority and the number of the document that a step recorded; None where it recorded none."""
    return None if step.penalty is None else (step.penalty.authority, step.penalty.document_no)
