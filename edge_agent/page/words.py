"""The words of the local page, Chinese first. A test checks that each is there in both languages. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.price_cap import Verdict
from edge_agent.weighing.readings import Condition


class Language(StrEnum):
    """What the page speaks."""

    ZH = "zh"
    EN = "en"


def pick(code: str) -> Language:
    """Return the language of a request; Chinese where it asks for none that there is."""
    return Language.EN if code == Language.EN.value else Language.ZH


#: code: (Chinese, English). `{}` takes the values in the order they are given.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("海秤 · 顾客显示", "Steelyard · customer display"),
    "scales": ("本机的秤", "Scales of this gateway"),
    "scale": ("秤 {}", "Scale {}"),
    "all_scales": ("所有秤", "All scales"),
    "other_language": ("English", "中文"),
    "net": ("净重", "Net weight"),
    "kg": ("公斤", "kg"),
    "yuan": ("元", "yuan"),
    "tare": ("皮重 {} 公斤", "Tare {} kg"),
    "pieces": ("{} 件", "{} pieces"),
    "goods": ("品名", "Goods"),
    "no_goods": ("请输入货号", "Key in the goods"),
    "unknown_goods": ("货号 {}", "PLU {}"),
    "unit_price": ("单价", "Unit price"),
    "amount": ("应付", "To pay"),
    "cap": ("今日限价", "Today's cap"),
    "per_500g": ("元/500克", "yuan/500 g"),
    "per_kg": ("元/公斤", "yuan/kg"),
    "per_piece": ("元/件", "yuan/piece"),
    "list": ("{} 起执行 · 版本 {}", "In force since {} · version {}"),
    "demonstration": ("演示限价表，非现行规定", "Demonstration list, not today's law"),
    "over_by": ("超出 {} 元/500克，最高 {} 元/500克", "{} yuan/500 g too much; at most {} yuan/500 g"),
    "over_by_load": ("应付金额超过限价", "The amount is above the cap"),
    "tier": ("信用等级 {}", "Credit tier {}"),
    "stall": ("摊位 {}", "Stall {}"),
    "locked": ("本秤已停用：{}", "This scale is locked: {}"),
    "locked_no_reason": ("请联系市场管理处", "ask the market's office"),
    "objected": (
        "第 {} 笔超过限价，市场管理处已知悉；最高 {} 元/500克",
        "Sale no. {} was above the cap, and the market knows; at most {} yuan/500 g",
    ),
    "recorded": ("已记录 · 第 {} 笔", "Recorded · no. {}"),
    "not_recorded": ("尚未记录", "Not recorded yet"),
    "ticket": ("扫码查小票", "Scan for the ticket"),
    "live": ("实时", "Live"),
    "stale": ("秤已 {} 秒无读数", "No reading for {} s"),
    "never": ("还没有读数", "No reading yet"),
    "stale_more": ("屏幕上的数字不可信，请检查秤和连线", "Do not go by this screen: check the scale and its cable"),
    "lost": ("与本机的连接已断", "No connection to the gateway"),
    "steady": ("稳定", "Steady"),
    "moving": ("称重中", "Weighing"),
    "not_found": ("没有这台秤", "There is no such scale"),
    "busy": ("观看的屏幕太多", "Too many screens are watching"),
}

VERDICTS: Final[Mapping[Verdict | None, tuple[str, str]]] = {
    Verdict.WITHIN: ("未超限价", "Within the cap"),
    Verdict.OVER: ("超过限价", "Above the cap"),
    Verdict.UNCAPPED: ("该品种不设限价", "No cap on these goods"),
    Verdict.OUT_OF_STOCK: ("缺货品种：按进价加成", "Out of stock: purchase price plus markup"),
    Verdict.UNLISTED: ("不在限价表内", "Not on the list"),
    Verdict.NO_LIST: ("今日限价表未收到", "Today's list is not known"),
    None: ("等待品名和单价", "Waiting for goods and price"),
}

#: A sign beside the words and the colour: nobody has to tell red from green.
SIGNS: Final[Mapping[Verdict | None, str]] = {
    Verdict.WITHIN: "✓",
    Verdict.OVER: "!",
    Verdict.UNCAPPED: "—",
    Verdict.OUT_OF_STOCK: "/",
    Verdict.UNLISTED: "?",
    Verdict.NO_LIST: "?",
    None: "…",
}

CONDITIONS: Final[Mapping[Condition, tuple[str, str]]] = {
    Condition.MOTION: ("称重中", "Weighing"),
    Condition.OVERLOAD: ("超载", "Overload"),
    Condition.UNDERLOAD: ("低于零点", "Below zero"),
    Condition.NOT_READY: ("秤未就绪", "Scale not ready"),
    Condition.SAME_LOAD: ("同一货物已称", "Same load, weighed already"),
    Condition.BELOW_MINIMUM: ("低于最小称量", "Below the least load"),
}


def say(language: Language, code: str, *values: object) -> str:
    """Return the words of a code with its values in them."""
    return of(WORDS[code], language).format(*values)


def of(pair: tuple[str, str], language: Language) -> str:
    """Return one side of a pair of words."""
    return pair[1] if language is Language.EN else pair[0]
