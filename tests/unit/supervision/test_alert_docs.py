"""The page about an alert's life says what the table says."""

from pathlib import Path

from domain.alert_step import AlertAction
from supervision.alerts.diagram import diagram
from supervision.alerts.states import BESIDE, TRANSITIONS

PAGE = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")


def test_the_diagram_is_generated_from_the_table() -> None:
    [_, drawn] = PAGE.split("```mermaid\n")
    assert drawn.split("\n```")[0] == diagram()


def test_every_step_of_a_person_stands_in_the_page() -> None:
    for action in {action for _state, action in TRANSITIONS} | set(BESIDE):
        assert AlertAction(action).replace("_", " ") in PAGE, action
