"""`steelyard reweigh`: what the fair scale showed of a sale."""

from datetime import UTC, datetime
from typing import Annotated

import typer


def reweigh(
    market: Annotated[str, typer.Option(help="The market's id.")],
    scale: Annotated[str, typer.Option(help="The scale the goods were sold on.")],
    seq: Annotated[int, typer.Option(min=1, help="The sale's number on that scale: it is on the ticket.")],
    actual_g: Annotated[int, typer.Option(min=0, help="What the fair scale showed, in grams.")],
    fair_scale: Annotated[str, typer.Option(help="Which fair scale.")],
    by: Annotated[str, typer.Option(help="Who weighed it again.")],
) -> None:
    """Enter a re-weighing on the fair scale; where the goods are short beyond the tolerance, an alert tells of it.

    The table is that of the Measures on Weighing in Retail (table 1). Live fish are not in it: for them the market's
    own tolerance holds, and the answer says so.
    """
    from db.pool import connect
    from domain.ids import MarketId, ScaleId
    from ingest.reweighing import reweigh as enter
    from pricing.policy import read_rules_policy
    from steelyard.settings import read_settings

    settings = read_settings()
    policy = read_rules_policy(settings.policy_file("rules.toml")).findings
    with connect(settings.database_url_with_password) as conn:
        found = enter(
            conn,
            MarketId(market),
            ScaleId(scale),
            seq,
            actual_g=actual_g,
            fair_scale=fair_scale,
            by=by,
            now=datetime.now(UTC),
            policy=policy,
        )
    whose = "statutory" if found.tolerance.is_statutory else "the market's own, not statutory"
    allowed = found.tolerance.short_g
    limit = (
        "the table ends below this weight: decide by hand" if allowed is None else f"{allowed} g tolerated ({whose})"
    )
    verdict = "short weight: an alert tells of it" if found.is_short else "within the tolerance"
    answer = verdict if allowed is not None else "not judged"
    typer.echo(
        f"settled {found.settled_g} g, fair scale {found.actual_g} g: {found.short_g} g short; {limit}. {answer}"
    )
