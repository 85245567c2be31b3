"""Signatures as Standard Webhooks has them, checked against its own example."""

import json
from datetime import UTC, datetime

import pytest

from supervision.notices.signing import headers_of, new_secret, signature
from supervision.notices.webhook_body import trial_body

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)


def test_the_example_of_the_specification() -> None:
    """The test vector that the libraries of Standard Webhooks share."""
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_signed_by_every_key_that_is_good() -> None:
    keys = [new_secret(), new_secret()]
    headers = headers_of("msg_1", NOW, b"{}", keys)
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["webhook-signature"].split() == [
        signature(key, "msg_1", headers["webhook-timestamp"], b"{}") for key in keys
    ]


def test_a_secret_is_its_own_and_long_enough() -> None:
    assert new_secret() != new_secret()
    assert len(new_secret()) > 40
    with pytest.raises(ValueError, match="whsec_"):
        signature("whsec_!!!", "m", "1", b"")


def test_a_trial_tells_of_nothing() -> None:
    body = json.loads(trial_body("msg_1", NOW))
    assert body == {"v": 1, "id": "msg_1", "type": "test", "at": "2026-11-27T04:00:00Z", "notices": []}
