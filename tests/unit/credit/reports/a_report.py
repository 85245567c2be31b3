"""A report with something of everything, for tests."""

from datetime import UTC, date, datetime
from typing import Any, Final

from credit.reports.kinds import AboutWhom, Finality, LineStanding, PenaltyStanding, Variant
from credit.reports.shape import Report
from credit.reports.shape_of_lines import Identity, Line, PromiseLine, ScorePart
from credit.reports.shape_of_parts import (
    AlertCount,
    AppealLine,
    Figures,
    Limits,
    MarketLimits,
    PenaltyLine,
    Period,
    RulesUsed,
    Subject,
    TierUsed,
)

KNOWN_AT: Final = datetime(2026, 11, 28, 3, tzinfo=UTC)


def a_line(number: int, points: int, standing: LineStanding, finality: Finality, **more: Any) -> Line:
    usual: dict[str, Any] = {
        "reason": "price_over_cap",
        "zh": "标价超过调控价",
        "en": "declared price above the cap",
        "rule": "price_over_cap.points.medium",
        "rules_version": "2026-11-28",
        "source": "alert",
        "alert_id": 100 + number,
        "reverses": None,
        "repairs": None,
        "promise_id": None,
        "factor": 1,
        "is_veto": False,
        "evidence": "",
    }
    return Line(
        event_id=number,
        occurred_on=date(2026, 11, number),
        recorded_at=datetime(2026, 11, number, 4, tzinfo=UTC),
        points=points,
        standing=standing,
        finality=finality,
        **{**usual, **more},
    )


def a_report(**more: Any) -> Report:
    """Return a vendor's inner report; `more`: what is otherwise."""
    usual: dict[str, Any] = {
        "code": "7QK2M9XT41BD",
        "variant": Variant.INNER,
        "subject": Subject(
            kind=AboutWhom.VENDOR,
            market_id="sanya-1",
            market_name="三亚第一市场",
            vendor_id="V001",
            name="阿海海鲜档",
            stalls="A-01, A-02",
            credit_code="92460200MA5TEST01X",
        ),
        "period": Period(first=date(2026, 10, 1), last=date(2026, 11, 28)),
        "before": Period(first=date(2026, 8, 3), last=date(2026, 9, 30)),
        "known_at": KNOWN_AT,
        "rules": RulesUsed(
            version="2026-11-28",
            version_before="2026-11-28",
            in_force_from=date(2026, 1, 1),
            base=100,
            floor=0,
            ceiling=110,
            cycle="quarter",
            appeal_days=5,
        ),
        "tiers": (
            TierUsed(name="A", from_points=90, zh="守信", en="trustworthy", vendors=30),
            TierUsed(name="D", from_points=0, zh="严重失信", en="serious breaches", vendors=11),
        ),
        "figures": Figures(
            confirmed=3, pending=1, awaiting=2, cleared=1, overcharge_fen=12345, pending_fen=2300, penalties=1
        ),
        "figures_before": Figures(confirmed=5, overcharge_fen=99_900),
        "alerts": (
            AlertCount(
                kind="price_over_cap",
                state="confirmed",
                alerts=3,
                occurrences=17,
                overcharge_fen=12345,
                pending=1,
                pending_fen=2300,
            ),
        ),
        "penalties": (
            PenaltyLine(
                market_id="sanya-1",
                vendor_id="V001",
                vendor_name="阿海海鲜档",
                document_no="琼三市监处罚〔2026〕118号",
                authority="三亚市市场监督管理局",
                decided_on=date(2026, 11, 3),
                kind="fine",
                decision="罚款",
                basis="《价格违法行为行政处罚规定》第九条",
                amount_fen=200_000,
                standing=PenaltyStanding.NOT_PUBLISHED,
            ),
        ),
        "limits": Limits(
            markets=(
                MarketLimits(
                    market_id="sanya-1",
                    name="三亚第一市场",
                    days=59,
                    days_told=59,
                    days_without_weighings=2,
                    days_without_list=1,
                    scales=41,
                    scales_unverified=3,
                ),
            ),
            vendor_days_weighed=52,
            vendor_scales=1,
            vendor_scales_unverified=0,
        ),
        "identity": Identity(
            kind="individual",
            licence_no="4602*******0016",
            legal_representative="王*",
            licence_from=date(2020, 1, 1),
            licence_until=None,
        ),
        "score": ScorePart(
            score=91,
            tier="A",
            cycle_from=date(2026, 10, 1),
            cycle_last=date(2026, 12, 31),
            unclamped=91,
            held_back=0,
            vetoes=0,
            score_final=97,
            tier_final="A",
            score_before=85,
            tier_before="A",
            median_of_market=96,
            vendors_of_market=41,
        ),
        "lines": (
            a_line(1, -3, LineStanding.COUNTS, Finality.FINAL),
            a_line(2, -6, LineStanding.COUNTS, Finality.OPEN, is_veto=True, factor=2, promise_id=9),
            a_line(3, -1, LineStanding.WORSE_COUNTS, Finality.FINAL, alert_id=None, evidence="=SUM(A1)"),
        ),
        "promises": (
            PromiseLine(
                promise_id=3,
                alert_id=99,
                kind="verification_expired",
                state="made",
                made_on=date(2026, 11, 2),
                until=date(2027, 2, 2),
                waived_points=-4,
            ),
        ),
        "appeals": (
            AppealLine(
                alert_id=103,
                market_id="sanya-1",
                vendor_id="V001",
                vendor_name="阿海海鲜档",
                kind="price_over_cap",
                business_day=date(2026, 11, 4),
                points=-7,
            ),
        ),
    }
    return Report(**{**usual, **more})
