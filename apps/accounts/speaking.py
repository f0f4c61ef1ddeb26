"""Who said what was tapped, also when it is sent later, while somebody else stands there or nobody does.

A page gets a seal of who is at it, and what is tapped keeps that seal until it is sent. Only Jobline makes seals, of a
person who signed in or whom the tablet identified, so no browser speaks for anybody else.
"""

from django.core.signing import BadSignature, Signer

from apps.accounts import permissions, queries
from apps.accounts.http import DEVICE_COOKIE, OPERATOR_LASTS, PrincipalRequest, said_at_of_operator
from apps.accounts.models import User
from apps.accounts.types import Place, Principal

_SALT = "jobline.speaker"


def seal_of(request: PrincipalRequest) -> str:
    """The seal of who makes this request; of the tablet itself where nobody in particular stands at it."""
    who = request.principal
    since = said_at_of_operator(request) or request.now
    return Signer(salt=_SALT).sign_object([who.user_id or 0, who.device_id or 0, since])


def speaker(request: PrincipalRequest, seal: str, *, deed: str, place: Place, said_at: int) -> Principal | None:
    """Who said it, if they may still do `deed` here. `said_at` is when it was tapped.

    Where the seal does not tell, a tablet speaks for itself, and None is the answer to a person's browser: it is not
    theirs. Without any seal ("", a page from before there were seals) it is the sender.
    """
    if not seal:
        return request.principal
    found = _sealed(request, seal, said_at)
    if found and found.user_id == request.principal.user_id and found.device_id == request.principal.device_id:
        return request.principal
    if found and permissions.may(found, deed, place):
        return found
    return queries.principal_with_operator(request.principal, None) if request.principal.device_id else None


def _sealed(request: PrincipalRequest, seal: str, said_at: int) -> Principal | None:
    try:
        user_id, device_id, since = Signer(salt=_SALT).unsign_object(seal)
    except BadSignature:
        return None
    # There is no lower bound: a tablet's clock may have been put back.
    is_theirs = said_at <= since + OPERATOR_LASTS
    if device_id:
        device = queries.device_of_token(request.COOKIES.get(DEVICE_COOKIE, ""))
        if device is None or device.pk != device_id:
            return None
        here = Place(device.company, device.plant)
        return queries.principal_of_device(device, queries.operator_at(user_id, here) if is_theirs else None)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    # Somebody who is still signed in is who they are, however long the page has been open.
    return queries.principal_of_user(user) if user and (is_theirs or user_id == request.principal.user_id) else None
