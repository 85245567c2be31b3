"""The codes that a business goes by in China, and what is wrong with one that was mistyped.

- 统一社会信用代码, 18 characters: GB 32100-2015. The last is a check character by 31 (annex A).
- 注册号, 15 digits, on licences from before 2015: its last is a check digit by GB/T 17710, MOD 11,10.
- 公民身份号码, 18 characters: GB 11643. Known only to be refused: nobody's is kept.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

#: GB 32100, table 1: letters without I, O, Z, S, V, which are taken for 1, 0, 2, 5 and U.
CREDIT_CODE_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_LENGTH: Final = 18
REGISTRATION_NO_LENGTH: Final = 15
_MISREAD: Final = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
_BASE: Final = len(CREDIT_CODE_CHARACTERS)
_WEIGHTS: Final = tuple(pow(3, place, _BASE) for place in range(CREDIT_CODE_LENGTH - 1))
#: Places 3 to 8 name the administrative division of the authority, in digits.
_DIVISION: Final = range(2, 8)
_ID_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_ID_CHECKS: Final = "10X98765432"
_ID: Final = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)


class CodeFault(StrEnum):
    """What is wrong with a code, in words; `{0}` … are the values. Other languages translate these."""

    LENGTH = "has {0} characters; expected {1}"
    CHARACTER = "has {0} at place {1}; a code has digits and capital letters without I, O, Z, S and V"
    MISREAD = "has {0} at place {1}; a code has no such letter, perhaps it is {2}"
    NOT_A_DIGIT = "has {0} at place {1}; expected a digit"
    CHECK = "ends in {0}, but what stands before it gives {1}: one character is mistyped, or two are exchanged"
    IDENTITY_CARD = "is the number of an identity card, which is not kept; expected the number of the business licence"


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """A fault with its values; places count from 1."""

    fault: CodeFault
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.fault).format(*self.values)


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A 统一社会信用代码 that is right to its last character. Raise ValueError for what is none."""

    text: str

    def __post_init__(self) -> None:
        problem = credit_code_problem(self.text)
        if problem is not None:
            raise ValueError(f"{self.text!r} {problem}")

    def __str__(self) -> str:
        return self.text


def tidy(text: str) -> str:
    """Return a code as it is kept: full-width signs made plain, no blanks and dashes, capital letters."""
    return re.sub(r"[\s\-–—·]", "", unicodedata.normalize("NFKC", text)).upper()


def credit_code_check(body: str) -> str:
    """Return the check character for the first 17 characters of a credit code."""
    total = sum(CREDIT_CODE_CHARACTERS.index(char) * weight for char, weight in zip(body, _WEIGHTS, strict=True))
    return CREDIT_CODE_CHARACTERS[-total % _BASE]


def credit_code_problem(code: str) -> CodeProblem | None:
    """Return what is wrong with a tidy credit code, None where nothing is."""
    if is_identity_card(code):
        return CodeProblem(CodeFault.IDENTITY_CARD)
    if len(code) != CREDIT_CODE_LENGTH:
        return CodeProblem(CodeFault.LENGTH, (str(len(code)), str(CREDIT_CODE_LENGTH)))
    for place, char in enumerate(code):
        if char in _MISREAD:
            return CodeProblem(CodeFault.MISREAD, (char, str(place + 1), _MISREAD[char]))
        if char not in CREDIT_CODE_CHARACTERS:
            return CodeProblem(CodeFault.CHARACTER, (char, str(place + 1)))
        if place in _DIVISION and not char.isdecimal():
            return CodeProblem(CodeFault.NOT_A_DIGIT, (char, str(place + 1)))
    expected = credit_code_check(code[:-1])
    return None if code[-1] == expected else CodeProblem(CodeFault.CHECK, (code[-1], expected))


def registration_no_check(body: str) -> str:
    """Return the check digit for the first 14 digits of a registration number (MOD 11,10)."""
    product = 10
    for digit in map(int, body):
        product = ((product + digit) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def registration_no_problem(number: str) -> CodeProblem | None:
    """Return what is wrong with a tidy registration number of 15 digits, None where nothing is."""
    if is_identity_card(number):
        return CodeProblem(CodeFault.IDENTITY_CARD)
    for place, char in enumerate(number):
        if not ("0" <= char <= "9"):
            return CodeProblem(CodeFault.NOT_A_DIGIT, (char, str(place + 1)))
    if len(number) != REGISTRATION_NO_LENGTH:
        return CodeProblem(CodeFault.LENGTH, (str(len(number)), str(REGISTRATION_NO_LENGTH)))
    expected = registration_no_check(number[:-1])
    return None if number[-1] == expected else CodeProblem(CodeFault.CHECK, (number[-1], expected))


def licence_no_problem(number: str) -> CodeProblem | None:
    """Return what is wrong with a licence number: of 18 characters it is a credit code, else a registration number."""
    return credit_code_problem(number) if len(number) == CREDIT_CODE_LENGTH else registration_no_problem(number)


def is_identity_card(text: str) -> bool:
    """Say whether a text is a person's identity number: a day of birth in its middle and the check of GB 11643."""
    if _ID.fullmatch(text) is None:
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(char) * weight for char, weight in zip(text, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == text[17]
