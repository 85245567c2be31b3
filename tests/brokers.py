"""Real MQTT 5 brokers that a test may kill and start again: rumqttd, as `iotcore` ships it, and Mosquitto."""

import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from iotcore import Broker

from tests.databases.postmaster import free_port
from tests.waiting import wait_until

CONFIGURATION = """\
id = 0
[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v5.1]
name = "v5-1"
listen = "{host}:{port}"
next_connection_delay_ms = 1
    [v5.1.connections]
    connection_timeout_ms = 60000
    max_payload_size = 1048576
    max_inflight_count = 2000
    dynamic_filters = true
"""


@dataclass
class RealBroker:
    """Listens on one loopback port from its first start to its last, so that clients find it again."""

    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    _folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="steelyard-broker-")))
    _broker: Broker | None = None

    def start(self) -> None:
        """Return once it accepts connections. What an earlier one held in memory is gone, as after any crash."""
        configuration = self._folder / "rumqttd.toml"
        configuration.write_text(CONFIGURATION.format(host=self.host, port=self.port), encoding="utf-8")
        self._broker = Broker(config_path=str(configuration))
        self._broker.start()

    def kill(self) -> None:
        """SIGKILL, with no chance to say goodbye to anyone."""
        process = self._process()
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def stop(self) -> None:
        if self._broker is not None:
            self._broker.stop()
            self._broker = None

    @property
    def is_running(self) -> bool:
        return self._broker is not None and self._broker.is_running

    def _process(self) -> "subprocess.Popen[bytes]":
        # The library offers an orderly stop only; what a crash does is what these tests are about.
        process: subprocess.Popen[bytes] | None = self._broker._process if self._broker else None
        if process is None:
            raise AssertionError("the broker is not running")
        return process

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(slots=True)
class Mosquitto:
    """Mosquitto that writes down what it acknowledged, and knows it again after a kill."""

    folder: Path
    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    #: Lines of its configuration beside those below.
    settings: str = ""
    #: All of what it keeps is written anew after so many changes. 1: it never forgets what it acknowledged.
    written_after: int = 1
    _process: "subprocess.Popen[bytes] | None" = None

    @staticmethod
    def program() -> str | None:
        return shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

    def start(self) -> None:
        program = self.program()
        assert program is not None
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} {self.host}\nuser {self.folder.owner()}\nallow_anonymous true\n"
            f"persistence true\npersistence_location {self.folder}/\nautosave_on_changes true\n"
            f"autosave_interval {self.written_after}\n"
            f"max_inflight_messages 0\nmax_queued_messages 0\n{self.settings}",
            encoding="utf-8",
        )
        self._process = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)
        wait_until(lambda: is_listening(self.port), what="Mosquitto listens")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
