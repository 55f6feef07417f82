"""Two-step log-in: turned on and off by its owner, asked for after the password, turned off by an administrator."""

import json
import re
import threading
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import BackupCode, User
from accounts.roles import Role
from accounts.second_factor import backup_codes_renew, code_use, second_factor_reset, second_factor_turn_on
from core import clock
from core.errors import DomainError
from core.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
KEY = "31323334353637383930" * 2
NOW = 1_800_000_015.0  # in the middle of a step of half a minute
LOGIN, CODE, SET_UP = "/login/", "/login/code/", "/account/two-step/"


@pytest.fixture(autouse=True)
def _moment(monkeypatch):
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time", SimpleNamespace(time=lambda: NOW))


def app_code(ahead=0):
    """Return what the app shows, `ahead` steps from now."""
    return factories.app_code(KEY, NOW + 30 * ahead)


def person(**fields):
    """Make a person with two-step log-in and return them with their app and their backup codes."""
    made = factories.user(Role.REP, **fields)
    codes = second_factor_turn_on(user=made, key=KEY, code=app_code(-1))
    return made, TOTPDevice.objects.get(user=made), codes


def give_password(client, user, query=""):
    return client.post(LOGIN + query, {"username": user.email, "password": factories.PASSWORD})


def give_code(client, code, query=""):
    return client.post(CODE + query, {"code": code})


def is_in(client):
    return "_auth_user_id" in client.session


def verbs(user):
    return list(AuditEvent.objects.filter(target_id=str(user.pk)).order_by("pk").values_list("verb", flat=True))


# Turning it on


def set_up(client, user):
    """Open the page and return the key it shows."""
    client.force_login(user, backend="accounts.backends.EmailBackend")
    page = client.get(SET_UP)
    assert "no-store" in page["Cache-Control"]
    return page, client.session["second_factor_key"]


def test_the_picture_and_the_typed_key_hold_the_same_key_for_the_app(client):
    user = factories.user()
    page, _key = set_up(client, user)
    address = urlsplit(page.context["address"])
    assert (address.scheme, address.netloc, unquote(address.path)) == ("otpauth", "totp", f"/Qudao:{user.email}")
    given = parse_qs(address.query)
    assert (given["issuer"], given["digits"], given["period"]) == (["Qudao"], ["6"], ["30"])
    assert given["secret"] == [page.context["key"].replace(" ", "")]
    assert page.context["picture"].startswith("data:image/svg+xml")
    assert client.get(SET_UP).context["key"] == page.context["key"], "the key changed under the app"


def test_it_is_on_once_a_code_shows_that_the_app_has_the_key(client):
    user = factories.user()
    _page, key = set_up(client, user)
    shown = client.post(SET_UP, {"code": factories.app_code(key, NOW)})
    codes = shown.context["codes"].split()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([2-9a-z]{4}-){3}[2-9a-z]{4}", code) for code in codes)
    assert "no-store" in shown["Cache-Control"]
    assert TOTPDevice.objects.get(user=user).key == key
    assert client.get(SET_UP)["Location"] == reverse("accounts:preferences")
    assert codes[0] not in client.get(reverse("accounts:preferences")).content.decode()


@pytest.mark.parametrize("code", ["000000", "", "abc", "1" * 41])
def test_a_wrong_code_turns_nothing_on(client, code):
    user = factories.user()
    _page, key = set_up(client, user)
    assert factories.app_code(key, NOW) != "000000"
    assert client.post(SET_UP, {"code": code}).status_code == 422
    assert not TOTPDevice.objects.exists()
    assert not BackupCode.objects.exists()
    assert client.session["second_factor_key"] == key


def test_it_is_turned_on_once_and_never_for_machines():
    user, _app, codes = person()
    with pytest.raises(DomainError, match="on already"):
        second_factor_turn_on(user=user, key=KEY, code=app_code())
    assert len(codes) == BackupCode.objects.count()
    machine = factories.user(Role.API_CLIENT)
    with pytest.raises(DomainError, match="token"):
        second_factor_turn_on(user=machine, key=KEY, code=app_code())
    assert not TOTPDevice.objects.filter(user=machine).exists()


