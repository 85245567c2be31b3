"""The words of a page for why a message is held, and for what a person does about it."""

from collections.abc import Mapping
from typing import Final

from web.i18n import mark

#: Why a message is held; the codes are `BadMessage.reason`.
_HELD_BECAUSE: Final[Mapping[str, str]] = {
    "bad_field": mark("A field of the message is missing, or has a value that is not allowed."),
    "not_json": mark("The message cannot be read as JSON."),
    "not_utf8": mark("The message is not text in UTF-8."),
    "too_large": mark("The message is larger than allowed."),
    "bad_topic": mark("The message came under a topic that is not meant for weighings, events or checkpoints."),
    "unknown_scale": mark("No scale with this number is registered in the market."),
    "unbelievable_time": mark("The time of the weighing cannot be right: too far from its arrival."),
    "bad_signature": mark("The checkpoint is not signed by the key it carries."),
    "conflict": mark("The same number came before with other content; the first one is kept."),
    "not_storable": mark("The database could not take the message. This is a fault of the system."),
    "our_bug": mark("The system could not process the message. This is a fault of the system."),
}
#: What a person does about a held message, by the same codes.
_TO_DO: Final[Mapping[str, str]] = {
    "bad_field": mark(
        "The device or its agent sends something the contract does not allow. Have its maker look at the field that"
        " is named. It can be read again only if our reading of the contract changes."
    ),
    "not_json": mark("Find out who sends this under the scale's name. Nothing can be stored from it; settle it."),
    "not_utf8": mark("Find out who sends this under the scale's name. Nothing can be stored from it; settle it."),
    "too_large": mark("The device must send fewer weighings in a message. It sends them again by itself; settle this."),
    "bad_topic": mark("Correct the topic in the settings of the device. It sends again by itself; settle this."),
    "unknown_scale": mark(
        "Register the scale in the market, with the stall and the vendor it stood at. An agent then sends again by"
        " itself; of a device that does not, read the message again here."
    ),
    "unbelievable_time": mark(
        "Set the clock of the device. Where the time is right after all (a long outage), allow older weighings in the"
        " policy (oldest_days), then read it again."
    ),
    "bad_signature": mark(
        "Something other than the device's agent sends checkpoints, or its key is damaged. Look into the device, then"
        " settle this with what was found."
    ),
    "conflict": mark(
        "The first content is the record, this one is evidence: it is never stored. An alert was raised; look into the"
        " device, then settle this with what was found."
    ),
    "not_storable": mark("Tell the operator. When the system is mended, read it again: nothing is lost."),
    "our_bug": mark("Tell the operator. When the system is mended, read it again: nothing is lost."),
}
_TO_DO_OTHERWISE: Final = mark("Look at the explanation. When its cause is mended, read it again; else settle it.")
_HELD_OTHERWISE: Final = mark("The message could not be accepted.")


def held_because(reason: str) -> str:
    """Return the message to translate for why something is held; a reason nobody knows is said in general."""
    return _HELD_BECAUSE.get(reason, _HELD_OTHERWISE)


def what_to_do(reason: str) -> str:
    """Return the message to translate for what a person does about something that is held."""
    return _TO_DO.get(reason, _TO_DO_OTHERWISE)
