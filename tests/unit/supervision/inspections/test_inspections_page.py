"""docs/inspections.md says of visits what the table does."""

from pathlib import Path

from domain.inspection import VisitState
from supervision.inspections.visit_states import TRANSITIONS, actions_from

PAGE = Path(__file__).parents[4] / "docs" / "inspections.md"


def test_the_page_s_states_are_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for state in VisitState:
        steps = ", ".join(f"`{action}` → `{TRANSITIONS[state, action]}`" for action in actions_from(state))
        assert f"| `{state}` | {steps or 'nothing more'} |" in text
