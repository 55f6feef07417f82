"""REST: the outbound feed is read, subscribed to and acknowledged."""

from typing import Any, ClassVar, cast

import django_filters
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import User
from accounts.roles import Role
from core.api import MAX_KEY, CursorPages, cursor_of, cursor_unknown, place_of
from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, ReadViewSet, WholeNumberFilter
from distributors.profiles import outbound
from distributors.profiles.models import OutboundMessage, OutboundReader

ACKNOWLEDGED_MOST = 1000
PREFIX = "feed "
SUBSCRIBED = "Qudao-Subscribed"


class FeedPages(CursorPages):
    """Pages in the order of the feed."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """Return one page of the view's columns of the messages."""
        self.request, self.subscribed = request, view.reader is not None
        size, cursor = self._size(request.query_params.get("page_size")), request.query_params.get("cursor")
        if cursor is not None:
            queryset = queryset.filter(number__gt=_number(cursor))
        rows = list(view.columns(queryset, "number").order_by("number")[: size + 1])
        self.last = cursor_of(f"{PREFIX}{rows[size - 1][1]}") if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        """Say whether the client is subscribed, so that an empty page is no riddle."""
        response = super().get_paginated_response(data)
        response.data = {"subscribed": self.subscribed, **response.data}
        return response

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """Describe a page."""
        described = super().get_paginated_response_schema(schema)
        text = "Whether messages are kept for this client; before it has subscribed it is given none."
        described["properties"]["subscribed"] = {"type": "boolean", "description": text}
        described["required"].append("subscribed")
        return described

    def whole(self, queryset: Any, request: Any, view: Any) -> tuple[Any, dict[str, str]]:
        """Return all messages in the order of the feed, and whether the client is subscribed."""
        return queryset.order_by("number"), {SUBSCRIBED: "true" if view.reader is not None else "false"}


def _number(cursor: str) -> int:
    try:
        place = place_of(cursor)
    except ValueError:
        place = ""
    digits = place.removeprefix(PREFIX)
    if not place.startswith(PREFIX) or not (digits.isascii() and digits.isdigit()) or int(digits) > MAX_KEY:
        raise cursor_unknown()
    return int(digits)


class AcknowledgeInput(Body):
    """Which messages were acted on: either `ids` or `up_to`."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_KEY),
        required=False,
        min_length=1,
        max_length=ACKNOWLEDGED_MOST,
        help_text="Of these messages.",
    )
    up_to = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_KEY, help_text="Of all messages up to and including this one."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both, and neither."""
        if len(attrs) != 1:
            raise ValidationError({"ids": [_("Give either ids or up_to.")]})
        return attrs


class AcknowledgeAnswer(serializers.Serializer):
    """What the acknowledgement did."""

    acknowledged = serializers.IntegerField(help_text="How many messages this acknowledged.")
    already = serializers.ListField(
        child=serializers.IntegerField(), help_text="Of `ids`, those that this client had acknowledged before."
    )
    unknown = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Of `ids`, those that are not in this client's feed: from before its subscription, out of its "
        "territories, or removed since.",
    )
    waiting = serializers.IntegerField(help_text="How many messages still wait for this client.")


class SubscribeInput(Body):
    """Where the feed begins for this client."""

    begin = serializers.ChoiceField(
        choices=[("now", "now"), ("first", "first")],
        default="now",
        help_text="now (default): what happens from now on; first: also what is kept from before.",
    )


class SubscribeAnswer(serializers.Serializer):
    """The subscription."""

    begins_after = serializers.IntegerField(help_text="Messages with a larger id are kept for this client.")


class OutboundApiFilter(ApiFilterSet):
    """Messages by kind and distributor."""

    kind = django_filters.CharFilter(label="Kind, exactly.")
    distributor = django_filters.CharFilter(field_name="distributor__code", label="Code of the distributor.")
    after = WholeNumberFilter(field_name="number", lookup_expr="gt", label="Only messages after this one.")


class OutboundViewSet(ReadViewSet):
    """What happened and other systems must act on, in order, as far as this client has not acknowledged it."""

    model = OutboundMessage
    resource = "outbound"
    tag = "Outbound feed"
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = OutboundApiFilter
    pagination_class = FeedPages
    fields = {
        "id": "number",
        "kind": "kind",
        "distributor": "distributor__code",
        "other": "other__code",
        "data": "data",
        "created_at": "created_at",
    }
    guards: ClassVar[dict[str, str]] = {"other": "other"}
    notes = {
        "id": "Place in the feed: it never changes, and later messages have larger ones.",
        "kind": "What happened, for programs.",
        "distributor": "Code of the distributor; null where it is about the company.",
        "other": "Code of a second distributor, as of a merge; null where it is out of reach.",
        "data": "More, by kind.",
        "created_at": "When it happened.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to acknowledge where something is written."""
        if self.action in {"subscribe", "acknowledge"}:
            return "outbound:acknowledge", "profiles.add_outboundreader"
        return super().needs(method)

    def reports(self) -> bool:
        """Read where it is written: what was acknowledged is not shown again."""
        return False

    @cached_property
    def reader(self) -> OutboundReader | None:
        """Return the client's subscription."""
        return outbound.reader_of(cast(User, self.request.user))

    def get_queryset(self) -> Any:
        """Return what waits for the client, and before it has subscribed nothing.

        One message is found whatever waits, and an administrator, who is no client, sees all that is kept.
        """
        rows, user = super().get_queryset().exclude(number=None), cast(User, self.request.user)
        if getattr(self, "swagger_fake_view", False):
            return rows
        outbound.messages_number()
        if self.action != "list" or user.role != Role.API_CLIENT:
            return rows
        return rows.none() if self.reader is None else outbound.waiting_for(self.reader, user).exclude(number=None)

    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def subscribe(self, request: Any) -> Response:
        """Keep messages for this client until it has acknowledged them; a second call changes nothing."""
        first = SubscribeInput.read(request)["begin"] == "first"

        def work() -> dict[str, Any]:
            return {"begins_after": outbound.reader_begin(user=request.user, first=first).begins_after}

        return respond_once(request, "outbound/subscribe", work)

    subscribe.documents = {"request": SubscribeInput, "response": SubscribeAnswer}  # type: ignore[attr-defined]

    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def acknowledge(self, request: Any) -> Response:
        """Say that messages were acted on, so that they come no more; a second time does nothing."""
        given = AcknowledgeInput.read(request)

        def work() -> dict[str, Any]:
            return outbound.messages_acknowledge(user=request.user, numbers=given.get("ids"), up_to=given.get("up_to"))

        return respond_once(request, "outbound/acknowledge", work)

    acknowledge.documents = {  # type: ignore[attr-defined]
        "request": AcknowledgeInput,
        "response": AcknowledgeAnswer,
        "examples": [
            OpenApiExample("All up to one", request_only=True, value={"up_to": 42}),
            OpenApiExample("Some", request_only=True, value={"ids": [40, 42]}),
        ],
    }
