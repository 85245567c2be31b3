"""The words of the pages for what people put on record and for repair: why something is refused."""

from collections.abc import Mapping
from typing import Final

from credit.records.entry import Problem
from web.i18n import mark

#: By the field and its problem; `facts` fill the places.
OF_CREDIT_ACTS: Final[Mapping[tuple[str, str], str]] = {
    ("name", Problem.MISSING): mark("Choose what is put on record."),
    ("name", Problem.NO_SUCH_RULE): mark("The rules in force on that day do not know this. Choose one of the list."),
    ("points", Problem.NOT_POINTS): mark("Points: “{value}” is not a whole number from {least} to {most}."),
    ("document_no", Problem.MISSING): mark("Write the number of the document."),
    ("document_no", Problem.TOO_LONG): mark("The number of the document has more than {most} characters."),
    ("document_no", Problem.OTHER_CONTENT): mark(
        "This document is on record already with other content: record {number}. Have that one withdrawn to correct it."
    ),
    ("evidence", Problem.MISSING): mark("Write what the document says."),
    ("evidence", Problem.TOO_LONG): mark("What the document says has more than {most} characters."),
    ("happened_on", Problem.NOT_A_DAY): mark("Day: “{value}” is no day. Write it as 2026-11-27."),
    ("happened_on", Problem.NOT_IN_CYCLE): mark(
        "Day: {value} is not from {first} to {last}. A cycle that is over stays as it is; what is older counts from the"
        " day on which its document arrived."
    ),
    ("actor", Problem.OWN_RECORD): mark("You put this on record yourself. Another regulator withdraws it."),
    ("reason", Problem.MISSING): mark("Say why, in a few words."),
    ("reason", Problem.TOO_LONG): mark("The reason has more than {most} characters."),
}
