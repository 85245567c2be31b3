"""How a name sounds: the syllables of its pinyin without tones, which a vendor is found by too."""

import re
import unicodedata
from typing import Final

_CHINESE: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")


def syllables(name: str) -> list[str]:
    """Return the syllables of a name's Chinese characters; of a character with several readings the usual one."""
    from pypinyin import lazy_pinyin  # its dictionaries take some MiB, and only who registers somebody needs them

    chinese = "".join(_CHINESE.findall(name))
    plain = (unicodedata.normalize("NFD", one).lower() for one in lazy_pinyin(chinese, errors="ignore"))
    return [letters for one in plain if (letters := "".join(char for char in one if char.isascii() and char.isalnum()))]
