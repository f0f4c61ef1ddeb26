"""Somebody who signs in over HTTP, as a browser does, and keeps the cookies."""

import http.cookiejar
import re
import urllib.parse
import urllib.request


class Visitor:
    """A browser without pictures: cookies, GET, sign in."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def get(self, path: str, timeout: float = 10) -> str:
        """The page as text. Raises HTTPError where it is refused."""
        with self._opener.open(self.base + path, timeout=timeout) as answer:
            return str(answer.read().decode())

    def sign_in(self, name: str, password: str) -> None:
        """Fill in the form of the sign-in page."""
        page = self.get("/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        body = {"csrfmiddlewaretoken": token[1], "username": name, "password": password, "next": "/"}
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.base + "/login/", urllib.parse.urlencode(body).encode(), {"Referer": self.base + "/login/"}
        )
        with self._opener.open(request, timeout=10) as answer:
            answer.read()

    @property
    def cookie(self) -> str:
        """The Cookie header that this visitor sends."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)
