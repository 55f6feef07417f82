"""Views of a list that people keep, share, and begin with."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from core.models import AuditEvent, FirstView, SavedView
from tests import factories

pytestmark = pytest.mark.django_db

LIST = reverse("profiles:distributor-list")
ADD = reverse("core:view-add", args=["profiles.distributor"])
QUERY = "state=active&columns=name,abc"


def signed(client, person):
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return client


def kept(client, name="Active", query=QUERY, **data):
    response = client.post(f"{ADD}?{_encoded(query)}", {"name": name, **data})
    assert response.status_code == 302, response.context["form"].errors
    return SavedView.objects.get(name=name)


def _encoded(query):
    from urllib.parse import urlencode

    return urlencode({"query": query})


def tabs(client, query="?view=0"):
    return {tab["label"]: tab["active"] for tab in client.get(LIST + query).context["views"]["tabs"]}


@pytest.fixture
def people():
    town = factories.territory()
    return {role: factories.user(role, town) for role in (Role.ADMIN, Role.MANAGER, Role.REP, Role.ANALYST)}


def test_a_kept_view_shows_the_same_rows_and_columns_and_is_the_open_tab(client, people):
    signed(client, people[Role.REP])
    view = kept(client)
    assert view.query == "state=active&columns=name%2Cabc"
    response = client.get(f"{LIST}?{view.query}&view={view.pk}")
    assert [column["name"] for column in response.context["table"]["columns"]] == ["name", "abc"]
    assert tabs(client, f"?{view.query}") == {"All": False, "Active": True}
    assert tabs(client) == {"All": True, "Active": False}
    assert AuditEvent.objects.get(verb="view.saved").after["query"] == view.query


def test_the_view_says_when_the_list_is_not_as_kept_and_keeps_the_changes(client, people):
    signed(client, people[Role.REP])
    view = kept(client)
    assert client.get(f"{LIST}?state=watch&view={view.pk}").context["views"]["changed"]
    client.post(reverse("core:view-query", args=[view.pk]), {"query": "state=watch&page=3"})
    view.refresh_from_db()
    assert view.query == "state=watch"
    assert not client.get(f"{LIST}?state=watch&view={view.pk}").context["views"]["changed"]


def test_nobody_sees_a_view_that_is_not_shared_with_them(client, people):
    mine = kept(signed(client, people[Role.MANAGER]), "Mine")
    role = kept(client, "For reps", shared_with=Role.REP)
    everybody = kept(client, "For all", shared_with="*")
    assert set(tabs(signed(client, people[Role.REP]))) == {"All", "For all", "For reps"}
    assert set(tabs(signed(client, people[Role.ANALYST]))) == {"All", "For all"}
    for view in (mine, role, everybody):
        for name in ("view-edit", "view-query", "view-delete"):
            assert client.post(reverse(f"core:{name}", args=[view.pk]), {"name": "x"}).status_code == 404
    assert SavedView.objects.filter(name__in=("Mine", "For reps", "For all"), query__startswith="state").count() == 3


def test_only_managers_and_administrators_share(client, people):
    signed(client, people[Role.REP])
    assert "shared_with" not in client.get(ADD).context["form"].fields
    assert kept(client, shared_with="*").shared_with == ""
    assert "shared_with" in signed(client, people[Role.MANAGER]).get(ADD).context["form"].fields
    assert kept(client, "Ours", shared_with="*").shared_with == "*"


def test_an_administrator_changes_a_shared_view_and_not_a_private_one(client, people):
    signed(client, people[Role.MANAGER])
    shared, private = kept(client, "Shared", shared_with=Role.REP), kept(client, "Private")
    signed(client, people[Role.ADMIN])
    url = reverse("core:view-edit", args=[shared.pk])
    assert client.post(url, {"name": "Renamed", "shared_with": ""}).status_code == 302
    shared.refresh_from_db()
    assert (shared.name, shared.shared_with) == ("Renamed", "")
    assert AuditEvent.objects.get(verb="view.changed").before == {"name": "Shared", "shared_with": "rep"}
    assert client.get(reverse("core:view-edit", args=[private.pk])).status_code == 404


def test_the_list_begins_with_the_view_one_chose_until_it_is_no_longer_shared(client, people):
    view = kept(signed(client, people[Role.MANAGER]), "Shared", shared_with=Role.REP)
    signed(client, people[Role.REP])
    assert client.get(LIST).status_code == 200
    client.post(reverse("core:view-first", args=[view.pk]), {"on": "1"})
    assert client.get(LIST)["Location"] == f"{LIST}?{view.query}&view={view.pk}"
    assert client.get(f"{LIST}?view=0").status_code == 200
    assert client.get(f"{LIST}?tier=1").status_code == 200
    SavedView.objects.filter(pk=view.pk).update(shared_with="")
    assert client.get(LIST).status_code == 200


def test_a_deleted_view_begins_no_list(client, people):
    view = kept(signed(client, people[Role.REP]), first="on")
    assert FirstView.objects.get(user=people[Role.REP]).view == view
    client.post(reverse("core:view-delete", args=[view.pk]))
    assert client.get(LIST).status_code == 200
    assert not SavedView.objects.exists()
    assert AuditEvent.objects.get(verb="view.deleted").before["name"] == "Active"


def test_two_views_of_one_name_are_refused(client, people):
    signed(client, people[Role.REP])
    kept(client)
    again = client.post(f"{ADD}?{_encoded('tier=1')}", {"name": "Active"})
    assert again.status_code == 422
    assert "already" in str(again.context["form"].errors["name"])
    assert SavedView.objects.get().query.startswith("state")


def test_a_view_whose_filter_is_gone_says_so(client, people):
    signed(client, people[Role.REP])
    view = kept(client, query="colour=red&state=active")
    page = client.get(f"{LIST}?{view.query}&view={view.pk}")
    assert page.status_code == 200
    assert "This list has no “colour” any more" in page.content.decode()


def test_views_of_a_list_one_may_not_see_are_not_made(client, people):
    signed(client, people[Role.REP])
    url = reverse("core:view-add", args=["accounts.user"])
    assert client.post(url, {"name": "People"}).status_code == 403
    assert not SavedView.objects.exists()
