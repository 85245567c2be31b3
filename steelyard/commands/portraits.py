"""`steelyard portraits`: counts vendors' days and makes portraits now, without waiting for the night."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

app = typer.Typer(help="Portraits of vendors.", no_args_is_help=True)


@app.callback()
def portraits() -> None:
    """Vendors against the vendors of their market that sell the same."""


@app.command("make")
def make(
    market: Annotated[str | None, typer.Option(help="Only this market, by its id.")] = None,
    through: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day, one that is over; none: the last one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count what is to be counted, and make every portrait anew. The clerk does the same once a night."""
    from credit.portrait.making import make_portraits
    from credit.portrait.policy import read_portrait_policy
    from credit.portrait.reading import last_day_over
    from db import registry
    from db.pool import connect
    from domain.errors import BadFile
    from steelyard.settings import read_settings

    settings, now = read_settings(), datetime.now(UTC)
    policy = read_portrait_policy(settings.policy_file("portrait.toml"))
    told = []
    with connect(settings.database_url_with_password) as conn:
        conn.autocommit = True
        known = registry.markets(conn)
        chosen = [one for one in known if market in (None, one.market_id)]
        if not chosen:
            ids = ", ".join(sorted(one.market_id for one in known)) or "none"
            raise BadFile("--market", (f"is {market!r}; expected one that is registered: {ids}",))
        for one in chosen:
            last = last_day_over(now, one.timezone, 0)
            day = last if through is None else through.date()
            if day > last:
                raise BadFile("--through", (f"is {day}; expected a day that is over in {one.market_id}, up to {last}",))
            made = make_portraits(conn, one, day, policy, now)
            told.append(
                {"market_id": one.market_id, "since": str(made.since), "day": str(made.day), "vendors": made.vendors}
            )
    if as_json:
        typer.echo(json.dumps({"portraits": told}))
        return
    for line in told:
        typer.echo(f"{line['market_id']}: {line['vendors']} vendors, {line['since']} to {line['day']}")
