"""The table of states as a Mermaid diagram, for docs/alerts.md: pure text, and a test holds the page to it."""

from domain.alert import AlertState
from supervision.alerts.states import FINISHED, OF_ITSELF, TRANSITIONS, Authority, Transition

_OPENED = "[*]"


def diagram() -> str:
    """Return the diagram. What only a regulator may do, what is left to a case and what happens by itself is marked."""
    lines = ["stateDiagram-v2", f"    {_OPENED} --> {AlertState.OPEN}: a rule saw something"]
    for (state, action), transition in TRANSITIONS.items():
        lines.append(f"    {state} --> {transition.to}: {_said(action)}{_who(transition)}")
    for (state, action), to in OF_ITSELF.items():
        lines.append(f"    {state} --> {to}: {_said(action)} by itself")
    lines += [f"    {state} --> [*]" for state in AlertState if state in FINISHED]
    return "\n".join(lines)


def _who(transition: Transition) -> str:
    of_regulator = ["regulator"] if transition.by is Authority.REGULATOR else []
    marks = [*of_regulator, *(["case"] if transition.is_of_case else [])]
    return f" ({', '.join(marks)})" if marks else ""


def _said(action: str) -> str:
    return action.replace("_", " ")
