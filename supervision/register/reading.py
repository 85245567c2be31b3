"""Single values as people type them, and as spreadsheets save them. Pure."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.ids import is_id
from domain.price_cap import Channel
from domain.register.codes import CodeProblem, credit_code_problem, licence_no_problem, tidy
from domain.register.personal import tidy_phone
from domain.register.records import SealState, TankSupply, VendorKind
from domain.scale import AccuracyClass

Value = TypeVar("Value")
Reader = Callable[[str], Value]

_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?")
_MOMENT: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?(Z|[+-]\d{2}:\d{2})?"
)
_AREA: Final = re.compile(r"(\d{1,5}(?:\.\d{1,2})?)\s*(?:m2|平方米|平米|㎡)?", re.IGNORECASE)
_GRAMS: Final = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)\s*(g|克|kg|公斤|千克)?", re.IGNORECASE)
_MOST_GRAMS: Final = 10_000_000
_OPEN_ENDED: Final = frozenset({"长期", "无固定期限", "永久", "long-term"})
_KINDS: Final = {
    VendorKind.COMPANY: {"company", "公司", "企业", "法人", "单位", "有限公司"},
    VendorKind.INDIVIDUAL: {"individual", "个体", "个体户", "个体工商户", "个人"},
}
_CLASSES: Final = {
    AccuracyClass.MEDIUM: {"III", "3", "3级", "III级", "三级", "中准确度级", "中"},
    AccuracyClass.ORDINARY: {"IIII", "4", "4级", "IIII级", "IV", "四级", "普通准确度级", "普通"},
}
_CHANNELS: Final = {
    Channel.EATERY: {"eatery", "餐饮店", "餐饮", "海鲜餐饮店"},
    Channel.STALL: {"stall", "摊位", "市场摊位"},
}
_SEALS: Final = {
    SealState.INTACT: {"intact", "完好", "正常", "完整"},
    SealState.BROKEN: {"broken", "破损", "损坏", "已拆"},
    SealState.MISSING: {"missing", "缺失", "无封", "脱落"},
}
_TANKS: Final = {
    TankSupply.YES: {"yes", "有", "是", "有鱼池", "true", "1"},
    TankSupply.NO: {"no", "无", "没有", "否", "false", "0"},
}
_CLASS: Final = re.compile(r"([0-9A-Z]{1,8})[级类等]?")
_FLOOR: Final = re.compile(r"(-?|B)(\d{1,2})(?:F|楼|层)?", re.IGNORECASE)
_HIGHEST: Final = 60
_LOWEST: Final = -5
_MOST_NEIGHBOURS: Final = 12
_RESULTS: Final = {True: {"passed", "合格", "通过"}, False: {"failed", "不合格", "未通过"}}


class EntryFault(StrEnum):
    """What is wrong with a value, in words; `{0}` … are its values. Other languages translate these."""

    MISSING = "is missing"
    TOO_LONG = "has {0} characters; expected at most {1}"
    NO_TEXT = "holds a character that is no text"
    NO_ID = "is {0}; expected 1 to 64 letters, digits, '.', '_' or '-'"
    NO_STALL_ID = "is {0}; expected at most 64 characters without blanks and '/'"
    NO_DAY = "is {0}; expected a day, as 2026-11-27"
    NO_MOMENT = "is {0}; expected a day or a time, as 2026-11-27 08:30"
    NO_PHONE = "is {0}; expected a telephone number, as 13812345678 or 0898-88271234"
    NO_CHANNEL = "is {0}; expected eatery (餐饮店) or stall (摊位)"
    NO_TIMEZONE = "is {0}; expected a name of the time zone database, as Asia/Shanghai"
    FIXED = "was {0} when something was weighed here, which was judged by it; it stays so"
    NO_KIND = "is {0}; expected company (企业) or individual (个体)"
    NO_AREA = "is {0}; expected square metres with at most two decimals, as 12.5"
    NO_GRAMS = "is {0}; expected grams, as 5, or kilograms, as 15 kg"
    NO_CLASS = "is {0}; expected III or IIII"
    NO_SEAL = "is {0}; expected intact (完好), broken (破损) or missing (缺失)"
    NO_POSITION_CLASS = "is {0}; expected 1 to 8 letters or digits, as A"
    NO_FLOOR = "is {0}; expected a floor from -5 to 60, as 1 for the ground floor"
    NO_TANK = "is {0}; expected yes (有) or no (没有)"
    TOO_MANY_NEIGHBOURS = "names {0} stalls; expected at most {1}"
    NO_RESULT = "is {0}; expected passed (合格) or failed (不合格)"
    ENDS_BEFORE = "is {0}, before {1}"
    KIND_NOT_AS_CODE = "says {0}, but the code is of a kind {1}"
    DIVISION_NOT_BELOW_MAX = "is {0} g, not below the maximum of {1} g"
    FAILED_HOLDS_UNTIL_NO_DAY = "names a day, but a verification that failed holds until none"
    IDENTITY_CARD = "is the number of an identity card, which is not kept"
    MASKED = "is {0}, which hides a part of it and is not how what is registered is hidden; expected it in full"


class WrongError(Exception):
    """A value that cannot be read."""

    def __init__(self, fault: StrEnum, *values: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.values = values


def short_text(most: int) -> Reader[str]:
    """Return a reader of texts of at most `most` characters."""

    def read(text: str) -> str:
        plain = " ".join(text.split())
        if len(plain) > most:
            raise WrongError(EntryFault.TOO_LONG, str(len(plain)), str(most))
        if any(unicodedata.category(char) in ("Cc", "Cs", "Co") for char in plain):
            raise WrongError(EntryFault.NO_TEXT)
        return plain

    return read


def any_id(text: str) -> str:
    """Read the id of a vendor or a scale."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not is_id(plain):
        raise WrongError(EntryFault.NO_ID, text)
    return plain


