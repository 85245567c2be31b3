"""`steelyard scale` on real lines, against every scale that can be simulated."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from domain.errors import RuleViolation, Unavailable
from edge_agent.drivers.protocol import DriverSpec
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.probe.probe_plan import askings
from edge_agent.probe.prober import Probe, Prober, ProbeRules
from edge_agent.probe.probing import equals, setups
from simulators.ports import PtyLine, TcpLine
from simulators.scales.protocol import SimulatedScale
from simulators.scales.registry import SIMULATED_SCALES
from steelyard.cli import app
from tests.devices import CallingLine, device_server, make_scale, running

LOAD_G: Final = 1500
TARE_G: Final = 100
RULES: Final = ProbeRules(listen_s=0.8, silence_s=0.2, wait_s=20.0)
# What on the wire is alike cannot be told apart; the probe then names all of them.
ALIKE: Final = {
    "mt_sics": {"standard", "repeat", "on_change", "stable", "kcp"},  # habits of asking the same scale
    "dp401": {"grams", "hundred_grams", "running_total"},  # the same three values, read in three ways
}

ASKED: Final = {asking.setup.spec.name for asking in askings(setups(SCALE_DRIVERS), is_serial=True)}
AT_ONCE: Final = 8

ALL = [(name, profile) for name, spec in SIMULATED_SCALES.items() for profile in spec.profiles]


def loaded(protocol: str, profile: str = "") -> SimulatedScale:
    scale = make_scale(protocol, profile)
    scale.platform.put(LOAD_G, 0.0)
    if protocol != "cas_ecr":  # with a price it is the same as a cas_ecr_price, and is found to be
        scale.key_price(4500)
    return scale


class Vendor:
    """Prints a label now and then, on scales that are silent otherwise."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def __call__(self, scale: SimulatedScale, now: float) -> bytes:
        if now < self._next_at:
            return b""
        self._next_at = now + 0.3
        return scale.key_total(now)


def probe(address: str, rules: ProbeRules = RULES, specs: Mapping[str, DriverSpec] = SCALE_DRIVERS) -> Probe:
    return Prober(address, specs, rules, lambda _step: None).run()


def rivals(protocol: str, profile: str) -> Mapping[str, DriverSpec]:
    """All protocols; but asking each of them in turn takes its time, so only usual profiles have to stand that."""
    if protocol not in ASKED or profile == SCALE_DRIVERS[protocol].profiles[0]:
        return SCALE_DRIVERS
    return {name: spec for name, spec in SCALE_DRIVERS.items() if name == protocol or name not in ASKED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """What a probe found, and how it left the scale."""

    found: Probe
    tare_g: int
    gross_g: int


def probe_simulated(device: Path, protocol: str, profile: str) -> Probed:
    line = PtyLine(device)
    scale = loaded(protocol, profile)
    scale.key_tare(TARE_G)
    with running(scale, line, Vendor()):
        found = probe(str(device), specs=rivals(protocol, profile))
        gross_g = scale.platform.look(time.monotonic()).gross_g
    line.close()
    return Probed(found=found, tare_g=scale.tare_g, gross_g=gross_g)


@pytest.fixture(scope="module")
def probes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[tuple[str, str], Future[Probed]]]:
    """The probes of the scales that are to be tested, several at once: a probe mostly waits for what does not come."""
    folder = tmp_path_factory.mktemp("probes")
    chosen = {key for item in request.session.items if (key := _probed_by(item)) in ALL}
    # Those that are asked take longest, so they begin first.
    order = sorted(chosen, key=lambda key: (rivals(*key) is not SCALE_DRIVERS or key[0] not in ASKED, key))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {key: pool.submit(probe_simulated, folder / "-".join(key), *key) for key in order}


def _probed_by(item: pytest.Item) -> tuple[str, str] | None:
    parameters = getattr(item, "callspec", None)
    return None if parameters is None else (parameters.params.get("protocol"), parameters.params.get("profile"))


@pytest.mark.parametrize(("protocol", "profile"), ALL)
def test_a_probe_finds_every_scale_and_leaves_it_as_it_was(
    probes: Mapping[tuple[str, str], Future[Probed]], protocol: str, profile: str
) -> None:
    probed = probes[protocol, profile].result()
    assert probed.tare_g == TARE_G
    assert probed.gross_g == LOAD_G  # nothing was zeroed away
    best = equals(probed.found.candidates)
    assert {candidate.setup.spec.name for candidate in best} & {protocol}
    if profile not in ALIKE.get(protocol, set()):
        assert profile in {candidate.setup.profile for candidate in best if candidate.setup.spec.name == protocol}