# Logging in


def test_after_the_password_one_is_nobody_until_the_code(client):
    user, _app, _codes = person()
    begun = give_password(client, user)
    assert begun["Location"] == CODE
    assert not is_in(client)
    assert client.get("/")["Location"].startswith(LOGIN)
    done = give_code(client, app_code())
    assert (done.status_code, done["Location"], is_in(client)) == (302, "/", True)
    assert "second_step" not in client.session


def test_without_two_step_log_in_the_password_is_enough(client):
    give_password(client, factories.user())
    assert is_in(client)


def test_where_one_was_going_is_kept_over_both_steps(client):
    user, _app, _codes = person()
    begun = give_password(client, user, "?next=/search/%3Fq%3Da")
    assert begun["Location"] == f"{CODE}?next=%2Fsearch%2F%3Fq%3Da"
    assert give_code(client, app_code(), "?next=%2Fsearch%2F%3Fq%3Da")["Location"] == "/search/?q=a"


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_foreign_next_is_ignored_at_both_steps(client, foreign):
    user, _app, _codes = person()
    assert give_password(client, user, f"?next={foreign}")["Location"] == CODE
    assert give_code(client, app_code(), f"?next={foreign}")["Location"] == "/"


def test_the_second_step_alone_leads_back_to_the_first(client):
    _user, _app, _codes = person()
    assert client.get(CODE)["Location"] == LOGIN
    assert give_code(client, app_code(), "?next=/search/")["Location"] == f"{LOGIN}?next=%2Fsearch%2F"
    assert not is_in(client)


def test_the_language_chosen_before_gives_way_to_the_accounts_own(client):
    user, _app, _codes = person()
    client.cookies["django_language"] = "zh-hans"
    give_password(client, user)
    assert 'lang="zh-hans"' in client.get(CODE).content.decode()
    assert give_code(client, app_code()).cookies["django_language"].value == ""


def test_a_code_of_the_app_works_once(client):
    user, _app, _codes = person()
    code = app_code()
    give_password(client, user)
    give_code(client, code)
    client.logout()
    give_password(client, user)
    assert give_code(client, code).status_code == 422
    assert not is_in(client)


@pytest.mark.parametrize("typed", [str, str.upper, lambda code: f" {code.replace('-', ' ')} "])
def test_a_backup_code_stands_in_once_however_it_is_typed(client, typed):
    user, _app, codes = person()
    give_password(client, user)
    give_code(client, typed(codes[3]), "?backup=1")
    assert is_in(client)
    assert BackupCode.objects.count() == 9
    event = AuditEvent.objects.get(verb="second_factor.backup_code_used")
    assert (event.actor, event.origin, event.after) == (user, "127.0.0.1", {"left": 9})
    client.logout()
    give_password(client, user)
    assert give_code(client, codes[3], "?backup=1").status_code == 422
    assert not is_in(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "backup"])
def test_of_four_who_show_one_code_at_once_one_gets_in(kind):
    user, _app, codes = person()
    code = app_code() if kind == "app" else codes[0]
    together, let_in = threading.Barrier(4), []

    def show():
        try:
            together.wait()
            let_in.append(code_use(user=user, code=code))
        finally:
            connections.close_all()

    showing = [threading.Thread(target=show) for _number in range(4)]
    for one in showing:
        one.start()
    for one in showing:
        one.join()
    assert sorted(let_in) == [False, False, False, True]


def test_another_persons_codes_do_not_fit(client):
    user, _app, _codes = person()
    _other, app, codes = person()
    TOTPDevice.objects.filter(pk=app.pk).update(key="ab" * 20)
    give_password(client, user)
    for code in (codes[0], factories.app_code("ab" * 20, NOW)):
        assert give_code(client, code).status_code == 422
    assert BackupCode.objects.count() == 20
    assert not is_in(client)


