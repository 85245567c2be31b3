"""What of a vendor's name and papers anybody may read."""

from typing import Any

import pytest

from domain.register.public_names import public_licence, public_name, public_words
from domain.register.records import VendorIdentity, VendorKind

CODE = "92460200MA5T0A1X3P"


def vendor(name: str = "王小明海鲜档", kind: VendorKind | None = VendorKind.INDIVIDUAL, **more: Any) -> VendorIdentity:
    return VendorIdentity(name=name, kind=kind, **{"legal_representative": "王小明", "phone": "13812345678", **more})


@pytest.mark.parametrize("kind", [VendorKind.INDIVIDUAL, None], ids=["an individual", "not registered which"])
def test_a_persons_name_is_masked_wherever_it_stands(kind: VendorKind | None) -> None:
    assert public_name(vendor(kind=kind)) == "王**海鲜档"
    assert public_name(vendor("王小明", kind)) == "王**"
    assert public_name(vendor("阿海海鲜档", kind)) == "阿海海鲜档"
    assert public_words("对王小明罚款", vendor(kind=kind)) == "对王**罚款"


def test_a_company_goes_by_its_name_and_code() -> None:
    company = vendor("王小明水产有限公司", VendorKind.COMPANY, credit_code=CODE)
    assert public_name(company) == "王小明水产有限公司"
    assert public_licence(company) == CODE


@pytest.mark.parametrize("kind", [VendorKind.INDIVIDUAL, None], ids=["an individual", "not registered which"])
def test_the_number_of_an_individuals_licence_is_masked(kind: VendorKind | None) -> None:
    assert public_licence(vendor(kind=kind, credit_code=CODE)) == "9246**********1X3P"
    assert public_licence(vendor(kind=kind, licence_no="460200600123456")) == "4602*******3456"
    assert public_licence(vendor(kind=kind)) == ""


def test_one_character_is_no_name_to_look_for() -> None:
    assert public_name(vendor("王小明海鲜档", legal_representative="王")) == "王小明海鲜档"
    assert public_name(vendor("海鲜档", legal_representative="")) == "海鲜档"
