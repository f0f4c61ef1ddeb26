"""Templates and stylesheets under a strict Content-Security-Policy: nothing inline, nothing from elsewhere."""

import re
from pathlib import Path

import pytest
from django.template import engines

from tests.architecture.tree import source, tracked

TEMPLATES = [path for path in tracked() if path.parts[0] == "templates" and path.suffix == ".html"]
SHEETS = [path for path in tracked() if path.parts[:2] == ("static", "css") and path.suffix == ".css"]
SCRIPTS = [path for path in tracked() if path.parts[:2] == ("static", "js") and path.suffix == ".js"]
FORBIDDEN = {
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>",
    "an inline stylesheet": r"<style\b",
    "an inline style": r"\sstyle=",
    "an inline handler": r"\son[a-z]+=",
    "hx-on, which needs eval": r"\bhx-on\b|\bhx-on:",
    "hx-vals with js:, which needs eval": r"hx-vals=['\"]\s*js:",
    "something from another host": r"(?:src|href|action)=[\"'](?:https?:)?//",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
class TestTemplates:
    def test_nothing_is_inline_or_from_elsewhere(self, path: Path) -> None:
        found = {what: re.findall(pattern, source(path)) for what, pattern in FORBIDDEN.items()}

        assert {what: hits for what, hits in found.items() if hits} == {}

    def test_it_compiles(self, path: Path) -> None:
        assert engines["django"].get_template(str(path.relative_to("templates")))


class TestStatic:
    def test_stylesheets_load_nothing_from_elsewhere(self) -> None:
        assert [
            str(path) for path in SHEETS if re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", source(path))
        ] == []

    def test_scripts_need_no_eval(self) -> None:
        assert [
            str(path) for path in SCRIPTS if re.search(r"\beval\(|new Function\(|setTimeout\(['\"]", source(path))
        ] == []

    def test_each_static_name_in_a_template_is_there(self) -> None:
        there = {str(path.relative_to("static")) for path in tracked() if path.parts[0] == "static"}
        named = {
            (str(path), name)
            for path in TEMPLATES
            for name in re.findall(r"{%\s*static\s+[\"']([^\"']+)[\"']", source(path))
        }

        assert [
            pair
            for pair in sorted(named)
            if pair[1] not in there and not pair[1].startswith(("django_htmx/", "admin/"))
        ] == []
