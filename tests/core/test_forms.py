"""What a form says of entries that a constraint of the table refuses."""

from datetime import date

import pytest
from django import forms
from django.db.models import CheckConstraint
from django.urls import get_resolver, reverse

from accounts.models import Absence
from accounts.roles import Role
from core.forms import SentencedModelForm
from tests import factories

pytestmark = pytest.mark.django_db


def below(form):
    """Return every form that derives from one."""
    return {one for direct in form.__subclasses__() for one in (direct, *below(direct))}


def test_every_form_of_a_table_with_rules_says_them_in_sentences():
    assert get_resolver().url_patterns  # whatever a page shows is read with them
    ours = [form for form in below(forms.ModelForm) if not form.__module__.startswith("django")]
    assert len(ours) > 10
    ruled = [
        form
        for form in ours
        if getattr(form._meta, "model", None)
        and any(isinstance(one, CheckConstraint) for one in form._meta.model._meta.constraints)
    ]
    assert [form.__name__ for form in ruled if not issubclass(form, SentencedModelForm)] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"delegate": "self"}, "This does not go together: Delegate, Person. Mend one of them."),
        ({"ends_on": "2026-03-09"}, "This does not go together: Last day away, First day away. Mend one of them."),
    ],
)
def test_entries_that_contradict_each_other_are_named_by_their_labels(client, settings, changes, said):
    settings.TODAY = "2026-03-10"
    person = factories.user(Role.MANAGER, factories.territory("Town"))
    client.force_login(person, backend="accounts.backends.EmailBackend")
    data = {"user": person.pk, "starts_on": "2026-03-10", "ends_on": "2026-03-12", "reason": "Leave", **changes}
    data["delegate"] = person.pk if data.get("delegate") else ""
    answer = client.post(reverse("accounts:absence-add"), data)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [said]
    assert "Constraint" not in answer.content.decode()
    assert not Absence.objects.filter(starts_on=date(2026, 3, 10)).exists()
