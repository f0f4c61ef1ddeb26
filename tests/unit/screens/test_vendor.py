"""What is vendored is what VENDOR.md says, and as new as the Python package that draws figures."""

import hashlib
import re
from pathlib import Path

from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"


class TestVendor:
    def test_each_file_has_the_hash_that_is_written_down(self) -> None:
        rows = re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (VENDOR / "VENDOR.md").read_text(), re.MULTILINE)

        assert {name for name, _digest in rows} == {"plotly-basic.min.js", "plotly.css"}
        for name, digest in rows:
            assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name

    def test_plotly_is_the_one_inside_the_python_package(self) -> None:
        from plotly.offline import get_plotlyjs_version

        head = (VENDOR / "plotly-basic.min.js").read_text(encoding="utf-8")[:200]

        assert f"(basic - minified) v{get_plotlyjs_version()}" in head
