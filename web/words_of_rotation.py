"""The words of stall rotation."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from credit.rotation.comparing import Turn
from credit.rotation.editing import EditKind
from credit.rotation.explaining import Why
from credit.rotation.model import Need
from domain.rotation import RoundState
from web.i18n import mark

ROTATION_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    RoundState: {
        RoundState.DRAFT: mark("Draft of a round"),
        RoundState.FROZEN: mark("Frozen, waiting for the public value"),
        RoundState.PROPOSED: mark("Proposed, to be confirmed by a second person"),
        RoundState.CONFIRMED: mark("Confirmed, not in the register yet"),
        RoundState.IN_FORCE: mark("Entered into the register"),
        RoundState.ABANDONED: mark("Given up for good"),
    },
    Turn: {
        Turn.STAYS: mark("stays"),
        Turn.BETTER: mark("better position"),
        Turn.ALIKE: mark("position alike"),
        Turn.POORER: mark("poorer position"),
        Turn.NEW: mark("new"),
        Turn.WITHOUT: mark("without a stall"),
    },
    Need: {
        Need.ZONE: mark("another goods zone"),
        Need.TANK: mark("no tank"),
        Need.AREA: mark("too small"),
        Need.FLOOR: mark("not on the ground floor"),
    },
    Why: {
        Why.NEED: mark("It does not meet what you need"),
        Why.HIGHER: mark("Who has it has a higher score"),
        Why.TURN: mark("Same score; who has it had a poorer position so far, so it is their turn"),
        Why.STAYED: mark("Same score; who has it was there already and stays"),
        Why.LOT: mark("Same score; the lot fell so, by the published seed"),
        Why.TOGETHER: mark("What others need leaves no other way; with you there, all together would be worse off"),
        Why.PINNED: mark("Given by hand, with the reason on record"),
        Why.KEPT_BACK: mark("Kept back by hand, with the reason on record"),
        Why.APART: mark("Beside it stands somebody who may not be your neighbour"),
    },
    EditKind: {
        EditKind.PIN: mark("Give a stall to a number"),
        EditKind.EXCHANGE: mark("Exchange two numbers"),
        EditKind.KEEP_BACK: mark("Keep a stall back"),
        EditKind.RELEASE: mark("Leave a stall to the sum again"),
    },
}

#: By the `problem` of what was refused; `facts` fill the places.
ROTATION_PROBLEMS: Final[Mapping[str, str]] = {
    "round_without_title": mark("The round needs a title of at most 500 characters."),
    "past_day": mark("The day from which it holds must be today or a day to come."),
    "no_day": mark("Choose the day from which it holds."),
    "nobody_holds_a_stall": mark("Nobody holds a stall in this market: there is nobody to give one."),
    "stalls_without_class": mark(
        "Class of the position of {count} stalls is none of {classes}: {stalls}. Register it, then freeze."
    ),
    "rotation_unsound": mark("It cannot be reckoned: what is registered contradicts itself."),
    "rotation_too_large": mark("The numbers of policy/rotation.toml are too large for sums that are exact."),
    "not_pinned": mark("That stall was not given by hand."),
    "no_such_claim": mark("That number is none of this round. Choose it from the list."),
    "nothing_to_exchange": mark("To exchange, name two numbers that each have a stall."),
    "no_such_stall": mark("Stall {stall} does not take part in this round."),
    "against_needs": mark("Stall {stall} does not meet what number {number} needs."),
    "would_be_neighbours": mark("Two who may not be neighbours would be."),
    "not_kept_apart": mark("Two who may not be neighbours are. Give one of them another stall by hand first."),
    "own_round": mark("Whoever froze, drew or changed a round does not confirm it. Somebody else has to."),
    "held_by_another": mark(
        "Somebody holds another stall than when the round was frozen. Look at the register; nothing was changed."
    ),
    "no_such_vendor_here": mark("There is no vendor of that number in this market."),
    "same_vendor": mark("Name two different vendors."),
    "bad_area": mark("The area is no number of square metres, as 12.5."),
    "needs_too_long": mark("The goods zone has at most 40 characters."),
}
