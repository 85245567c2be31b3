"""The words of the pages and e-mails about notices, for the values of the domain."""

from collections.abc import Mapping
from enum import StrEnum

from domain.notice import LetterState, NoticeChannel, NoticeKind, WebhookAction
from web.i18n import mark

NOTICE_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    NoticeKind: {
        NoticeKind.ALERT_OPENED: mark("New alert"),
        NoticeKind.ALERT_GRAVER: mark("Alert became graver"),
        NoticeKind.DEADLINE_NEAR: mark("Deadline near"),
        NoticeKind.DEADLINE_MISSED: mark("Deadline missed"),
        NoticeKind.ESCALATED: mark("Passed on to the regulator"),
        NoticeKind.ASSIGNED: mark("Assigned to you"),
        NoticeKind.ENDPOINT_DISABLED: mark("Webhook switched off"),
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
    WebhookAction: {
        WebhookAction.REGISTERED: mark("Registered"),
        WebhookAction.TESTED: mark("Tested"),
        WebhookAction.SECRET_CHANGED: mark("Secret changed"),
        WebhookAction.DISABLED: mark("Switched off"),
        WebhookAction.ENABLED: mark("Switched on"),
        WebhookAction.REDELIVERED: mark("Delivered again"),
    },
}
