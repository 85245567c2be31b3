"""Passwords are hashed with argon2id; who is unknown is never right."""

from argon2 import PasswordHasher

from web.accounts import check_password, hash_password


def test_the_right_password_is_right_and_another_is_not() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert check_password("correct horse", stored).is_right
    assert not check_password("correct horsf", stored).is_right


def test_nobody_has_no_right_password() -> None:
    assert not check_password("", None).is_right
    assert not check_password("anything", None).is_right


def test_a_hash_that_is_none_is_wrong_and_not_an_error() -> None:
    assert not check_password("anything", "not a hash").is_right


def test_a_cheap_hash_is_replaced() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("old")
    checked = check_password("old", cheap)
    assert checked.is_right
    assert checked.new_hash is not None
    assert check_password("old", checked.new_hash).new_hash is None
