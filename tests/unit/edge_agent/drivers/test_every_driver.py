"""What holds for every scale driver in each of its profiles, against the simulated scale of its name.

A new driver needs no line here: it is tested as soon as it is in the registry.
"""

import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.units import Fen
from edge_agent.drivers.protocol import PriceFrom
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.weighing.readings import DeviceSale, Garbage, Heard, Reading
from simulators.scales.registry import SIMULATED_SCALES
from tests.unit.edge_agent.drivers.pair import DIALECTS, PRICE_FEN, TICK_S, Dialect, Pair, cut_by, kept_bytes

DOCS = Path(__file__).parents[4] / "docs" / "drivers.md"
PORT_READ_BYTES = 4096
TEN_MB = 10 * 1024 * 1024
ONE_MB = 1024 * 1024
AN_EIGHTH_MB = 128 * 1024  # enough for what begins again at every fifth byte
LOOKED_AT_EVERY = 16  # reads
MOST_KEPT = 64 * 1024
SLOWEST_ANSWER_S = 20.0  # DIBAL waits 7 s for the pan to rest
LOAD_G = 700  # divisible by 100 g, the coarsest division of a profile

every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)


def not_garbage(heard: list[Heard]) -> list[Heard]:
    return [item for item in heard if not isinstance(item, Garbage)]


@cache
def sent_by(dialect: Dialect) -> bytes:
    pair = Pair(dialect)
    pair.put(LOAD_G, for_s=1.5)
    return pair.sent


def test_there_are_drivers() -> None:
    assert len(DIALECTS) >= len(SCALE_DRIVERS) > 0


@pytest.mark.parametrize("name", SCALE_DRIVERS)
def test_a_simulated_scale_speaks_as_the_driver_does(name: str) -> None:
    driver, simulated = SCALE_DRIVERS[name], SIMULATED_SCALES[name]
    assert simulated.profiles == driver.profiles
    assert (simulated.serial.baud, simulated.serial.data_bits, simulated.serial.parity) == (
        driver.serial.baud,
        driver.serial.data_bits,
        driver.serial.parity,
    )
    assert set(driver.serial_by_profile) <= set(driver.profiles)


@pytest.mark.parametrize("name", SCALE_DRIVERS)
def test_the_page_about_drivers_has_its_row(name: str) -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if re.match(rf"\| `{name}` \|", line)]
    assert len(rows) == 1, f"docs/drivers.md needs one row that begins with | `{name}` |"
    for profile in SCALE_DRIVERS[name].profiles:
        assert f"`{profile}`" in rows[0], f"its row says nothing of the profile {profile}"


@every_dialect
def test_an_unknown_profile_is_refused(dialect: Dialect) -> None:
    with pytest.raises((ValueError, KeyError)):
        Dialect(dialect.spec, "no such profile").driver()


@every_dialect
@pytest.mark.parametrize("load_g", [LOAD_G, 5000, 14_900])
def test_a_load_is_read_exactly(dialect: Dialect, load_g: int) -> None:
    pair = Pair(dialect)
    pair.run(2.0)
    pair.put(load_g)
    assert pair.weights(), "no weight was read"
    assert pair.weights()[-1] == load_g
    assert [item for item in pair.heard if isinstance(item, Garbage)] == []


@every_dialect
@pytest.mark.parametrize(("load_g", "tare_g"), [(1234, 0), (2775, 0), (1255, 60)])
def test_what_is_read_is_what_the_simulated_scale_shows(dialect: Dialect, load_g: int, tare_g: int) -> None:
    """A market's truth is what its scales showed, whatever places they have."""
    pair = Pair(dialect)
    pair.scale.key_tare(tare_g)
    pair.put(load_g)
    shown_g = pair.scale.told_g if dialect.spec.name == "dp401" else pair.scale.shown_net_g(pair.now)
    assert pair.weights()[-1] == shown_g
    assert abs(shown_g - (load_g - tare_g)) <= 100


@every_dialect
def test_one_load_after_another_is_read(dialect: Dialect) -> None:
    pair = Pair(dialect)
    for load_g in (1000, 0, LOAD_G, 0, LOAD_G, 3000):
        before = len(pair.heard)
        pair.put(load_g)
        latest = [item.net_g for item in pair.heard[before:] if isinstance(item, Reading | DeviceSale)]
        assert load_g == 0 or latest[-1] == load_g


@every_dialect
def test_the_price_is_the_one_that_was_set(dialect: Dialect) -> None:
    pair = Pair(dialect)
    pair.put(LOAD_G)
    found = [item for item in pair.heard if isinstance(item, Reading | DeviceSale)][-1]
    if dialect.spec.price_from is not PriceFrom.KEYPAD:
        assert (found.unit_price_fen, found.amount_fen) == (Fen(PRICE_FEN), Fen(6300))
    elif isinstance(found, Reading):
        assert (found.unit_price_fen, found.amount_fen) == (None, None)


@every_dialect
def test_a_moving_load_is_never_stable(dialect: Dialect) -> None:
    pair = Pair(dialect)
    pair.run(1.0)
    pair.scale.platform.is_stuck_moving = True
    pair.put(LOAD_G, for_s=SLOWEST_ANSWER_S)
    assert [item for item in pair.heard if isinstance(item, Reading) and item.stable and item.net_g > 100] == []


