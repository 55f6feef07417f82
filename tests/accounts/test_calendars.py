"""Business calendars at their form: what is typed is what is kept, and the trail has both sides."""

import pytest
from django.urls import reverse

from accounts.models import BusinessCalendar
from core.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.EmailBackend"


@pytest.fixture
def admin(client):
    person = factories.user()
    client.force_login(person, backend=BACKEND)
    return person


def given(**changed):
    return {"name": "Works council", "country": "DE", "subdivision": "BY", "weekend": ["5", "6"]} | changed


def test_a_calendar_with_the_usual_weekend_is_kept_and_changed_with_both_sides_in_the_trail(client, admin):
    added = client.post(reverse("accounts:businesscalendar-add"), given())
    assert added.status_code == 302, added.context["form"].errors
    kept = BusinessCalendar.objects.get(name="Works council")
    assert (kept.country, kept.subdivision, kept.weekend) == ("DE", "BY", "56")

    form = client.get(reverse("accounts:businesscalendar-edit", args=[kept.pk])).context["form"]
    assert form.initial["weekend"] == ["5", "6"]
    sent = given(name="Friday house", country="EG", subdivision="", weekend=["4", "5"], version=kept.version)
    changed = client.post(reverse("accounts:businesscalendar-edit", args=[kept.pk]), sent)
    assert changed.status_code == 302, changed.context["form"].errors
    entry = AuditEvent.objects.filter(verb="calendar.saved").order_by("pk").last()
    assert (entry.before["name"], entry.before["country"], entry.before["weekend"]) == ("Works council", "DE", "56")
    assert (entry.after["name"], entry.after["country"], entry.after["weekend"]) == ("Friday house", "EG", "45")


def test_a_week_without_a_working_day_is_refused_beside_its_field_and_nothing_is_kept(client, admin):
    refused = client.post(reverse("accounts:businesscalendar-add"), given(weekend=list("0123456")))
    assert refused.status_code == 422
    assert "weekend" in refused.context["form"].errors
    assert not BusinessCalendar.objects.filter(name="Works council").exists()
