"""The comparison that `steelyard bench ingest` makes: three ways to send, and the limit they are held against."""

import threading
from importlib.util import find_spec
from typing import Any

from steelyard.bench.ingesting import Measured, Run, measure
from steelyard.bench.limit import Limit
from steelyard.bench.load import Load
from steelyard.bench.report import as_object
from steelyard.bench.stand import BrokerKind, stand

_IN_A_BATCH = 100
#: The embedded broker has at most 100 messages on the way to a connection, whatever window is asked for.
_LINKS = {BrokerKind.EMBEDDED: {"MQTT_LINKS": "8"}, BrokerKind.MOSQUITTO: {}}


def compare(
    weighings: int,
    singles: int,
    scales: int,
    server_url: str | None,
    broker: BrokerKind,
    only: str | None,
    stop: threading.Event,
) -> dict[str, Any]:
    """Measure each way, and the limit on the very rows that the batched run stored."""
    limit = Limit()
    with stand(server_url, broker, stop) as at:
        in_batches = Load(name="batched", weighings=weighings, scales=scales, batch=_IN_A_BATCH)
        batched = measure(
            at,
            Run(load=in_batches, settings=_LINKS[broker]),
            keep=limit.measure,
        )
        single = Load(name="single", weighings=singles, scales=scales, batch=1)
        measured: dict[str, Measured | None] = {"batched": batched, "single_paho": None, "single_fast": None}
        if only in (None, "single_paho"):
            measured["single_paho"] = measure(at, Run(load=single, settings=_LINKS[broker]))
        if only in (None, "single_fast") and find_spec("mqtt5") is not None:
            measured["single_fast"] = measure(at, Run(load=single, settings={**_LINKS[broker], "MQTT_CLIENT": "mqtt5"}))
        return as_object(limit.rows_per_s, measured, at)
