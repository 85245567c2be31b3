"""What tests may see of the caller's environment: nothing that would change what is tested."""

import os
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

# The variables that are meant for the tests themselves.
TEST_SETTINGS = frozenset(
    {
        "STEELYARD_TEST_DATABASE_URL",
        "STEELYARD_REQUIRE_TIMESCALE",
        "STEELYARD_TIMESCALE_FOLDER",
        "STEELYARD_DEBIAN_MIRROR",
    }
)
LOOPBACK = "127.0.0.1,localhost,::1"


def scrub(environ: MutableMapping[str, str]) -> None:
    """Remove product settings and libpq defaults, and keep loopback traffic away from any proxy."""
    for name in list(environ):
        is_product_setting = name.startswith("STEELYARD_") and name not in TEST_SETTINGS
        if is_product_setting or (name.startswith("PG") and name.isupper()):
            del environ[name]
    for name in ("NO_PROXY", "no_proxy"):
        environ[name] = ",".join(filter(None, [environ.get(name, ""), LOOPBACK]))
    environ.setdefault("XDG_RUNTIME_DIR", runtime_dir())


def runtime_dir() -> str:
    """The embedded PostgreSQL keeps its lock here, and warns (an error in tests) where no login session made one."""
    path = Path(tempfile.gettempdir()) / f"steelyard-runtime-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    return str(path)


def is_complete_run_required() -> bool:
    """In CI a test that cannot run is a failure: a skip there would pass for a proof."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"} or bool(
        os.environ.get("STEELYARD_REQUIRE_TIMESCALE", "") not in {"", "0"}
    )
