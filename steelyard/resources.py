"""Where the shipped data and policy files are: beside the sources, or inside the installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_directory() -> Path:
    """Return the folder of the shipped lists (data/SOURCES.md says where each is from)."""
    return _beside_or_inside("data")


def policy_directory() -> Path:
    """Return the folder of the shipped policy files."""
    return _beside_or_inside("policy")


def _beside_or_inside(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
