"""What can be the address of a broker or a device server at all."""

import pytest

from edge_agent.addresses import is_host, tcp_target


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
