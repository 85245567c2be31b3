"""The shipped lists as the registry wants them."""

import csv
from pathlib import Path

from db.registry import Species
from domain.errors import BadFile
from domain.ids import SpeciesCode

_SPECIES_FILES = ("species.csv", "species_from_cap_list.csv")
_NAMES_FILE = "species_names.csv"


def read_species(data: Path) -> list[Species]:
    """Read the species and every name each goes by. Raise BadFile where a name means no species."""
    names: dict[str, list[str]] = {}
    for row in _rows(data / _NAMES_FILE):
        names.setdefault(row["species_code"], []).append(row["name"])
    species = [
        Species(
            species_code=SpeciesCode(row["code"]),
            name_zh=row["name_zh"],
            pinyin=row["pinyin"],
            name_en=row["name_en"],
            scientific=row["scientific"],
            category=row["category"],
            names=tuple(names.pop(row["code"], ())),
        )
        for file_name in _SPECIES_FILES
        for row in _rows(data / file_name)
    ]
    if names:
        raise BadFile(_NAMES_FILE, tuple(f"species_code {code!r} is in no list of species" for code in sorted(names)))
    return species


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
