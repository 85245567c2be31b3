"""The simulated MT-SICS balance answers as the manual says, byte for byte."""

import random

import pytest

from simulators.scales.mt_sics import SimulatedMtSics
from simulators.scales.mt_sics_streams import STREAM_EVERY_S


def balance(profile: str = "standard", load_g: int = 0) -> SimulatedMtSics:
    made = SimulatedMtSics(profile, random.Random(1))
    made.platform.put(load_g, 0.0)
    return made


def ask(made: SimulatedMtSics, question: str, now: float = 10.0) -> str:
    return made.hear(question.encode("latin-1") + b"\r\n", now).decode("latin-1")


def over_time(made: SimulatedMtSics, start: float, seconds: float) -> list[str]:
    ticks = (made.tick(start + step / 50) for step in range(round(seconds * 50)))
    return b"".join(ticks).decode("ascii").splitlines()


def test_the_weight_stands_right_in_ten_characters() -> None:
    assert ask(balance(load_g=1230), "S") == "S S      1.230 kg\r\n"
    assert ask(balance("kcp", load_g=1230), "S") == "S S       1230 g\r\n"
    assert ask(balance("loose", load_g=1230), "S") == "S S        1.230 kg\r\n"
    made = balance()
    made.key_tare(100)
    assert ask(made, "S") == "S S     -0.100 kg\r\n"


def test_si_answers_at_once_and_its_answer_begins_with_s() -> None:
    made = balance(load_g=2000)
    assert ask(made, "SI", now=0.1).startswith("S D ")
    assert ask(made, "SI", now=1.0) == "S S      2.000 kg\r\n"


def test_s_waits_until_the_load_rests() -> None:
    made = balance(load_g=2000)
    assert ask(made, "S", now=0.1) == ""
    assert over_time(made, 0.2, 0.2) == []
    assert over_time(made, 0.4, 1.0) == ["S S      2.000 kg"]


@pytest.mark.parametrize("command", ["S", "T", "Z"])
def test_and_gives_up_when_it_never_does(command: str) -> None:
    made = balance(load_g=2000)
    made.platform.is_stuck_moving = True
    assert ask(made, command, now=0.1) == ""
    assert over_time(made, 0.2, 4.0) == [f"{command} I"]


def test_while_it_waits_other_commands_are_refused_but_a_reset_is_not() -> None:
    made = balance(load_g=2000)
    ask(made, "T", now=0.1)
    assert ask(made, "SI", now=0.1) == "S I\r\n"
    assert ask(made, "TA", now=0.1) == "TA I\r\n"
    assert ask(made, "@", now=0.1) == f'I4 A "{made.serial_number}"\r\n'
    assert over_time(made, 0.2, 4.0) == []


def test_sir_sends_about_fifteen_weights_a_second_until_s_si_or_a_reset() -> None:
    for end in ("S", "SI", "@"):
        made = balance(load_g=500)
        assert ask(made, "SIR") == ""
        assert len(over_time(made, 10.0, 2.0)) == pytest.approx(2 / STREAM_EVERY_S, abs=2)
        ask(made, end, now=12.0)
        assert over_time(made, 12.0, 2.0) == []


def test_sr_sends_on_change_first_while_it_moves_then_at_rest() -> None:
    made = balance(load_g=500)
    assert ask(made, "SR") == ""
    assert over_time(made, 10.0, 3.0) == ["S S      0.500 kg"]
    made.platform.put(2500, 13.0)
    first, *between, last = over_time(made, 13.0, 3.0)
    assert (first[:4], between, last) == ("S D ", [], "S S      2.500 kg")


def test_sr_does_not_see_a_change_below_its_threshold() -> None:
    made = balance(load_g=2000)
    ask(made, "SR 0.300 kg")
    over_time(made, 10.0, 1.0)
    made.platform.put(2100, 11.0)
    assert "S S      2.100 kg" not in over_time(made, 12.0, 1.0)
    assert ask(made, "SR lots") == "S L\r\n"


@pytest.mark.parametrize(("load_g", "answer"), [(15_045, "S S     15.045 kg"), (15_050, "S +"), (-105, "S -")])
def test_outside_its_range(load_g: int, answer: str) -> None:
    assert ask(balance(load_g=load_g), "S") == f"{answer}\r\n"