def test_five_wrong_codes_lock_out_even_the_right_one_and_the_right_password(client):
    user, _app, codes = person()
    give_password(client, user)
    answers = [give_code(client, "wrong").status_code for _attempt in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert give_code(client, codes[0]).status_code == 429
    assert give_password(client, user).status_code == 429
    assert not is_in(client)
    assert BackupCode.objects.count() == 10


def test_wrong_passwords_and_wrong_codes_count_together_and_a_right_password_forgives_nothing(client):
    user, _app, _codes = person()
    for _attempt in range(2):
        client.post(LOGIN, {"username": user.email.upper(), "password": "wrong"})
    for _attempt in range(2):
        give_password(client, user)
        give_code(client, "wrong")
    assert give_password(client, user)["Location"] == CODE
    assert give_code(client, "wrong").status_code == 429


def test_each_wrong_code_of_the_app_makes_the_next_try_wait_longer(client):
    user, app, codes = person()
    give_password(client, user)
    give_code(client, "000000")
    app.refresh_from_db()
    assert app.throttling_failure_count == 1
    TOTPDevice.objects.update(throttling_failure_count=12)
    assert give_code(client, app_code()).status_code == 422
    assert not is_in(client)
    give_code(client, codes[0])
    assert is_in(client), "a backup code has nothing to wait for"


def test_what_was_typed_as_a_code_is_not_kept(client):
    user, _app, codes = person()
    give_password(client, user)
    give_code(client, codes[0] + "x")
    assert AccessAttempt.objects.count() == 1
    assert not AccessAttempt.objects.filter(post_data__contains=codes[0]).exists()


def test_the_second_step_must_follow_within_ten_minutes(client):
    user, _app, _codes = person()
    give_password(client, user)
    session = client.session
    session["second_step"]["since"] -= timedelta(minutes=11).total_seconds()
    session.save()
    late = client.post(CODE, {"code": app_code()}, follow=True)
    assert late.redirect_chain == [(LOGIN, 302)]
    assert "took too long" in late.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("change", ["password", "is_active"])
def test_what_changes_between_the_steps_ends_the_log_in(client, change):
    user, _app, _codes = person()
    give_password(client, user)
    user.is_active = change != "is_active"
    user.set_password("another-long-password")
    user.save(update_fields=[change])
    give_code(client, app_code())
    assert not is_in(client)


def test_the_half_way_mark_names_nobody_who_is_gone(client):
    session = client.session
    session["second_step"] = {"user": 0, "hash": "", "since": clock.instant().timestamp()}
    session.save()
    assert client.get(CODE)["Location"] == LOGIN


# Turning it off, new backup codes


@pytest.fixture
def signed_in(client):
    user, app, codes = person()
    client.force_login(user, backend="accounts.backends.EmailBackend")
    return user, app, codes


def test_it_is_turned_off_with_a_code(client, signed_in):
    user, _app, _codes = signed_in
    assert client.post(f"{SET_UP}off/", {"code": app_code()})["Location"] == "/account/preferences/"
    assert not TOTPDevice.objects.exists()
    assert not BackupCode.objects.exists()
    assert verbs(user)[-1] == "second_factor.turned_off"
    client.logout()
    give_password(client, user)
    assert is_in(client)


@pytest.mark.parametrize("page", ["off/", "codes/"])
def test_a_wrong_code_changes_nothing_and_is_remembered(client, signed_in, page):
    user, app, _codes = signed_in
    before = verbs(user)
    assert client.post(SET_UP + page, {"code": "000000"}).status_code == 422
    app.refresh_from_db()
    assert app.throttling_failure_count == 1
    assert BackupCode.objects.count() == 10
    assert verbs(user) == before


def test_new_backup_codes_make_the_old_ones_void(client, signed_in):
    user, _app, codes = signed_in
    shown = client.post(f"{SET_UP}codes/", {"code": codes[0]})
    new = shown.context["codes"].split()
    assert "no-store" in shown["Cache-Control"]
    assert len(new) == BackupCode.objects.count() == 10
    assert not set(new) & set(codes)
    with pytest.raises(DomainError, match="not right"):
        backup_codes_renew(user=user, code=codes[1])
    assert verbs(user)[-2:] == ["second_factor.backup_code_used", "second_factor.backup_codes_renewed"]


@pytest.mark.parametrize("page", ["off/", "codes/"])
def test_without_two_step_log_in_there_is_nothing_to_turn_off(client, page):
    client.force_login(factories.user(), backend="accounts.backends.EmailBackend")
    assert client.get(SET_UP + page)["Location"] == "/account/preferences/"


def test_preferences_say_whether_it_is_on_and_how_many_codes_are_left(client, signed_in):
    text = client.get("/account/preferences/").content.decode()
    assert "10 backup codes are left" in text
    assert f"{SET_UP}off/" in text


# What an administrator does


def test_an_administrator_turns_it_off_for_another(client):
    admin = factories.user(Role.ADMIN)
    user, _app, _codes = person()
    client.force_login(admin, backend="accounts.backends.EmailBackend")
    url = reverse("accounts:user-second-factor", args=[user.pk])
    assert url in client.get(user.get_absolute_url()).content.decode()
    assert user.name in client.get(url).content.decode()
    assert TOTPDevice.objects.exists(), "looking changed something"
    assert client.post(url)["Location"] == user.get_absolute_url()
    assert not TOTPDevice.objects.exists()
    assert not BackupCode.objects.exists()
    event = AuditEvent.objects.get(verb="second_factor.reset")
    assert (event.actor, event.target_id, event.origin) == (admin, str(user.pk), "127.0.0.1")
    assert url not in client.get(user.get_absolute_url()).content.decode()


def test_who_has_none_cannot_lose_it():
    user = factories.user()
    with pytest.raises(DomainError, match="no two-step"):
        second_factor_reset(actor=factories.user(Role.ADMIN), user=user)
    assert verbs(user) == []


def test_nobody_takes_that_way_around_their_own_code(client):
    admin = factories.user(Role.ADMIN)
    factories.second_factor(admin)
    client.force_login(admin, backend="accounts.backends.EmailBackend")
    url = reverse("accounts:user-second-factor", args=[admin.pk])
    assert url not in client.get(admin.get_absolute_url()).content.decode()
    client.post(url)
    assert TOTPDevice.objects.filter(user=admin).exists()


def test_the_command_line_lets_the_last_administrator_back_in(capsys):
    user, _app, _codes = person()
    call_command("reset_second_factor", user=user.email.upper())
    assert not TOTPDevice.objects.exists()
    assert AuditEvent.objects.get(verb="second_factor.reset").actor is None
    for unknown in (user.email, "nobody@test.example"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", user=unknown)


# What holds throughout


def test_tokens_are_never_asked_for_a_code(client):
    token, text = factories.api_token()
    factories.second_factor(token.user)
    answer = client.get("/api/v1/products/", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 200


def test_the_trail_and_the_codes_table_hold_no_secret(client):
    user, _app, codes = person()
    renewed = backup_codes_renew(user=user, code=codes[0])
    second_factor_reset(actor=factories.user(Role.ADMIN), user=user)
    trail = json.dumps(list(AuditEvent.objects.values("before", "after", "note", "target_text")))
    secrets = {KEY, *codes, *renewed, *(code.replace("-", "") for code in codes + renewed)}
    assert not [secret for secret in secrets if secret in trail]
    assert {"second_factor.turned_on", "second_factor.reset"} <= set(verbs(user))


def test_backup_codes_are_kept_as_hashes_only():
    _user, _app, codes = person()
    kept = " ".join(BackupCode.objects.values_list("digest", flat=True))
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_the_lock_out_counts_an_email_in_any_case_as_one(client):
    user = factories.user(email="lin@test.example")
    for name in ("lin@test.example", "LIN@test.example", "Lin@Test.Example", " lin@test.example", "liN@test.example"):
        client.post(LOGIN, {"username": name, "password": "wrong"})
    assert give_password(client, user).status_code == 429
    assert not is_in(client)
    assert User.objects.get(pk=user.pk).last_login is None
