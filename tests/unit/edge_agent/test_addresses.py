"""What can be the address of a broker or a device server at all."""

import pytest

from edge_agent.config.addresses import is_host, port_problem, tcp_target


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "::1", "fe80::1%eth0", "broker", "broker.example", "broker.example.", "my_broker", "a-1.b", "秤.例"],
)
def test_names_and_addresses_are_hosts(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "a..b",
        "a b",
        "-a",
        "a-",
        "192.0.2",
        "192.0.2.256",
        "host:1883",
        "mqtt://host",
        "a" * 64,
        "a." * 128,
        "a\n",
        "a/b",
    ],
)
def test_what_no_host_can_be_called_is_none(text: str) -> None:
    assert not is_host(text)


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("tcp://192.0.2.7:1", ("192.0.2.7", 1)),
        ("tcp://scales.example:65535", ("scales.example", 65535)),
        ("tcp://[2001:db8::7]:4001", ("2001:db8::7", 4001)),
    ],
)
def test_a_tcp_address_is_a_host_and_a_port(address: str, target: tuple[str, int]) -> None:
    assert tcp_target(address) == target


NO_ADDRESSES = [
    "tcp://192.0.2.7",
    "tcp://192.0.2.7:",
    "tcp://192.0.2.7:0",
    "tcp://192.0.2.7:65536",
    "tcp://192.0.2.7:-1",
    "tcp://192.0.2.7:4001/",
    "tcp://192.0.2.7:４００１",
    "tcp://:4001",
    "tcp://a..b:4001",
    "tcp://",
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_lacks_a_host_or_a_port_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="expected tcp://host:port with a port from 1 to 65535"):
        tcp_target(address)


@pytest.mark.parametrize(
    "address",
    [
        "/dev/ttyUSB0",
        "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0",
        "tcp://192.0.2.7:4001",
        "rfc2217://[2001:db8::7]:4001",
        "rfc2217://moxa.example:4001",
        "tcp-listen://0.0.0.0:8899",
        "tcp-listen://[::]:8899",
    ],
)
def test_a_port_is_a_device_a_server_or_a_place_to_listen(address: str) -> None:
    assert port_problem(address) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ttyUSB0", "a device's path (/dev/serial/by-id/…), tcp://host:port, rfc2217://host:port or tcp-listen://"),
        ("COM3", "a device's path"),
        ("udp://192.0.2.7:4001", "a device's path"),
        ("/dev/tty\0", "a device's path"),
        ("rfc2217://192.0.2.7", "rfc2217://host:port with a port from 1 to 65535"),
        ("tcp-listen://scale.example:8899", "tcp-listen://address-of-this-machine (0.0.0.0: all of them):port"),
        ("tcp-listen://0.0.0.0:0", "with a port from 1 to 65535"),
    ],
)
def test_what_no_port_can_be_is_told_what_is_expected(address: str, expected: str) -> None:
    problem = port_problem(address)
    assert problem is not None
    assert expected in problem
