"""`steelyard simulate scale`: one scale on a line, with somebody at it."""

import json
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from domain.errors import RuleViolation, show_value
from domain.units import PriceUnit

if TYPE_CHECKING:
    from simulators.one_scale.running import OneScale, Tell
    from simulators.ports import SimulatedLine
    from simulators.scales.protocol import SimulatedSpec

_PORT_EXPECTATION: Final = "pty, pty:PATH, tcp:PORT or tcp-connect:HOST:PORT"


def scale(
    protocol: Annotated[str, typer.Option(help="What it speaks; --list shows all.")] = "",
    profile: Annotated[str, typer.Option(help="Which dialect of it; else the usual one.")] = "",
    port: Annotated[
        str,
        typer.Option(help=f"{_PORT_EXPECTATION} (tcp: on loopback, 0 is any free one).", show_default=True),
    ] = "pty",
    price_unit: Annotated[PriceUnit, typer.Option(help="What its unit prices are for.")] = PriceUnit.KG,
    seed: Annotated[int, typer.Option(help="The same seed and script give the same noise and faults.")] = 1,
    script: Annotated[
        Path | None, typer.Option(help="What happens on it, one step a line (docs/simulators.md).")
    ] = None,
    http: Annotated[int | None, typer.Option(min=0, max=65_535, help="Serve GET and POST /state on this port.")] = None,
    keyboard: Annotated[bool, typer.Option("--keyboard", help="Take keys from this terminal.")] = False,
    once: Annotated[bool, typer.Option("--once", help="End when the script is done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Tell what happens as JSON lines.")] = False,
    wants_list: Annotated[bool, typer.Option("--list", help="Print protocols with their profiles, and end.")] = False,
) -> None:
    """Run one simulated scale until it is stopped, as the device behaves: noise, unstable weights, overload, errors."""
    from simulators.device import check_steps, make_device
    from simulators.one_scale.running import OneScale
    from simulators.one_scale.script import read_script
    from simulators.one_scale.state_server import LOOPBACK
    from steelyard.stopping import stop_on_signals

    if wants_list:
        _print_list()
        return
    if once and script is None:
        raise RuleViolation("--once is given without --script; expected both")
    spec = _spec(protocol)
    profile = _profile(spec, profile)
    try:
        check = check_steps(spec, profile, price_unit)
    except ValueError as error:
        raise RuleViolation(f"--price-unit: {error}") from None
    steps = read_script(script, check) if script else ()
    device = make_device(spec, profile, price_unit, seed, steps)
    tell = _teller(as_json=as_json)
    stop = stop_on_signals()
    with ExitStack() as stack:
        line, where = _open_line(port)
        stack.callback(line.close)
        one = OneScale(device, line, tell)
        served = {"protocol": spec.name, "profile": profile, "seed": seed, "port": where}
        if http is not None:
            served["http"] = f"http://{LOOPBACK}:{stack.enter_context(_serving(http, one))}/state"
        fd = stack.enter_context(_raw_terminal()) if keyboard else None
        tell("listening", served)
        one.run(stop, fd, ends_with_script=once)


def _print_list() -> None:
    from simulators.scales.registry import SIMULATED_SCALES

    for spec in SIMULATED_SCALES.values():
        serial = f"{spec.serial.baud} baud, {spec.serial.data_bits} bits, parity {spec.serial.parity}"
        typer.echo(f"{spec.name:22} {spec.title} ({serial})\n{'':22} profiles: {', '.join(spec.profiles)}")


def _spec(protocol: str) -> "SimulatedSpec":
    from simulators.scales.registry import SIMULATED_SCALES

    spec = SIMULATED_SCALES.get(protocol)
    if spec is None:
        raise RuleViolation(f"--protocol is {show_value(protocol)}; expected one of {', '.join(SIMULATED_SCALES)}")
    return spec


def _profile(spec: "SimulatedSpec", profile: str) -> str:
    if profile and profile not in spec.profiles:
        raise RuleViolation(f"--profile is {show_value(profile)}; expected one of {', '.join(spec.profiles)}")
    return profile or spec.profiles[0]


def _open_line(port: str) -> "tuple[SimulatedLine, str]":
    """Return the line, and where an agent finds it. Raise RuleViolation where it cannot be had."""
    from simulators.one_scale.state_server import LOOPBACK
    from simulators.ports import PtyLine, TcpLine

    kind, _colon, where = port.partition(":")
    try:
        if kind == "pty":
            path = Path(where).absolute() if where else Path(tempfile.mkdtemp(prefix="steelyard-scale-")) / "scale.tty"
            if path.exists() and not path.is_symlink():
                raise RuleViolation(f"--port: {path} is there already and is no simulated scale's; expected a new name")
            return PtyLine(path), str(path)
        if kind == "tcp-connect":
            return _calling_line(port, where)
        if kind == "tcp" and _is_port(where):
            tcp = TcpLine(LOOPBACK, int(where))
            return tcp, f"tcp://{LOOPBACK}:{tcp.port}"
    except OSError as error:
        raise RuleViolation(f"--port: {port} cannot be opened: {error.strerror}") from None
    raise RuleViolation(f"--port is {show_value(port)}; expected {_PORT_EXPECTATION}")


def _calling_line(port: str, where: str) -> "tuple[SimulatedLine, str]":
    from simulators.one_scale.calling_line import CallingLine

    host, _colon, number = where.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not _is_port(number) or not int(number):
        raise RuleViolation(f"--port is {show_value(port)}; expected tcp-connect:HOST:PORT")
    return CallingLine(host, int(number)), f"tcp-listen://{where}"


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= 65_535  # noqa: PLR2004


@contextmanager
def _serving(port: int, one: "OneScale") -> Iterator[int]:
    from simulators.one_scale.state_server import serving_state

    with ExitStack() as stack:
        try:
            served = stack.enter_context(serving_state(port, one.look, one.do))
        except OSError as error:
            raise RuleViolation(f"--http: port {port} cannot be had: {error.strerror}") from None
        yield served


@contextmanager
def _raw_terminal() -> Iterator[int]:
    """Yield standard input, a key at a time; the terminal is as before when the block ends."""
    import termios
    import tty

    if not sys.stdin.isatty():
        raise RuleViolation("--keyboard: standard input is no terminal")
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    tty.setcbreak(fd)
    try:
        yield fd
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _teller(*, as_json: bool) -> "Tell":
    """JSON lines go to standard output; sentences for a person to standard error."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    lock = threading.Lock()

    def tell(event: str, values: Mapping[str, object]) -> None:
        with lock:
            if as_json:
                sys.stdout.write(json.dumps({"event": event, **values}, ensure_ascii=False) + "\n")
                sys.stdout.flush()
            else:
                # The event's own name says what the deed and the problem are.
                words = (f"{value}" if name in {"deed", event} else f"{name} {value}" for name, value in values.items())
                console.print(f"{event:12}", "  ".join(words))

    return tell
