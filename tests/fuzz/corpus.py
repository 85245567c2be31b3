"""The fixed corpus: one good message of each kind, what once broke something, and words that JSON is made of."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "corpus"

DICTIONARY: Final = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"true", b"false", b"-", b"0", b"1", b"-1", b"1e2", b"1E400"),
    *(b"9" * 20, b"9" * 400, b"0.1", b"\\u0000", b"\\ud800", b"\\u202e", b"\\", b"\x00", b"\xff", b"\xed\xa0\x80"),
    *(b'"v":1', b'"journal_id":"j1"', b'"weighings":[', b'"seq":1', b'"prev":""', b'"net_g":712', b'"net_g":0'),
    *(b'"weighed_at":"2026-11-22T02:11:08.412Z"', b'"weighed_at":"0001-01-01T00:00:00Z"', b'"clock_synced":true'),
    *(b'"weighed_at":"9999-12-31T23:59:59.999999-23:59"', b'"sent_at":"0001-01-01T00:00:00+23:59"', b'"species":"F01"'),
    *(
        b'"gross_g":742',
        b'"tare_g":30',
        b'"pieces":1',
        b'"pieces":null',
        b'"unit_price_fen":15800',
        b'"price_unit":"kg"',
    ),
    *(b'"price_unit":"piece"', b'"price_unit":"500g"', b'"amount_fen":0', b'"paid_fen":0', b'"discount_fen":1'),
    *(b'"voids_seq":1', b'"cap_warning":{"cap_fen_per_kg":1,"list_version":""}', b'"detail":{}', b'"kind":"tare"'),
    *(b"[" * 200, b'{"a":' * 50, "东星斑".encode(), b"steelyard/v1/sanya-1/SC-001/weighings", b"/"),
)


def seeds() -> list[bytes]:
    """Return the files of the corpus, in the order of their names."""
    return [path.read_bytes() for path in sorted(FOLDER.iterdir())]
