"""`POST /api/epicor/events/` (FORMATS.md §3): the answers say what became of the batch, and a stored event is never lost."""

import time

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.accounts.models import IntegrationKey
from apps.epicor import inbox, keys
from apps.flow import tasks
from apps.screens.integration.envelope import Refused, arrived_of
from apps.screens.integration.pace import wait_for
from apps.shared.clock import now_us
from apps.shared.instants import SECOND

MAX_BODY = 1024 * 1024
_STORE_AGAIN_S = 5


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Store a batch of events, and have it worked off at once."""
    now = now_us()
    try:
        key = _key(request)
        arrived = arrived_of(_body(request, key, now), request.content_type or "", company=key.company)
        stored = inbox.store(arrived, now=now)
    except Refused as refused:
        return _problem(refused)
    except DatabaseError:
        return _problem(Refused(503, "The events can't be stored now. Send them again.", retry_after_s=_STORE_AGAIN_S))
    tasks.events_stored(frozenset({key.company}) if stored.gaps else frozenset())
    return JsonResponse({"accepted": stored.accepted, "duplicates": stored.duplicates}, status=202)


def _key(request: HttpRequest) -> IntegrationKey:
    """Who speaks, and not too fast. Raises Refused."""
    key = keys.key_of(request.headers.get("Authorization", ""))
    if key is None:
        raise Refused(401, "Send `Authorization: Bearer <key>` with a key that was made for your company.")
    wait = wait_for(key.pk, per_second=settings.EPICOR_EVENTS_PER_S, now_s=time.monotonic())
    if wait:
        raise Refused(429, "More posts than this key may send. Send batches, and wait.", retry_after_s=wait)
    return key


def _body(request: HttpRequest, key: IntegrationKey, now: int) -> bytes:
    """The body, no longer than allowed, and signed by the key's secret where it is signed. Raises Refused."""
    declared = request.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise Refused(413, "A batch may be 1 MiB long.")
    try:
        # No further than it takes to know that it is too long: a chunked body declares no length.
        body = request.read(MAX_BODY + 1)
    except UnreadablePostError:
        raise Refused(400, "The body broke off.", attribute="body") from None
    if len(body) > MAX_BODY:
        raise Refused(413, "A batch may be 1 MiB long.")
    signature = request.headers.get("X-Jobline-Signature")
    if signature is not None and not keys.is_signed(signature, body, secret=key.signing_secret, now_s=now // SECOND):
        raise Refused(401, "The signature is not that of this body and key, or older than 5 minutes.")
    return body


def _problem(refused: Refused) -> JsonResponse:
    body: dict[str, str | int] = {
        "type": "about:blank",
        "title": refused.title,
        "status": refused.status,
        "detail": str(refused),
    }
    if refused.attribute:
        body["attribute"] = refused.attribute
    if refused.index is not None:
        body["index"] = refused.index
    response = JsonResponse(body, status=refused.status, content_type="application/problem+json")
    if refused.retry_after_s is not None:
        response["Retry-After"] = str(max(round(refused.retry_after_s + 0.499), 1))
    if refused.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Jobline"'
    return response