@every_dialect
@pytest.mark.parametrize("load_g", [16_000, -500], ids=["overload", "pan lifted"])
def test_off_its_range_there_is_no_load_to_sell(dialect: Dialect, load_g: int) -> None:
    pair = Pair(dialect)
    pair.put(load_g, for_s=1.0)  # while it swings, it may be seen within the range
    swinging = len(pair.weights())
    pair.run(5.0)
    assert [g for g in pair.weights()[swinging:] if g > 0] == []


@every_dialect
def test_a_load_is_read_after_an_overload_as_before(dialect: Dialect) -> None:
    pair = Pair(dialect)
    pair.put(16_000)
    pair.put(LOAD_G, for_s=5.0)
    assert pair.weights()[-1] == LOAD_G


@every_dialect
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_way_the_stream_is_cut_never_matters(dialect: Dialect, seed: int) -> None:
    heard = []
    for pair in (Pair(dialect, seed=seed), Pair(dialect, seed=seed, cut=cut_by(seed))):
        pair.put(LOAD_G, for_s=1.5)
        pair.put(0, for_s=1.0)
        heard.append(pair.heard)
    assert heard[0] == heard[1]


@every_dialect
@settings(max_examples=15, deadline=None)
@given(noise=st.binary(max_size=300), seed=st.integers(0, 10_000))
def test_after_noise_the_next_load_is_read(dialect: Dialect, noise: bytes, seed: int) -> None:
    pair = Pair(dialect, seed=seed)
    pair.run(0.5)
    pair.heard += pair.driver.feed(noise)
    pair.put(0, for_s=1.0)
    pair.put(LOAD_G, for_s=SLOWEST_ANSWER_S)
    assert pair.weights()[-1] == LOAD_G


@every_dialect
@settings(max_examples=25, deadline=None)
@given(noise=st.lists(st.binary(max_size=60), max_size=10), cuts=st.integers(0, 10_000))
def test_noise_between_its_own_frames_never_crashes(dialect: Dialect, noise: list[bytes], cuts: int) -> None:
    pair = Pair(dialect)
    pair.put(LOAD_G, for_s=1.0)
    rng = random.Random(cuts)
    for burst in noise:
        at = rng.randrange(len(pair.sent) + 1)
        pair.heard += pair.driver.feed(burst + pair.sent[at : at + 40])
        pair.driver.poll(pair.now)
    assert kept_bytes(pair.driver) < MOST_KEPT


@every_dialect
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_wrong_parity_and_flipped_bits_never_crash(dialect: Dialect, data: st.DataObject) -> None:
    damaged = bytearray(sent_by(dialect)[-200:])
    for _ in range(data.draw(st.integers(1, 20))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.sampled_from([0x80, 0x01, 0x10, 0xFF]))
    driver = dialect.driver()
    driver.poll(0.0)
    driver.feed(bytes(damaged))
    assert kept_bytes(driver) < MOST_KEPT


@every_dialect
def test_nul_bytes_are_nothing_but_garbage(dialect: Dialect) -> None:
    driver = dialect.driver()
    driver.poll(0.0)
    assert not_garbage(driver.feed(bytes(5000))) == []
    assert kept_bytes(driver) < MOST_KEPT


@every_dialect
@pytest.mark.parametrize("kind", ["noughts", "begun", "begun again and again"])
def test_ten_megabytes_without_an_end_stay_bounded(dialect: Dialect, kind: str) -> None:
    begun = sent_by(dialect)[:5] if kind != "noughts" else b""
    chunk = (begun if kind == "begun again and again" else b"0") * PORT_READ_BYTES
    driver = dialect.driver()
    driver.poll(0.0)
    driver.feed(begun)
    kept = []
    is_usual = dialect.profile == dialect.spec.profiles[0]
    sizes = {"noughts": ONE_MB, "begun": TEN_MB if is_usual else ONE_MB, "begun again and again": AN_EIGHTH_MB}
    for n in range(sizes[kind] // PORT_READ_BYTES):
        heard = driver.feed(chunk[:PORT_READ_BYTES])
        if n % LOOKED_AT_EVERY == 0:
            kept.append(kept_bytes(driver))
        assert len(heard) <= PORT_READ_BYTES + 1  # the byte kept before may be one of them
    assert max(kept) < MOST_KEPT
    assert kept[-1] <= 2 * kept[0] + PORT_READ_BYTES


@every_dialect
@pytest.mark.parametrize("cut", [1, 2, 3, 5, 8, 11, 17, 26])
def test_a_reset_forgets_the_half_frame(dialect: Dialect, cut: int) -> None:
    pair = Pair(dialect)
    pair.put(LOAD_G, for_s=1.0)
    pair.driver.feed(pair.sent[:cut])
    pair.driver.reset()
    pair.put(0, for_s=1.0)
    pair.put(3000, for_s=SLOWEST_ANSWER_S)
    assert pair.weights()[-1] == 3000
    assert pair.driver.feed(b"") == []


@every_dialect
def test_chinese_on_a_display_without_it_is_refused_not_garbled(dialect: Dialect) -> None:
    pair = Pair(dialect)
    if not pair.driver.show("超过最高限价"):
        pair.run(2.0)
        assert "超".encode("gb18030") not in pair.asked
        assert "超".encode() not in pair.asked


@every_dialect
def test_a_driver_that_asks_goes_on_asking_a_silent_scale(dialect: Dialect) -> None:
    driver = dialect.driver()
    questions = [question for tick in range(1500) if (question := driver.poll(tick * TICK_S))]
    assert len(questions) != 1
    assert questions or not dialect.spec.is_polled
