"""A letter as an e-mail: subject, plain text and simple HTML, in the language of who reads it."""

from functools import cache

from db.notice_people import Person
from supervision.notices.digest import Digest
from supervision.notices.mail_carrier import Write, Written
from web.i18n import language_of
from web.rendering import Renderer

PREFERENCES_PATH = "/notices/settings"


def writer(public_url: str, timezone: str) -> Write:
    """Return what puts a digest into words. `public_url`: where the console is, for the links.

    `timezone`: by whose clock times are given to who sees every market.
    """
    renderer = _renderer()

    def write(digest: Digest, person: Person, language: str) -> Written:
        values = {
            "digest": digest,
            "person": person,
            "zone": person.timezone or timezone,
            "base": public_url,
            "preferences_url": public_url + PREFERENCES_PATH,
        }
        chosen = language_of(language)
        return Written(
            subject=" ".join(renderer.plain(chosen, "mail_subject.txt", **values).split()),
            text=renderer.plain(chosen, "mail_body.txt", **values),
            html=renderer.text(chosen, "mail.html", **values),
            preferences_url=public_url + PREFERENCES_PATH,
        )

    return write


@cache
def _renderer() -> Renderer:
    return Renderer()
