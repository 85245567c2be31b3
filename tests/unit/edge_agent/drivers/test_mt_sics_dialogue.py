"""Whose turn it is with an MT-SICS balance: questions and answers, tare and zero, who it is and what it shows."""

import pytest

from domain.device_event import EventKind
from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.mt_sics_questions import PROFILES
from edge_agent.drivers.protocol import READ_EVERY_S, Command
from edge_agent.weighing.readings import DeviceSaid, Garbage, Heard, Identity
from tests.unit.edge_agent.drivers.dialogues import reasons
from tests.unit.edge_agent.drivers.test_mt_sics import GOOD, STABLE, ask, driver, readings_g, tare_of, weighing


class TestDialogue:
    def test_after_a_reset_the_scale_is_reset_and_asked_who_it_is(self) -> None:
        made = driver()
        ask(made, 0.0, b"@")
        assert made.feed(b'I4 A "1234567"\r\n') == [Identity(serial="1234567")]
        ask(made, 0.0, b"I2")
        assert made.feed(b'I2 A "XS204 Excellence 220.0090 g"\r\n') == [
            Identity(serial="1234567", model="XS204 Excellence 220.0090 g")
        ]
        ask(made, 0.0, b"I3")
        assert made.feed(b'I3 A "2.10 10.28.0.493.142"\r\n') == [
            Identity(serial="1234567", model="XS204 Excellence 220.0090 g", firmware="2.10 10.28.0.493.142")
        ]
        ask(made, 0.0, b"TA")
        made.feed(b"TA A       0.00 g\r\n")
        ask(made, 0.0, b"SI")

    def test_the_next_command_waits_for_the_answer(self) -> None:
        made = weighing()
        made.command(Command.ZERO)
        assert made.poll(0.5) == b""
        made.feed(STABLE)
        ask(made, 0.5, b"Z")

    def test_weights_are_asked_ten_times_a_second(self) -> None:
        made = weighing()
        made.feed(STABLE)
        assert made.poll(READ_EVERY_S - 0.01) == b""
        ask(made, READ_EVERY_S, b"SI")

    def test_what_is_not_answered_in_time_is_asked_again(self) -> None:
        made = weighing()
        assert made.poll(0.99) == b""
        made.poll(1.0)  # the tare is due as well
        made.feed(b"TA A       0.00 g\r\n")
        ask(made, 1.0, b"SI")

    def test_a_command_without_an_answer_is_asked_twice_and_given_up(self) -> None:
        made = weighing()
        made.feed(STABLE)
        made.command(Command.ZERO)
        ask(made, 0.1, b"Z")
        assert made.poll(15.0) == b""
        ask(made, 15.1, b"Z")
        assert made.poll(30.2) == b"TA\r\n"

    @pytest.mark.parametrize(
        ("profile", "question"),
        [
            ("standard", b"SI"),
            ("repeat", b"SIR"),
            ("on_change", b"SR"),
            ("stable", b"S"),
            ("kcp", b"SI"),
            ("loose", b"SI"),
        ],
    )
    def test_each_profile_asks_for_weights_in_its_way(self, profile: str, question: bytes) -> None:
        weighing(profile)
        assert PROFILES[profile].weigh.line.encode() == question

    def test_a_stream_is_asked_for_again_after_a_silence_only(self) -> None:
        made = weighing("repeat", tare=b"ES")
        for now in (0.5, 1.5, 3.0):
            made.feed(STABLE)
            assert made.poll(now) in {b"", b"TA\r\n"}
            made.feed(b"ES\r\n")
        assert made.poll(4.9) == b""
        ask(made, 5.0, b"SIR")

    def test_an_answer_that_was_not_asked_for_moves_nothing(self) -> None:
        made = weighing()
        assert reasons(made.feed(b'Z A\r\nT S      30.00 g\r\nES\r\nI2 A "X"\r\n')) == [
            "unasked",
            "unasked",
            "error_syntax",
            "unasked",
        ]

    def test_an_unasked_error_is_garbage(self) -> None:
        made = weighing()
        made.feed(STABLE)
        assert reasons(made.feed(b"ES\r\nET\r\nEL\r\n")) == ["unasked"] * 3

    def test_a_weight_that_was_not_asked_for_is_a_weight(self) -> None:
        made = weighing()
        made.feed(STABLE)
        assert readings_g(made.feed(STABLE + STABLE)) == [100, 100]

    def test_a_weight_in_pounds_is_an_answer_all_the_same(self) -> None:
        made = weighing()
        made.feed(b"S S      1.000 lb\r\n")
        ask(made, 0.2, b"SI")

    def test_switched_on_the_scale_says_its_serial_number_and_what_was_asked_is_forgotten(self) -> None:
        made = weighing()
        made.command(Command.ZERO)
        assert made.feed(b'I4 A "7654321"\r\n') == [
            DeviceSaid(kind=EventKind.POWER_ON),
            Identity(serial="7654321"),
        ]
        ask(made, 0.1, b"I2")

    def test_a_late_answer_to_a_repeated_question_is_not_a_power_on(self) -> None:
        made = driver()
        ask(made, 0.0, b"@")
        ask(made, 2.0, b"@")
        heard = made.feed(b'I4 A "1234567"\r\nI4 A "1234567"\r\n')
        assert heard == [Identity(serial="1234567"), Garbage(reason="unasked", data=b'I4 A "1234567"')]

    def test_a_scale_that_was_silent_is_asked_again_who_it_is(self) -> None:
        made = weighing()
        asked = [made.poll(float(now)) for now in range(1, 30)]
        assert b"I4\r\n" not in asked
        assert made.feed(STABLE) == [GOOD]
        assert [made.poll(30.0), made.feed(b'I2 A "X"\r\n'), made.poll(30.0), made.feed(b"ES\r\n"), made.poll(30.0)][
            ::2
        ] == [b"I2\r\n", b"I3\r\n", b"I4\r\n"]

    def test_after_that_a_real_power_on_is_noticed_again(self) -> None:
        made = driver()
        ask(made, 0.0, b"@")
        ask(made, 2.0, b"@")
        made.feed(b'I4 A "1234567"\r\n')
        ask(made, 2.0, b"I2")
        heard = made.feed(b'I2 A "X"\r\nI4 A "1234567"\r\n')
        assert heard[1] == DeviceSaid(kind=EventKind.POWER_ON)

    def test_a_clone_that_never_says_who_it_is_is_weighed_with_all_the_same(self) -> None:
        made = driver()
        asked = []
        for step in range(600):
            asked.append(made.poll(step / 10))
            made.feed(STABLE if asked[-1] == b"SI\r\n" else b"TA A       0.00 g\r\n" if asked[-1] == b"TA\r\n" else b"")
        assert asked.count(b"@\r\n") == asked.count(b"I2\r\n") == asked.count(b"I3\r\n") == 2
        assert asked.count(b"SI\r\n") > 150

    def test_after_a_silence_the_tare_is_asked_for_again_though_it_was_refused(self) -> None:
        made = weighing(tare=b"ES")
        for now in range(1, 30):
            made.poll(float(now))
        made.feed(STABLE)
        asked = []
        for step in range(20):
            asked.append(made.poll(30.0 + step / 10))
            made.feed(b"ES\r\n")
        assert b"TA\r\n" in asked

    def test_a_command_that_was_damaged_on_its_way_is_sent_again(self) -> None:
        made = weighing()
        made.feed(STABLE)
        made.command(Command.ZERO)
        ask(made, 0.1, b"Z")
        assert reasons(made.feed(b"ET\r\n")) == ["error_transmission"]
        ask(made, 0.1, b"Z")


