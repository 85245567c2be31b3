"""What a benchmark prints: a table for people, one object for programs."""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.table import Table

from steelyard.bench.chunks import OfLength
from steelyard.bench.ingesting import Measured
from steelyard.bench.stand import Stand

_PACKAGES = ("paho-mqtt", "mqtt5", "psycopg", "msgspec", "numpy", "iotcore")


def machine(at: Stand) -> dict[str, Any]:
    """Say on what was measured."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "database": at.engine,
        "broker": at.broker.value,
    }


def versions() -> dict[str, str | None]:
    """Say with what was measured; null is what is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def as_object(limit_rows_per_s: float, measured: Mapping[str, Measured | None], at: Stand) -> dict[str, Any]:
    """Return everything as one object. What was not measured, because its client is not installed, is null."""
    subjects = {
        name: None
        if one is None
        else {
            "rows_per_s": round(one.rows_per_s),
            "ratio_to_limit": round(one.rows_per_s / limit_rows_per_s, 3),
            "lost": one.lost,
            "doubled": one.doubled,
            "weighings": one.load.weighings,
            "seconds": round(one.seconds, 2),
            "over_cap": one.over_cap,
            "over_cap_alerted": one.alerted,
        }
        for name, one in measured.items()
    }
    return {"limit_rows_per_s": round(limit_rows_per_s), **subjects, "machine": machine(at), "versions": versions()}


def as_table(found: Mapping[str, Any], subjects: Mapping[str, str]) -> Table:
    """Lay it out. `subjects` gives each its words."""
    title = f"{found['machine']['database']}, {found['machine']['broker']} broker"
    table = Table("", "weighings/s", "of the limit", "lost", "doubled", title=title)
    table.add_row("the limit", f"{found['limit_rows_per_s']:,}", "1.00", "", "")
    for name, words in subjects.items():
        one = found[name]
        if one is None:
            table.add_row(words, "not installed", "", "", "")
        else:
            ratio = f"{one['ratio_to_limit']:.2f}"
            table.add_row(words, f"{one['rows_per_s']:,}", ratio, str(one["lost"]), str(one["doubled"]))
    return table


def latency_table(found: Mapping[str, Any]) -> Table:
    """Lay latencies out."""
    title = f"{found['rate']:g} weighings/s; {found['machine']['database']}, {found['machine']['broker']} broker"
    table = Table("ms", "p50", "p99", "max", "of", title=title)
    for name, words in (("weighed_to_committed_ms", "to its commit"), ("weighed_to_page_ms", "to the page")):
        one = found[name]
        table.add_row(words, str(one["p50"]), str(one["p99"]), str(one["max"]), f"{one['count']:,}")
    return table


def flood_table(found: Mapping[str, Any]) -> Table:
    """Lay out what a flood does to the others."""
    title = f"{found['rate']:g} weighings/s, and one device with {found['flood_rate']:g} messages/s"
    heads = ("p50", "p99", "max", "p50 to base", "p99 to base", "of", "worker's CPU, µs a message")
    table = Table("ms to the commit", *heads, title=title)
    words = {
        "base": "no flood",
        "unread": "as many, read by nobody",
        "spread": "as many, of many devices",
        "garbage": "garbage",
        "greedy": "weighings",
    }
    for name, said in words.items():
        one = found[name]
        ratios = [str(found.get(f"{name}_{percent}_ratio", "")) for percent in ("p50", "p99")]
        cpu_us = str(one["worker_cpu_us_a_message"])
        table.add_row(said, str(one["p50"]), str(one["p99"]), str(one["max"]), *ratios, f"{one['count']:,}", cpu_us)
    return table


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - a file of the kernel's
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.processor()


def chunks_as_object(engine: str, found: Sequence[OfLength]) -> dict[str, Any]:
    """Return what chunks of each length came to, for `--json`. Times in milliseconds."""
    return {
        "database": engine,
        "cores": os.cpu_count(),
        "processor": _processor(),
        "lengths": [
            {
                "hours": None if one.length is None else one.length.total_seconds() / 3600,
                "chunks": one.chunks,
                "stored_per_s": round(one.stored_per_s),
                "queries": {name: {"plan_ms": plan, "run_ms": run} for name, (plan, run) in one.queries.items()},
            }
            for one in found
        ],
    }


def chunks_table(engine: str, found: Sequence[OfLength]) -> Table:
    """Return a table with a column for each length; of each query the milliseconds planning and running it."""
    heads = ["plain" if one.length is None else f"{one.length.total_seconds() / 86400:g} d" for one in found]
    table = Table("", *heads, title=engine)
    table.add_row("chunks", *("" if one.chunks is None else str(one.chunks) for one in found))
    table.add_row("stored a second", *(f"{one.stored_per_s:,.0f}" for one in found))
    for name in found[0].queries if found else ():
        table.add_row(name, *("{:.1f} + {:.1f}".format(*one.queries[name]) for one in found))
    return table


def rules_lines(found: Mapping[str, Any]) -> list[str]:
    """Return what the rules were measured to do, a line a rule and trick."""
    counted = f"{found['vendor_days']} vendor-days, {found['honest_vendor_days']} of them honest"
    lines = [
        f"{counted}, {found['weighings']} weighings",
        f"{'rule':24} {'false':>6}  found",
    ]
    for kind, rule in found["rules"].items():
        tricks = ", ".join(f"{trick} {one['found']}/{one['played']}" for trick, one in rule["tricks"].items())
        lines.append(f"{kind:24} {rule['false_alarms']:>6}  {tricks}")
    for trick, one in found["short_weight"].items():
        lines.append(f"{'short_weight, reweighed':24} {'':>6}  {trick} {one['short']}/{one['loads']} loads")
    return lines
