"""The content of a report: canonical, frozen, read back as it was."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.reports import codes
from credit.reports.shape import Report, canonical, digest_of, read_report
from credit.reports.shape_of_parts import Subject
from domain.errors import BadFile
from tests.unit.credit.reports.a_report import a_report

GOLDEN = Path(__file__).parent / "golden_report.json"
#: What PostgreSQL keeps as text, so whatever may be a name.
names = st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)


def test_the_content_is_these_bytes_and_this_digest() -> None:
    """A report that was issued years ago is verified against them: when they change, so does the format's version."""
    content = canonical(a_report())
    assert content == GOLDEN.read_bytes().rstrip(b"\n")
    assert digest_of(content) == digest_of(GOLDEN.read_bytes().rstrip(b"\n"))
    assert b'"format":"steelyard-credit-report/1"' in content


@given(names, names, st.dates(), st.integers(-(2**53), 2**53))
def test_what_is_written_is_read_back_and_written_the_same(name: str, stalls: str, day: date, fen: int) -> None:
    usual = a_report()
    report = msgspec.structs.replace(
        usual,
        subject=Subject(kind=usual.subject.kind, name=name, stalls=stalls),
        figures=msgspec.structs.replace(usual.figures, overcharge_fen=fen),
        period=msgspec.structs.replace(usual.period, last=day),
    )
    content = canonical(report)
    assert read_report(content) == report
    assert canonical(read_report(content)) == content


@given(st.data())
def test_a_changed_byte_is_another_digest(data: st.DataObject) -> None:
    content = bytearray(canonical(a_report()))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    assert digest_of(bytes(content)) != digest_of(canonical(a_report()))


def test_moments_are_in_utc_whatever_zone_they_came_in() -> None:
    usual = a_report()
    content = canonical(usual)
    assert b'"known_at":"2026-11-28T03:00:00Z"' in content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no credit report"),
        (b"\xff", "no credit report"),
        (b"{}", "missing required field"),
        (canonical(a_report()).replace(b"report/1", b"report/2"), "expected 'steelyard-credit-report/1'"),
        (canonical(a_report()).replace(b'"code"', b'"more":1,"code"'), "unknown field"),
        (canonical(a_report()).replace(b'"variant":"inner"', b'"variant":"other"'), "variant"),
    ],
    ids=["nothing", "no text", "no field", "another version", "a field too many", "no such variant"],
)
def test_what_is_no_report_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        read_report(content, "f.json")


def test_a_report_is_frozen() -> None:
    with pytest.raises(AttributeError):
        a_report().code = "X"  # type: ignore[misc]
    assert isinstance(a_report(), Report)


def test_a_code_is_read_however_somebody_types_it() -> None:
    code = codes.new_code()
    assert len(code) == codes.LENGTH
    assert codes.normal(codes.shown(code).lower()) == code
    assert codes.normal("  o1l0 ") == ""
    assert codes.normal("OIL0-0000-0000") == "011000000000"
    assert {codes.normal(text) for text in ("", "x" * 13, "<script>", "７QK2M9XT41BD")} == {""}


def test_codes_are_not_the_same_twice() -> None:
    assert len({codes.new_code() for _ in range(1000)}) == 1000
