"""One scale on a real line, over HTTP and by its command."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from domain.units import PriceUnit
from edge_agent.drivers.protocol import DriverOptions
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.ports.listening_port import ListeningPort
from edge_agent.weighing.readings import DeviceSale, Heard, Identity, Reading
from simulators.device import make_device
from simulators.one_scale.keyboard import HELP
from simulators.one_scale.running import OneScale
from simulators.one_scale.state_server import serving_state
from simulators.ports import TcpLine
from simulators.scales.registry import SIMULATED_SCALES
from tests.databases.postmaster import free_port
from tests.waiting import wait_until

PROTOCOL = "yaohua_xk3190"


class Running:
    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, object]]] = []
        device = make_device(SIMULATED_SCALES[PROTOCOL], "price", PriceUnit.KG, seed=1)
        self.line = TcpLine("127.0.0.1", 0)
        self.one = OneScale(device, self.line, lambda event, values: self.events.append((event, values)))
        self.url = ""

    def ask(self, body: bytes | None = None, path: str = "/state", **headers: str) -> tuple[int, Any]:
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


@pytest.fixture
def running() -> Iterator[Running]:
    here, stop = Running(), threading.Event()
    thread = threading.Thread(target=here.one.run, args=(stop,))
    thread.start()
    try:
        with serving_state(0, here.one.look, here.one.do) as port:
            here.url = f"http://127.0.0.1:{port}"
            yield here
    finally:
        stop.set()
        thread.join()
        here.line.close()


def test_what_is_put_over_http_reaches_the_driver(running: Running) -> None:
    driver = SCALE_DRIVERS[PROTOCOL].make(DriverOptions(profile="price", price_unit=PriceUnit.KG))
    with socket.create_connection(("127.0.0.1", running.line.port), timeout=10) as client:
        status, state = running.ask(b'{"load_g": 712, "unit_price": 90.00, "tare_g": 10, "plu": 2001}')
        assert status == 200
        assert (state["load_g"], state["unit_price_fen"], state["plu"]) == (712, 9000, "2001")
        steady = Reading(net_g=700, unit_price_fen=9000, amount_fen=6300)  # type: ignore[arg-type]
        wait_until(lambda: steady in driver.feed(client.recv(4096)), what="the driver reads the load")
    assert ("attached", {}) in running.events


def test_the_state_is_told(running: Running) -> None:
    status, state = running.ask()
    assert (status, state["load_g"], state["price_unit"]) == (200, 0, "kg")


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b"{", ["not JSON"]),
        (b"[1]", ["expected a JSON object"]),
        (b"{}", ["nothing is asked"]),
        (b'{"weight": 1, "load_g": "x", "tare_g": -1}', ["weight: not known", "tare_g: tare", "load_g: put is 'x'"]),
        (b'{"load_g": true}', ["load_g: is True"]),
        (b'{"load_g": 1.5}', ["load_g: put is '1.5'; expected a whole number"]),
        (b'{"zero": 1}', ["zero: is 1; expected true or false"]),
        (b'{"fault": "explode"}', ["fault: the fault is 'explode'"]),
        (b'{"unit_price": "99999.00"}', ["does not fit into an XK3190"]),
        (b"[" * 100_000, ["length"]),
        (b"[" * 16_000, ["not JSON"]),
    ],
)
def test_a_bad_body_is_refused_with_every_problem(running: Running, body: bytes, problems: list[str]) -> None:
    status, answer = running.ask(body)
    assert status == 400
    assert len(answer["problems"]) == len(problems)
    assert all(part in problem for part, problem in zip(problems, answer["problems"], strict=True))
    assert running.ask()[1]["load_g"] == 0


def test_only_the_state_is_there_and_not_for_web_pages(running: Running) -> None:
    assert running.ask(path="/")[0] == 404
    assert running.ask(b'{"load_g": 1}', Origin="http://example.org")[0] == 403


def test_a_dp401_registers_with_every_host_it_speaks_to() -> None:
    line, events = TcpLine("127.0.0.1", 0), list[str]()
    device = make_device(SIMULATED_SCALES["dp401"], "grams", PriceUnit.KG, seed=1)
    one = OneScale(device, line, lambda event, _values: events.append(event))

    def has_told(event: str, times: int) -> bool:
        one.tick()
        return events.count(event) == times

    one.tick()  # to nobody
    for times in (1, 2):
        with socket.create_connection(("127.0.0.1", line.port), timeout=10) as host:
            wait_until(lambda: has_told("attached", times), what="the host is seen")  # noqa: B023 - used at once
            assert host.recv(100) == b"SCALE-01"
        wait_until(lambda: has_told("detached", times), what="it sees it go")  # noqa: B023 - used at once
    line.close()


@contextlib.contextmanager
def command(*words: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "steelyard", "simulate", "scale", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_command_plays_a_script_on_a_pty_and_ends(tmp_path: Path) -> None:
    script = tmp_path / "sale.txt"
    script.write_text("price 90.00\nput 712\nwait stable\nwait 0.2\nremove\nwait 0.1\n", encoding="utf-8")
    tty = tmp_path / "scale.tty"
    with command(
        "--protocol", PROTOCOL, "--port", f"pty:{tty}", "--script", str(script), "--once", "--json"
    ) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    assert events[0] == {"event": "listening", "protocol": PROTOCOL, "profile": "price", "seed": 1, "port": str(tty)}
    assert [event["deed"] for event in events if event["event"] == "did"] == ["KeyPrice", "Put", "Put"]
    assert events[-1] == {"event": "script_done"}
    assert not tty.is_symlink()


def test_the_command_sends_frames_until_it_is_stopped(tmp_path: Path) -> None:
    tty = tmp_path / "scale.tty"
    with command("--protocol", PROTOCOL, "--port", f"pty:{tty}", "--json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["port"] == str(tty)
        reader = os.open(tty, os.O_RDONLY | os.O_NOCTTY)
        assert b"=0000.000kg" in os.read(reader, 100) + os.read(reader, 100)
        os.close(reader)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_network_scale_calls_its_host_again_and_again_registers_and_tells_its_sale(tmp_path: Path) -> None:
    script, address = tmp_path / "sale.txt", f"127.0.0.1:{free_port()}"
    script.write_text("put 712\nwait stable\ntotal\nwait 20\n", encoding="utf-8")
    driver = SCALE_DRIVERS["dp401"].make(DriverOptions(profile="grams", price_unit=PriceUnit.KG))
    heard: list[Heard] = []

    def hear(port: ListeningPort) -> bool:
        heard.extend(driver.feed(port.read() or b""))
        port.write(driver.poll(0.0))
        return any(isinstance(item, DeviceSale) for item in heard)

    with command(
        "--protocol", "dp401", "--port", f"tcp-connect:{address}", "--script", str(script), "--json"
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["port"] == f"tcp-listen://{address}"
        port = ListeningPort(f"tcp-listen://{address}")  # only now
        try:
            wait_until(lambda: hear(port), what="the sale")
        finally:
            port.close()
    assert isinstance(heard[0], Identity)
    assert [item.net_g for item in heard if isinstance(item, DeviceSale)] == [710]


def test_keys_of_a_terminal_work_the_scale_and_leave_the_terminal_as_it_was(tmp_path: Path) -> None:
    keyboard, terminal = os.openpty()
    before = termios.tcgetattr(terminal)
    words = ("--protocol", PROTOCOL, "--port", f"pty:{tmp_path / 'scale.tty'}", "--keyboard", "--json")
    process = subprocess.Popen(
        [sys.executable, "-m", "steelyard", "simulate", "scale", *words],
        stdin=terminal,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = map(json.loads, process.stdout)
        assert [next(told)["event"] for _ in range(2)] == ["listening", "keys"]
        assert not termios.tcgetattr(terminal)[3] & termios.ICANON, "keys come one by one"
        os.write(keyboard, b"712g90.00y?-s")
        assert [next(told) for _ in range(5)] == [
            {"event": "did", "deed": "Put", "load_g": 712},
            {"event": "did", "deed": "KeyPrice", "unit_price_fen": 9000},
            {"event": "problem", "problem": f"no key '?'; {HELP}"},
            {"event": "did", "deed": "Add", "load_g": -100},
            {"event": "did", "deed": "HaveFault", "fault": "silence"},
        ]
        os.write(keyboard, b"q")
        assert process.wait(30) == 0
        assert termios.tcgetattr(terminal) == before
    finally:
        process.kill()
        process.communicate()
        os.close(keyboard)
        os.close(terminal)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--protocol", "abacus"), "--protocol is 'abacus'; expected one of"),
        (("--protocol", PROTOCOL, "--profile", "x"), "--profile is 'x'; expected one of price"),
        (("--protocol", PROTOCOL, "--port", "com1"), "expected pty, pty:PATH, tcp:PORT or tcp-connect:HOST:PORT"),
        (("--protocol", "dp401", "--port", "tcp-connect:8899"), "expected tcp-connect:HOST:PORT"),
        (("--protocol", "dp401", "--port", "tcp-connect:nowhere.invalid:1"), "nowhere.invalid:1 cannot be opened: "),
        (("--protocol", PROTOCOL, "--port", "pty:/dev/null"), "is there already"),
        (("--protocol", PROTOCOL, "--price-unit", "piece"), "prices by weight"),
        (("--protocol", PROTOCOL, "--once"), "without --script"),
        (("--protocol", PROTOCOL, "--keyboard"), "no terminal"),
    ],
)
def test_a_wrong_option_ends_with_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    with command(*words) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert sentence in err
    assert out == ""
