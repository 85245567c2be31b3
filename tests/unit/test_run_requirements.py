"""What a user installs (requirements/run.lock) is enough: no module needs a package of the tests, or of an extra."""

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.unit.test_imports import FOLDERS
from tests.unit.test_locks import DEV, RUN, pins_of

ROOT = Path(__file__).resolve().parents[2]
#: Modules of an extra, imported where it is asked for.
OF_EXTRAS = ("ingest.mqtt5_stream", "ingest.mqtt5_subscriber")
IMPORT_ALL = """
import importlib, sys
absent, modules = sys.argv[1].split(","), sys.argv[2].split(",")
sys.modules.update(dict.fromkeys(absent))
problems = []
for module in modules:
    try:
        importlib.import_module(module)
    except ImportError as error:
        problems.append(f"{module}: {error}")
print("\\n".join(problems))
"""


def product_modules() -> list[str]:
    paths = [path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths}
    return sorted(name for name in names if not name.endswith("__main__"))


def only_for_developers() -> list[str]:
    more = set(pins_of(DEV)) - set(pins_of(RUN))
    found = packages_distributions().items()
    return sorted(name for name, owners in found if {canonicalize_name(one) for one in owners} <= more)


def problems(modules: list[str]) -> list[str]:
    """Import modules as somebody does who has the run requirements alone; return what failed."""
    words = [sys.executable, "-c", IMPORT_ALL, ",".join(only_for_developers()), ",".join(modules)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout.split("\n")[
        :-1
    ]


def test_every_module_can_be_imported_without_the_extras() -> None:
    assert "mqtt5" in only_for_developers()
    failed = [one for one in problems([one for one in product_modules() if one not in OF_EXTRAS]) if one]
    assert failed == []


def test_a_module_that_needs_an_extra_would_be_found() -> None:
    assert [one.split(":")[0] for one in problems(list(OF_EXTRAS))] == list(OF_EXTRAS)
