"""What stands in a file or a request about an approval → a record, or every problem at once. Pure."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from domain.approval import Approval, ApprovalAct, ApprovalKind, Given
from domain.register.codes import CREDIT_CODE_LENGTH
from supervision.approvals.judging import ArrivalFault
from supervision.register import reading
from supervision.register.fields import Entry, Fields
from supervision.register.reading import WrongError

Value = TypeVar("Value")

#: By field the titles its column may have, beside the field's own name.
TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "authority": ("发证机关", "许可机关", "审批机关", "审批部门", "登记机关", "核准机关", "authority"),
    "number": ("许可证编号", "证照编号", "许可编号", "审批文号", "批准文号", "许可证号", "文号", "编号", "approvalno"),
    "kind": ("证照类型", "许可类型", "审批类型", "事项类型", "类型", "type"),
    "act": ("办理类型", "业务类型", "变更类型", "状态", "办件类型", "action"),
    "subject_name": (
        "主体名称",
        "市场主体名称",
        "企业名称",
        "申请人",
        "行政相对人名称",
        "被许可人",
        "名称",
        "subject",
        "name",
    ),
    "credit_code": ("统一社会信用代码", "社会信用代码", "信用代码", "uscc"),
    "licence_no": ("执照号", "营业执照号", "营业执照注册号", "注册号", "licenseno"),
    "issued_on": ("发证日期", "核准日期", "许可日期", "审批日期", "决定日期", "签发日期", "issued"),
    "valid_from": ("有效期起", "有效期自", "有效期开始", "validfrom"),
    "valid_until": ("有效期止", "有效期至", "有效期截止", "有效期", "validto", "validuntil"),
    "scope": ("许可范围", "经营范围", "许可内容", "经营项目", "审批内容"),
    "changed_at": ("变更时间", "更新时间", "最后更新时间", "修改时间", "updatedat"),
}
REQUIRED: Final = ("authority", "number", "subject_name")
_KINDS: Final[Mapping[ApprovalKind, frozenset[str]]] = {
    ApprovalKind.LICENCE: frozenset({"licence", "license", "营业执照", "执照", "登记"}),
    ApprovalKind.PERMIT: frozenset({"permit", "许可", "许可证", "行政许可", "食品经营许可证", "食品经营许可"}),
    ApprovalKind.FILING: frozenset({"filing", "备案", "备案登记"}),
    ApprovalKind.COMMITMENT: frozenset({"commitment", "告知承诺", "承诺", "告知承诺制"}),
}
_ACTS: Final[Mapping[ApprovalAct, frozenset[str]]] = {
    ApprovalAct.NEW: frozenset({"new", "新办", "新设", "设立", "首次", "核发", "有效"}),
    ApprovalAct.CHANGED: frozenset({"changed", "变更"}),
    ApprovalAct.RENEWED: frozenset({"renewed", "延续", "换证", "延期", "补发"}),
    ApprovalAct.CANCELLED: frozenset({"cancelled", "canceled", "注销", "撤销", "吊销", "撤回", "失效"}),
}
_LONGEST: Final = {"authority": 100, "number": 100, "subject_name": 100, "scope": 500}


class ApprovalFault(StrEnum):
    """What is wrong with a record beside what reading finds, in words; `{0}` … are values."""

    NO_KIND = "is {0}; expected licence (营业执照), permit (许可), filing (备案) or commitment (告知承诺)"
    NO_ACT = "is {0}; expected new (新办), changed (变更), renewed (延续) or cancelled (注销)"
    NOBODY = "is missing, and so is the licence number; expected one of them: else nobody knows whom it is about"


def read_approval(texts: Mapping[str, str], *, zone: ZoneInfo, now: datetime) -> Entry[Given]:
    """Read a record. Where it does not say what was done it is new; moments without an offset are by `zone`'s clock."""
    fields = Fields(texts)
    authority = fields.text("authority", _LONGEST["authority"], required=True)
    number = fields.read("number", _number, required=True) or ""
    subject_name = fields.text("subject_name", _LONGEST["subject_name"], required=True)
    scope = fields.text("scope", _LONGEST["scope"])
    kind = fields.read("kind", _one_of(_KINDS, ApprovalFault.NO_KIND), required=True)
    act = fields.read("act", _one_of(_ACTS, ApprovalFault.NO_ACT)) or ApprovalAct.NEW
    issued_on = fields.read("issued_on", reading.day, required=True)
    changed_at = fields.read("changed_at", reading.moment_in(zone))
    code, licence_no = _codes(fields)
    valid_from, valid_until = _validity(fields)
    # What stands at the office with a later clock than ours would keep every newer record out as late.
    if changed_at is not None and changed_at > now:
        fields.refuse("changed_at", ArrivalFault.IN_THE_FUTURE, changed_at.isoformat())
    if issued_on is not None and issued_on > now.astimezone(zone).date():
        fields.refuse("issued_on", ArrivalFault.IN_THE_FUTURE, issued_on.isoformat())
    if fields.problems or kind is None or issued_on is None:
        return Entry(record=None, problems=tuple(fields.problems))
    approval = Approval(
        authority=authority,
        number=number,
        kind=kind,
        act=act,
        subject_name=subject_name,
        credit_code=code,
        licence_no=licence_no,
        issued_on=issued_on,
        valid_from=valid_from,
        valid_until=valid_until,
        scope=scope,
    )
    return Entry(record=Given(approval=approval, changed_at=changed_at), problems=())


def plain_number(text: str) -> str:
    """Return a number, or its beginning, as it is kept: the same is written with （ and with (."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _codes(fields: Fields) -> tuple[str, str]:
    code = fields.read("credit_code", reading.credit_code) or ""
    licence_no = fields.read("licence_no", reading.licence_no) or ""
    if not fields.texts.get("credit_code") and not fields.texts.get("licence_no"):
        fields.refuse("credit_code", ApprovalFault.NOBODY)
    # A licence number of 18 characters is the credit code in the column beside it.
    if not code and len(licence_no) == CREDIT_CODE_LENGTH:
        return licence_no, ""
    return code, licence_no


def _validity(fields: Fields) -> tuple[date | None, date | None]:
    begins, ends = fields.read("valid_from", reading.day), fields.read("valid_until", reading.last_day)
    fields.refuse_if_before("valid_until", ends, begins)
    return begins, ends


def _number(text: str) -> str:
    return reading.short_text(_LONGEST["number"])(plain_number(text))


def _one_of(words: Mapping[Value, frozenset[str]], fault: StrEnum) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        plain = "".join(unicodedata.normalize("NFKC", text).split()).lower()
        for value, known in words.items():
            if plain in known:
                return value
        raise WrongError(fault, text)

    return read
