"""Notes that the product wrote are told in the reader's language; what a person wrote is left alone."""

import pytest

from domain.approval import CheckAction
from web.approval_notes import note_in_words
from web.i18n import Language, translations


@pytest.mark.parametrize(
    ("action", "note", "zh", "en"),
    [
        (CheckAction.OPENED, "version 1", "依据第 1 版", "of version 1"),
        (
            CheckAction.MOVED_ON,
            "version 1 → 2: act, scope",
            "由第 1 版转为第 2 版：办理类型、许可内容",
            "from version 1 to version 2: Kind of act, What it allows",
        ),
        (CheckAction.EXPORT, "export 12", "导出批次 12", "with export 12"),
        (CheckAction.INSPECT, "inspection 3", "检查 3", "by visit 3"),
        (CheckAction.COMMENT, "version 1", "version 1", "version 1"),
        (CheckAction.HAND_BACK, "人手不足", "人手不足", "人手不足"),
        (CheckAction.OPENED, "", "", ""),
    ],
)
def test_a_note_of_the_product_is_told_in_words(action: CheckAction, note: str, zh: str, en: str) -> None:
    assert note_in_words(action, note, translations(Language.ZH).gettext, "、") == zh
    assert note_in_words(action, note, translations(Language.EN).gettext, ", ") == en
