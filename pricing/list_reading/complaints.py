"""What can be wrong with a list beside its cells (tables.cells), in words; `{0}` is what stood there.

Other languages translate these.
"""

from enum import StrEnum


class Complaint(StrEnum):
    """A sentence about a cell, a row or the header."""

    NO_PRICE = (
        "{0}; expected yuan with at most two decimals and above 0, '—' for uncapped, '/' for out of stock, or nothing"
    )
    NAME_MISSING = "is missing"
    NO_NAME = "{0} holds no name, or a bracket without its partner"
    UNKNOWN_NAME = "{0} is no known species or alias"
    SEVERAL_SPECIES = "{0} names several species: {1}"
    TWICE = "{0} stands in the list twice, first in row {1}"
    GRADE_DIFFERS = "{0}, but the name says {1}"
    UNIT_UNTOLD = (
        "does not say what its prices are for; expected 元/500克, 元/公斤 or 元/只 above the prices, or the unit option"
    )
    UNIT_NOT_AS_ASKED = "says {0}, but the unit option says {1}"
    UNIT_NOT_AS_TITLED = "says {0}, but a line above or below says {1}"
    NO_HEADER = (
        "no row names its columns;"
        " expected one with a name (品名, name) and a price (最高销售价 元/500克, cap_yuan_per_500g)"
    )
    COLUMNS_MISSING = "columns missing: {0}; found: {1}"
    TWO_CAPS = "columns {0} both look like the cap; leave one of them"
    NO_ITEMS = "no items stand below it"
