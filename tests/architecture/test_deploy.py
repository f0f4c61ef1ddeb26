"""Files of deploy/ that nothing here runs: what can be read off them."""

import re

from tests.architecture.tree import ROOT

NGINX = (ROOT / "deploy" / "nginx" / "jobline.conf").read_text(encoding="utf-8")
# Without them a socket looks as if it came from another host, or without TLS.
NEEDED = {"Host", "X-Forwarded-Proto", "X-Forwarded-For"}


def test_a_location_that_sets_a_header_sets_all_because_it_inherits_none() -> None:
    places = dict(re.findall(r"location (\S+) \{([^}]*)\}", NGINX))
    own = {place: set(re.findall(r"proxy_set_header (\S+)", body)) for place, body in places.items()}

    assert set(own) == {"/", "/ws/"}
    assert {place: NEEDED - names for place, names in own.items() if names} == {"/ws/": set()}
    assert set(re.findall(r"^    proxy_set_header (\S+)", NGINX, re.MULTILINE)) >= NEEDED
