"""A write that a machine may send twice: the same key and body get the first answer again."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core import clock
from core.errors import DomainError
from core.models import IdempotencyKey

KEPT = timedelta(days=30)


class KeyReused(DomainError):
    """The key was used before, for another request."""


def idempotency_key(request: Any) -> str:
    """Return the key of a write that may be sent twice, empty where there is none."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 120 or not key.isascii() or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [_("At most 120 printable ASCII characters.")]})
    return str(key)


def digest_of(*parts: Any) -> str:
    """Return a hash that is the same for the same request, however its body was laid out."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def answer_once(*, user: Any, key: str, digest: str, work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Do `work` and keep its answer under (user, key) in the same transaction; return (answer, repeated).

    A second call with the key waits for the first to end and gets its answer; one with another digest raises
    KeyReused. Work that raises keeps nothing, so that it can be tried again with the same key. Keys are kept for
    thirty days.
    """
    IdempotencyKey.objects.filter(user=user, created_at__lt=clock.instant() - KEPT).delete()
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(user=user, key=key, digest=digest)
    except IntegrityError:
        row = IdempotencyKey.objects.get(user=user, key=key)
        if row.digest != digest:
            raise KeyReused(_("This Idempotency-Key was used for another request.")) from None
        return row.answer, True
    row.answer = work()
    row.save(update_fields=["answer"])
    return row.answer, False


def respond_once(request: Any, address: str, work: Callable[[], dict[str, Any]], *, sent: Any = None) -> Response:
    """Answer what `work` gives; with an Idempotency-Key, the same request to `address` gets the same answer again.

    `sent` is what tells a request from another one, its body where nothing is said.
    """
    key = idempotency_key(request)
    if not key:
        return Response(work())
    digest = digest_of(address, request.data if sent is None else sent)
    answer, repeated = answer_once(user=request.user, key=key, digest=digest, work=work)
    return Response(answer, headers={"Idempotent-Replayed": "true"} if repeated else None)
