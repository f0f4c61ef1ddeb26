"""Requests that have a principal, and the decorator that says who may make them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.csrf import csrf_failure
from django_htmx.middleware import HtmxDetails

from apps.accounts import permissions, queries
from apps.accounts.models import Device, User
from apps.accounts.types import Place, Principal
from apps.shared.clock import now_us
from apps.shared.instants import HOUR

DEVICE_COOKIE = "jobline_device"
# Browsers keep a cookie for 400 days at most.
DEVICE_COOKIE_AGE = 400 * 24 * 3600
OPERATOR_KEY = "operator"
# An operator's name on a tablet clears by itself.
OPERATOR_LASTS = 8 * HOUR


class PrincipalRequest(HttpRequest):
    """A request of somebody we know, a person or a paired device, with the instant at which it came."""

    principal: Principal
    htmx: HtmxDetails
    now: int


View = Callable[..., HttpResponseBase]


def old_page(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without the token of its session, and a header by which a tablet knows that what it keeps was not
    judged: its page is older than a sign-in elsewhere."""
    response = csrf_failure(request, reason=reason)
    response["X-Jobline"] = "old page"
    return response


def principal_of(request: HttpRequest, now: int) -> Principal | None:
    """Who makes this request: the person who signed in, else the paired device, else None."""
    if isinstance(request.user, User) and request.user.is_active:
        return queries.principal_of_user(request.user)
    device = queries.device_of_token(request.COOKIES.get(DEVICE_COOKIE, ""))
    if device is None:
        return None
    return queries.principal_of_device(device, operator_on(request, device, now))


def operator_on(request: HttpRequest, device: Device, now: int) -> User | None:
    """The operator who said who they are on this tablet, until 8 h have passed."""
    said: dict[str, int] = request.session.get(OPERATOR_KEY) or {}
    if not said or said.get("device") != device.pk or now - said.get("at", 0) > OPERATOR_LASTS:
        return None
    return queries.operator_at(said["user"], Place(device.company, device.plant))


def remember_operator(request: HttpRequest, user_id: int, device_id: int, now: int) -> None:
    """Keep who stands at this tablet."""
    request.session[OPERATOR_KEY] = {"user": user_id, "device": device_id, "at": now}


def said_at_of_operator(request: HttpRequest) -> int:
    """When the operator at this tablet said who they are, in microseconds; 0 where nobody did."""
    said: dict[str, int] = request.session.get(OPERATOR_KEY) or {}
    return said.get("at", 0)


def forget_operator(request: HttpRequest) -> None:
    """Nobody in particular stands at this tablet any more."""
    request.session.pop(OPERATOR_KEY, None)


def open_to(deed: str) -> Callable[[View], View]:
    """Let in whoever may do `deed` (a key of permissions.ROLES) in at least one place.

    A stranger is sent to the sign-in page (401 to a script), anyone else without the role gets 403. The view still
    has to ask for its own place: what the principal may not see is not found.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            known = cast("PrincipalRequest", request)
            known.now = now_us()
            principal = principal_of(request, known.now)
            if principal is None:
                return _stranger(request)
            known.principal = principal
            if not permissions.may(principal, deed):
                raise PermissionDenied(deed)
            return view(known, *args, **kwargs)

        guarded.deed = deed  # type: ignore[attr-defined]
        return guarded

    return decorate


def _stranger(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = "/login/?" + urlencode({"next": _page_of(request)})
        return response
    if request.method not in {"GET", "HEAD"} or request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse("Sign in first.", status=401, content_type="text/plain")
    return redirect_to_login(request.get_full_path())


def _page_of(request: HttpRequest) -> str:
    current = getattr(request, "htmx", None)
    return str(getattr(current, "current_url_abs_path", None) or "/")
