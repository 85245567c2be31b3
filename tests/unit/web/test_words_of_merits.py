"""What a merit rests on is told as a sentence; what people wrote stays as they wrote it."""

from dataclasses import replace

from domain.credit import CreditSource
from tests.unit.credit.test_scoring import event
from web.i18n import Language, translations
from web.words_of_merits import evidence_in_words

FIGURES = "month=2026-11 used=27 held=28 traded=30"


def told(evidence: str, language: Language, source: CreditSource = CreditSource.BONUS) -> str:
    return evidence_in_words(replace(event(1), source=source, evidence=evidence), translations(language).gettext)


def test_figures_are_told_in_the_language_of_the_page() -> None:
    assert told(FIGURES, Language.EN).startswith("In 2026-11 the market traded on 30 days;")
    assert told(FIGURES, Language.ZH) == "2026-11 市场营业 30 天，其中商户持秤 28 天、用秤 27 天。"
    assert told("promise=7", Language.ZH) == "承诺 7 信守至期满。"


def test_what_is_no_figures_stays_as_it_is() -> None:
    assert told(FIGURES, Language.EN, CreditSource.RECORD) == FIGURES
    for odd in ("", "month=2026-11", "month=1 used=2 held=3 traded=4 more=5", "words"):
        assert told(odd, Language.EN) == odd