def test_a_scale_that_tells_its_price_is_not_taken_for_one_that_does_not(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "scale.tty")
    scale = loaded("cas_ecr_price")
    both = {name: SCALE_DRIVERS[name] for name in ("cas_ecr", "cas_ecr_price")}
    with running(scale, line, Vendor()):
        found = probe(str(tmp_path / "scale.tty"), specs=both)
    line.close()
    assert {candidate.setup.spec.name for candidate in equals(found.candidates)} == {"cas_ecr_price"}


def test_a_scale_behind_a_device_server_is_found(tmp_path: Path) -> None:
    with device_server(tmp_path) as (server, line), running(loaded("dp401"), line, Vendor()):
        found = probe(f"rfc2217://127.0.0.1:{server.port}", ProbeRules(listen_s=2.0))
    assert {candidate.setup.spec.name for candidate in equals(found.candidates)} == {"dp401"}


def test_a_scale_on_a_tcp_port_is_found() -> None:
    line = TcpLine("127.0.0.1", 0)
    with running(loaded("dp401"), line, Vendor()):
        found = probe(f"tcp://127.0.0.1:{line.port}", ProbeRules(listen_s=2.0))
    line.close()
    assert equals(found.candidates)[0].settings is None


def test_a_scale_that_connects_to_us_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    results: list[Probe] = []
    thread = threading.Thread(target=lambda: results.append(probe(f"tcp-listen://127.0.0.1:{port}")))
    thread.start()
    line = call_until_heard(port)
    with running(loaded("dp401"), line, Vendor()):
        thread.join()
    line.close()
    assert equals(results[0].candidates)[0].setup.spec.name == "dp401"


def call_until_heard(port: int) -> CallingLine:
    deadline = time.monotonic() + 15
    while True:
        try:
            return CallingLine("127.0.0.1", port)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_port_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="it is not there; unplugged, or another name"):
        probe(str(tmp_path / "scale.tty"))


@pytest.fixture(autouse=True)
def signals_as_they_were() -> Iterator[None]:
    """A watch listens for Ctrl-C; the tests after it have theirs back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    line = PtyLine(tmp_path / "scale.tty")
    yield str(tmp_path / "scale.tty")
    line.close()


@pytest.fixture
def network_scale(tmp_path: Path) -> Iterator[str]:
    line = PtyLine(tmp_path / "scale.tty")
    with running(loaded("dp401"), line, Vendor()):
        yield str(tmp_path / "scale.tty")
    line.close()


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["scale", *arguments])


def test_the_command_prints_a_table_a_sentence_and_lines_to_paste(network_scale: str) -> None:
    done = run("probe", network_scale, "--weight", str(LOAD_G))
    assert done.exit_code == 0, done.output
    assert "It is surely dp401, profile grams." in done.stdout
    assert f'protocol = "dp401"\nport = "{network_scale}"\n' in done.stdout
    assert "listening at 9600 8N1" in done.stderr


def test_look_alikes_are_named_and_how_to_tell_them_apart(tmp_path: Path) -> None:
    line, scale = PtyLine(tmp_path / "scale.tty"), loaded("dp401")
    scale.key_tare(TARE_G)  # gross, tare and net might as well be a total, what was sold, and the total before
    with running(scale, line, Vendor()):
        done = run("probe", str(tmp_path / "scale.tty"))
    line.close()
    assert "fit equally well" in done.stdout
    assert "--weight GRAMS" in done.stdout


def test_a_reading_by_which_nothing_was_sold_is_no_look_alike(network_scale: str) -> None:
    """Without a tare, only one of the three ways to read a DP-401's values leaves a load on the pan."""
    assert "It is surely dp401, profile grams." in run("probe", network_scale).stdout


def test_a_program_reads_the_probe_as_json(network_scale: str) -> None:
    document = json.loads(run("probe", network_scale, "--json").stdout)
    assert document["candidates"][0]["protocol"] == "dp401"
    assert document["candidates"][0]["serial"] == {"baud": 9600, "data_bits": 8, "parity": "none", "stop_bits": 1}
    assert document["equally_good"] >= 1


