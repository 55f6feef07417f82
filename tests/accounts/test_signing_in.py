import pytest
from axes.models import AccessAttempt
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
LOGIN = "/login/"


def log_in(client, user, password=factories.PASSWORD):
    return client.post(LOGIN, {"username": user.email.upper(), "password": password})


def test_an_email_in_any_case_signs_in_and_leads_home(client):
    response = log_in(client, factories.user())
    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_and_an_unknown_person_read_the_same(client):
    user = factories.user()
    wrong = log_in(client, user, "wrong")
    unknown = client.post(LOGIN, {"username": "nobody@test.example", "password": "wrong"})
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_five_failures_lock_out_even_the_right_password(client):
    user = factories.user()
    for _attempt in range(5):
        log_in(client, user, "wrong")
    response = log_in(client, user)
    assert response.status_code == 429
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("fields", [{"is_active": False}, {"role": Role.API_CLIENT}])
def test_who_may_not_sign_in_does_not(client, fields):
    log_in(client, factories.user(**{"role": Role.REP, **fields}))
    assert "_auth_user_id" not in client.session


def test_demo_people_sign_in_only_with_debug_on(client, settings):
    user = factories.user(is_demo=True)
    settings.DEBUG = False
    log_in(client, user)
    assert "_auth_user_id" not in client.session
    settings.DEBUG = True
    log_in(client, user)
    assert "_auth_user_id" in client.session


def test_a_session_ends_when_the_person_is_switched_off(client):
    user = factories.user()
    log_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/")["Location"].startswith(LOGIN)


def test_a_page_asks_to_sign_in_and_remembers_where_one_was_going(client):
    assert client.get("/search/?q=a")["Location"] == "/login/?next=%2Fsearch%2F%3Fq%3Da"


def test_a_lost_session_redirects_the_whole_page_under_htmx(client):
    response = client.get("/search/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith(LOGIN)


def test_a_foreign_next_is_ignored(client):
    user = factories.user()
    response = client.post(
        LOGIN + "?next=https://evil.example/", {"username": user.email, "password": factories.PASSWORD}
    )
    assert response["Location"] == "/"


def test_logging_out_needs_a_post_and_ends_the_session(client):
    client.force_login(factories.user(), backend="accounts.backends.EmailBackend")
    assert client.get(reverse("accounts:logout")).status_code == 405
    client.post(reverse("accounts:logout"))
    assert "_auth_user_id" not in client.session


def test_a_password_change_needs_the_old_one_and_a_good_new_one(client):
    user = factories.user()
    log_in(client, user)
    url = reverse("accounts:password-change")
    good = {"new_password1": "river-moon-4711", "new_password2": "river-moon-4711"}
    assert client.post(url, {"old_password": "wrong", **good}).context["form"].errors.keys() == {"old_password"}
    weak = {"old_password": factories.PASSWORD, "new_password1": "12345", "new_password2": "12345"}
    refused = client.post(url, weak).context["form"].errors
    assert refused.keys() == {"new_password1"}, "what is wrong stands beside the password, not beside its repetition"
    user.refresh_from_db()
    assert user.check_password(factories.PASSWORD)
    assert client.post(url, {"old_password": factories.PASSWORD, **good}).status_code == 302
    user.refresh_from_db()
    assert user.check_password("river-moon-4711")
    assert client.get("/account/preferences/").status_code == 200


def test_language_theme_and_time_zone_are_kept_with_the_person(client):
    user = factories.user()
    log_in(client, user)
    url = reverse("accounts:preferences")
    client.post(url, {"language": "zh-hans", "theme": "dark", "time_zone": "Europe/Warsaw", "next": "/"})
    user.refresh_from_db()
    assert (user.language, user.theme, user.time_zone) == ("zh-hans", "dark", "Europe/Warsaw")
    page = client.get(url).content.decode()
    assert 'lang="zh-hans"' in page
    assert 'data-bs-theme="dark"' in page
    assert '<option value="Asia/Shanghai">' in page, "no time zone is proposed"


def test_a_wrong_time_zone_is_refused_beside_its_field(client):
    user = factories.user()
    log_in(client, user)
    response = client.post(
        reverse("accounts:preferences"), {"language": "en", "theme": "auto", "time_zone": "Mars/Base"}
    )
    assert response.status_code == 422
    assert "Mars/Base" in str(response.context["form"].errors["time_zone"])
    user.refresh_from_db()
    assert user.time_zone == ""


def test_the_language_can_be_chosen_before_signing_in(client):
    client.post(reverse("accounts:preferences"), {"language": "zh-hans", "next": LOGIN})
    assert 'lang="zh-hans"' in client.get(LOGIN).content.decode()


def test_every_answer_carries_the_strict_headers(client):
    response = client.get(LOGIN)
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_behind_a_proxy_the_clients_address_counts_and_elsewhere_a_claimed_one_does_not(client, settings):
    user = factories.user()
    for behind, expected in ((False, {"127.0.0.1"}), (True, {"127.0.0.1", "203.0.113.9"})):
        settings.BEHIND_PROXY = behind
        client.post(
            LOGIN, {"username": user.email, "password": "x"}, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
        )
        assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == expected
