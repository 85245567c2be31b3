"""Notices by e-mail, handed to a real SMTP server: grouped, in the reader's language, tried again, given up."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from credit.promises.duty import EndingPromises
from db import letters
from domain.alert import AlertKind, Severity
from domain.notice import ChannelChoice, LetterState, NoticeChannel
from supervision.approvals.reminding import RemindingOfChecks
from supervision.notices.couriers import Courier
from supervision.notices.mail_carrier import MailCarrier
from supervision.notices.policy import Retry
from supervision.notices.smtp_post import MailServer
from tests.approval_acts import FEEDING, give
from tests.certificates import Authority
from tests.factories import NOW
from tests.integration import test_promises
from tests.mail_server import MailBox, mail_server
from tests.notice_rig import POLICY, clerk_connection, letters_of, prefer, work
from tests.web_world import CRAB, ELSEWHERE, HOSTILE_NAME, HOSTILE_VENDOR, furnish, raise_alert
from web.notice_mail import writer

EMAIL = NoticeChannel.EMAIL
AT_ONCE = ChannelChoice(minimum=Severity.LOW, first_after_s=0, window_s=3600)
QUICK = msgspec.structs.replace(POLICY, mail_retry=Retry(attempts=3, first_retry_s=10, longest_retry_s=100))
BASE = "https://console.example"


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        yield conn


def server_of(box: MailBox, **changed: Any) -> MailServer:
    values: dict[str, Any] = {"security": "none", "sender": "steelyard@console.example", **changed}
    return MailServer(host=box.host, port=box.port, **values)


def deliver(conn: Connection, box: MailBox, now: datetime | None = None, **server: Any) -> None:
    now = now or datetime.now(UTC)
    work(conn, now)
    carrier = MailCarrier(server_of(box, **server), QUICK, writer(BASE, POLICY.timezone))
    Courier(carrier, clock=lambda: now, chance=lambda: 0.5).run_once(conn, now)


def reads(conn: Connection, username: str, language: str = "zh") -> None:
    prefer(
        conn,
        username,
        datetime.now(UTC),
        email=f"{username}@example.com",
        by_email=AT_ONCE,
        quiet=None,
        language=language,
    )


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_morning_is_one_message_that_counts_and_names_the_worst(world: Connection) -> None:
    reads(world, "manager")
    for n in range(30):
        raise_alert(world, excess_fen=630 * (n + 1))
        world.execute("UPDATE alerts SET business_day = date '1990-01-01' + alert_id::int")
    with mail_server() as box:
        deliver(world, box)
        deliver(world, box)
    [message] = box.messages
    assert box.recipients == ["manager@example.com"]
    assert message["Subject"].startswith("海秤：30 条通知：")
    assert message["From"] == "steelyard@console.example"
    assert message["List-Unsubscribe"] == f"<{BASE}/notices/settings>"
    text, html = part(message, "plain"), part(message, "html")
    assert "标价超过调控价 — 30" in text
    assert text.count(f"{BASE}/alerts/") == POLICY.named
    assert "另有 25 条。" in text
    assert "阿海海鲜档" in text
    assert f"{BASE}/notices/settings" in html


def test_who_reads_english_is_written_to_in_english(world: Connection) -> None:
    reads(world, "regulator", "en")
    raise_alert(world)
    with mail_server() as box:
        deliver(world, box)
    [message] = box.messages
    assert message["Subject"] == "Steelyard: New alert: Declared price above the cap, 阿海海鲜档"
    assert "1 notice since the last message:" in part(message, "plain")
    assert "An alert is a lead, not a penalty." in part(message, "plain")


def test_news_of_a_check_and_of_a_promise_is_written_with_its_page(world: Connection) -> None:
    reads(world, "regulator", "en")
    promise = test_promises.offered(world)
    work(world, datetime.now(UTC))
    approval_id = give(world, subject_name="<script>").approval_id
    RemindingOfChecks(FEEDING.policy, FEEDING.calendar, 60).run_once(world, NOW)
    EndingPromises().run_once(world, promise.offer_until)
    with mail_server() as box:
        deliver(world, box, promise.offer_until)
    text, html = part(box.messages[-1], "plain").replace("\r\n", "\n"), part(box.messages[-1], "html")
    assert "Check after an approval due soon" in text
    lines = ["<script> · 三亚市行政审批服务局 JY14602000012345", "Due: 2026-12-18"]
    lines += [f"{BASE}/registry/approvals/{approval_id}", ""]
    assert "\n".join(f"   {line}".rstrip() for line in lines) in text
    assert "Offer of a promise ran out: Declared price above the cap" in text
    assert f"{BASE}/alerts/{promise.alert_id}\n" in text
    assert f'<a href="{BASE}/registry/approvals/{approval_id}">' in html
    assert "<script>" not in html


def test_a_name_made_to_be_read_as_html_is_only_a_name(world: Connection) -> None:
    reads(world, "regulator")
    raise_alert(world, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    with mail_server() as box:
        deliver(world, box)
    [message] = box.messages
    assert HOSTILE_NAME in part(message, "plain")
    assert "<script>" not in part(message, "html")
    assert "&lt;script&gt;" in part(message, "html")


def test_a_name_with_a_line_end_adds_no_header(world: Connection) -> None:
    reads(world, "manager")
    world.execute("UPDATE vendors SET name = E'a\\r\\nBcc: victim@example.com'")
    world.execute("UPDATE users SET display_name = E'b\\r\\nCc: victim@example.com' WHERE username = 'manager'")
    raise_alert(world)
    with mail_server() as box:
        deliver(world, box)
    [message] = box.messages
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert box.recipients == ["manager@example.com"]


def test_what_the_server_cannot_take_now_is_tried_again_under_the_same_name(world: Connection) -> None:
    reads(world, "manager")
    raise_alert(world)
    now = datetime.now(UTC)
    with mail_server() as box:
        box.refusals = ["451 greylisted, come again"]
        deliver(world, box, now)
        [letter] = letters_of(world, "manager", EMAIL)
        assert (letter.state, box.messages) == (LetterState.WAITING, [])
        deliver(world, box, now + timedelta(seconds=5))
        assert box.messages == []
        deliver(world, box, now + timedelta(seconds=11))
    [letter] = letters_of(world, "manager", EMAIL)
    log = letters.attempts_of(world, [letter.letter_id])[letter.letter_id]
    assert letter.state is LetterState.DELIVERED
    assert [(one.attempt, one.status) for one in log] == [(1, 451), (2, 250)]
    assert "greylisted" in log[0].error
    assert box.messages[0]["Message-ID"] == f"<{letter.message_id}@console.example>"


def test_an_address_that_does_not_exist_is_given_up_at_once(world: Connection) -> None:
    reads(world, "manager")
    raise_alert(world)
    with mail_server() as box:
        box.refusals = ["550 no such mailbox"]
        deliver(world, box)
    [letter] = letters_of(world, "manager", EMAIL)
    assert letter.state is LetterState.GIVEN_UP


def test_a_server_that_is_away_is_waited_for(world: Connection) -> None:
    reads(world, "manager")
    raise_alert(world)
    with mail_server() as box:
        pass
    deliver(world, box)
    [letter] = letters_of(world, "manager", EMAIL)
    assert letter.state is LetterState.WAITING
    assert "Refused" in letters.attempts_of(world, [letter.letter_id])[letter.letter_id][0].error


def test_who_took_their_address_back_gets_nothing_any_more(world: Connection) -> None:
    reads(world, "manager")
    raise_alert(world)
    work(world, datetime.now(UTC))
    prefer(world, "manager", datetime.now(UTC), email="")
    with mail_server() as box:
        deliver(world, box)
    assert box.messages == []
    assert [one.state for one in letters_of(world, "manager", EMAIL)] == [LetterState.GIVEN_UP]


def tls_of(folder: Path) -> tuple[ssl.SSLContext, Authority]:
    authority = Authority(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("mail", host="127.0.0.1"))
    return context, authority


def test_with_starttls_and_a_password_the_server_takes_it(world: Connection, tmp_path: Path) -> None:
    reads(world, "manager")
    raise_alert(world)
    context, authority = tls_of(tmp_path)
    trusts = partial(ssl.create_default_context, cafile=str(authority.file))
    with mail_server(context, with_login=True) as box:
        now = datetime.now(UTC)
        deliver(world, box, now, security="starttls", tls=trusts, username="steelyard", password="wrong")
        [letter] = letters_of(world, "manager", EMAIL)
        assert letter.state is LetterState.WAITING  # the operator's to mend, so it waits
        later = now + timedelta(seconds=11)
        deliver(world, box, later, security="starttls", tls=trusts, username="steelyard", password="right")
    assert box.was_secure == [True]


def test_a_server_that_nobody_vouches_for_is_told_nothing(world: Connection, tmp_path: Path) -> None:
    reads(world, "manager")
    raise_alert(world)
    context, _ = tls_of(tmp_path)
    with mail_server(context) as box:
        deliver(world, box, security="starttls")
    assert box.messages == []
    [letter] = letters_of(world, "manager", EMAIL)
    assert "CERTIFICATE_VERIFY_FAILED" in letters.attempts_of(world, [letter.letter_id])[letter.letter_id][0].error


def test_several_kinds_are_told_apart(world: Connection) -> None:
    reads(world, "manager", "en")
    raise_alert(world)
    raise_alert(world, species=CRAB)
    raise_alert(world, kind=AlertKind.UNBOUND_SCALE)
    with mail_server() as box:
        deliver(world, box)
    text = part(box.messages[0], "plain")
    assert "New alert: Declared price above the cap — 2" in text
    assert "New alert: Scale without a vendor — 1" in text


def test_what_was_taken_is_delivered_however_the_server_says_goodbye(world: Connection) -> None:
    reads(world, "manager")
    raise_alert(world)
    with mail_server() as box:
        box.goodbye = "554 no"
        deliver(world, box)
        [letter] = letters_of(world, "manager", EMAIL)
        assert letter.state is LetterState.DELIVERED
        assert len(box.messages) == 1