def test_a_watch_shows_what_is_said_and_ends_after_so_many(network_scale: str) -> None:
    done = run("watch", network_scale, "--protocol", "dp401", "--count", "2", "--seconds", "20")
    assert done.exit_code == 0, done.output
    assert "1.500 kg  sold    PLU 00001 KIYMA" in done.stdout
    assert "2 understood, 0 garbage" in done.stderr


def test_a_watch_can_be_read_by_a_program(network_scale: str) -> None:
    done = run("watch", network_scale, "--protocol", "dp401", "--count", "3", "--seconds", "20", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 3
    assert lines[-1]["heard"] == "sale"
    assert lines[-1]["net_g"] == LOAD_G


def test_a_watch_shows_garbage_with_its_reason(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "scale.tty")
    with running(loaded("dp401"), line, lambda _scale, _now: b"1,2,3\r\n"):
        done = run("watch", str(tmp_path / "scale.tty"), "--protocol", "dp401", "--count", "3", "--seconds", "20")
    line.close()
    assert "garbage (torn): b'1,2,3\\r'" in done.stdout
    assert done.exit_code == int("0 understood" in done.stderr)


def test_a_scale_that_computes_with_our_price_is_watched_with_one(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "scale.tty")
    watching = ("watch", str(tmp_path / "scale.tty"), "--protocol", "dialog06")
    with running(loaded("dialog06"), line, lambda _scale, _now: b""):
        unasked = run(*watching, "--seconds", "0.5")
        asked = run(*watching, "--unit-price-fen", "9000", "--count", "1", "--seconds", "20")
    line.close()
    assert "without --unit-price-fen it may give no weight" in unasked.stderr
    assert "0 understood" in unasked.stderr
    assert "90.00 yuan → " in asked.stdout
    assert "unit-price" not in asked.stderr


def test_a_watch_of_a_silent_port_says_so(silent: str) -> None:
    done = run("watch", silent, "--protocol", "dp401", "--seconds", "0.3")
    assert "the scale said nothing: wrong settings, wrong port, or switched off?" in done.stderr
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("watch", "ttyUSB0", "--protocol", "dp401"), "the port is 'ttyUSB0'; expected a device's path"),
        (("watch", "/dev/ttyUSB0", "--protocol", "tf0"), "--protocol is 'tf0'; expected one of"),
        (("watch", "/dev/ttyUSB0", "--protocol", "dp401", "--profile", "x"), "--profile is 'x'; dp401 has grams"),
        (("watch", "/dev/ttyUSB0", "--protocol", "dp401", "--parity", "x"), "--parity is 'x'; expected one of none"),
        (
            ("watch", "/dev/ttyUSB0", "--protocol", "dp401", "--price-unit", "piece"),
            "a DP-401 prices by weight",
        ),
        (("send", "/dev/ttyUSB0", "melt", "--protocol", "dp401"), "the command is 'melt'; expected one of zero"),
        (("send", "/dev/ttyUSB0", "preset-tare", "--protocol", "dp401"), "preset-tare needs its grams"),
        (("send", "/dev/ttyUSB0", "zero", "30", "--protocol", "dp401"), "no other command takes any"),
    ],
)
def test_what_cannot_be_meant_is_explained(arguments: tuple[str, ...], problem: str) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, RuleViolation)
    assert problem in str(done.exception)


def test_a_command_the_protocol_has_not_is_refused(network_scale: str) -> None:
    done = run("send", network_scale, "zero", "--protocol", "dp401")
    assert isinstance(done.exception, RuleViolation)
    assert "no command for zero" in str(done.exception)


def test_a_scale_that_can_be_told_confirms(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "scale.tty")
    scale = loaded("mt_sics")
    with running(scale, line):
        done = run("send", str(tmp_path / "scale.tty"), "preset-tare", "30", "--protocol", "mt_sics")
        assert done.exit_code == 0, done.output
        assert scale.tare_g == 30
    line.close()
    assert "confirmed by the scale" in done.stdout


def test_a_port_that_is_in_use_is_no_mystery(network_scale: str) -> None:
    with PortInUse(network_scale):
        done = run("watch", network_scale, "--protocol", "dp401")
    assert isinstance(done.exception, Unavailable)
    assert "another program has it locked" in str(done.exception)


class PortInUse:
    """Another program on the same port."""

    def __init__(self, address: str) -> None:
        from edge_agent.drivers.protocol import SerialSettings
        from edge_agent.ports import open_port

        self._port = open_port(address, SerialSettings())

    def __enter__(self) -> None:
        """Hold it."""

    def __exit__(self, *_: object) -> None:
        self._port.close()
