"""A real MQTT 5 broker (rumqttd, as `iotcore` ships it) that a test may kill and start again."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from iotcore import Broker

from tests.databases.postmaster import free_port

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
