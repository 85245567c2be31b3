"""`steelyard items`: the catalogue of what may be checked."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import BadFile
from steelyard.commands.acting import acting
from steelyard.commands.daily_caps import connection

app = typer.Typer(help="The catalogue of supervision items, in versions.", no_args_is_help=True)

_As = Annotated[str, typer.Option("--as", help="Who does it: a regulator's or administrator's name. Left out: you.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def items() -> None:
    """The catalogue of supervision items, in versions."""


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="A catalogue: a table (CSV, XLSX), or TOML as data/supervision_items.toml.")
    ],
    username: _As = "",
    version: Annotated[str, typer.Option(help="Of a table: the name of the new version, like 2027-01.")] = "",
    title: Annotated[str, typer.Option(help="Of a table: the catalogue's title; left out: the one in force.")] = "",
    source: Annotated[str, typer.Option(help="Of a table: where the catalogue is from.")] = "",
    preview_only: Annotated[bool, typer.Option("--preview", help="Only show what a table would be.")] = False,
) -> None:
    """Read a catalogue's file into a draft, or say everything that is wrong with it."""
    if file.suffix.lower() != ".toml":
        _import_table(file, version=version, title=title, source=source, username=username, preview_only=preview_only)
        return
    from supervision.items import keeping
    from supervision.items.catalogue_file import read_catalogue
    from web.access import Permission

    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadFile(str(file), (f"cannot be read: {error.strerror}",)) from None
    filed = read_catalogue(content, file.name)
    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_ITEMS)
        catalogue_id = keeping.draft_from_file(conn, filed, by=by, at=datetime.now(UTC))
    typer.echo(
        f"draft {catalogue_id}: {len(filed.items)} items, {len(filed.merges)} merged; a second person publishes it"
    )


def _import_table(file: Path, *, version: str, title: str, source: str, username: str, preview_only: bool) -> None:
    from db import items as kept
    from steelyard.item_words import preview_lines
    from supervision.items import importing
    from supervision.items.catalogue_table import Head
    from supervision.items.table_titles import TABLE_LIMITS
    from web.access import Permission

    try:
        with file.open("rb") as opened:
            content = opened.read(TABLE_LIMITS.most_bytes + 1)
    except OSError as error:
        raise BadFile(str(file), (f"cannot be read: {error.strerror}",)) from None
    with connection() as conn:
        current = kept.in_force(conn)
        head = Head(version=version, title=title or (current.title if current else ""), source=source)
        table = importing.TableFile(name=file.name, content=content, head=head)
        shown = importing.preview(conn, table)
        for line in preview_lines(shown):
            typer.echo(line)
        if preview_only and shown.may_be_kept:
            return
        by = acting(conn, username, Permission.EDIT_ITEMS)
        catalogue_id = importing.keep(conn, table, by=by, at=datetime.now(UTC))
    typer.echo(f"draft {catalogue_id}: version {version}; a second person publishes it")


@app.command("draft")
def draft(
    version: Annotated[str, typer.Argument(help="The name of the new version: 2027-01.")],
    username: _As = "",
) -> None:
    """Copy the version in force into a draft, to merge items in it."""
    from supervision.items import keeping
    from web.access import Permission

    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_ITEMS)
        catalogue_id = keeping.draft_from_force(conn, version, by=by, at=datetime.now(UTC))
    typer.echo(f"draft {catalogue_id}: version {version}")


@app.command("merge")
def merge(
    catalogue_id: Annotated[int, typer.Argument(help="The draft.")],
    old: Annotated[str, typer.Argument(help="The item that becomes part of another.")],
    into: Annotated[str, typer.Argument(help="The item that stays.")],
    because: Annotated[str, typer.Option(help="Why the two are one.")],
    username: _As = "",
) -> None:
    """Make an item of a draft part of another one, for good."""
    from supervision.items import keeping
    from web.access import Permission

    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_ITEMS)
        keeping.merge(conn, catalogue_id, old, into, reason=because, by=by, at=datetime.now(UTC))
    typer.echo(f"{old} is part of {into} in draft {catalogue_id}")


@app.command("publish")
def publish(catalogue_id: int, username: _As = "") -> None:
    """Put a draft into force, as a second person."""
    from db import items as kept
    from supervision.items import keeping
    from supervision.items.merging import overall, reduction_of
    from web.access import Permission

    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_ITEMS)
        found = keeping.publish(conn, catalogue_id, by=by, at=datetime.now(UTC))
        here, all_in_all = reduction_of(found), overall(found, kept.merges(conn))
    typer.echo(
        f"version {found.version} is in force: {here.before} → {here.after} items, {here.merged} merged;"
        f" over all versions {all_in_all.before} → {all_in_all.after}, {all_in_all.merged} merged"
    )


