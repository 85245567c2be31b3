"""`steelyard scale`: one scale at hand, before it is part of an agent's configuration or while something is wrong."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import RuleViolation
from domain.units import Fen, Grams, PriceUnit
from edge_agent.drivers.protocol import Command, DriverOptions, Parity, PriceFrom, SerialSettings

if TYPE_CHECKING:
    from edge_agent.probe.at_hand import ScaleAtHand
    from edge_agent.probe.prober import Probe

app = typer.Typer(
    help="One scale: find out what it speaks, watch it, tell it something, read its journal back.", no_args_is_help=True
)

_PORT_HELP = "/dev/serial/by-id/…, tcp://host:port, rfc2217://host:port, or tcp-listen://0.0.0.0:port"
_CONFIRM_S = 5.0

PortArgument = Annotated[str, typer.Argument(help=_PORT_HELP, show_default=False)]
ProtocolOption = Annotated[str, typer.Option(help="As `scale probe` names it.", show_default=False)]
ProfileOption = Annotated[str, typer.Option(help="The dialect; left out: the usual one.", show_default=False)]
UnitOption = Annotated[PriceUnit, typer.Option(help="What the scale's unit price is for.")]
BaudOption = Annotated[int | None, typer.Option(help="Left out: as the protocol usually has it.", show_default=False)]
BitsOption = Annotated[int | None, typer.Option(min=7, max=8, help="7 or 8.", show_default=False)]
ParityOption = Annotated[str | None, typer.Option(help="none, even, odd, mark or space.", show_default=False)]
StopOption = Annotated[int | None, typer.Option(min=1, max=2, help="1 or 2.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs, in place of words.")]


@app.callback()
def scale() -> None:
    """One scale: find out what it speaks, watch it, tell it something, read its journal back."""


@app.command("probe")
def probe(
    port: PortArgument,
    weight: Annotated[
        int | None, typer.Option(min=1, help="Grams of a known weight that lies on the pan: tells look-alikes apart.")
    ] = None,
    listen: Annotated[float, typer.Option(min=0.1, help="Seconds to listen at each setting.")] = 1.5,
    wait: Annotated[float, typer.Option(min=1, help="Seconds to wait for a scale that connects to us.")] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Find out what the scale on a port speaks. Listens first, then asks; never sends what changes the scale."""
    from edge_agent.drivers.registry import SCALE_DRIVERS
    from edge_agent.probe.prober import Prober, ProbeRules

    _begin(port)
    rules = ProbeRules(listen_s=listen, wait_s=wait, known_weight_g=None if weight is None else Grams(weight))
    found = Prober(port, SCALE_DRIVERS, rules, lambda step: typer.echo(f"{step} …", err=True)).run()
    if as_json:
        _print_probe_as_json(found)
    else:
        _print_probe(found, port)
    if not found.candidates:
        raise typer.Exit(1)