def test_tare() -> None:
    made = balance(load_g=250)
    assert ask(made, "TA") == "TA A      0.000 kg\r\n"
    assert ask(made, "T") == "T S      0.250 kg\r\n"
    assert ask(made, "SI") == "S S      0.000 kg\r\n"
    assert ask(made, "TA") == "TA A      0.250 kg\r\n"
    assert ask(made, "TAC") == "TAC A\r\n"
    assert ask(made, "SI") == "S S      0.250 kg\r\n"


def test_kern_answers_a_tare_shortly() -> None:
    assert ask(balance("kcp", load_g=250), "T") == "T A\r\n"


def test_a_preset_tare_is_rounded_to_the_division() -> None:
    assert ask(balance(), "TA 0.032 kg") == "TA A      0.030 kg\r\n"
    assert ask(balance("kcp"), "TA 33 g") == "TA A         35 g\r\n"


@pytest.mark.parametrize("parameter", ["30", "x", "-0.030 kg", "30 g", "16.000 kg", "0,030 kg", "0.1 lb"])
def test_a_wrong_preset_tare_is_refused(parameter: str) -> None:
    made = balance()
    assert ask(made, f"TA {parameter}") == "TA L\r\n"
    assert made.tare_g == 0


@pytest.mark.parametrize(("load_g", "answer"), [(20_000, "T +"), (-50, "T -")])
def test_what_cannot_be_tared(load_g: int, answer: str) -> None:
    assert ask(balance(load_g=load_g), "T") == f"{answer}\r\n"


@pytest.mark.parametrize(("load_g", "answer"), [(600, "Z A"), (605, "Z +"), (-600, "Z A"), (-605, "Z -")])
def test_zero_within_four_per_cent_of_max(load_g: int, answer: str) -> None:
    assert ask(balance(load_g=load_g), "Z") == f"{answer}\r\n"


def test_the_immediate_forms() -> None:
    made = balance(load_g=500)
    assert ask(made, "ZI", now=0.1) == "ZI I\r\n"
    assert ask(made, "TI", now=0.1).startswith("TI D ")
    assert ask(made, "TI") == "TI S      0.500 kg\r\n"
    assert ask(made, "ZI") == "ZI S\r\n"


def test_who_it_is() -> None:
    made = balance()
    assert ask(made, "I4") == f'I4 A "{made.serial_number}"\r\n'
    assert ask(made, "I2") == 'I2 A "ICS425 Standard 15.000 kg"\r\n'
    assert made.restart(1.0).decode() == f'I4 A "{made.serial_number}"\r\n'
    assert balance().serial_number == made.serial_number


def test_the_list_of_commands_ends_with_an_a() -> None:
    listed = ask(balance(), "I0").splitlines()
    assert listed[0] == 'I0 B 0 "@"'
    assert listed[-1] == 'I0 A 0 "ZI"'
    assert {line[3] for line in listed[:-1]} == {"B"}
    assert 'I0 B 1 "DW"' not in ask(balance("kcp"), "I0")


@pytest.mark.parametrize(
    ("question", "answer"),
    [("si", "ES"), ("XYZ", "ES"), ("", "ES"), ("PWR", "EL"), ("\xd3I", "ET"), ("I4 3", "I4 L"), ("SI 1", "S L")],
)
def test_errors(question: str, answer: str) -> None:
    assert ask(balance(), question) == f"{answer}\r\n"


def test_display() -> None:
    made = balance()
    assert ask(made, 'D "CAP 115"') == "D A\r\n"
    assert made.display == "CAP 115"
    assert ask(made, "D CAP") == "D L\r\n"
    assert ask(made, "DW") == "DW A\r\n"
    assert made.display == ""
    assert ask(balance("kcp"), "DW") == "ES\r\n"


def test_a_command_in_pieces_is_one_and_a_line_without_an_end_is_cut_off() -> None:
    made = balance(load_g=500)
    assert b"".join(made.hear(bytes([byte]), 10.0) for byte in b"SI\r\n") == b"S S      0.500 kg\r\n"
    assert made.hear(b"S" * 10_000, 10.0) == b"ES\r\n"
    assert made.hear(b"SI\r\n", 10.0) == b"S S      0.500 kg\r\n"
