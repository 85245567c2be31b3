"""The words of a page for why something of inspections, supervision items, exports, caps or credit was refused."""

from collections.abc import Callable, Mapping
from typing import Final

from domain.errors import BadFile, FieldRefused, RuleViolation
from web.file_words import told_of_file
from web.i18n import mark
from web.words_of_credit_acts import OF_CREDIT_ACTS
from web.words_of_repairs import OF_REPAIRS
from web.words_of_rotation import ROTATION_PROBLEMS

#: By the `problem` of what was refused; `facts` fill the places. The tests hold it to what the code raises.
REFUSED_WORDS: Final[Mapping[str, str]] = {
    **ROTATION_PROBLEMS,
    "late": mark("Somebody was faster. Your step was not taken; this is how it stands."),
    # Repair of credit
    "waiting_already": mark(
        "Application {number} about this deduction awaits its decision. Withdraw it to file another one."
    ),
    # Plans and draws
    "no_title": mark("The plan needs a title of at most 500 characters."),
    "no_department": mark("Choose one of the departments of the catalogue in force."),
    "no_market": mark("Choose one market at least."),
    "no_items": mark("Choose one supervision item at least."),
    "item_of_another_department": mark("Item {code} is another department's. Choose items of the department above."),
    "unknown_item": mark("There is no item {code} in this version of the catalogue."),
    "not_a_number_of_visits": mark("How many visits: {value} is not a whole number from 1 to {most}."),
    "not_a_number_of_most": mark("Visits an inspector at most: {value} is not a whole number from 1 to {most}."),
    "no_moment": mark("Say on which day, and at what time, the public value can be known."),
    "known_already_when": mark(
        "The public value must still be to come: choose a later moment, or nobody can trust it."
    ),
    "no_source": mark("Say where everybody will read the public value, in at most 500 characters."),
    "nobody_to_draw": mark("No vendor holds a stall in these markets: there is nobody to draw."),
    "too_few_inspectors": mark(
        "Inspectors of the department with every qualification that the items ask: {found}. There must be {expected} or"
        " more."
    ),
    "drawn_too_early": mark("The public value cannot be known yet. Draw once the moment beside it has come."),
    "no_value": mark("Fill in the public value as its source says it, in at most 500 characters."),
    # Inspectors, conflicts, risk classes
    "inspector_not_whole": mark("An inspector needs an account, a badge, a department and one qualification at least."),
    "conflict_not_whole": mark("A conflict needs the inspector, the market and the reason."),
    "class_not_whole": mark("A risk class is A, B, C or D, and needs a reason."),
    "no_account": mark("Nobody may sign in as {name}. Make the account first."),
    "badge_taken": mark("Badge {badge} is another inspector's."),
    "no_inspector": mark("That is none of the inspectors."),
    "no_such_vendor": mark("There is no such vendor in this market."),
    # Visits
    "not_a_day_at_all": mark("{value} is no day. Write it as 2026-11-27."),
    "not_a_day_within": mark("{day} cannot be: choose a day from {first} to {last}."),
    "nobody_to_visit": mark("No vendor was bound to this scale then: there is nobody to visit."),
    "nothing_to_check": mark("No supervision item has alerts of this kind: there is nothing to check."),
    "no_reason": mark("Say what and why in a few words, and send it again."),
    "too_long": mark("That is too long. Shorten it and send it again."),
    "one_was_told": mark("One of these visits was told of and another one was not. Tell of it first, or leave them."),
    "cannot_be_one": mark("These visits are not all to one vendor, or share no day: they cannot be one."),
    "nobody_sent": mark("Nobody is sent to this visit yet. Name the inspectors first."),
    "wrong_number_sent": mark("Inspectors who go to this visit: {sent}, needed: {expected}. Name another one first."),
    "wrong_number_named": mark("Inspectors named: {named}, needed: {due}. Name each of them once."),
    "goes_already": mark("{who} goes already. Name another one."),
    "must_not_go": mark("{who} must not go to this vendor: retired, of another department, or with a conflict."),
    "recuse_first": mark("{who} must not go to this vendor any more. Recuse him or her and name somebody else first."),
    "wrong_departments": mark("The inspectors named are not of the departments that lack them."),
    "does_not_go": mark("Choose one of those who go to this visit."),
    # What a vendor says of a visit and of a promise
    "missing": mark("Something is missing that has to be said."),
    "not_visited_yet": mark("This visit did not take place yet. Say afterwards what you think of it."),
    "not_stars": mark("Choose 1 to 5 stars."),
    "nothing_said": mark("Choose stars or write a few words, then send it."),
    "said_too_often": mark("You have sent as much as is taken within an hour. Please send it later."),
    # Exports
    "address": mark(
        "Nothing may be sent to this address. It begins with https:// or http://, names a public host, and holds no"
        " user, password or part after #."
    ),
    "trial_under_way": mark("A trial message is under way already. Wait for its answer."),
    "switched_off": mark("Its receiver is switched off. Switch it on first."),
    # The catalogue of items
    "no_catalogue": mark("No catalogue is in force yet. Import a file and publish it first."),
    "no_version_name": mark("Give the new version a name, like 2027-01."),
    "version_taken": mark("There is a version of this name already. Give this one another name."),
    "draft_already": mark("There is a draft already. Publish or discard it first."),
    "own_draft": mark("You worked on this draft. A second person looks at it and publishes it."),
    "into_itself": mark("An item cannot become part of itself. Choose another one."),
    "merged_already": mark("Item {code} became part of {into} already."),
    "circle": mark("The one became part of the other once. The merge would turn in a circle."),
    # Cap lists, the daily calculation, purchases, exemptions
    "list_ends_first": mark("The list would end before it begins. Choose a later end."),
    "list_empty": mark("The list has no items."),
    "no_draft": mark("Only a draft can be published; this list stands as shown."),
    "not_published": mark("Only a published list can be withdrawn; this list stands as shown."),
    "no_such_area": mark("No market has this area and channel: the list would bind nobody. Choose another one."),
    "binds_nothing": mark("Choose from the list which markets it binds."),
    "no_source_of_list": mark("Say where the list is from: fill in its source."),
    "no_unit": mark("Choose 500 g, kg or piece as the unit, or leave it to the file."),
    "no_moment_of_list": mark("“{value}” is no time. Write it as 2026-11-23T00:00."),
    "no_file": mark("Choose a file first."),
    "name_taken": mark("“{name}” means a species already. Look at the preview again."),
    "name_means_nothing": mark(
        "“{name}” cannot mean “{species}”: there is no such species. Look at the preview again."
    ),
    "name_not_in_list": mark("The list does not name {names}. Look at the preview again."),
    "other_references": mark(
        "{count} other references of {day} are kept already. Say that they are to be replaced, and send it again."
    ),
    "rates_end_first": mark("The rate would end before it begins on {day}. Choose a later last day."),
    "rate_taken": mark(
        "A category has one rate a day, and on some of these days it has one already. End that one first."
    ),
    "rate_not_whole": mark(
        "A rate needs a category, per cent with at most one decimal, a ceiling above 0 in yuan per 500 g, and a source."
    ),
    "no_rate_then": mark("No rate of this category holds on {day} and goes on after it."),
    "references_too_late": mark("A day's caps are calculated from a day before it. Choose an earlier one."),
    "day_stopped": mark("Problems in the way of a list of {day}: {count}. They stand below."),
    "several_times": mark("The markets of this area keep several times: choose another area."),
    "own_purchase": mark("You entered this purchase. A second person decides on it."),
    "exemption_not_whole": mark(
        "An exemption needs a reason, the number of its document, and a last day that is not before the first."
    ),
    "exempt_already": mark("The vendor is exempt in a part of that time already."),
    "ends_in_the_past": mark("An exemption cannot end in the past: what was sold until now was sold freely."),
}
#: Of exports and of credit, by the field and its problem.
OF_FIELDS: Final[Mapping[tuple[str, str], str]] = {
    **OF_CREDIT_ACTS,
    **OF_REPAIRS,
    ("name", "length"): mark("Give the receiver a name that is not too long."),
    ("name", "taken"): mark("Another receiver has this name already."),
    ("forms", "empty"): mark("Choose one form of records at least."),
    ("because", "length"): mark("Say why, in not too many words."),
    ("markets", "unknown"): mark("Choose from the markets of the list."),
    ("department", "length"): mark("Say which department the token is for, in at most 200 characters."),
    ("contact", "length"): mark("Say who answers for the token, in at most 200 characters."),
    ("scopes", "empty"): mark("Choose one scope at least."),
    ("expires_at", "range"): mark("The token cannot hold so long. Choose fewer days."),
    ("days", "range"): mark("The days the token holds are a whole number, as 90."),
    ("networks", "network"): mark("Write addresses or networks as 10.0.0.5 or 10.1.0.0/16."),
}


def refusal_in_words(error: Exception, translate: Callable[[str], str]) -> str:
    """Return why something was refused in the reader's language; empty where no words are known."""
    if isinstance(error, BadFile):
        return told_of_file(str(error), translate) or ""
    if not isinstance(error, RuleViolation):
        return ""
    of_field = OF_FIELDS.get((error.field, error.problem)) if isinstance(error, FieldRefused) else None
    words = of_field or REFUSED_WORDS.get(error.problem)
    return translate(words).format_map(error.facts) if words else ""
