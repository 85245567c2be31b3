"""The words of the pages for promises."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from credit.promises.offering import NotOffered
from domain.promise import MadeHow, PromiseAction, PromiseState
from web.i18n import mark

NOT_OFFERED_WORDS: Final[Mapping[StrEnum, str]] = {
    NotOffered.NO_VENDOR: mark("nobody was bound to the scale who could promise"),
    NotOffered.OTHER_KIND: mark("the policy has no promise for this kind of breach"),
    NotOffered.TOO_SEVERE: mark("the breach is too severe"),
    NotOffered.NOTHING_TO_WAIVE: mark("confirming takes nothing that could be waived"),
    NotOffered.DEDUCTION_BEFORE: mark("it is not the first: a deduction for such a breach stands"),
    NotOffered.PROMISED_BEFORE: mark("it is not the first: the vendor was offered such a promise before"),
    NotOffered.ENOUGH_IN_CYCLE: mark("the vendor was offered as many promises in this cycle as the policy allows"),
    NotOffered.BREAKS_A_PROMISE: mark("it breaks a promise that the vendor has made"),
}
PROMISE_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    PromiseState: {
        PromiseState.OFFERED: mark("Promise offered"),
        PromiseState.MADE: mark("Promise running"),
        PromiseState.KEPT: mark("Promise kept"),
        PromiseState.BROKEN: mark("Promise broken"),
        PromiseState.DECLINED: mark("Promise declined"),
        PromiseState.LAPSED: mark("Offer ran out"),
        PromiseState.VOID: mark("Promise void"),
    },
    PromiseAction: {
        PromiseAction.OFFER: mark("Offered"),
        PromiseAction.MAKE: mark("Make the promise"),
        PromiseAction.DECLINE: mark("Decline the promise"),
        PromiseAction.LAPSE: mark("The offer ran out"),
        PromiseAction.KEEP: mark("The term is over, it was kept"),
        PromiseAction.BREAK: mark("Promise broken"),
        PromiseAction.RESTORE: mark("What broke it was overturned"),
        PromiseAction.ANNUL: mark("The breach it answered was overturned"),
    },
    MadeHow: {
        MadeHow.PAPER: mark("Signed on paper"),
        MadeHow.PAGE: mark("On the vendor's own page"),
        MadeHow.ORAL: mark("By word of mouth"),
    },
    NotOffered: NOT_OFFERED_WORDS,
}
