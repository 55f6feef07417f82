"""The product's addresses, and beside them the bare views that pages and REST are measured against."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import JsonRenderer
from core.sections import PER_PAGE
from distributors.profiles.api import DistributorViewSet
from distributors.profiles.models import Distributor
from distributors.profiles.sections import DistributorSection

handler400 = "core.faults.bad_request"
handler500 = "core.faults.server_error"

PAGE = """<!doctype html><title>Bare</title><table>{% for row in rows %}<tr>{% for cell in row.values %}
<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""


def bare_list(request: HttpRequest) -> HttpResponse:
    """Render the list's own query into a bare table."""
    section = DistributorSection
    rows = section.filterset(
        request.GET, queryset=section.queryset().visible_to(request.user, "view"), request=request
    ).qs
    values = section.table(rows, request.GET).values()[:PER_PAGE]
    return HttpResponse(engines["django"].from_string(PAGE).render({"rows": values}, request))


class BareRest(APIView):
    """The rows of a REST page by `values()`, with the product's authentication, throttle and renderer."""

    permission_classes = ()
    renderer_classes = (JsonRenderer,)

    def get(self, request: Any) -> Response:
        """Answer one page."""
        columns = list(DistributorViewSet.fields.values())
        rows = Distributor.objects.visible_to(request.user).order_by("pk").values(*columns)
        return Response(list(rows[:100]))


urlpatterns = [
    path("bare/list/", bare_list),
    path("api/bare/", BareRest.as_view()),
    path("", include("config.urls")),
]
