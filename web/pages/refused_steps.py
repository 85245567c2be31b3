"""How a refused step with a case or an entry of the publicity list is told on its page."""

from dataclasses import dataclass
from typing import Final

from domain.case import CaseAction, CaseState
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound, RuleViolation
from supervision.cases.states import StepNotPossible
from web.i18n import mark
from web.words_of_cases import FIELDS, PROBLEMS

_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedStep:
    """`problem` and `field`: messages to translate; `detail`: what the rules said, in English.

    `action`: the step that does not follow from the state of the case, where that is why; `possible`: those that do.
    """

    problem: str
    detail: str
    status: int
    field: str = ""
    action: CaseAction | None = None
    state: CaseState | None = None
    possible: tuple[CaseAction, ...] = ()


def refused_step(refused: RuleViolation) -> RefusedStep:
    """Return how to tell a refusal above the form it leaves filled in; raise one that shows no form again."""
    if isinstance(refused, NotFound | NotAllowed):
        raise refused
    if isinstance(refused, StepNotPossible):
        return RefusedStep(
            problem=mark("This step does not follow from where the case stands."),
            detail=str(refused),
            status=_CONFLICT,
            action=refused.action,
            state=refused.state,
            possible=refused.possible,
        )
    if isinstance(refused, IllegalTransition):
        late = mark("Somebody was faster. Your step was not taken; this is how it stands.")
        return RefusedStep(problem=late, detail=str(refused), status=_CONFLICT)
    problem = field = ""
    if isinstance(refused, FieldRefused):
        problem, field = PROBLEMS.get(refused.problem, ""), FIELDS.get(refused.field, "")
    no_words = mark("The rules do not allow this")
    return RefusedStep(problem=problem or no_words, field=field, detail=str(refused), status=_UNPROCESSABLE)
