"""`steelyard user`: people who may sign in."""

import getpass
import sys
from typing import Annotated, Literal

import typer

from domain.errors import RuleViolation
from domain.ids import MarketId

_SHORTEST_PASSWORD = 8

app = typer.Typer(help="People who may sign in.", no_args_is_help=True)


@app.callback()
def user() -> None:
    """People who may sign in."""


@app.command("add")
def add(
    username: str,
    role: Annotated[Literal["manager", "regulator", "admin"], typer.Option(help="What they may do.")],
    market: Annotated[str, typer.Option(help="Market of a manager.")] = "",
    display_name: Annotated[str, typer.Option(help="Name shown on pages and in the audit trail.")] = "",
) -> None:
    """Create an account, or give an existing one a new password, role and market. The password is asked for."""
    from db import accounts
    from db.pool import connect
    from steelyard.settings import read_settings
    from web.accounts import hash_password

    if (role == "manager") != bool(market):
        raise RuleViolation("--market goes with --role manager, and only with it")
    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < _SHORTEST_PASSWORD:
        raise RuleViolation(f"the password has {len(password)} characters; expected at least {_SHORTEST_PASSWORD}")
    with connect(read_settings().database_url_with_password) as conn:
        accounts.put_user(
            conn,
            username=username,
            display_name=display_name or username,
            password_hash=hash_password(password),
            role=role,
            market_id=MarketId(market) if market else None,
        )
    typer.echo(f"{username} may sign in as {role}")
