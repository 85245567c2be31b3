"""What a report and its lines can be."""

from enum import StrEnum


class AboutWhom(StrEnum):
    """Whom a report is about."""

    VENDOR = "vendor"
    MARKET = "market"
    CITY = "city"


class Variant(StrEnum):
    """For whom it is: `public` holds final decisions only; `inner` marks what is pending."""

    PUBLIC = "public"
    INNER = "inner"


class Finality(StrEnum):
    """Whether a decision stands for good."""

    FINAL = "final"
    OPEN = "open"  # its days of appeal are running
    APPEALED = "appealed"


class LineStanding(StrEnum):
    """Whether a line of the ledger is in the score, and what keeps it out."""

    COUNTS = "counts"
    WORSE_COUNTS = "worse_counts"
    UNDONE = "undone"
    UNDOES = "undoes"
    OTHER_CYCLE = "other_cycle"


class PenaltyStanding(StrEnum):
    """What has become of a penalty's document."""

    PUBLISHED = "published"
    TAKEN_OFF = "taken_off"
    REVOKED = "revoked"
    NOT_PUBLISHED = "not_published"
