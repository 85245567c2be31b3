"""One signed request to a destination: a batch, or a trial message that holds no record."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from db.export_destinations import Secrets
from supervision.exports.policy import PRIVATE_SETTING, ExportsPolicy
from supervision.notices.addresses import parse_target
from supervision.notices.http_post import HttpPost
from supervision.notices.retrying import Outcome
from supervision.notices.signing import headers_of, keys_of

TRIAL_FORM: Final = "steelyard.trial/1"
_AGENT: Final = "steelyard-export/1"
#: An answer that names every record of the largest batch, with its reason.
_READ_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sending:
    """How requests are sent."""

    policy: ExportsPolicy
    clock: Callable[[], datetime]

    def post(self, known: Secrets, key: str, body: bytes, media_type: str) -> Outcome:
        """Send and return how it went; nothing is raised."""
        now = self.clock()
        headers = {
            "Content-Type": media_type,
            "User-Agent": _AGENT,
            "Idempotency-Key": key,
            **headers_of(key, now, body, keys_of(known, now)),
        }
        post = HttpPost(self.policy.timeout_s, self.policy.allow_private, PRIVATE_SETTING, read_bytes=_READ_BYTES)
        return post.send(parse_target(known.url), body, headers)


def trial_body(key: str) -> bytes:
    """Return a batch of nothing."""
    return json.dumps({"batch": key, "form": TRIAL_FORM, "records": []}, separators=(",", ":")).encode()
