"""Which species a name may mean: the alias beside it first, then how it sounds, then how it is written."""

import pytest

from domain.ids import SpeciesCode
from pricing.name_suggestions import Because, suggest
from steelyard.market_files import read_species
from steelyard.resources import data_directory

NAMES: dict[str, SpeciesCode] = {
    name: one.species_code for one in read_species(data_directory()) for name in (one.name_zh, *one.names)
}


@pytest.mark.parametrize(
    ("name", "species", "because"),
    [
        ("东兴斑", "F01", Because.SAME_SOUND),
        ("基尾虾", "X01", Because.SAME_SOUND),
        ("dongxingban", "F01", Because.SAME_SOUND),
        ("Dōngxīng bān", "F01", Because.SAME_SOUND),
        ("白仓鱼", "F15", Because.NEAR_SOUND),
        ("马鲛", "F16", Because.NEAR_SOUND),
        ("大芒果螺", "S01", Because.NEAR_SOUND),
    ],
)
def test_a_name_is_found_by_how_it_sounds_or_is_written(name: str, species: str, because: Because) -> None:
    first = suggest(name, (), NAMES)[0]
    assert (first.species, first.because) == (species, because)


def test_an_alias_of_the_list_goes_before_everything() -> None:
    found = suggest("东兴斑", ("红友",), NAMES)
    assert [(one.species, one.because) for one in found[:2]] == [("F09", Because.ALIAS), ("F01", Because.SAME_SOUND)]


def test_nothing_is_suggested_for_what_is_like_nothing() -> None:
    assert suggest("玻璃杯", (), NAMES) == []


def test_a_species_is_suggested_once_and_not_too_many_are() -> None:
    found = suggest("石斑", (), NAMES)
    assert len(found) == len({one.species for one in found}) <= 4