class TestTareAndZero:
    def told(self, *dialogue: tuple[bytes, bytes], command: Command, tare_g: int | None = None) -> list[Heard]:
        """Give a command, play the dialogue after it, and return what was heard, a weight at the end."""
        made = weighing()
        made.feed(STABLE)
        assert made.command(command, None if tare_g is None else Grams(tare_g))
        heard: list[Heard] = []
        for question, answer in dialogue:
            ask(made, 0.1, question)
            heard += made.feed(answer + b"\r\n")
        return heard + made.feed(STABLE)

    def test_a_tare_that_was_never_told_is_not_known(self) -> None:
        assert tare_of(driver().feed(STABLE)) == [(None, None)]

    def test_no_tare(self) -> None:
        assert tare_of(weighing().feed(STABLE)) == [(0, TareKind.NONE)]

    def test_a_tare_set_by_somebody_else_has_no_kind(self) -> None:
        assert tare_of(weighing(tare=b"TA A      30.00 g").feed(STABLE)) == [(30, None)]

    def test_tared(self) -> None:
        heard = self.told((b"T", b"T S      30.00 g"), command=Command.TARE)
        assert heard[0] == DeviceSaid(kind=EventKind.TARE, detail="30 g")
        assert tare_of(heard) == [(30, TareKind.WEIGHED)]

    def test_tared_with_nothing_on_the_pan_is_no_tare(self) -> None:
        assert tare_of(self.told((b"T", b"T S       0.00 g"), command=Command.TARE)) == [(0, TareKind.NONE)]

    def test_kern_says_only_that_it_is_tared_and_is_asked_how_much(self) -> None:
        heard = self.told((b"T", b"T A"), (b"TA", b"TA A      30.00 g"), command=Command.TARE)
        assert heard[0] == DeviceSaid(kind=EventKind.TARE)
        assert tare_of(heard) == [(30, TareKind.WEIGHED)]

    def test_a_preset_tare_is_sent_in_the_unit_the_scale_weighs_in(self) -> None:
        made = weighing(tare=b"TA A      0.000 kg")
        made.feed(b"S S      0.000 kg\r\n")
        assert made.command(Command.PRESET_TARE, Grams(1030))
        ask(made, 0.1, b"TA 1.030 kg")
        heard = made.feed(b"TA A      1.030 kg\r\nS S      0.100 kg\r\n")
        assert heard[0] == DeviceSaid(kind=EventKind.TARE, detail="1030 g")
        assert tare_of(heard) == [(1030, TareKind.PRESET)]

    def test_a_preset_tare_needs_its_grams(self) -> None:
        assert not weighing().command(Command.PRESET_TARE)
        assert not weighing().command(Command.PRESET_TARE, Grams(-5))

    def test_a_tare_without_an_answer_may_have_been_set(self) -> None:
        made = weighing()
        made.feed(STABLE)
        made.command(Command.TARE)
        ask(made, 0.1, b"T")
        ask(made, 15.1, b"T")
        ask(made, 30.1, b"TA")
        assert tare_of(made.feed(STABLE)) == [(None, None)]

    def test_cleared(self) -> None:
        assert tare_of(self.told((b"TAC", b"TAC A"), command=Command.CLEAR_TARE)) == [(0, TareKind.NONE)]

    def test_a_tare_keyed_at_the_scale_is_noticed(self) -> None:
        made = weighing()
        made.feed(STABLE)
        made.poll(1.0)
        assert made.feed(b"TA A     250.00 g\r\n") == [DeviceSaid(kind=EventKind.TARE, detail="250 g")]
        assert tare_of(made.feed(STABLE)) == [(250, None)]

    def test_zeroed(self) -> None:
        heard = self.told((b"Z", b"Z A"), (b"TA", b"TA A       0.00 g"), command=Command.ZERO)
        assert heard[0] == DeviceSaid(kind=EventKind.ZERO)
        assert tare_of(heard) == [(0, TareKind.NONE)]

    @pytest.mark.parametrize(
        ("command", "question", "answer", "reason"),
        [
            (Command.ZERO, b"Z", b"Z I", "not_executed"),
            (Command.ZERO, b"Z", b"Z +", "not_executed"),
            (Command.ZERO, b"Z", b"Z -", "not_executed"),
            (Command.TARE, b"T", b"T I", "not_executed"),
            (Command.TARE, b"T", b"T +", "not_executed"),
            (Command.TARE, b"T", b"T -", "not_executed"),
            (Command.CLEAR_TARE, b"TAC", b"TAC I", "not_executed"),
            (Command.CLEAR_TARE, b"TAC", b"TAC L", "error_parameter"),
            (Command.TARE, b"T", b"EL", "error_logical"),
            (Command.TARE, b"T", b"ES", "error_syntax"),
        ],
    )
    def test_refused_the_tare_stays_as_it_was(
        self, command: Command, question: bytes, answer: bytes, reason: str
    ) -> None:
        heard = self.told((question, answer), command=command)
        assert reasons(heard) == [reason]
        assert tare_of(heard) == [(0, TareKind.NONE)]

    @pytest.mark.parametrize(("answer", "reason"), [(b"TA L", "error_parameter"), (b"TA I", "not_executed")])
    def test_a_preset_tare_may_be_refused(self, answer: bytes, reason: str) -> None:
        heard = self.told((b"TA 30 g", answer), command=Command.PRESET_TARE, tare_g=30)
        assert reasons(heard) == [reason]

    def test_a_scale_that_refuses_to_tell_its_tare_is_not_asked_for_ever(self) -> None:
        made = driver()
        asked = []
        for step in range(100):
            asked.append(made.poll(step / 10))
            made.feed(STABLE if asked[-1] == b"SI\r\n" else b"ES\r\n")
        assert asked.count(b"TA\r\n") == 3
        assert tare_of(made.feed(STABLE)) == [(None, None)]


