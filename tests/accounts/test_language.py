"""What is said to a person in their language where nobody's request is running, and what Django left in English."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from core import jobs
from core.errors import DomainError
from distributors.classification.models import Policy
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_preferences_offer_the_languages_by_their_own_names(client):
    user = factories.user(language="zh-hans")
    client.force_login(user)
    page = client.get(reverse("accounts:preferences")).content.decode()
    assert '<option value="en">English</option>' in page
    assert '<option value="zh-hans" selected>简体中文</option>' in page


def test_an_unknown_language_is_refused(client):
    user = factories.user()
    client.force_login(user)
    assert client.post(reverse("accounts:preferences"), {"language": "xx", "time_zone": ""}).status_code == 422
    user.refresh_from_db()
    assert user.language == "en"


@pytest.mark.parametrize(("language", "heard"), [("zh-hans", "zh-hans"), ("en", "en")])
def test_a_job_speaks_the_language_of_who_began_it(monkeypatch, language, heard):
    said = []

    def work(run):
        said.append(translation.get_language())
        raise DomainError("no")

    monkeypatch.setitem(jobs._handlers, "test", work)
    monkeypatch.setattr(jobs, "job_signal", lambda job_id: None)
    job = jobs.job_create(kind="test", actor=factories.user(language=language))
    before = translation.get_language()
    jobs.job_run(job.pk)
    assert said == [heard]
    assert translation.get_language() == before


def test_a_short_password_is_refused_in_chinese():
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        validate_password("r7!kz")
    assert refused.value.messages == ["密码至少 10 个字符。"]


def test_a_code_in_use_is_refused_without_the_name_of_a_model(client):
    client.force_login(factories.user(language="zh-hans"))
    taken = factories.territory()
    response = client.post("/territories/add/", {"code": taken.code, "name": "华东"})
    assert response.status_code == 422
    assert "已被使用。" in response.content.decode()


def test_populations_named_by_the_product_are_told_in_the_language_of_the_reader():
    with translation.override("zh-hans"):
        assert str(Policy(name="Tier 2", tier=2)) == "层级 2"
        assert str(Policy(name="海外", tier=2)) == "海外"