def stall_id(text: str) -> str:
    """Read the id of a stall, which may be Chinese."""
    plain = short_text(64)(unicodedata.normalize("NFKC", text))
    if " " in plain or "/" in plain or plain in (".", ".."):
        raise WrongError(EntryFault.NO_STALL_ID, text)
    return plain


def day(text: str) -> date:
    """Read a day."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        if found is not None:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise WrongError(EntryFault.NO_DAY, text)


def last_day(text: str) -> date | None:
    """Read a last day; 长期 is none."""
    return None if text.strip() in _OPEN_ENDED else day(text)


def moment_in(zone: ZoneInfo) -> Reader[datetime]:
    """Return a reader of moments by a market's clock; a day is its beginning."""

    def read(text: str) -> datetime:
        found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", text).strip())
        try:
            if found is not None:
                *parts, offset = found.groups()
                year, month, first, hour, minute, second = (int(part or 0) for part in parts)
                moment = datetime(year, month, first, hour, minute, second, tzinfo=zone)
                return moment if offset is None else datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}{offset}")
        except ValueError:
            pass
        raise WrongError(EntryFault.NO_MOMENT, text)

    return read


def phone(text: str) -> str:
    """Read a telephone number."""
    plain = tidy_phone(text)
    if plain is None:
        raise WrongError(EntryFault.NO_PHONE, text)
    return plain


def credit_code(text: str) -> str:
    """Read a 统一社会信用代码."""
    return _coded(tidy(text), credit_code_problem)


def licence_no(text: str) -> str:
    """Read the number of a licence."""
    return _coded(tidy(text), licence_no_problem)


def area_dm2(text: str) -> int:
    """Read square metres, exactly."""
    found = _AREA.fullmatch(unicodedata.normalize("NFKC", text).strip())
    area = int(Fraction(found[1]) * 100) if found else 0
    if area <= 0:
        raise WrongError(EntryFault.NO_AREA, text)
    return area


def grams(text: str) -> int:
    """Read grams, or kilograms where it says so."""
    found = _GRAMS.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is not None:
        weight = Fraction(found[1]) * (1 if (found[2] or "g").lower() in ("g", "克") else 1000)
        if weight.denominator == 1 and 0 < weight <= _MOST_GRAMS:
            return int(weight)
    raise WrongError(EntryFault.NO_GRAMS, text)


def vendor_kind(text: str) -> VendorKind:
    """Read whom a vendor is."""
    return _one_of(_KINDS, text, EntryFault.NO_KIND)


def channel(text: str) -> Channel:
    """Read through which channel a market sells."""
    return _one_of(_CHANNELS, text, EntryFault.NO_CHANNEL)


def timezone(text: str) -> str:
    """Read the clock of a market."""
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongError(EntryFault.NO_TIMEZONE, text) from None


def accuracy_class(text: str) -> AccuracyClass:
    """Read an accuracy class of JJG 539."""
    return _one_of(_CLASSES, text.upper(), EntryFault.NO_CLASS)


def seal_state(text: str) -> SealState:
    """Read how a seal was found."""
    return _one_of(_SEALS, text, EntryFault.NO_SEAL)


def position_class(text: str) -> str:
    """Read the class of a stall's position."""
    found = _CLASS.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if found is None:
        raise WrongError(EntryFault.NO_POSITION_CLASS, text)
    return found[1]


def floor(text: str) -> int:
    """Read a floor: 1 is the ground floor, -1 (B1) the first below it."""
    found = _FLOOR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    number = 0 if found is None else int(found[2]) * (-1 if found[1] else 1)
    if number == 0 or not _LOWEST <= number <= _HIGHEST:
        raise WrongError(EntryFault.NO_FLOOR, text)
    return number


def tank(text: str) -> TankSupply:
    """Read whether there is a tank."""
    return _one_of(_TANKS, text, EntryFault.NO_TANK)


def neighbours(text: str) -> str:
    """Read the stalls beside one, as "A-2, A-4"."""
    named = [stall_id(one) for one in re.split(r"[\s,;、]+", unicodedata.normalize("NFKC", text)) if one]
    if len(named) > _MOST_NEIGHBOURS:
        raise WrongError(EntryFault.TOO_MANY_NEIGHBOURS, str(len(named)), str(_MOST_NEIGHBOURS))
    return ", ".join(dict.fromkeys(named))


def result(text: str) -> bool:
    """Read whether a verification passed."""
    return _one_of(_RESULTS, text, EntryFault.NO_RESULT)


def _one_of(words: "dict[Value, set[str]]", text: str, fault: EntryFault) -> Value:
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for value, known in words.items():
        if plain in known or plain.lower() in known:
            return value
    raise WrongError(fault, text)


def _coded(code: str, problem_of: Callable[[str], CodeProblem | None]) -> str:
    problem = problem_of(code)
    if problem is not None:
        raise WrongError(problem.fault, *problem.values)
    return code
