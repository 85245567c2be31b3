"""Where a request is from: nobody can say it of themselves, unless the operator named them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.client_address import UNKNOWN, client_address, networks_of, prefix_of

PROXIES = networks_of("10.0.0.0/8, 2001:db8::/32")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1, garbage"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("2001:db8::1", ["[2001:500::2]:443"], "2001:500::2"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("", ["198.51.100.1"], UNKNOWN),
    ],
)
def test_only_named_proxies_are_believed_hop_by_hop(peer: str, forwarded: list[str], address: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


@given(st.ip_addresses(), st.lists(st.text()))
def test_without_named_proxies_a_header_says_nothing(peer: object, forwarded: list[str]) -> None:
    plain = client_address(str(peer), [], ())
    assert client_address(str(peer), forwarded, ()) == plain


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("nobody", UNKNOWN),
    ],
)
def test_a_household_is_counted_as_one(address: str, prefix: str) -> None:
    assert prefix_of(address, ipv4_bits=24, ipv6_bits=64) == prefix


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.local", "10.0.0.0/33", "10.0.0.1;10.0.0.2"])
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no address or network"):
        networks_of(text)
