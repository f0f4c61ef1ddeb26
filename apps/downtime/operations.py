"""Keeping what people said of stops: tags and splits are appended, never changed."""

from apps.downtime.models import ReasonTag, SplitMark
from apps.shared.bulk import insert


def record_tag(*, line_id: int, at: int, action: str, code: str, by: str, tagged_at: int, comment: str) -> bool:
    """Append a tag or untag; False where the very same one is there already."""
    row = (line_id, at, str(action), code, by, tagged_at, comment)
    return insert(ReasonTag, ("line", "at", "action", "code", "by", "tagged_at", "comment"), [row], ignore=True) > 0


def record_split(*, line_id: int, at: int, action: str, by: str, tagged_at: int) -> bool:
    """Append a split or unsplit; False where the very same one is there already."""
    row = (line_id, at, str(action), by, tagged_at)
    return insert(SplitMark, ("line", "at", "action", "by", "tagged_at"), [row], ignore=True) > 0


def record_mark(*, line_id: int, at: int, action: str, code: str, by: str, tagged_at: int, comment: str) -> bool:
    """Append a tag, untag, split or unsplit by its name; False where the very same one is there already."""
    if action in SplitMark.Action.values:
        return record_split(line_id=line_id, at=at, action=action, by=by, tagged_at=tagged_at)
    return record_tag(line_id=line_id, at=at, action=action, code=code, by=by, tagged_at=tagged_at, comment=comment)
