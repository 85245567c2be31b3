"""`steelyard quarantine`: what could not be accepted is looked at, read again after a fix, or closed by a person."""

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from domain.errors import BadFile, NotFound, RuleViolation
from domain.ids import MarketId, ScaleId
from domain.quarantine import HeldState, ReplayOutcome
from steelyard.login import login

if TYPE_CHECKING:
    from psycopg import Connection

    from db.quarantine_pages import HeldDetail, HeldSummary, Where

app = typer.Typer(help="What could not be accepted.", no_args_is_help=True)

#: Enough for 256 KiB of bytes by their numbers.
_MOST_CHARACTERS: Final = 4_000_000
_TOLD_EACH: Final = 20
#: Where no worker runs, nobody else adds up what changed.
_FOLD_EVERY: Final = 1000

_Reason = Annotated[str, typer.Option(help="Only what is held for this reason (unknown_scale, bad_field …).")]
_Market = Annotated[str, typer.Option(help="Only what came from this market.")]
_Scale = Annotated[str, typer.Option(help="Only what came from this scale.")]
_Since = Annotated[str, typer.Option(help="Only what arrived since then: RFC 3339 with offset.")]
_Until = Annotated[str, typer.Option(help="Only what arrived before then.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Who = Annotated[str, typer.Option("--by", help="Who does it: stands in the audit trail. Left out: your login.")]


@app.callback()
def quarantine() -> None:
    """What could not be accepted."""
    from steelyard.logs import configure_logs

    # What was read again is told as an answer; only what goes wrong is told beside it.
    configure_logs(logging.WARNING)


@app.command("list")
def list_held(
    reason: _Reason = "",
    market: _Market = "",
    scale: _Scale = "",
    state: Annotated[HeldState, typer.Option(help="Where it stands.")] = HeldState.HELD,
    since: _Since = "",
    until: _Until = "",
    before: Annotated[int, typer.Option(help="Only what has a smaller number: the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List what is held, the newest first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from db import quarantine_pages
    from messages.showing import show_text

    with _connection() as conn:
        found = quarantine_pages.listed(
            conn,
            _where(reason, market, scale, since, until),
            {state},
            before=before or None,
            limit=limit,
        )
    more = found[-1].quarantine_id if len(found) == limit else None
    if as_json:
        typer.echo(json.dumps({"messages": [_as_json(one) for one in found], "next_before": more}))
        return
    table = Table("id", "arrived", "reason", "market", "scale", "number", "times", "tries", "why")
    for one in found:
        cells = (
            *(str(one.quarantine_id), f"{one.received_at:%Y-%m-%d %H:%M:%S}", one.reason, one.market_id or "—"),
            *(one.scale_id or "—", str(one.seq or "—"), str(one.times_received), str(one.tries), one.explanation),
        )
        table.add_row(*(Text(show_text(cell, 160)) for cell in cells))
    Console().print(table)
    if more is not None:
        typer.echo(f"more: --before {more}")


@app.command("show")
def show(
    quarantine_id: int,
    as_json: _Json = False,
    is_raw: Annotated[bool, typer.Option("--raw", help="Write the payload's bytes and nothing else.")] = False,
) -> None:
    """Show one message: why it is held, what was done about it, and its whole payload, safe to look at."""
    with _connection() as conn:
        held = _held(conn, quarantine_id)
        if is_raw:
            _write_raw(held.payload)
        elif as_json:
            typer.echo(json.dumps(_detail_as_json(conn, held)))
        else:
            _print_detail(conn, held)


@app.command("reasons")
def reasons(market: _Market = "", as_json: _Json = False) -> None:
    """Count what is held by reason and scale, with the first and the last arrival."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from db import quarantine_counts
    from messages.showing import show_text

    with _connection() as conn:
        found = quarantine_counts.tally(conn, MarketId(market) if market else None)
    of_reason: Counter[str] = Counter()
    for one in found:
        of_reason[one.reason] += one.messages
    if as_json:
        scales = [
            {
                **{name: getattr(one, name) for name in ("reason", "market_id", "scale_id", "messages")},
                "first_at": one.first_at.isoformat(),
                "last_at": one.last_at.isoformat(),
            }
            for one in found
        ]
        typer.echo(json.dumps({"reasons": dict(of_reason.most_common()), "scales": scales}))
        return
    table = Table("reason", "market", "scale", "messages", "first", "last")
    for reason, messages in of_reason.most_common():
        first = min(one.first_at for one in found if one.reason == reason)
        last = max(one.last_at for one in found if one.reason == reason)
        table.add_row(show_text(reason), "", "", f"{messages:,}", f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}")
        for one in [one for one in found if one.reason == reason][:_TOLD_EACH]:
            names = (Text(show_text(one.market_id or "—", 70)), Text(show_text(one.scale_id or "—", 70)))
            span = (f"{one.first_at:%Y-%m-%d %H:%M}", f"{one.last_at:%Y-%m-%d %H:%M}")
            table.add_row("", *names, f"{one.messages:,}", *span, style="dim")
    Console().print(table)


@app.command("replay")
def replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers of the messages.")] = None,
    reason: _Reason = "",
    market: _Market = "",
    scale: _Scale = "",
    since: _Since = "",
    until: _Until = "",
    is_all: Annotated[bool, typer.Option("--all", help="Everything that is held and may be read again.")] = False,
    is_trial: Annotated[bool, typer.Option("--dry-run", help="Say what it would come to, and change nothing.")] = False,
    by: _Who = "",
    as_json: _Json = False,
) -> None:
    """Read messages again after a fix, as if they arrived now at the moment when they did arrive."""
    from ingest.replaying import Replayer
    from messages.showing import show_text
    from pricing.policy import read_rules_policy
    from steelyard.settings import read_settings

    if sum((bool(ids), bool(reason or market or scale or since or until), is_all)) != 1:
        raise RuleViolation("say which: numbers, or --reason, --market, --scale, --since and --until, or --all")
    replayer = Replayer(read_rules_policy(read_settings().policy_file("rules.toml")))
    actor, outcomes, reasons_again = by or login(), Counter[ReplayOutcome](), Counter[str]()
    with _connection() as conn:
        for told, quarantine_id in enumerate(ids or _replayable(conn, _where(reason, market, scale, since, until))):
            came = replayer.replay(conn, quarantine_id, actor=actor, now=datetime.now(UTC), is_trial=is_trial)
            conn.commit()
            if told % _FOLD_EVERY == _FOLD_EVERY - 1:
                _fold_counts(conn)
            outcomes[came.outcome] += 1
            if came.reason:
                reasons_again[came.reason] += 1
            if not as_json and (ids or told < _TOLD_EACH):
                typer.echo(f"{quarantine_id}: {_OUTCOME_WORDS[came.outcome]} {show_text(came.explanation)}".rstrip())
    if as_json:
        result = {"dry_run": is_trial, "outcomes": dict(outcomes), "refused_for": dict(reasons_again)}
        typer.echo(json.dumps(result))
    else:
        summary = ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in outcomes.most_common())
        typer.echo(f"{'would be: ' if is_trial else ''}{summary or 'nothing is held that may be read again'}")


@app.command("settle")
def settle(
    quarantine_id: int,
    because: Annotated[str, typer.Option(help="Why nothing more is to be done about it.")],
    by: _Who = "",
) -> None:
    """Close a message that somebody has looked at. It stays where it is, with who closed it and why."""
    from db import quarantine_steps

    if not because.strip():
        raise RuleViolation("--because is empty; say why nothing more is to be done about it")
    with _connection() as conn:
        held = _held(conn, quarantine_id)
        if not quarantine_steps.settle(conn, quarantine_id, because.strip(), by or login(), datetime.now(UTC)):
            raise RuleViolation(f"message {quarantine_id} is {held.state} already")
    typer.echo(f"{quarantine_id} is settled")


_OUTCOME_WORDS: Final = {
    ReplayOutcome.STORED: "stored",
    ReplayOutcome.ARRIVED_MEANWHILE: "arrived meanwhile by itself",
    ReplayOutcome.IN_PIECES: "taken apart: what is refused of it is held by itself",
    ReplayOutcome.REFUSED: "still refused:",
    ReplayOutcome.CONFLICT: "never stored, another content is the record:",
    ReplayOutcome.ENDED_BEFORE: "not held any more",
}


@contextmanager
def _connection() -> Iterator["Connection"]:
    from db.pool import connect, translate_absence
    from steelyard.settings import read_settings

    with translate_absence(), connect(read_settings().database_url_with_password) as conn:
        yield conn


def _replayable(conn: "Connection", where: "Where") -> list[int]:
    from db import quarantine_steps

    return list(quarantine_steps.replayable(conn, where))


def _fold_counts(conn: "Connection") -> None:
    from db import quarantine_counts

    quarantine_counts.fold(conn)
    conn.commit()


def _where(reason: str, market: str, scale: str, since: str, until: str) -> "Where":
    from db.quarantine_pages import Where

    return Where(
        reason=reason or None,
        market_id=MarketId(market) if market else None,
        scale_id=ScaleId(scale) if scale else None,
        since=_moment("--since", since) if since else None,
        until=_moment("--until", until) if until else None,
    )


def _held(conn: "Connection", quarantine_id: int) -> "HeldDetail":
    from db import quarantine_pages

    held = quarantine_pages.one(conn, quarantine_id)
    if held is None:
        raise NotFound(f"there is no held message {quarantine_id}")
    return held


def _as_json(one: "HeldSummary") -> dict[str, object]:
    from db.quarantine_pages import HeldSummary

    values = {name: getattr(one, name) for name in HeldSummary.__slots__}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _detail_as_json(conn: "Connection", held: "HeldDetail") -> dict[str, object]:
    from base64 import b64encode

    from db import quarantine_pages
    from domain.quarantine import HeldEvent
    from messages.showing import show_payload

    shown = show_payload(held.payload, _MOST_CHARACTERS)
    events = quarantine_pages.events_of(conn, held.quarantine_id)
    steps = [{name: getattr(event, name) for name in HeldEvent.__slots__} for event in events]
    return {
        **_as_json(held),
        "payload_kind": shown.kind,
        "payload_text": shown.text,
        "payload_base64": b64encode(held.payload).decode(),
        "steps": [{**step, "at": event.at.isoformat()} for step, event in zip(steps, events, strict=True)],
    }


def _print_detail(conn: "Connection", held: "HeldDetail") -> None:
    from db import quarantine_pages
    from messages.showing import show_payload, show_text
    from web.words_of_quarantine import held_because, what_to_do

    lines = {
        "state": held.state + (f" ({held.outcome})" if held.outcome else ""),
        "reason": f"{held.reason}: {held_because(held.reason)}",
        "why": held.explanation,
        "to do": what_to_do(held.reason),
        "topic": held.topic,
        "market, scale": f"{held.market_id or '—'}, {held.scale_id or '—'}",
        "journal, number": f"{held.journal_id or '—'}, {held.seq or '—'}",
        "arrived": f"{held.received_at.isoformat()}, {held.times_received} time(s)",
        "last": held.last_received_at.isoformat(),
        "read again": f"{held.tries} time(s)" + (f", last {held.tried_at.isoformat()}" if held.tried_at else ""),
    }
    for name, text in lines.items():
        typer.echo(f"{name:>16}  {show_text(text, 4000)}")
    for event in quarantine_pages.events_of(conn, held.quarantine_id):
        words = " · ".join(filter(None, (event.outcome, event.reason, event.note)))
        typer.echo(f"{event.at.isoformat():>34}  {event.step} by {show_text(event.actor)}  {show_text(words, 2000)}")
    shown = show_payload(held.payload, _MOST_CHARACTERS)
    typer.echo(f"\npayload, {held.payload_bytes} bytes, as {shown.kind}:")
    typer.echo(shown.text)


def _write_raw(payload: bytes) -> None:
    if sys.stdout.isatty():
        raise RuleViolation("--raw writes bytes that a terminal would obey; send them to a file or a pipe")
    sys.stdout.buffer.write(payload)


def _moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadFile(option, (f"is {text!r}; expected a time with its offset: 2026-11-22T00:00:00+08:00",))
    return moment
