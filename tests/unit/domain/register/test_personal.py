"""What of a person is shown to whom need not see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.register.personal import PersonalField, mask, masked, tidy_phone


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        (PersonalField.PHONE, "13812345678", "138****5678"),
        (PersonalField.PHONE, "0898-88271234", "089******1234"),
        (PersonalField.PHONE, "", ""),
        (PersonalField.LICENCE_NO, "110108000000016", "1101*******0016"),
        (PersonalField.LICENCE_NO, "92350100M000100Y43", "9235**********0Y43"),
        (PersonalField.LEGAL_REPRESENTATIVE, "王敏", "王*"),
        (PersonalField.LEGAL_REPRESENTATIVE, "欧阳娜娜", "欧**"),
        (PersonalField.LEGAL_REPRESENTATIVE, "", ""),
    ],
)
def test_enough_is_shown_to_know_it_again(field: PersonalField, value: str, shown: str) -> None:
    assert mask(field, value) == shown


@given(st.sampled_from(PersonalField), st.text(st.characters(exclude_characters="*"), min_size=1, max_size=30))
def test_no_value_is_shown_whole(field: PersonalField, value: str) -> None:
    shown = mask(field, value)
    assert shown != value
    assert shown.count("*") >= 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("0898-88271234", "0898-88271234"),
        ("(0898)88271234", "0898-88271234"),
        ("0898 88271234-802", "0898-88271234-802"),
        ("12345678", None),
        ("1381234567", None),
        ("11010519491231002X", None),
        ("call me", None),
    ],
)
def test_telephone_numbers_are_kept_in_one_way(typed: str, kept: str | None) -> None:
    assert tidy_phone(typed) == kept


def test_only_what_is_personal_is_masked() -> None:
    values = {"name": "阿海海鲜档", "phone": "13812345678", "credit_code": "91350100M000100Y43"}
    assert masked(values) == {**values, "phone": "138****5678"}
