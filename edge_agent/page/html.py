"""The pages as HTML. Pure: whole on their first reading, so that a browser without scripts sees the truth of then.

Every place of `shown.texts` is an element with `data-text`; `page.js` writes the same texts into it as they change.
"""

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from domain.ids import ScaleId
from edge_agent.page.shown import Texts
from edge_agent.page.words import Language, of, say

#: Texts that are not written anywhere, but say how the page looks.
LOOKS: Final = ("state", "verdict", "recorded", "steady")


def scale_page(scale_id: ScaleId, found: Texts, language: Language) -> str:
    """Return the page of a scale."""

    def place(name: str, tag: str = "span", css: str = "") -> str:
        hidden = "" if found[name] else " hidden"
        look = f' class="{css}"' if css else ""
        return f'<{tag} data-text="{name}"{look}{hidden}>{escape(found[name])}</{tag}>'

    def label(code: str, unit: str = "") -> str:
        return f'<h2 class="label">{escape(say(language, code))} {unit}</h2>'

    body = f"""
<header class="bar">
  <h1>{escape(say(language, "scale", scale_id))}</h1>
  <p class="who">{place("vendor", css="vendor")} {place("stall")} {place("tier", css="tier")}</p>
  <p class="state" role="status">{place("state_text")}</p>
  <nav><a href="{_address(ROOT, language)}">{escape(say(language, "all_scales"))}</a>
  {_other_language(f"/scale/{_segment(scale_id)}", language)}</nav>
</header>
{place("locked", "p", "locked")}
{place("objected", "p", "objected")}
<main class="display">
  <section class="box weight">{label("net", f'<span class="unit">{say(language, "kg")}</span>')}
    <p class="big">{place("weight", css="number")}</p>
    <p class="under">{place("steadiness", css="steadiness")} {place("also")}</p>
  </section>
  <section class="box amount">{label("amount", f'<span class="unit">{say(language, "yuan")}</span>')}
    <p class="big">{place("amount", css="number")}</p>
  </section>
  <section class="box goods">{label("goods")}
    <p class="name">{place("goods")}</p>
  </section>
  <section class="box price">{label("unit_price", place("price_unit", css="unit"))}
    <p class="middle">{place("price", css="number")}</p>
    <p class="under">{place("price_kg", css="number")}</p>
  </section>
  <section class="box verdict" role="status">
    <p class="sign" aria-hidden="true">{place("verdict_sign")}</p>
    <div><p class="name">{place("verdict_text")}</p>
    <p class="under">{place("verdict_more")}{place("state_more")}</p></div>
  </section>
  <section class="box cap">{label("cap", place("cap_unit", css="unit"))}
    <p class="middle">{place("cap", css="number")}</p>
    <p class="under">{place("cap_kg", css="number")}</p>
  </section>
  <footer class="box sale">
    <div><p class="name">{place("recorded_text")}</p><p class="under">{place("recorded_more")}</p></div>
    <p class="source">{place("demonstration", css="demonstration")} {place("list")}</p>
  </footer>
  {_ticket(found["ticket"], language)}
</main>
<p class="lost" role="alert" hidden>{escape(say(language, "lost"))}</p>
"""
    looks = " ".join(f'data-{look}="{escape(found[look])}"' for look in LOOKS)
    events = f"/scale/{_segment(scale_id)}/events?lang={language}"
    return _page(say(language, "scale", scale_id), language, body, f'{looks} data-events="{events}"')


def list_page(scales: Iterable[tuple[ScaleId, Texts]], language: Language) -> str:
    """Return the page with all scales."""
    lines = "\n".join(
        f'<li data-state="{escape(found["state"])}"><a href="{_address(f"/scale/{_segment(scale_id)}", language)}">'
        f"<strong>{escape(say(language, 'scale', scale_id))}</strong>"
        f"<span>{escape(' · '.join(part for part in (found['vendor'], found['stall']) if part))}</span>"
        f"<em>{escape(found['state_text'])}</em></a></li>"
        for scale_id, found in scales
    )
    body = f"""
<header class="bar"><h1>{escape(say(language, "scales"))}</h1><nav>{_other_language(ROOT, language)}</nav></header>
<main><ul class="scales">
{lines}
</ul></main>
"""
    return _page(say(language, "scales"), language, body, "")


ROOT: Final = "/"
_WITHOUT_SCRIPT_S: Final = 3  # a browser without scripts reads the page anew instead


def _page(title: str, language: Language, body: str, attributes: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="{of(("zh-CN", "en"), language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · {escape(say(language, "title"))}</title>
<link rel="stylesheet" href="/static/page.css">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<script src="/static/page.js" defer></script>
<noscript><meta http-equiv="refresh" content="{_WITHOUT_SCRIPT_S}"></noscript>
</head>
<body {attributes}>{body}</body>
</html>
"""


def _ticket(address: str, language: Language) -> str:
    hidden = "" if address else " hidden"
    source = f' src="{escape(address)}"' if address else ""
    words = escape(say(language, "ticket"))
    image = f'<img alt="{words}"{source}><figcaption>{words}</figcaption>'
    return f'<figure class="box ticket" data-ticket{hidden}>{image}</figure>'


def _other_language(path: str, language: Language) -> str:
    other = Language.ZH if language is Language.EN else Language.EN
    tag = of(("zh-CN", "en"), other)
    words = escape(say(language, "other_language"))
    return f'<a href="{_address(path, other)}" lang="{tag}" hreflang="{tag}">{words}</a>'


def _address(path: str, language: Language) -> str:
    return path if language is Language.ZH else f"{path}?lang={language}"


def _segment(text: str) -> str:
    return quote(text, safe="")
