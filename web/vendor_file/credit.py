"""Credit: the score of the running cycle and the tier that it makes."""

from zoneinfo import ZoneInfo

from credit.rules.book import rules_now
from credit.scoring import score_at
from db import credit
from web.formats import points, segment
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Fact, Link, Moment, Section


def section(asked: Asked) -> Section:
    """Return the score, and the newest entries of the ledger; the credit report explains every point."""
    market_id, vendor_id = asked.vendor.market_id, asked.vendor.vendor_id
    ledger = credit.of_vendor(asked.conn, market_id, vendor_id)
    day = asked.now.astimezone(ZoneInfo(asked.market.timezone)).date()
    rules = rules_now(asked.conn, asked.config.credit_rules, asked.now)
    score = score_at(ledger, rules, day, asked.market.timezone)
    newest = list(reversed(ledger))[: asked.most_rows]
    return Section(
        key="credit",
        title=mark("Credit"),
        facts=(
            Fact("score", mark("Score"), score.score),
            Fact("tier", mark("Tier"), f"{score.tier.name} {score.tier.zh} {score.tier.en}"),
            Fact("cycle_from", mark("Cycle from"), score.cycle_from),
            Fact("entries", mark("Entries in this cycle"), len(score.counted)),
            Fact("rules_version", mark("Rules"), rules.version),
        ),
        columns=(
            Column("occurred_at", mark("Happened")),
            Column("points", mark("Points")),
            Column("rule", mark("Rule")),
            Column("alert", mark("Alert")),
            Column("recorded_by", mark("Decided by")),
        ),
        rows=tuple(
            (
                one.occurred_at,
                points(one.points),
                one.rule,
                None if one.alert_id is None else Link(str(one.alert_id), f"/alerts/{one.alert_id}"),
                one.recorded_by,
            )
            for one in newest
        ),
        more=len(ledger) > len(newest),
        link=Link(
            mark("The credit report explains every point"), f"/vendors/{segment(market_id)}/{segment(vendor_id)}"
        ),
        empty=mark("Nothing was ever counted for or against the vendor."),
        moments=tuple(Moment(one.recorded_at, mark("Points are recorded"), points(one.points)) for one in newest),
    )
