"""A scale with somebody at it: the same seed and script give the same bytes, for every protocol and profile."""

import os
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.errors import BadFile
from domain.units import PriceUnit
from simulators.device import Device, check_steps, make_device
from simulators.one_scale.script import Check, parse_script
from simulators.one_scale.steps import Deed, KeyPrice, Put
from simulators.scales.registry import SIMULATED_SCALES

EVERY_SCALE = [(spec.name, profile) for spec in SIMULATED_SCALES.values() for profile in spec.profiles]
SCRIPT = """price 90.00
put 712
wait stable
wait 0.3
add 300
fault corrupt 20% for 0.5
wait 1
restart
remove
wait 0.6
repeat
"""


def device(protocol: str, profile: str, seed: int, script: str = SCRIPT) -> Device:
    return make_device(SIMULATED_SCALES[protocol], profile, PriceUnit.KG, seed, parse_script(script))


def sent(of: Device, ticks: int = 400, every_s: float = 0.02) -> list[bytes]:
    """Run on a virtual clock; whatever it is asked, it is asked the same each time."""
    pieces = []
    for n in range(ticks):
        now = n * every_s
        pieces.append(of.hear(b"S\r\nW\x05\x11", now) if n % 7 == 0 else b"")
        pieces.append(of.tick(now))
    return pieces


@pytest.mark.parametrize(("protocol", "profile"), EVERY_SCALE)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_same_seed_and_script_give_the_same_bytes(protocol: str, profile: str, seed: int) -> None:
    assert sent(device(protocol, profile, seed)) == sent(device(protocol, profile, seed))


WAITS = st.sampled_from(["wait stable", "wait 0.1", "wait 0.7"])
FAULTS = ["drop 10%", "double 30% for 1", "corrupt 5%", "merge 50%", "cut 20%", "silence for 0.3", "garbage for 0.2"]
STEPS = st.one_of(
    st.integers(-300, 16_000).map(lambda grams: f"put {grams}"),
    st.integers(-2000, 2000).map(lambda grams: f"add {grams}"),
    st.integers(0, 99_999).map(lambda fen: f"price {fen // 100}.{fen % 100:02d}"),
    st.integers(0, 500).map(lambda grams: f"tare {grams}"),
    st.sampled_from(["remove", "zero", "total", "restart", "plu 00001"]),
    st.sampled_from([*FAULTS, "motion for 1", "gain 110%", "clock -3600", "none"]).map(lambda fault: f"fault {fault}"),
    WAITS,
)


@pytest.mark.parametrize(("protocol", "profile"), EVERY_SCALE)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), lines=st.lists(STEPS, min_size=1, max_size=12))
def test_whatever_the_script_the_same_seed_gives_the_same_bytes(
    protocol: str, profile: str, seed: int, lines: list[str]
) -> None:
    check = check_steps(SIMULATED_SCALES[protocol], profile, PriceUnit.KG)
    script = "\n".join(line for line in lines if _can_be_done(line, check))
    assume(script)
    one, same = (sent(device(protocol, profile, seed, script), ticks=200) for _ in range(2))
    assert one == same


def _can_be_done(line: str, check: Check) -> bool:
    try:
        parse_script(line, check=check)
    except BadFile:
        return False
    return True


BYTES_OF_EVERY_SCALE = """
import hashlib
from tests.unit.simulators.test_device import EVERY_SCALE, device, sent
digest = hashlib.sha256()
for protocol, profile in EVERY_SCALE:
    digest.update(b"".join(sent(device(protocol, profile, 7))))
print(digest.hexdigest())
"""


def test_another_process_gives_the_same_bytes() -> None:
    """Python salts its hashes in each process: nothing may hang on the order of a set."""
    found = {
        subprocess.run(
            [sys.executable, "-c", BYTES_OF_EVERY_SCALE],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(found) == 1


def test_another_seed_gives_other_noise() -> None:
    assert sent(device("yaohua_xk3190", "price", 1)) != sent(device("yaohua_xk3190", "price", 2))


def test_a_fault_on_the_line_changes_no_weight() -> None:
    """So that a run with faults can be held against one without."""
    clean, faulty = (
        b"".join(sent(device("yaohua_xk3190", "price", 1, script)))
        for script in ("put 712\nwait 9\n", "fault double 100%\nput 712\nwait 9\n")
    )
    assert faulty == b"".join(bytes((byte, byte)) for byte in clean)


def test_steps_wait_for_their_time_and_for_the_scale_to_rest() -> None:
    here = device("yaohua_xk3190", "price", 1, "put 712\nwait stable\nput 500\nwait 1\nremove\n")
    loads = {}
    for n in range(200):
        here.tick(n / 100)
        loads[n] = here.scale.platform.load_g
    assert loads[0] == loads[49] == 712
    assert loads[50] == loads[149] == 500
    assert loads[150] == 0
    assert here.is_script_done(8.0)


def test_a_script_that_repeats_ends_after_its_times() -> None:
    here = device("yaohua_xk3190", "price", 1, "add 100\nwait 0.1\nrepeat 3\n")
    sent(here)
    assert here.scale.platform.load_g == 300
    assert here.is_script_done(8.0)


def test_an_overloaded_xk3190_sends_nothing_and_comes_back() -> None:
    here = device("yaohua_xk3190", "price", 1, "put 16000\nwait 2\nput 1000\nwait 2\n")
    pieces = sent(here, ticks=200)
    assert b"".join(pieces[100:190]) == b""
    assert pieces[-1] or pieces[-3] or b"=0001.000kg" in b"".join(pieces[300:])


def test_what_the_scale_cannot_do_is_known_before() -> None:
    check = check_steps(SIMULATED_SCALES["yaohua_xk3190"], "price", PriceUnit.KG)
    check(Put(712))
    with pytest.raises(ValueError, match="does not fit"):
        check(KeyPrice(1_000_000))


def test_state_says_what_lies_there_and_what_is_wrong() -> None:
    here = device("yaohua_xk3190", "price", 1, "fault silence\nput 712\nprice 90\nplu 2001\ntare 30\nwait 9\n")
    assert here.tick(0.0) == b""
    state = here.state(0.0)
    assert (state.load_g, state.is_stable, state.unit_price_fen) == (712, False, 9000)
    assert (state.plu, state.tare_g, state.faults, state.script_done) == ("2001", 30, ["silence"], False)
    deeds: list[Deed] = [Put(0)]
    here.do_all(deeds, 0.0)
    assert here.state(1.0).load_g == 0
