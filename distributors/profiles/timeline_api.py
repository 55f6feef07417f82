"""REST: what happened at a distributor, newest first, as far as the client may see."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core import clock
from core.resources import Body
from core.timeline import PAGE, Span, mark_of, timeline_kinds, timeline_page

LARGEST = 200
PARAMETERS = ("kind", "from", "until", "q", "page_size", "before")


class EventAnswer(serializers.Serializer):
    """One thing that happened."""

    on = serializers.DateField(help_text="Of a month's sum: the day of its last fact.")
    kind = serializers.CharField(help_text="For programs: does not change with the language.")
    title = serializers.CharField(help_text="For people, in the language that is asked for.")
    text = serializers.CharField(allow_blank=True)
    who = serializers.CharField(allow_blank=True)


class TimelineAnswer(serializers.Serializer):
    """Some of what happened."""

    next = serializers.CharField(allow_null=True, help_text="Address of what happened before that.")
    results = EventAnswer(many=True)


class TimelineQuery(Body):
    """What is asked for."""

    q = serializers.CharField(required=False, max_length=100)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    before = serializers.CharField(required=False, max_length=40)
    kind = serializers.CharField(required=False)
    until = serializers.DateField(required=False)


TimelineQuery._declared_fields["from"] = serializers.DateField(required=False)  # a word of the language
DOCUMENTED = [
    OpenApiParameter("kind", str, description="Kind of what happened, such as order or contract."),
    OpenApiParameter("from", str, description="First day (ISO 8601)."),
    OpenApiParameter("until", str, description="Last day (ISO 8601)."),
    OpenApiParameter("q", str, description="Words that all stand in it."),
    OpenApiParameter("page_size", int, description=f"At most {LARGEST}; {PAGE} where nothing is said."),
    OpenApiParameter("before", str, description="Where a page goes on, as `next` has it."),
]


def timeline_answer(request: Any, pk: int) -> Response:
    """Answer one page; raise ValidationError for a parameter that is wrong or does not exist."""
    given = dict(request.query_params.items())
    if unknown := [name for name in given if name not in PARAMETERS]:
        raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})
    query = TimelineQuery(data=given)
    query.is_valid(raise_exception=True)
    asked = query.validated_data
    if asked.get("kind", "order") not in timeline_kinds():
        text = _("There is no kind “%(kind)s”; there are %(kinds)s.")
        words = {"kind": asked["kind"], "kinds": ", ".join(sorted(timeline_kinds()))}
        raise ValidationError({"kind": [text % words]})
    mark = asked.get("before", "")
    try:
        mark_of(mark)
    except ValueError as error:
        raise ValidationError({"before": [_("This is no place in the timeline.")]}) from error
    kinds = frozenset({asked["kind"]}) if "kind" in asked else None
    span = Span(today=clock.today(), first=asked.get("from"), last=asked.get("until"), kinds=kinds)
    size = asked.get("page_size", PAGE)
    page = timeline_page(request.user, [pk], span, words=asked.get("q", ""), mark=mark, size=size)
    following = None
    if page.earlier:
        following = request.build_absolute_uri(f"{request.path}?{urlencode({**given, 'before': page.earlier})}")
    results = [
        {"on": one.on, "kind": one.code, "title": str(one.title), "text": str(one.text), "who": one.who}
        for one in page.events
    ]
    return Response({"next": following, "results": results})
