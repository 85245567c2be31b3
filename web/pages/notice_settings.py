"""How a person wants to be told: on the page, by e-mail, when not."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import letters
from domain.alert import Severity
from domain.errors import RuleViolation
from domain.notice import PERSONAL_CHANNELS, NoticeChannel
from supervision.notices.choosing import BadPreferences, Typed, TypedChannel, typed_of
from web.access import Viewer
from web.notices import choose, mailbox_of, person_of, preferences_for, send_trial
from web.signed_in import SeesAlerts
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_MINUTE, _HOUR = 60, 3600
#: Offered; whatever else was chosen through the API is offered too.
_FIRST_AFTER: Final = (0, 5 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, _HOUR)
_WINDOWS: Final = (0, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR, 12 * _HOUR, 24 * _HOUR)
_MAILS_SHOWN: Final = 5

_Text = Annotated[str, Form(max_length=300)]


@router.get("/notices/settings")
def my_settings(request: Request, running: Running, conn: Db, viewer: SeesAlerts, saved: str = "") -> HTMLResponse:
    """The form, as it stands."""
    typed = typed_of(preferences_for(conn, viewer, running.config.notices_policy))
    return _page(request, running, conn, viewer, typed, saved=saved)


@router.post("/notices/settings")
def change_settings(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesAlerts,
    language: _Text = "",
    email: _Text = "",
    has_quiet: Annotated[bool, Form()] = False,
    quiet_from: _Text = "",
    quiet_until: _Text = "",
    breaks_through: Annotated[bool, Form()] = False,
    page_minimum: _Text = "",
    page_first_after_s: _Text = "",
    page_window_s: _Text = "",
    email_minimum: _Text = "",
    email_first_after_s: _Text = "",
    email_window_s: _Text = "",
) -> Response:
    """Keep what was chosen; what cannot be used stays in the form, with the reason."""
    typed = Typed(
        language=language,
        email=email,
        quiet_from=quiet_from if has_quiet else "",
        quiet_until=quiet_until if has_quiet else "",
        breaks_through=breaks_through,
        channels={
            NoticeChannel.PAGE: TypedChannel(
                minimum=page_minimum, first_after_s=page_first_after_s, window_s=page_window_s
            ),
            NoticeChannel.EMAIL: TypedChannel(
                minimum=email_minimum, first_after_s=email_first_after_s, window_s=email_window_s
            ),
        },
    )
    try:
        choose(conn, viewer, typed, now)
    except BadPreferences as error:
        return _page(request, running, conn, viewer, typed, problems=error)
    return RedirectResponse("/notices/settings?saved=yes", _SEE_OTHER)


@router.post("/notices/settings/trial")
def send_trial_mail(request: Request, running: Running, conn: Db, now: Now, viewer: SeesAlerts) -> Response:
    """Have a trial message sent to the address that is saved."""
    policy = running.config.notices_policy
    try:
        send_trial(conn, viewer, policy, now)
    except RuleViolation as error:
        typed = typed_of(preferences_for(conn, viewer, policy))
        return _page(request, running, conn, viewer, typed, refusal=error)
    return RedirectResponse("/notices/settings?saved=sent", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    typed: Typed,
    *,
    problems: BadPreferences | None = None,
    refusal: RuleViolation | None = None,
    saved: str = "",
) -> HTMLResponse:
    policy = running.config.notices_policy
    mails = letters.page_of(conn, mailbox_of(conn, viewer, NoticeChannel.EMAIL), before=None, limit=_MAILS_SHOWN)
    attempts = letters.attempts_of(conn, [one.letter_id for one in mails])
    return running.renderer.page(
        request,
        "notice_settings.html",
        viewer=viewer,
        status=200 if problems is None and refusal is None else _UNPROCESSABLE,
        typed=typed,
        complaints=() if problems is None else problems.complaints,
        refusal=refusal,
        saved=saved,
        channels=PERSONAL_CHANNELS,
        severities=tuple(Severity),
        first_after=_offered(_FIRST_AFTER, [one.first_after_s for one in typed.channels.values()]),
        windows=_offered(_WINDOWS, [one.window_s for one in typed.channels.values()]),
        mails=[(one, attempts.get(one.letter_id, [])) for one in mails],
        zone=person_of(conn, viewer).timezone or policy.timezone,
        urgent_minutes=policy.urgent_gap_s // _MINUTE,
        policy_version=policy.version,
    )


def _offered(usual: tuple[int, ...], typed: list[str]) -> list[int]:
    return sorted({*usual, *(int(text) for text in typed if text.isascii() and text.isdigit() and len(text) <= 5)})  # noqa: PLR2004
