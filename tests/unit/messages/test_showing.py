"""Whatever bytes were sent, looking at them is safe and ends."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messages.showing import PayloadKind, show_payload, show_text

TERMINAL = "\x1b[2J\x1b]0;owned\x07\r\x9b31m"
HEX_LINES = (
    f"00000000  ff 00 41 42 43 44 45 46  47 48 49 4a 4b 4c 4d 4e  |..ABCDEFGHIJKLMN|\n00000010  4f 50{' ' * 43}  |OP|"
)
BIDI = "\u202e\u2066\u200f"


@given(st.one_of(st.binary(max_size=2000), st.text(max_size=500).map(str.encode)), st.integers(1, 5000))
@example(TERMINAL.encode(), 5000)
@example(b"\xff" * 2000, 5000)
@example(b"[" * 2000, 5000)
@example(b'{"a":"\xe2\x80\xae"}', 5000)
def test_whatever_it_is_the_outcome_is_printable_and_bounded(payload: bytes, most: int) -> None:
    shown = show_payload(payload, most)
    assert len(shown.text) <= most
    assert all(char.isprintable() or char == "\n" for char in shown.text)
    assert show_payload(payload, 10**7).is_whole


@given(st.text(max_size=300), st.integers(1, 400))
def test_a_text_in_one_line_is_printable_and_bounded(text: str, most: int) -> None:
    shown = show_text(text, most)
    assert len(shown) <= most
    assert shown.isprintable()
    assert shown == text or not text.isprintable() or len(text) > most


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_json_says_the_same_set_out_in_lines(value: object, is_ascii: bool) -> None:
    shown = show_payload(json.dumps(value, ensure_ascii=is_ascii).encode(), 10**6)
    assert shown.kind is PayloadKind.JSON
    if is_ascii:
        assert json.loads(shown.text) == value
    assert all(char.isprintable() or char == "\n" for char in shown.text)


def test_json_keeps_what_is_written_twice_and_how_numbers_are_written() -> None:
    shown = show_payload(b'{"a": 1.50, "a":[],"b":{"c":[1,2]},"d":' + b"9" * 5000 + b"}", 9000)
    assert shown.text.startswith(
        '{\n  "a": 1.50,\n  "a": [],\n  "b": {\n    "c": [\n      1,\n      2\n    ]\n  },\n  "d": 999'
    )
    assert shown.text.endswith("9\n}")


@pytest.mark.parametrize(
    ("payload", "kind", "text"),
    [
        (
            f"price {TERMINAL}{'x' * 60}".encode(),
            PayloadKind.TEXT,
            r"price \x1b[2J\x1b]0;owned\x07\x0d\x9b31m" + "x" * 60,
        ),
        (f"a{BIDI}b{'海' * 20}".encode(), PayloadKind.TEXT, r"a\u202e\u2066\u200fb" + "海" * 20),
        (rb"a\x1b and a line" + b"\n.", PayloadKind.TEXT, "a\\\\x1b and a line\n."),
        (f'{{"a":"{BIDI}"}}'.encode(), PayloadKind.JSON, '{\n  "a": "\\u202e\\u2066\\u200f"\n}'),
        (b'{"a":NaN}', PayloadKind.TEXT, '{"a":NaN}'),
        (b"", PayloadKind.TEXT, ""),
        (b"\xff\x00" + bytes(range(0x41, 0x51)), PayloadKind.HEX, HEX_LINES),
    ],
    ids=["terminal", "direction", "backslash", "direction in JSON", "no number", "nothing", "no text"],
)
def test_it_is_shown_as(payload: bytes, kind: PayloadKind, text: str) -> None:
    shown = show_payload(payload, 10_000)
    assert (shown.kind, shown.text, shown.is_whole) == (kind, text, True)


@pytest.mark.parametrize(
    "payload", [b"[" * 262_144, b"\xff" * 262_144, b"[" * 900 + b"]" * 900], ids=["brackets", "no text", "deep"]
)
def test_the_largest_message_is_shown_to_its_end_in_a_bounded_length(payload: bytes) -> None:
    shown = show_payload(payload, 4_000_000)
    assert shown.is_whole
    assert not show_payload(payload, 1000).is_whole
