"""The table of states as a Mermaid diagram, for docs/alerts.md: pure text, and a test holds the page to it."""

from domain.alert import AlertState
from supervision.alerts.states import FINISHED, OF_ITSELF, TRANSITIONS, Authority

_OPENED = "[*]"


def diagram() -> str:
    """Return the diagram: what only a regulator may do is marked, and what happens by itself."""
    lines = ["stateDiagram-v2", f"    {_OPENED} --> {AlertState.OPEN}: a rule saw something"]
    for (state, action), transition in TRANSITIONS.items():
        who = " (regulator)" if transition.by is Authority.REGULATOR else ""
        lines.append(f"    {state} --> {transition.to}: {_said(action)}{who}")
    for (state, action), to in OF_ITSELF.items():
        lines.append(f"    {state} --> {to}: {_said(action)} by itself")
    lines += [f"    {state} --> [*]" for state in AlertState if state in FINISHED]
    return "\n".join(lines)


def _said(action: str) -> str:
    return action.replace("_", " ")
