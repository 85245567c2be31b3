"""The pages keep what the content security policy promises: nothing inline, nothing from elsewhere."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from web.headers import CONTENT_SECURITY_POLICY
from web.pages.sign_in import local_path

WEB = Path(str(files("web")))
TEMPLATES = sorted((WEB / "templates").glob("*.html"))


def test_the_policy_allows_nothing_inline_and_no_frames() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_script_style_or_handler(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|hx-on", text)
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_escapes_everything_and_names_no_other_host(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text
    assert not re.search(r"(src|href|action)=\"(https?:)?//", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_a_token(template: Path) -> None:
    for form in re.findall(r"<form method=\"post\".*?</form>", template.read_text(encoding="utf-8"), re.DOTALL):
        assert 'name="csrf_token"' in form


def test_the_script_evaluates_nothing() -> None:
    assert not re.search(r"\beval\(|new Function|innerHTML", (WEB / "static" / "app.js").read_text(encoding="utf-8"))


def test_every_vendored_file_is_named_with_its_version_and_licence() -> None:
    vendored = WEB / "static" / "vendor"
    readme = (vendored / "README.md").read_text(encoding="utf-8")
    for file in vendored.glob("*.js"):
        assert re.search(rf"`{re.escape(file.name)}`.*\| \d+\.\d+\.\d+ \| 0BSD \|", readme)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/alerts/1?x=1", "/alerts/1?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_nowhere_but_to_our_pages(asked: str, path: str) -> None:
    assert local_path(asked) == path
