"""Numbers of the wire contract. They bound what a message may say; they are not policy about the trade."""

from typing import Final

VERSION: Final = 1
MAX_PAYLOAD_BYTES: Final = 256 * 1024
MAX_WEIGHINGS_PER_MESSAGE: Final = 500
MAX_SEQ: Final = 2**53 - 1  # the largest whole number every JSON reader keeps (RFC 8259, section 6)
MAX_WEIGHT_G: Final = 10_000_000  # ten tonnes: above any market scale
MAX_PRICE_FEN: Final = 100_000_000  # a million yuan for a kg, 500 g, 100 g or piece
MAX_AMOUNT_FEN: Final = 100_000_000_000
MAX_PIECES: Final = 1_000_000
MAX_EVENT_FACTS: Final = 16  # in the `detail` of a device event
MAX_FACT_LENGTH: Final = 200  # characters of its text, and 40 of its name
MAX_FACT_NAME_LENGTH: Final = 40
MAX_NAME_LENGTH: Final = 120  # of goods, vendors, stalls, lists, as a display shows them
MAX_TIER_LENGTH: Final = 8
