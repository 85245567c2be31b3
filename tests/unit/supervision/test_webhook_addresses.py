"""Which addresses a webhook may be sent to."""

import pytest

from supervision.notices.addresses import BadAddress, Target, is_public, parse_target, require_public


def test_an_address_is_taken_apart() -> None:
    target = parse_target("https://hooks.example:8443/a/b?c=1")
    assert target == Target(scheme="https", host="hooks.example", port=8443, path="/a/b?c=1")
    assert target.host_header == "hooks.example:8443"
    assert parse_target("http://hooks.example").host_header == "hooks.example"
    assert parse_target("http://[2001:db8::1]/x").host_header == "[2001:db8::1]"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "expected http:// or https://"),
        ("ftp://hooks.example/", "expected http:// or https://"),
        ("file:///etc/passwd", "expected http:// or https://"),
        ("gopher://hooks.example/", "expected http:// or https://"),
        ("https://", "expected a host"),
        ("https:///path", "expected a host"),
        ("https://user:secret@hooks.example/", "user or password"),
        ("https://hooks.example:0x50/", "port|Port"),
        ("https://hooks.example:99999/", "Port out of range|port"),
        ("https://hooks.example/a b", "without spaces"),
        ("https://hooks.example/\r\nX: 1", "without spaces"),
        ("https://海鲜.example/", "ASCII"),
        ("https://hooks.example/#part", "after #"),
        ("https://" + "a" * 2000, "at most 2000"),
        ("https://" + "a" * 300 + "/", "expected a host"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(url: str, said: str) -> None:
    with pytest.raises(BadAddress, match=said) as refused:
        parse_target(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:c0a8:101::"),
    ],
)
def test_an_address_of_this_machine_or_network_is_not_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(BadAddress, match=r"expected a public address \(exports\.toml, allow_private\)"):
        require_public(parse_target("https://hooks.example/"), address, setting="exports.toml, allow_private")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)
