"""Who asks for what of the register, as its tests say it."""

from datetime import datetime

from db.register.events import Change
from domain.ids import ScaleId, StallId
from domain.register.records import (
    Source,
    VendorIdentity,
    VendorKind,
)
from tests.factories import NOW

S1, S2, A1, A2 = ScaleId("S-1"), ScaleId("S-2"), StallId("A-1"), StallId("A-2")


COMPANY = VendorIdentity(
    name="阿海海鲜档",
    kind=VendorKind.COMPANY,
    credit_code="91350100M000100Y43",
    legal_representative="王敏",
    phone="13812345678",
)


def because(text: str = "said why", *, by: str = "zhou", at: datetime = NOW) -> Change:
    return Change(by=by, at=at, because=text, source=Source.PAGE)
