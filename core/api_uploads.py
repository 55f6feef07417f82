"""Files over REST: sent as multipart/form-data, listed, fetched as bytes, removed."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from core.api import MAX_KEY, JsonRenderer, TooLarge
from core.files import blob_path
from core.idempotency import respond_once
from core.resources import ReadViewSet

MAX_UPLOAD = 21 * 1024 * 1024  # the largest file that is kept, and the fields beside it


class FormParser(MultiPartParser):
    """Fields and one file as multipart/form-data; what is larger than any file that is kept is not read."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the fields and the file; raise TooLarge or ParseError."""
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdecimal() and int(length) > MAX_UPLOAD:
            raise TooLarge(_("The body is larger than %(size)s MiB.") % {"size": MAX_UPLOAD // 1024**2})
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise
        except SuspiciousOperation as error:
            raise ParseError(_("The body has more parts than a file and its fields.")) from error


class BytesRenderer(JsonRenderer):
    """Stands for the bytes of a file where formats are chosen; what is refused is still JSON."""

    media_type = "application/octet-stream"
    format = "bytes"


class RemovedAnswer(serializers.Serializer):
    """The file that was removed."""

    id = serializers.IntegerField()


class FileViewSet(ReadViewSet):
    """Rows with a `blob` and a `name`: a file that is sent again is the one that is there."""

    lookup_value_regex = "[0-9]{1,19}"
    sends: ClassVar[str] = "create"

    def _action(self) -> str:
        method = self.request.method if getattr(self, "request", None) is not None else None
        return getattr(self, "action", None) or self.action_map.get((method or "").lower(), "")

    def get_parsers(self) -> Any:
        """Return what is read: a form with a file where one is sent, else JSON."""
        return [FormParser()] if self._action() == self.sends else super().get_parsers()

    def get_renderers(self) -> Any:
        """Return what is spoken: of a file its bytes, too."""
        found = super().get_renderers()
        return [*found, BytesRenderer()] if self.action == "content" else found

    def changeable(self, user: Any) -> Any:
        """Return the rows that `user` may remove."""
        raise NotImplementedError

    def remove_row(self, user: Any, row: Any) -> None:
        """Remove a row, with a trace."""
        raise NotImplementedError

    @action(detail=True, methods=["get"], url_path="content", filterset_class=None, pagination_class=None)
    def content(self, request: Any, pk: str = "") -> FileResponse:
        """Answer the file itself, as an attachment under its name."""
        self.refuse_unknown()
        row = self.get_queryset().select_related("blob").filter(pk=min(int(pk), MAX_KEY)).first()
        path = blob_path(row.blob) if row is not None else None
        if row is None or path is None or not path.is_file():
            raise Http404
        response = FileResponse(
            path.open("rb"), as_attachment=True, filename=row.name, content_type=BytesRenderer.media_type
        )
        response["X-Content-Type-Options"] = "nosniff"
        return response

    content.documents = {"file": BytesRenderer.media_type, "parameters": []}  # type: ignore[attr-defined]

    @action(detail=True, methods=["post"], url_path="remove", filterset_class=None, pagination_class=None)
    def remove(self, request: Any, pk: str = "") -> Response:
        """Remove a file; nobody can fetch it any more, the trail keeps its name."""
        key = min(int(pk), MAX_KEY)

        def work() -> dict[str, Any]:
            row = self.changeable(request.user).filter(pk=key).first()
            if row is None:
                raise Http404
            self.remove_row(request.user, row)
            return {"id": key}

        return respond_once(request, f"{self.resource}/{pk}/remove", work)

    remove.documents = {"request": None, "response": RemovedAnswer}  # type: ignore[attr-defined]


def fingerprint(file: Any) -> str:
    """Return the hash of a file that was sent, as stored files have it."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def respond_to_file(request: Any, address: str, given: dict[str, Any], work: Callable[[], dict[str, Any]]) -> Response:
    """Answer `work` once for a key, a form and the content of its file."""
    sent = {name: fingerprint(value) if hasattr(value, "chunks") else value for name, value in given.items()}
    return respond_once(request, address, work, sent=sent)
