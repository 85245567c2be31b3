"""Packages that a process could load, and does not need: to load them takes time and memory each time it starts."""

import sys
from types import ModuleType
from typing import cast


def leave_out(*packages: str) -> None:
    """Make these optional packages ones that are not installed, for this process (docs.python.org, `import`, 5.3.1)."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    modules.update(dict.fromkeys(packages))
