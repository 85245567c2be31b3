"""`steelyard scale facts`: what is registered of a scale, beside whose it is."""

from datetime import date
from typing import Annotated

import typer

from domain.errors import BadFile, NotFound
from domain.scale import AccuracyClass


def facts(
    market: Annotated[str, typer.Option(help="The market's id.")],
    scale: Annotated[str, typer.Option(help="The scale's id.")],
    division_g: Annotated[int | None, typer.Option(min=1, help="Verification division e, in grams.")] = None,
    max_g: Annotated[int | None, typer.Option(min=1, help="Max, in grams.")] = None,
    accuracy_class: Annotated[AccuracyClass | None, typer.Option(help="Class of JJG 539.")] = None,
    usual_tare_g: Annotated[int | None, typer.Option(min=1, help="What the stall's basket weighs.")] = None,
    verified_until: Annotated[str, typer.Option(help="Last day of the verification: 2027-06-30.")] = "",
    production_code: Annotated[str, typer.Option(help="生产码")] = "",
    repair_code: Annotated[str, typer.Option(help="维修码")] = "",
    verification_code: Annotated[str, typer.Option(help="检定码")] = "",
    seal_no: Annotated[str, typer.Option(help="Number of the seal.")] = "",
) -> None:
    """Register what a scale can weigh and until when it is verified, in place of what was registered.

    What is left out is not known, and no rule that needs it speaks of the scale.
    """
    from dataclasses import replace
    from datetime import UTC, datetime

    from db.pool import connect
    from db.register import scales
    from db.register.events import Change
    from domain.ids import MarketId, ScaleId
    from domain.register.records import Source
    from domain.scale import ScaleFacts
    from steelyard.login import login
    from steelyard.settings import read_settings
    from supervision.register.changing import correct_scale

    new = ScaleFacts(
        division_g=division_g,
        max_g=max_g,
        accuracy_class=accuracy_class,
        usual_tare_g=usual_tare_g,
        verified_until=_day(verified_until) if verified_until else None,
        production_code=production_code,
        repair_code=repair_code,
        verification_code=verification_code,
        seal_no=seal_no,
    )
    with connect(read_settings().database_url_with_password) as conn:
        known = scales.one(conn, MarketId(market), ScaleId(scale))
        if known is None:
            raise NotFound(f"market {market} has no scale {scale}")
        change = Change(by=login(), at=datetime.now(UTC), because="steelyard scale facts", source=Source.COMMAND)
        identity = replace(known.identity, facts=new)
        correct_scale(conn, known.market_id, known.scale_id, identity, revision=known.revision, change=change)
    typer.echo(f"registered of scale {scale} of {market}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadFile("--verified-until", (f"is {text!r}; expected a day: 2027-06-30",)) from None
