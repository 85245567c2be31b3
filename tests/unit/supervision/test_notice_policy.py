"""The policy of notices: the shipped file, and what is wrong with others."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Severity
from domain.errors import BadFile
from domain.notice import NoticeChannel, NoticeKind
from steelyard.resources import policy_directory
from supervision.notices.choosing import BadPreferences, Typed, TypedChannel, chosen, typed_of
from supervision.notices.policy import is_at_least, read_notices_policy

SHIPPED = policy_directory() / "notices.toml"
POLICY = read_notices_policy(SHIPPED)


def test_the_shipped_policy_calls_itself_an_example() -> None:
    assert "参考样式" in SHIPPED.read_text(encoding="utf-8")
    assert set(POLICY.defaults().channels) == {NoticeChannel.PAGE, NoticeChannel.EMAIL}


@pytest.mark.parametrize(
    ("was", "written", "said"),
    [
        ('timezone = "Asia/Shanghai"', 'timezone = "Sanya"', "timezone is 'Sanya'; expected a name"),
        ('unrated = "medium"', 'unrated = "awful"', "unrated"),
        ("first_retry_s = 30\n", "first_retry_s = 9999\n", "mail_retry.first_retry_s is 9999; expected at most"),
        ("since = 21:00:00", "since = 25", "quiet.since"),
        ("most = 100", "most = 0", "webhook.most"),
        ("named = 5", "", "named"),
        ("named = 5", "named = 5\nname = 1", "name"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, was: str, written: str, said: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert was in text
    file = tmp_path / "notices.toml"
    file.write_text(text.replace(was, written, 1), encoding="utf-8")
    with pytest.raises(BadFile, match=said):
        read_notices_policy(file)


@pytest.mark.parametrize(
    ("kind", "of_alert", "counts_as"),
    [
        (NoticeKind.ALERT_OPENED, Severity.LOW, Severity.LOW),
        (NoticeKind.ALERT_OPENED, None, Severity.MEDIUM),
        (NoticeKind.DEADLINE_MISSED, Severity.LOW, Severity.HIGH),
        (NoticeKind.DEADLINE_MISSED, Severity.CRITICAL, Severity.CRITICAL),
        (NoticeKind.ENDPOINT_DISABLED, None, Severity.HIGH),
    ],
)
def test_what_is_late_or_for_somebody_counts_for_more(
    kind: NoticeKind, of_alert: Severity | None, counts_as: Severity
) -> None:
    assert POLICY.severity_of(kind, of_alert) is counts_as


def test_a_minimum_takes_what_is_as_severe_and_nothing_takes_nothing() -> None:
    assert [one for one in Severity if is_at_least(one, Severity.HIGH)] == [Severity.HIGH, Severity.CRITICAL]
    assert not any(is_at_least(one, None) for one in Severity)


def test_what_everybody_starts_with_can_be_typed_and_read_again() -> None:
    assert chosen(typed_of(POLICY.defaults())) == POLICY.defaults()


TEXTS = st.text(max_size=12) | st.sampled_from(["", "22:00", "a@b.cn", "zh", "high", "60", "24:00", "٣", "1e3"])


@given(
    st.builds(
        Typed,
        language=TEXTS,
        email=TEXTS,
        quiet_from=TEXTS,
        quiet_until=TEXTS,
        breaks_through=st.booleans(),
        channels=st.fixed_dictionaries(
            {
                NoticeChannel.PAGE: st.builds(TypedChannel, minimum=TEXTS, first_after_s=TEXTS, window_s=TEXTS),
                NoticeChannel.EMAIL: st.builds(TypedChannel, minimum=TEXTS, first_after_s=TEXTS, window_s=TEXTS),
            }
        ),
    )
)
def test_whatever_is_typed_is_kept_as_meant_or_refused_with_reasons(typed: Typed) -> None:
    try:
        kept = chosen(typed)
    except BadPreferences as error:
        assert error.complaints
        assert str(error)
    else:
        assert chosen(typed_of(kept)) == kept


@pytest.mark.parametrize(
    "email", ["a@b", "a b@c.cn", "a@b..cn", "@b.cn", "a@-", "a@b.cn\nBcc: x@y.cn", "王@例.cn", "a" * 65 + "@b.cn"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    typed = typed_of(POLICY.defaults())
    with pytest.raises(BadPreferences, match="email is"):
        chosen(Typed(**{**{name: getattr(typed, name) for name in Typed.__slots__}, "email": email}))
