"""Figures in templates: thin covers over apps/shared/format.py, which holds the rules."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.shared import format as say

register = template.Library()
_MS = 1000


@register.simple_tag
def ticking(since_ms: int | None, now_ms: int) -> SafeString:
    """The inside of a ticking <time>: numbers and units of the span since an instant, both in milliseconds."""
    if since_ms is None:
        return SafeString("")
    return _parts(say.span_parts((now_ms - since_ms) * _MS, ticking=True))


@register.simple_tag
def at_rest(span_us: int) -> SafeString:
    """A span in microseconds that no longer grows, as a whole <time>."""
    inside = _parts(say.span_parts(span_us))
    return format_html('<time class="dur" datetime="{}">{}</time>', say.iso_span(span_us), inside)


@register.simple_tag
def since_iso(since_ms: int | None, now_ms: int) -> str:
    """The `datetime` attribute of a span since an instant, both in milliseconds."""
    return say.iso_span(0 if since_ms is None else (now_ms - since_ms) * _MS)


@register.filter
def prefixed(value: object, prefix: str) -> str:
    """`prefix-value` for a class name, or nothing for an empty value."""
    return f"{prefix}-{value}" if value else ""


@register.filter
def length_class(text: str) -> str:
    """The name of a thing that may be broken at its soft hyphens; long ones are set smaller."""
    return "is-long" if len(text.replace("\u00ad", "")) > 14 else ""


def _parts(parts: tuple[tuple[str, str], ...]) -> SafeString:
    return format_html_join("", "<b>{}</b><i>{}</i>", parts)
