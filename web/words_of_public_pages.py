"""Words of the pages that everybody reads at a stall or in the hall."""

from collections.abc import Mapping
from typing import Final

from domain.price_cap import Verdict
from web.i18n import mark

VERDICT_IN_SHORT: Final[Mapping[Verdict, str]] = {
    Verdict.WITHIN: mark("within the cap"),
    Verdict.OVER: mark("above the cap"),
    Verdict.UNCAPPED: mark("no cap: the stall sets its price"),
    Verdict.OUT_OF_STOCK: mark("no price in the list: cap by the stall's own purchase"),
    Verdict.UNLISTED: mark("not in the cap list"),
    Verdict.NO_LIST: mark("not judged yet: today's list is not known"),
}
