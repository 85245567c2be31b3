"""`steelyard bench`, small: what it says, not how fast this machine is."""

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(180)


def bench(*words: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "steelyard", "bench", *words, "--json"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_ingest_is_measured_three_ways_beside_the_limit() -> None:
    found = bench("ingest", "--weighings", "2000", "--singles", "300", "--scales", "20")
    assert found["limit_rows_per_s"] > 0
    for name, weighings in (("batched", 2000), ("single_paho", 300), ("single_fast", 300)):
        one = found[name]
        assert (one["weighings"], one["lost"], one["doubled"]) == (weighings, 0, 0)
        assert one["ratio_to_limit"] == pytest.approx(one["rows_per_s"] / found["limit_rows_per_s"], rel=0.1)
        assert one["over_cap_alerted"] == one["over_cap"] > 0
    assert found["machine"]["database"].startswith("PostgreSQL")
    assert found["versions"]["mqtt5"]


def test_latency_is_measured_to_the_commit_and_to_the_page() -> None:
    found = bench("latency", "--rate", "60", "--seconds", "3", "--scales", "20")
    committed, shown = found["weighed_to_committed_ms"], found["weighed_to_page_ms"]
    assert committed["count"] == 180
    assert 0 < committed["p50"] <= committed["p99"] <= committed["max"]
    assert shown["count"] > 0
    assert 0 < shown["p50"] <= shown["p99"] <= shown["max"]
    assert found["not_shown"] == 0


def test_the_risk_classes_of_a_market_are_computed() -> None:
    found = bench("risk", "--vendors", "60", "--alerts", "3000")
    assert (found["vendors"], found["weighings"]) == (60, 1800)
    assert all(found[name] > 0 for name in ("counted_s", "classed_s", "first_page_ms"))


def test_scores_are_reckoned_from_nothing_beside_reading_the_ledgers() -> None:
    found = bench(
        "credit", "--vendors", "300", "--lines", "2000", "--stalls", "60", "--city", "200", "--alerts", "1000"
    )
    assert (found["vendors"], found["lines"]) == (300, 2000)
    assert found["recompute_of_reading"] > 0
    assert 0 < found["vendor_ms"] <= found["vendor_p95_ms"]
    assert min(found[name] for name in ("rotation_seconds", "pdf_ms", "city_report_seconds")) > 0


def test_every_page_of_the_offices_is_asked_for() -> None:
    found = bench("offices", "--alerts", "2000", "--vendors", "200", "--markets", "4", "--repeats", "1")
    assert (found["alerts"], found["vendors"], found["markets"]) == (2000, 200, 4)
    for page, ms in found["pages_ms"].items():
        assert 0 < ms["p50"] <= ms["p95"], page
    without_rows = found["pages_ms"]["reference: a page without rows"]["kib"]
    assert found["pages_ms"]["combining"]["kib"] > without_rows
