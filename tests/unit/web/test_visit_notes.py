"""Notes that the product wrote into a visit's trail are told in the reader's language; people's words stay."""

import pytest

from domain.inspection import VisitAction
from web.i18n import Language, translations
from web.visit_notes import visit_note


@pytest.mark.parametrize(
    ("action", "note", "zh"),
    [
        (VisitAction.OPEN, "plan 3", "来自双随机抽查 3"),
        (VisitAction.OPEN, "alert 22.", "来自预警 22"),
        (VisitAction.OPEN, "alert 22. 请看\n秤", "来自预警 22：请看\n秤"),
        (VisitAction.REVISIT, "revisit 5 [2026-12-01 → 2026-12-04]", "复查 5，2026-12-01 至 2026-12-04"),
        (VisitAction.ACCEPT, "revisit 5", "由复查 5 得出"),
        (VisitAction.FOLLOW, "revisit 5", "由复查 5 得出"),
        (VisitAction.ACCEPT, "revisit 5 times", "revisit 5 times"),
        (VisitAction.OPEN, "revisit of visit 4", "对检查 4 的复查"),
        (VisitAction.OPEN, "approval check 2: JY3", "批后核查 2，审批编号 JY3"),
        (VisitAction.COMBINE, "takes in 6, 7: 5 → 4 questions", "并入检查 6, 7；检查内容 5 → 4 项"),
        (VisitAction.COMBINE, "part of visit 2", "并入检查 2"),
        (VisitAction.OPEN, "plan 3; nobody is sent: 王 is retired", "plan 3; nobody is sent: 王 is retired"),
        (VisitAction.ORDER, "plan 3", "plan 3"),
    ],
)
def test_a_note_of_the_product_is_told_in_words(action: VisitAction, note: str, zh: str) -> None:
    assert visit_note(action, note, translations(Language.ZH).gettext) == zh
