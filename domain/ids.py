"""Names of things. An id that travels in a topic keeps to letters, digits, dot, dash and underscore."""

import re
from typing import NewType

MarketId = NewType("MarketId", str)
ScaleId = NewType("ScaleId", str)
AgentId = NewType("AgentId", str)
JournalId = NewType("JournalId", str)
StallId = NewType("StallId", str)
VendorId = NewType("VendorId", str)
SpeciesCode = NewType("SpeciesCode", str)

ID_EXPECTATION = "1 to 64 letters, digits, '.', '_' or '-'"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def is_id(text: str) -> bool:
    """Say whether `text` may name a market, scale, agent or journal (and so stand in an MQTT topic level)."""
    return _ID.fullmatch(text) is not None
