"""Signing in and out, one's own page, and turning a browser into a paired screen."""

from urllib.parse import urlencode

from django.contrib.auth import authenticate, login, logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import operations, permissions
from apps.accounts.http import (
    DEVICE_COOKIE,
    DEVICE_COOKIE_AGE,
    PrincipalRequest,
    forget_operator,
    open_to,
    principal_of,
)
from apps.accounts.models import Device
from apps.screens.login.forms import PairForm, SignInForm
from apps.screens.login.presenter import SignInPage, me_page, wait_words
from apps.screens.shell import shell_of
from apps.shared.clock import now_us

# An address is shared by a whole office: it bears ten times as many wrong tries as a name.
_SHARED = 10


@never_cache
@require_GET
def admin_door(request: HttpRequest) -> HttpResponse:
    """In place of the administration's own sign-in, which would count no wrong tries: ours, or 403 for who is no staff."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('login')}?{urlencode({'next': reverse('admin:index')})}")
    if not request.user.is_staff:
        raise PermissionDenied
    return HttpResponseRedirect(reverse("admin:index"))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; after five wrong passwords for a name it makes that name wait."""
    now = now_us()
    target = _safe_next(request)
    if request.method == "GET":
        is_known = principal_of(request, now) is not None
        return HttpResponseRedirect(target) if is_known else _sign_in_page(request, now, SignInPage(target))
    form = SignInForm(request.POST)
    name = str(form.data.get("username", ""))[:150]
    keys = (f"login:name:{name.lower()}"[:120], f"login:from:{request.META.get('REMOTE_ADDR', '')}")
    try:
        operations.check_unlocked(*keys, now=now)
    except operations.Locked as locked:
        return _sign_in_page(request, now, SignInPage(target, name, wait_words(locked.until - now)), status=429)
    user = authenticate(request, **form.cleaned_data) if form.is_valid() else None
    if user is None:
        operations.count_failure(keys[0], now=now)
        operations.count_failure(keys[1], now=now, tolerance=_SHARED)
        return _sign_in_page(request, now, SignInPage(target, name, "Name and password don’t match."), status=422)
    operations.forget_failures(keys[0])
    login(request, user)
    return HttpResponseRedirect(target)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session. A paired screen stays paired."""
    logout(request)
    return HttpResponseRedirect(reverse("login"))


@require_GET
@open_to("see")
def me(request: PrincipalRequest) -> HttpResponse:
    """Who is signed in, with which roles, and how this browser behaves."""
    shell = shell_of(request, request.principal, title="Account", now=request.now)
    return render(request, "login/me.html", {"shell": shell, "page": me_page(request.principal)})


@never_cache
@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """Type the code that a supervisor made, and this browser is that screen from now on."""
    now = now_us()
    shell = shell_of(request, None, title="Pair this screen", now=now)
    if request.method == "GET":
        return render(request, "login/pair.html", {"shell": shell, "problem": ""})
    key = f"pair:from:{request.META.get('REMOTE_ADDR', '')}"
    form = PairForm(request.POST)
    try:
        operations.check_unlocked(key, now=now)
        device, token = operations.pair(form.cleaned_data["code"] if form.is_valid() else "", now=now)
    except operations.Locked as locked:
        problem = {"shell": shell, "problem": wait_words(locked.until - now)}
        return render(request, "login/pair.html", problem, status=429)
    except operations.Refused:
        operations.count_failure(key, now=now)
        problem = {"shell": shell, "problem": "This code is unknown, used or older than 15 min. Ask for a new one."}
        return render(request, "login/pair.html", problem, status=422)
    operations.forget_failures(key)
    # Whoever was signed in here is not any more: from now on the screen is itself.
    logout(request)
    forget_operator(request)
    response = HttpResponseRedirect(_home_of(device))
    response.set_cookie(
        DEVICE_COOKIE, token, max_age=DEVICE_COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def _home_of(device: Device) -> str:
    if not device.line_slug:
        return f"{reverse('plant')}?plant={device.company}/{device.plant}&view=wall"
    return reverse(permissions.TABLET if device.kind == permissions.TABLET else "board", args=[device.line_slug])


def _sign_in_page(request: HttpRequest, now: int, page: SignInPage, *, status: int = 200) -> HttpResponse:
    shell = shell_of(request, None, title="Sign in", now=now)
    return render(request, "login/sign_in.html", {"shell": shell, "page": page}, status=status)


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_safe else reverse("plant")
