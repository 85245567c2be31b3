"""The configuration: whole, frozen, and every problem at once."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.device_event import EventKind
from domain.errors import BadFile
from domain.units import PriceUnit
from edge_agent.config.agent_config import AgentConfig, load_config, parse_config
from edge_agent.config.config_cautions import cautions
from edge_agent.link.tls import TlsFiles
from tests.unit.edge_agent.test_tls import CERTIFICATE

SMALLEST = """
agent_id = "agent-1"
market_id = "sanya-1"
outbox = "agent-1.sqlite"
[broker]
host = "127.0.0.1"
[[scales]]
scale_id = "SC-001"
protocol = "yaohua_xk3190"
port = "/dev/ttyUSB0"
"""
CONTACT = '[[scales.contacts]]\nevent = "case_open"\nfile = "case"\n'
HALF_KG = SMALLEST + 'price_unit = "500g"\n'
LISTENING = SMALLEST.replace("yaohua_xk3190", "dp401").replace("/dev/ttyUSB0", "tcp-listen://0.0.0.0:8899")
SCALE = SMALLEST.partition("[[scales]]")[2]
GOODS = '[[scales.goods]]\nplu = "2001"\nspecies = "F01"\ngrade = "大"\nname = "东星斑"\n'


def parse(text: str) -> AgentConfig:
    return parse_config(tomllib.loads(text), name="agent.toml", directory=Path(__file__).parent)


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(BadFile) as refused:
        parse(text)
    return refused.value.problems


def test_the_smallest_file_has_the_usual_values() -> None:
    config = parse(SMALLEST)
    (scale,) = config.scales
    assert (config.broker.port, config.clock_synced) == (1883, None)
    assert (scale.serial.baud, scale.keypad, scale.tare_g, scale.price_unit) == (9600, None, None, PriceUnit.KG)
    assert scale.stability.min_net_g == 100


def test_paths_are_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(CERTIFICATE, encoding="ascii")
    (tmp_path / "agent.toml").write_text(SMALLEST.replace("[broker]", '[broker]\nca_file = "ca.pem"'), encoding="utf-8")
    config = load_config(tmp_path / "agent.toml")
    assert config.outbox == tmp_path / "agent-1.sqlite"
    assert config.broker.tls == TlsFiles(ca_file=tmp_path / "ca.pem")


def test_goods_are_found_by_their_plu() -> None:
    (scale,) = parse(SMALLEST + GOODS).scales
    assert scale.goods["2001"].name == "东星斑"


def test_listening_on_different_ports_or_addresses_is_no_problem() -> None:
    ours = LISTENING.replace("0.0.0.0", "127.0.0.1")
    assert parse(ours + '[page]\nlisten = "127.0.0.2:8899"').page is not None
    assert parse(ours + '[page]\nlisten = "localhost:8080"').page is not None


def test_a_scale_on_which_no_sale_can_have_a_price_is_noted() -> None:
    weight_only = SMALLEST.replace("yaohua_xk3190", "mt_sics")
    (unpriced, unwarned) = cautions(parse(weight_only))
    assert unpriced == (
        "SC-001: mt_sics tells no price, and there is no keypad to key goods or price: nothing can be sold on it"
    )
    assert unwarned.startswith("SC-001: no goods with a species")
    keypad, priced = 'keypad = "/dev/ttyUSB1"\n', GOODS + "unit_price_fen = 9850\n"
    assert cautions(parse(weight_only + keypad + GOODS)) == []
    assert cautions(parse(weight_only + priced)) == [unpriced], "which goods lie there only a keypad can say"
    assert cautions(parse(SMALLEST.replace("yaohua_xk3190", "dialog06") + priced))[0].startswith(
        "SC-001: dialog06 is told"
    )
    (goodsless,) = cautions(parse(SMALLEST + GOODS))
    assert goodsless.startswith("SC-001: there is no keypad to say which goods lie there")
    assert cautions(parse(SMALLEST + keypad + GOODS)) == []
    (unpriced, _) = cautions(parse(LISTENING))
    assert unpriced == "SC-001: dp401 tells no price, and no goods have one: no sale on it can have a price"
    assert cautions(parse(LISTENING + priced)) == []


def test_the_password_is_not_shown() -> None:
    config = parse(SMALLEST.replace("[broker]", '[broker]\npassword = "hidden-word"'))
    assert "hidden-word" not in repr(config)


def test_every_problem_is_listed_with_its_place() -> None:
    text = SMALLEST.replace("agent-1", "agent/1", 1).replace('host = "127.0.0.1"', "port = 70000")
    text += 'baud = 9600.5\nprice_unit = "jin"\nmin_net = 5\n' + GOODS.replace('"2001"', '""')
    found = problems(text)
    places = [line.split(":")[0] for line in found]
    assert sorted(places) == [
        "agent_id",
        "broker.host",
        "broker.port",
        "scales[1].baud",
        "scales[1].goods[1].plu",
        "scales[1].min_net",
        "scales[1].price_unit",
    ]
    assert "broker.port: is 70000; expected a whole number from 1 to 65535" in found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (SMALLEST.partition("[[scales]]")[0], "scales: missing"),
        (SMALLEST + "[[scales]]" + SMALLEST.partition("[[scales]]")[2], "scale_id 'SC-001' is there 2 times"),
        (SMALLEST + "[[scales]]" + SMALLEST.partition("[[scales]]")[2], "port '/dev/ttyUSB0' is used 2 times"),
        (SMALLEST + "min_net_g = 10", "expected more than zero_band_g"),
        (SMALLEST + GOODS + GOODS, "plu '2001' is there 2 times"),
        (SMALLEST + GOODS + "by_piece = true", "by_piece: the price is set on the scale itself (yaohua_xk3190)"),
        (
            SMALLEST.replace("yaohua_xk3190", "dialog06") + GOODS + "by_piece = true",
            "by_piece: the scale computes with a price for a kg (dialog06); expected none here",
        ),
        (
            SMALLEST.replace("yaohua_xk3190", "dialog06") + 'price_unit = "500g"',
            "scales[1].price_unit: is ",
        ),
        (SMALLEST.replace("yaohua_xk3190", "tf0"), "expected one of "),
        (
            SMALLEST.replace("yaohua_xk3190", "dp401") + GOODS + "by_piece = true",
            "scales[1].goods[1].by_piece: what the scale tells has no pieces (dp401); expected none here",
        ),
        (SMALLEST + 'verified_until = "2027"', "scales[1].verified_until: is '2027'; expected a date, as 2027-03-01"),
        (SMALLEST + CONTACT.replace("case_open", "rain"), "contacts[1].event: is 'rain'; expected one of 'case_open'"),
        (SMALLEST + CONTACT.replace('file = "case"', ""), "scales[1].contacts[1].file: missing"),
        (SMALLEST + CONTACT + 'active = ""', "contacts[1].active: is ''; expected what the file holds"),
        (
            SMALLEST + CONTACT.replace("case_open", "calibration_changed") + 'active = "1"',
            "scales[1].contacts[1].active: not known here",
        ),
        (SMALLEST.replace("[broker]", "[brokers]"), "broker: missing"),
        (SMALLEST.replace("[broker]", '[broker]\nca_file = "ca.pem"'), "ca.pem is not there"),
        (SMALLEST.replace("[broker]", '[broker]\nca_file = "test_config.py"'), "test_config.py holds no certificate"),
        (SMALLEST.replace("agent-1.sqlite", "nowhere/a.sqlite"), "outbox: there is no folder"),
        (SMALLEST.replace("agent-1.sqlite", "test_config.py"), "test_config.py is no SQLite file"),
        (SMALLEST.replace("agent-1.sqlite", "."), "is no file; expected an outbox"),
        (SMALLEST.replace("127.0.0.1", "a..b"), "broker.host: is 'a..b'; expected a host name or an IP address"),
        (SMALLEST.replace("127.0.0.1", "the broker"), "broker.host: is 'the broker'; expected a host name"),
        (SMALLEST.replace("127.0.0.1", ""), "broker.host: is ''; expected a text"),
        (SMALLEST.replace("/dev/ttyUSB0", "tcp://192.0.2.7"), "scales[1].port: is 'tcp://192.0.2.7'; expected tcp://h"),
        (SMALLEST.replace("/dev/ttyUSB0", "tcp://192.0.2.7:65536"), "with a port from 1 to 65535"),
        (SMALLEST.replace("/dev/ttyUSB0", "ttyUSB0"), "scales[1].port: is 'ttyUSB0'; expected a device's path"),
        (SMALLEST.replace("/dev/ttyUSB0", "tcp-listen://scale:1"), "expected tcp-listen://address-of-this-machine"),
        (SMALLEST.replace("/dev/ttyUSB0", "rfc2217://192.0.2.7"), "expected rfc2217://host:port with a port from 1"),
        (SMALLEST + 'keypad = "tcp://192.0.2.7:0"', "scales[1].keypad: is 'tcp://192.0.2.7:0'"),
        (HALF_KG.replace("yaohua_xk3190", "dialog06"), "scales[1].price_unit: is '500g'; Dialog 06 (Bizerba,"),
        (HALF_KG.replace("yaohua_xk3190", "dibal"), "computes with a price for a kg"),
        (
            SMALLEST.replace("yaohua_xk3190", "dialog06") + GOODS + "by_piece = true",
            "scales[1].goods[1].by_piece: the scale computes with a price for a kg (dialog06); expected none here",
        ),
        (
            LISTENING + "[[scales]]" + SCALE.replace("/dev/ttyUSB0", "tcp-listen://127.0.0.1:8899"),
            "'tcp-listen://0.0.0.0:8899' and 'tcp-listen://127.0.0.1:8899' both listen on port 8899",
        ),
        (LISTENING + '[page]\nlisten = "127.0.0.1:8899"', "'tcp-listen://0.0.0.0:8899' and page.listen both listen"),
    ],
)
def test_a_problem_says_what_was_expected(change: str, problem: str) -> None:
    assert any(problem in line for line in problems(change))


@pytest.mark.parametrize("protocol", ["dibal", "dialog06"])
@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('price_unit = "500g"\n', "scales[1].price_unit: is '500g'; "),
        (
            GOODS + "unit_price_fen = 1_000_000\n",
            "scales[1].goods[1].unit_price_fen: is 1000000; expected a whole",
        ),
        (GOODS + "by_piece = true\n", "scales[1].goods[1].by_piece: the scale computes"),
    ],
)
def test_what_a_scale_that_is_told_the_price_cannot_compute_with_is_a_problem(
    protocol: str, more: str, problem: str
) -> None:
    (found,) = problems(SMALLEST.replace("yaohua_xk3190", protocol) + more)
    assert found.startswith(problem)


@pytest.mark.parametrize(("profile", "baud"), [("standard", 9600), ("and", 2400), ("and_polled", 2400), ("cas", 9600)])
def test_the_line_is_usually_set_as_the_makers_of_a_profile_do(profile: str, baud: int) -> None:
    text = SMALLEST.replace("yaohua_xk3190", "st_gs_lines") + f'profile = "{profile}"\n'
    assert [scale.serial.baud for scale in parse(text).scales] == [baud]
    assert [scale.serial.baud for scale in parse(text + "baud = 4800\n").scales] == [4800]


def test_problems_with_files_and_addresses_are_listed_with_the_others(tmp_path: Path) -> None:
    text = SMALLEST.replace("agent-1.sqlite", "nowhere/a.sqlite").replace("/dev/ttyUSB0", "tcp://192.0.2.7")
    text = text.replace('host = "127.0.0.1"', 'host = "a..b"\nca_file = "ca.pem"\nport = 0')
    (tmp_path / "agent.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        load_config(tmp_path / "agent.toml")
    places = [line.split(":")[0] for line in refused.value.problems]
    assert places == ["outbox", "broker.host", "broker.port", "broker.ca_file", "scales[1].port"]


@pytest.mark.parametrize(("count", "is_accepted"), [(64, True), (65, False)])
def test_an_agent_has_at_most_64_scales(count: int, is_accepted: bool) -> None:
    document: dict[str, Any] = tomllib.loads(SMALLEST)
    scale = document["scales"][0]
    document["scales"] = [scale | {"scale_id": f"S{n}", "port": f"/dev/tty{n}"} for n in range(count)]
    if is_accepted:
        assert len(parse_config(document, name="agent.toml", directory=Path()).scales) == count
    else:
        with pytest.raises(BadFile, match="there are 65; expected 1 to 64"):
            parse_config(document, name="agent.toml", directory=Path())


def test_what_is_not_toml_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text("agent_id = ", encoding="utf-8")
    with pytest.raises(BadFile, match=r"agent\.toml: 1 problem"):
        load_config(tmp_path / "agent.toml")


def test_the_verification_and_the_contacts_of_a_scale_are_read(tmp_path: Path) -> None:
    text = SMALLEST + "verified_until = 2027-03-01\n" + CONTACT
    counter = CONTACT.replace("case_open", "calibration_changed").replace('"case"', '"/run/steelyard/calibrations"')
    (tmp_path / "agent.toml").write_text(text + counter, encoding="utf-8")
    (scale,) = load_config(tmp_path / "agent.toml").scales
    assert scale.verified_until == date(2027, 3, 1)
    assert [(one.event, one.file, one.active) for one in scale.contacts] == [
        (EventKind.CASE_OPEN, tmp_path / "case", "1"),
        (EventKind.CALIBRATION_CHANGED, Path("/run/steelyard/calibrations"), None),
    ]


def test_goods_by_the_piece_are_for_scales_that_leave_the_price_to_us(tmp_path: Path) -> None:
    text = SMALLEST.replace("yaohua_xk3190", "mt_sics") + GOODS + "by_piece = true\nunit_price_fen = 1500\n"
    (tmp_path / "agent.toml").write_text(text, encoding="utf-8")
    assert load_config(tmp_path / "agent.toml").scales[0].goods["2001"].by_piece
