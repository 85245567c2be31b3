"""What a probe concludes from bytes, without a port."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Grams, PriceUnit
from edge_agent.drivers.protocol import SerialSettings
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.probe.probe_plan import askings, may_write, other_askings
from edge_agent.probe.probing import Candidate, Setup, Verdict, equals, is_found, rank, setups, study, study_answers
from edge_agent.weighing.readings import Condition, Garbage, NoWeight, Reading
from simulators.scales.yaohua_xk3190 import price_frame as frame

SETUP = Setup(spec=SCALE_DRIVERS["yaohua_xk3190"], profile=SCALE_DRIVERS["yaohua_xk3190"].profiles[0])
PRICED = b"".join(frame(net_g, 9000, PriceUnit.KG) for net_g in (0, 735, 740, 740, 740))
SETTINGS = SerialSettings()
SESSION = (Path(__file__).parents[2] / "frames" / "dp401_session.bin").read_bytes()


def try_all(data: bytes, known_weight_g: int | None = None) -> list[Candidate]:
    known = None if known_weight_g is None else Grams(known_weight_g)
    return rank([study(setup, data, SETTINGS, known) for setup in setups(SCALE_DRIVERS)])


def names(candidates: list[Candidate]) -> list[tuple[str, PriceUnit]]:
    return [(candidate.setup.spec.name, candidate.setup.price_unit) for candidate in candidates]


def test_priced_frames_tell_protocol_and_unit_of_the_price() -> None:
    ranked = try_all(PRICED)
    assert names(equals(ranked)) == [("yaohua_xk3190", PriceUnit.KG)]
    assert ranked[0].verdict is Verdict.SURE


def test_it_says_why() -> None:
    assert try_all(PRICED)[0].reasons() == [
        "5 frames, 0 garbage",
        "of digits changed on trial, 83 % are noticed",  # not all: the price over an empty pan is in no amount
        "weights plausible: 0 to 740 g",
    ]


def test_without_a_price_both_units_fit_and_that_is_said() -> None:
    best = equals(try_all(frame(740, 0, PriceUnit.KG) * 5))
    assert names(best) == [("yaohua_xk3190", PriceUnit.KG), ("yaohua_xk3190", PriceUnit.HALF_KG)]
    assert any("no priced load seen" in reason for reason in best[0].reasons())
    assert best[0].verdict is Verdict.LIKELY  # a changed digit of the weight went unnoticed


def test_a_line_that_was_opened_in_the_middle_of_a_frame_is_no_worse() -> None:
    assert try_all(PRICED[13:])[0].verdict is Verdict.SURE


def test_garbage_between_frames_makes_it_less_sure() -> None:
    broken = PRICED.replace(b"0.735", b"0\x00735")
    candidate = try_all(PRICED + broken + PRICED)[0]
    assert candidate.verdict < Verdict.SURE
    assert candidate.garbage


def test_two_frames_are_no_more_than_perhaps() -> None:
    candidate = try_all(PRICED[:54])[0]
    assert (candidate.frames, candidate.verdict) == (2, Verdict.PERHAPS)
    assert not is_found([candidate])


@pytest.mark.parametrize(
    ("known_weight_g", "verdict"),
    [
        (740, Verdict.SURE),
        (750, Verdict.SURE),
        (730, Verdict.SURE),
        (751, Verdict.PERHAPS),
        (500, Verdict.PERHAPS),
        (74, Verdict.PERHAPS),
    ],
    ids=["to the gram", "10 g under", "10 g over", "11 g under", "another", "ten times"],
)
def test_a_known_weight_confirms_or_casts_doubt(known_weight_g: int, verdict: Verdict) -> None:
    candidate = try_all(PRICED, known_weight_g)[0]
    assert candidate.verdict is verdict
    assert candidate.shows_known_weight is (verdict is Verdict.SURE)


def test_a_scale_that_gives_no_weight_yet_is_no_less_believed_for_a_known_weight() -> None:
    candidate = study_answers(SETUP, [NoWeight(Condition.MOTION)] * 3, 30, SETTINGS, Grams(1000))
    assert (candidate.verdict, candidate.shows_known_weight) == (Verdict.SURE, None)


def test_weights_no_market_scale_has_are_no_proof() -> None:
    heavy = [Reading(net_g=Grams(380_000), stable=True)] * 9
    candidate = study_answers(SETUP, heavy, 90, SETTINGS)
    assert candidate.verdict is Verdict.NO
    assert any("implausible" in reason for reason in candidate.reasons())


def test_answers_are_proof_and_a_scale_that_has_no_weight_says_so() -> None:
    candidate = study_answers(SETUP, [NoWeight(Condition.UNDERLOAD)] * 3, 30, SETTINGS)
    assert candidate.verdict is Verdict.SURE
    assert candidate.reasons()[1:3] == ["no weight seen yet", "no weight given: underload"]


def test_a_whole_frame_that_was_not_asked_for_is_a_frame() -> None:
    assert study_answers(SETUP, [Garbage(reason="unasked", data=b"x")] * 3, 3, None).frames == 3


def test_the_ways_a_network_scale_can_be_read_are_told_apart_by_a_known_weight() -> None:
    assert {candidate.setup.profile for candidate in equals(try_all(SESSION))} == {"grams", "running_total"}
    assert {candidate.setup.profile for candidate in equals(try_all(SESSION, 9676))} == {"grams"}


@given(st.binary(max_size=400))
def test_noise_is_nothing_to_be_sure_of(noise: bytes) -> None:
    assert all(candidate.verdict < Verdict.SURE for candidate in try_all(noise))


def test_every_protocol_profile_and_possible_unit_is_tried() -> None:
    found = setups(SCALE_DRIVERS)
    assert {(setup.spec.name, setup.profile) for setup in found} == {
        (spec.name, profile) for spec in SCALE_DRIVERS.values() for profile in spec.profiles
    }


def test_each_polled_protocol_is_asked_as_its_maker_delivers_it_and_then_at_other_settings() -> None:
    found = setups(SCALE_DRIVERS)
    assert all(
        asking.settings == asking.setup.spec.serial_of(asking.setup.profile)
        for asking in askings(found, is_serial=True)
    )
    assert all(asking.settings is None for asking in askings(found, is_serial=False))
    assert all(asking.settings != asking.setup.spec.serial_of(asking.setup.profile) for asking in other_askings(found))


def test_what_takes_a_tare_away_is_kept_back() -> None:
    kept = Setup(spec=SETUP.spec, profile="standard")
    assert may_write(kept, b"@\r\n")  # of this protocol it is nothing
    for setup in setups(SCALE_DRIVERS):
        if setup.spec.name == "mt_sics":
            assert not may_write(setup, b"@\r\n")
