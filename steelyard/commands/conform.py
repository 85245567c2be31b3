"""`steelyard conform`: a device against the wire contract."""

import json
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import BadFile, RuleViolation
from domain.ids import ID_EXPECTATION, MarketId, ScaleId, is_id

_PATIENCE = (
    "Seconds to wait for each step. What did not come by then cannot be told from what is slow, unless it had"
    " the time of --due-within."
)
_DUE_WITHIN = (
    "Seconds your device has for what it does of itself: to send again what has no receipt, to come back after a cut."
    " What did not come in that time is broken; watched for less, it is undecided."
)

if TYPE_CHECKING:
    from steelyard.conform.observer import BrokerAccess


def conform(
    scale: Annotated[str, typer.Option(help="The scale's id: the device publishes under it.")],
    market: Annotated[str, typer.Option(help="The market's id.")] = "sanya-1",
    broker: Annotated[
        str, typer.Option(help="host:port of the broker the device uses; left out: the settings' (STEELYARD_MQTT_…).")
    ] = "",
    listen: Annotated[
        str,
        typer.Option(
            help="host:port for the device to connect to instead of the broker. So its connections are looked at and"
            " cut; without it those statements stay unseen. TLS goes through untouched, but then CONNECT is not seen."
        ),
    ] = "",
    weighings: Annotated[int, typer.Option(min=2, help="Weighings to hear before anything is withheld.")] = 10,
    patience: Annotated[float, typer.Option(min=1, help=_PATIENCE)] = 120.0,
    due_within: Annotated[float, typer.Option(min=1, help=_DUE_WITHIN)] = 120.0,
    needs_all: Annotated[bool, typer.Option("--needs-all", help="Statements left unseen fail the check too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Check a device or an agent, statement by statement (docs/wire-contract.md), while it weighs.

    Nothing else may give receipts to the scale meanwhile: stop `steelyard ingest`, or use a broker of its own.
    Exit status: 0 conforms, 1 does not, 2 the check could not run, 3 cannot be told: no weighing was heard, a statement
    was watched too shortly, or the check was stopped.
    """
    from rich.console import Console

    from steelyard.conform.check import Course, run_check
    from steelyard.conform.observer import Observer
    from steelyard.conform.proxy import CuttingProxy
    from steelyard.conform.report import EXIT_STATUS, conclude, print_table
    from steelyard.conform.report import as_json as report_json
    from steelyard.stopping import stop_on_signals

    for name, value in (("--scale", scale), ("--market", market)):
        if not is_id(value):
            raise RuleViolation(f"{name} is {value!r}; expected {ID_EXPECTATION}")
    access = _broker(broker)
    market_id, scale_id = MarketId(market), ScaleId(scale)
    stop, console = stop_on_signals(), Console(stderr=True)
    with ExitStack() as closing:
        observer = Observer(access, market_id, scale_id, is_between=bool(listen), due_within_s=due_within)
        observer.open()
        closing.callback(observer.close)
        proxy = None
        if listen:
            proxy = CuttingProxy(_address("--listen", listen), (access.host, access.port), observer)
            proxy.start()
            closing.callback(proxy.close)
            console.print(f"let the device connect to port {proxy.port}, and weigh", highlight=False)
        if patience < due_within:
            says = f"with {patience:.0f} s of patience, what does not come is left undecided: --due-within is"
            console.print(f"{says} {due_within:.0f} s", highlight=False)
        course = Course(weighings=weighings, waiting=max(2, weighings // 2), patience_s=patience)
        verdicts = run_check(observer, proxy, course, stop, lambda step: console.print(f"… {step}", highlight=False))
    conclusion = conclude(verdicts, needs_all=needs_all, was_stopped=stop.is_set())
    if as_json:
        typer.echo(json.dumps(report_json(market_id, scale_id, verdicts, conclusion=conclusion), ensure_ascii=False))
    else:
        print_table(Console(), scale_id, verdicts, conclusion=conclusion)
    sys.exit(EXIT_STATUS[conclusion])


def _broker(text: str) -> "BrokerAccess":
    from steelyard.conform.observer import BrokerAccess
    from steelyard.settings import read_settings

    settings = read_settings()
    host, port = _address("--broker", text) if text else (settings.mqtt_host, settings.mqtt_port)
    return BrokerAccess(
        host=host,
        port=port,
        username=settings.mqtt_username,
        password=settings.mqtt_password,
        ca_file=settings.mqtt_ca_file,
    )


def _address(option: str, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65_535:  # noqa: PLR2004 - the ports there are
        raise BadFile(option, (f"is {text!r}; expected host:port",))
    return host.strip("[]"), int(port)