@app.command("discard")
def discard(catalogue_id: int, username: _As = "") -> None:
    """Give a draft up; it stays readable."""
    from supervision.items import keeping
    from web.access import Permission

    with connection() as conn:
        by = acting(conn, username, Permission.EDIT_ITEMS)
        keeping.discard(conn, catalogue_id, by=by, at=datetime.now(UTC))
    typer.echo(f"draft {catalogue_id} is discarded")


@app.command("list")
def list_items(
    query: Annotated[str, typer.Argument(help="Words of code, name or law.")] = "",
    version: Annotated[int | None, typer.Option(help="Another version than the one in force, by its number.")] = None,
    as_json: _Json = False,
) -> None:
    """List the items of the version in force, or of another."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from db import items as kept
    from messages.showing import show_text
    from supervision.items.likeness import matching

    with connection() as conn:
        found = kept.in_force(conn) if version is None else kept.one(conn, version)
        listed = [] if found is None else matching(kept.items_of(conn, found.catalogue_id), query)
    if as_json:
        typer.echo(_told({"version": None if found is None else found.version, "items": listed}))
        return
    if found is None:
        typer.echo("no version is in force" if version is None else f"there is no version {version}")
        return
    table = Table("code", "item", "department", "basis", "a year (A/B/C/D)", title=f"{found.version} ({found.state})")
    for one in listed:
        basis = "; ".join(basis.named for basis in one.basis)
        cells = (one.code, one.name, one.department, basis, "/".join(map(str, one.per_year.values())))
        table.add_row(*(Text(show_text(cell, 80)) for cell in cells))
    Console().print(table)


@app.command("show")
def show(code: str, as_json: _Json = False) -> None:
    """Show an item, whatever it was merged into since."""
    from supervision.items import keeping

    with connection() as conn:
        found = keeping.find(conn, code)
    if as_json:
        typer.echo(_told({"asked": code, "version": found.catalogue.version, "item": found.item}))
        return
    one = found.item
    merged = "" if one.code == code else f" ({code} became part of it)"
    typer.echo(f"{one.code} {one.name} / {one.name_en}{merged}, version {found.catalogue.version}")
    for basis in one.basis:
        typer.echo(f"  basis    {basis.named}  [{basis.source}]")
    typer.echo(f"  who      {one.department}, with the qualification {one.qualification}")
    typer.echo(f"  how      {', '.join(one.methods)}")
    often = ", ".join(f"{risk_class} {count}" for risk_class, count in one.per_year.items())
    typer.echo(f"  a year   {often}")
    for sub in one.sub_items:
        typer.echo(f"  sub-item {sub.code} {sub.name}")
    for question in one.questions:
        typer.echo(f"  asks     {question.code}: {question.text} ({question.answer})")
    typer.echo(f"  alerts   {', '.join(one.alert_kinds) or '-'}")


@app.command("versions")
def versions(as_json: _Json = False) -> None:
    """List the versions, the newest first, with the reduction by merging in each."""
    from db import items as kept
    from supervision.items.merging import reduction_of

    with connection() as conn:
        found = kept.catalogues(conn)
    if as_json:
        typer.echo(_told({"versions": found}))
        return
    for one in found:
        saved = reduction_of(one)
        decided = "" if one.decided_by is None else f", {one.state} by {one.decided_by}"
        typer.echo(
            f"{one.catalogue_id}  {one.version}  {saved.before} → {saved.after}, {saved.merged} merged"
            f"  drafted by {one.drafted_by}{decided}"
        )


@app.command("duplicates")
def duplicates(
    version: Annotated[int | None, typer.Option(help="Another version than the one in force, by its number.")] = None,
    as_json: _Json = False,
) -> None:
    """List items that look like one twice, the likeliest first. Nothing is merged by it."""
    from db import items as kept
    from supervision.items.likeness import likely_duplicates

    with connection() as conn:
        found = kept.in_force(conn) if version is None else kept.one(conn, version)
        pairs = [] if found is None else likely_duplicates(kept.items_of(conn, found.catalogue_id))
    if as_json:
        told = [{"kept": p.kept.code, "other": p.other.code, "permille": p.nearness, "shared": p.shared} for p in pairs]
        typer.echo(_told({"duplicates": told}))
        return
    for pair in pairs:
        shared = f"  both: {', '.join(pair.shared)}" if pair.shared else ""
        typer.echo(f"{pair.kept.code} {pair.kept.name}  ←  {pair.other.code} {pair.other.name}{shared}")


def _told(value: dict[str, Any]) -> str:
    import msgspec

    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
