"""`steelyard tokens`: departments that fetch records by the API."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from domain.export import TokenScope
from steelyard.commands.acting import acting
from steelyard.commands.daily_caps import connection

app = typer.Typer(help="Tokens of departments that fetch records.", no_args_is_help=True)

_As = Annotated[str, typer.Option("--as", help="Who does it: a regulator's or administrator's name. Left out: you.")]


@app.callback()
def tokens() -> None:
    """Tokens of departments that fetch records."""


@app.command("create")
def create(
    department: Annotated[str, typer.Argument(help="Whose it is.")],
    contact: Annotated[str, typer.Option(help="Who answers for it.")],
    scope: Annotated[list[TokenScope], typer.Option(help="What it may read; may be given again.")],
    market: Annotated[list[str] | None, typer.Option(help="A market; may be given again. Left out: all.")] = None,
    network: Annotated[list[str] | None, typer.Option(help="From where it is used. Left out: anywhere.")] = None,
    days: Annotated[int, typer.Option(help="Days until it ends.", min=1, max=36_500)] = 90,
    username: _As = "",
) -> None:
    """Make a token and print it: it is shown now and never again."""
    from db.export_tokens import NewToken
    from steelyard.settings import read_settings
    from supervision.exports.destinations import By
    from supervision.exports.policy import read_exports_policy
    from supervision.exports.tokens import make
    from web.access import Permission

    policy = read_exports_policy(read_settings().policy_file("exports.toml"))
    now = datetime.now(UTC)
    new = NewToken(
        department=department,
        contact=contact,
        scopes=frozenset(scope),
        expires_at=now + timedelta(days=days),
        market_ids=tuple(market or ()),
        networks=tuple(network or ()),
    )
    with connection() as conn:
        by = acting(conn, username, Permission.MANAGE_EXPORTS)
        made = make(conn, new, policy, by=By(username=by, origin="command", at=now))
    typer.echo(made.text)


@app.command("list")
def list_tokens() -> None:
    """List every token: its number, its public half, whose it is, what it may, and how it stands."""
    from db import export_tokens

    now = datetime.now(UTC)
    with connection() as conn:
        for one in export_tokens.tokens(conn):
            state = "revoked" if one.revoked_at else "expired" if one.expires_at <= now else "valid"
            scopes = " ".join(sorted(one.scopes))
            until = f"{one.expires_at:%Y-%m-%d}"
            typer.echo(f"{one.token_id}\tsye_{one.key_id}\t{one.department}\t{scopes}\tuntil {until}\t{state}")


@app.command("revoke")
def revoke(
    token_id: Annotated[int, typer.Argument(help="Number of the token, as `list` shows it.")],
    because: Annotated[str, typer.Option(help="Why.")],
    username: _As = "",
) -> None:
    """End a token at once."""
    from supervision.exports import tokens as export_tokens
    from supervision.exports.destinations import By
    from web.access import Permission

    with connection() as conn:
        by = acting(conn, username, Permission.MANAGE_EXPORTS)
        export_tokens.revoke(conn, token_id, because, by=By(username=by, origin="command", at=datetime.now(UTC)))
    typer.echo(f"token {token_id} is revoked")
