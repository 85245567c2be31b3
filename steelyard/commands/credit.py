"""`steelyard credit`: the rules of credit, what a change of them would have done, and what is in force."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import BadFile
from steelyard.commands.acting import acting
from steelyard.commands.daily_caps import connection

app = typer.Typer(help="The rules of credit: checked, simulated, proposed, put in force.", no_args_is_help=True)

_As = Annotated[str, typer.Option("--as", help="Who does it: a regulator's or administrator's name. Left out: you.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Rules = Annotated[Path, typer.Option("--rules", help="A file of rules, as policy/credit.toml.")]
_Note = Annotated[str, typer.Option("--note", help="Why, in a few words.")]


@app.callback()
def credit() -> None:
    """The rules of credit: checked, simulated, proposed, put in force."""


@app.command()
def lint(
    files: Annotated[list[Path], typer.Argument(help="Files of rules, as policy/credit.toml.")],
) -> None:
    """Say everything that is wrong with files of rules, with line and field; status 1 where something is."""
    from credit.rules.reading import parse_credit_rules

    wrong = False
    for file in files:
        try:
            rules = parse_credit_rules(file.name, _text(file))
        except BadFile as error:
            wrong = True
            for problem in error.problems:
                typer.echo(f"{file}: {problem}", err=True)
        else:
            tiers = ", ".join(f"{tier.name} from {tier.from_points}" for tier in rules.tier)
            typer.echo(f"{file}: version {rules.version}, in force from {rules.in_force_from}; {tiers}")
    if wrong:
        raise typer.Exit(1)


@app.command()
def simulate(
    rules: _Rules,
    first: Annotated[str, typer.Option("--from", help="The first day, like 2026-10-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day, like 2026-12-31.")],
    market: Annotated[str, typer.Option(help="Only this market.")] = "",
    most: Annotated[int, typer.Option(help="So many of those who change tier are printed.", min=0)] = 50,
    as_json: _Json = False,
) -> None:
    """Show what other rules would have done to everybody: tiers before and after per market, and who changes tier."""
    from credit.rules.reading import parse_credit_rules
    from credit.rules.simulation import simulation_of
    from domain.ids import MarketId
    from steelyard.credit_words import as_dict, lines_of

    proposed = parse_credit_rules(rules.name, _text(rules))
    begins, ends = _day("--from", first), _day("--to", last)
    if begins > ends:
        raise BadFile("command line", (f"--from is {first}; expected not after --to, {last}",))
    with connection() as conn:
        found = simulation_of(
            conn, proposed, shipped=_shipped(), first=begins, last=ends, market_id=MarketId(market) if market else None
        )
    if as_json:
        typer.echo(json.dumps(as_dict(found, proposed), ensure_ascii=False))
        return
    for line in lines_of(found, proposed, most=most):
        typer.echo(line)


@app.command()
def rules(as_json: _Json = False) -> None:
    """Show which versions were proposed, and which are in force from when."""
    from db import credit_rules

    with connection() as conn:
        versions = credit_rules.versions(conn)
    if as_json:
        told: list[dict[str, Any]] = [
            {
                "version": one.version,
                "in_force_from": one.in_force_from.isoformat(),
                "state": _state(one.is_in_force),
                "proposed_by": one.proposed_by,
                "decided_by": one.decided_by,
            }
            for one in versions
        ]
        typer.echo(json.dumps({"versions": told}, ensure_ascii=False))
        return
    if not versions:
        shipped = _shipped()
        typer.echo(f"{shipped.version}  as shipped, in force from {shipped.in_force_from}; nothing was proposed")
    for one in versions:
        decided = "" if one.decided_by is None else f", decided by {one.decided_by}"
        begins = f"from {one.in_force_from}  {_state(one.is_in_force):10}"
        typer.echo(f"{one.version}  {begins}  proposed by {one.proposed_by}{decided}: {one.note}")


@app.command()
def propose(rules: _Rules, note: _Note, username: _As = "") -> None:
    """Keep a file of rules as a proposal; somebody else puts it in force."""
    from credit.rules import enacting
    from steelyard.settings import read_settings
    from supervision.policy import read_supervision_policy
    from web.access import Permission

    content = _text(rules)
    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_CREDIT_RULES)
        kept = enacting.propose(
            conn,
            content,
            note=note,
            by=by,
            now=datetime.now(UTC),
            founding=_shipped_text(),
            appeal_days=read_supervision_policy(read_settings().policy_file("supervision.toml")).appeal.working_days,
        )
    typer.echo(f"{kept.version} is proposed, from {kept.in_force_from} on; a second person puts it in force")


@app.command("put-in-force")
def put_in_force(
    version: Annotated[str, typer.Argument(help="The version that was proposed.")], note: _Note, username: _As = ""
) -> None:
    """Put a proposal in force, as somebody who did not propose it."""
    from credit.rules import enacting
    from web.access import Permission

    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_CREDIT_RULES)
        kept = enacting.put_in_force(conn, version, note=note, by=by, now=datetime.now(UTC))
    typer.echo(f"{kept.version} is in force from {kept.in_force_from} on")


@app.command("withdraw-rules")
def withdraw_rules(
    version: Annotated[str, typer.Argument(help="The version that was proposed.")], note: _Note, username: _As = ""
) -> None:
    """Take a proposal back."""
    from credit.rules import enacting
    from web.access import Permission

    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_CREDIT_RULES)
        enacting.withdraw(conn, version, note=note, by=by, now=datetime.now(UTC))
    typer.echo(f"{version} is withdrawn")


def _state(is_in_force: bool | None) -> str:
    return "proposed" if is_in_force is None else "in force" if is_in_force else "withdrawn"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadFile(str(file), (f"cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError as error:
        raise BadFile(str(file), (f"is no UTF-8 at byte {error.start}",)) from None


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadFile("command line", (f"{option} is {text}; expected a day like 2026-10-01",)) from None


def _shipped_text() -> str:
    from steelyard.settings import read_settings

    return _text(read_settings().policy_file("credit.toml"))


def _shipped() -> Any:
    from credit.rules.reading import parse_credit_rules

    return parse_credit_rules("credit.toml", _shipped_text())