class TestIdentityAndDisplay:
    def test_identify(self) -> None:
        made = weighing()
        made.feed(STABLE)
        assert made.command(Command.IDENTIFY)
        for question in (b"I2", b"I3"):
            ask(made, 0.1, question)
            made.feed(question + b' A "one" "two"\r\n')
        ask(made, 0.1, b"I4")
        assert made.feed(b'I4 A "1234567"\r\n') == [Identity(serial="1234567", model="one two", firmware="one two")]

    def test_a_serial_number_that_cannot_be_told_now_is_asked_for_once_more(self) -> None:
        made = driver()
        ask(made, 0.0, b"@")
        assert reasons(made.feed(b"I4 I\r\n")) == ["not_executed"]
        ask(made, 0.0, b"@")
        made.feed(b"I4 I\r\n")
        ask(made, 0.0, b"I2")

    def test_reset_goes_before_everything_and_forgets_the_tare(self) -> None:
        made = weighing()
        made.command(Command.ZERO)
        assert made.command(Command.RESET)
        ask(made, 0.1, b"@")
        made.feed(b'I4 A "1234567"\r\n')
        assert tare_of(made.feed(STABLE)) == [(None, None)]

    def test_a_text_is_shown_and_ended(self) -> None:
        made = weighing()
        made.feed(STABLE)
        assert made.show('Cap "115"')
        ask(made, 0.1, b"D \"Cap '115'\"")
        assert made.feed(b"D A\r\n") == []
        assert made.show("")
        ask(made, 0.1, b"DW")
        assert made.feed(b"DW A\r\n") == []

    @pytest.mark.parametrize(
        ("answer", "reason"), [(b"D R", []), (b"D I", ["not_executed"]), (b"D L", ["error_parameter"])]
    )
    def test_what_the_scale_says_to_a_text(self, answer: bytes, reason: list[str]) -> None:
        made = weighing()
        made.feed(STABLE)
        made.show("x")
        made.poll(0.1)
        assert reasons(made.feed(answer + b"\r\n")) == reason

    def test_kern_has_no_dw(self) -> None:
        made = weighing("kcp")
        made.feed(STABLE)
        made.show("")
        ask(made, 0.1, b'D " "')

    @pytest.mark.parametrize("text", ["超价", "two\r\nZ", "\x07"])
    def test_a_text_that_its_letters_cannot_write_is_refused(self, text: str) -> None:
        assert not weighing().show(text)

    def test_a_hundred_taps_on_one_key_are_one_command(self) -> None:
        made = weighing()
        for _ in range(100):
            made.command(Command.TARE)
            made.show("x")
        made.feed(STABLE)
        ask(made, 0.05, b"T")
        made.feed(b"T I\r\n")
        ask(made, 0.05, b'D "x"')
        made.feed(b"D A\r\n")
        assert made.poll(0.05) == b""