@app.command("watch")
def watch(
    port: PortArgument,
    protocol: ProtocolOption,
    profile: ProfileOption = "",
    price_unit: UnitOption = PriceUnit.KG,
    baud: BaudOption = None,
    data_bits: BitsOption = None,
    parity: ParityOption = None,
    stop_bits: StopOption = None,
    unit_price_fen: Annotated[
        int | None,
        typer.Option(min=1, help="Price for a scale that computes with ours: dialog06, dibal.", show_default=False),
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many; left out: Ctrl-C.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="End after so long.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a scale says: weights, why it has none, sales, and garbage with its reason.

    Ends with status 1 where nothing was understood.
    """
    from edge_agent.drivers.registry import SCALE_DRIVERS
    from steelyard.scale_watch import Watch
    from steelyard.stopping import stop_on_signals

    at_hand = _scale_at_hand(port, protocol, profile, price_unit, (baud, data_bits, parity, stop_bits))
    if SCALE_DRIVERS[protocol].price_from is PriceFrom.HOST and unit_price_fen is None:
        typer.echo(f"{protocol} computes with our price: without --unit-price-fen it may give no weight", err=True)
    at_hand.set_price(None if unit_price_fen is None else Fen(unit_price_fen))
    watching = Watch(at_hand, sys.stdout, as_json=as_json)
    watching.run(stop_on_signals(), count=count, seconds=seconds)
    if not watching.has_understood:
        raise typer.Exit(1)


@app.command("send")
def send(
    port: PortArgument,
    command: Annotated[str, typer.Argument(help="zero, tare, clear-tare, preset-tare, identify or reset.")],
    grams: Annotated[int | None, typer.Argument(min=0, help="For preset-tare.", show_default=False)] = None,
    *,
    protocol: ProtocolOption,
    profile: ProfileOption = "",
    baud: BaudOption = None,
    data_bits: BitsOption = None,
    parity: ParityOption = None,
    stop_bits: StopOption = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to wait for the scale to confirm.")] = _CONFIRM_S,
) -> None:
    """Tell a scale something, and show what it answers. Ends with status 1 where the scale did not confirm."""
    from steelyard.scale_watch import send_command

    wanted, tare_g = _command(command, grams)
    at_hand = _scale_at_hand(port, protocol, profile, PriceUnit.KG, (baud, data_bits, parity, stop_bits))
    if not send_command(at_hand, wanted, tare_g, seconds, typer.echo):
        raise typer.Exit(1)


def _begin(port: str) -> None:
    """The words are for a person here: what goes wrong is said in sentences, not in the agent's log."""
    import logging

    from edge_agent.config.addresses import port_problem
    from steelyard.logs import configure_logs

    configure_logs(logging.CRITICAL)
    expected = port_problem(port)
    if expected is not None:
        raise RuleViolation(f"the port is {port!r}; expected {expected}")


def _scale_at_hand(
    port: str,
    protocol: str,
    profile: str,
    price_unit: PriceUnit,
    serial: tuple[int | None, int | None, str | None, int | None],
) -> "ScaleAtHand":
    from edge_agent.drivers.registry import SCALE_DRIVERS
    from edge_agent.probe.at_hand import ScaleAtHand

    _begin(port)
    spec = SCALE_DRIVERS.get(protocol)
    if spec is None:
        raise RuleViolation(f"--protocol is {protocol!r}; expected one of {', '.join(SCALE_DRIVERS)}")
    if profile and profile not in spec.profiles:
        raise RuleViolation(f"--profile is {profile!r}; {protocol} has {', '.join(spec.profiles)}")
    profile = profile or spec.profiles[0]
    try:
        driver = spec.make(DriverOptions(profile=profile, price_unit=price_unit))
    except ValueError as error:
        raise RuleViolation(str(error)) from error
    return ScaleAtHand(port, driver, _settings(spec.serial_of(profile), *serial))


def _settings(
    usual: SerialSettings, baud: int | None, data_bits: int | None, parity: str | None, stop_bits: int | None
) -> SerialSettings:
    parities: dict[str, Parity] = {"none": "none", "even": "even", "odd": "odd", "mark": "mark", "space": "space"}
    if parity is not None and parity not in parities:
        raise RuleViolation(f"--parity is {parity!r}; expected one of {', '.join(parities)}")
    return SerialSettings(
        baud=baud or usual.baud,
        data_bits=usual.data_bits if data_bits is None else (7 if data_bits == 7 else 8),  # noqa: PLR2004 - 7 or 8
        parity=usual.parity if parity is None else parities[parity],
        stop_bits=usual.stop_bits if stop_bits is None else (1 if stop_bits == 1 else 2),
    )


def _command(name: str, grams: int | None) -> tuple[Command, Grams | None]:
    commands = {command.value.replace("_", "-"): command for command in Command}
    if name not in commands:
        raise RuleViolation(f"the command is {name!r}; expected one of {', '.join(commands)}")
    if (commands[name] is Command.PRESET_TARE) != (grams is not None):
        raise RuleViolation("preset-tare needs its grams, and no other command takes any")
    return commands[name], None if grams is None else Grams(grams)


def _print_probe_as_json(found: "Probe") -> None:
    from edge_agent.probe.probing import equals
    from steelyard.scale_words import candidate_as_json

    document = {
        "bytes_heard": found.bytes_heard,
        "tried": found.tried,
        "equally_good": len(equals(found.candidates)),
        "candidates": [candidate_as_json(candidate) for candidate in found.candidates],
    }
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _print_probe(found: "Probe", port: str) -> None:
    from rich.console import Console

    from edge_agent.probe.probing import equals
    from steelyard.scale_words import nothing_found, probe_table, toml_lines, verdict_in_words

    if not found.candidates:
        typer.echo(nothing_found(found.bytes_heard, port))
        return
    Console(width=None if sys.stdout.isatty() else 120, highlight=False).print(probe_table(found.candidates))
    best = equals(found.candidates)
    typer.echo(verdict_in_words(best))
    typer.echo("\nFor the agent's configuration:\n")
    typer.echo(toml_lines(best[0], port))
