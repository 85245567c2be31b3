"""The words of the pages and e-mails about notices, for the values of the domain."""

from collections.abc import Mapping
from enum import StrEnum

from domain.notice import LetterState, NoticeChannel, NoticeKind, WebhookAction
from supervision.notices.choosing import PreferenceProblem
from web.i18n import mark

NOTICE_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    NoticeKind: {
        NoticeKind.ALERT_OPENED: mark("New alert"),
        NoticeKind.ALERT_GRAVER: mark("Alert became graver"),
        NoticeKind.DEADLINE_NEAR: mark("Deadline near"),
        NoticeKind.DEADLINE_MISSED: mark("Deadline missed"),
        NoticeKind.ESCALATED: mark("Passed on to the regulator"),
        NoticeKind.ASSIGNED: mark("Assigned to you"),
        NoticeKind.APPEALED: mark("Appealed, to be decided"),
        NoticeKind.ENDPOINT_DISABLED: mark("Webhook switched off"),
        NoticeKind.DESTINATION_DISABLED: mark("Destination of exports switched off"),
        NoticeKind.CHECK_NEAR: mark("Check after an approval due soon"),
        NoticeKind.CHECK_OVERDUE: mark("Check after an approval overdue"),
        NoticeKind.PROMISE_LAPSING: mark("Offer of a promise runs out soon"),
        NoticeKind.PROMISE_LAPSED: mark("Offer of a promise ran out"),
        NoticeKind.PROMISE_BROKEN: mark("Promise broken"),
        NoticeKind.COMPLAINT_RECEIVED: mark("New complaint"),
        NoticeKind.COMPLAINT_REOPENED: mark("Complaint taken up again"),
        NoticeKind.COMPLAINT_OVERDUE: mark("Complaint overdue"),
        NoticeKind.CASE_DECIDED_WITH: mark("You are named as having decided a case"),
        NoticeKind.RISK_TURNED: mark("Trend turned"),
    },
    NoticeChannel: {
        NoticeChannel.PAGE: mark("On every open page"),
        NoticeChannel.EMAIL: mark("By e-mail"),
        NoticeChannel.WEBHOOK: mark("Webhook"),
    },
    LetterState: {
        LetterState.WAITING: mark("To be delivered"),
        LetterState.DELIVERED: mark("Delivered"),
        LetterState.GIVEN_UP: mark("Given up"),
    },
    PreferenceProblem: {
        PreferenceProblem.BAD_EMAIL: mark("“{}” is no e-mail address; write it as name@example.com."),
        PreferenceProblem.BAD_TIME: mark("Quiet hours need two times of day; “{}” is none."),
        PreferenceProblem.NO_SPAN: mark("Quiet hours begin and end at {}: choose two different times."),
        PreferenceProblem.BAD_SEVERITY: mark("“{}” is no severity."),
        PreferenceProblem.BAD_SECONDS: mark("“{}” is no time between 0 and 24 hours."),
        PreferenceProblem.BAD_LANGUAGE: mark("“{}” is no language of the messages."),
    },
    WebhookAction: {
        WebhookAction.REGISTERED: mark("Registered"),
        WebhookAction.TESTED: mark("Tested"),
        WebhookAction.SECRET_CHANGED: mark("Secret changed"),
        WebhookAction.DISABLED: mark("Switched off"),
        WebhookAction.ENABLED: mark("Switched on"),
        WebhookAction.REDELIVERED: mark("Delivered again"),
    },
}
