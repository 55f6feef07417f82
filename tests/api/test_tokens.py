import hashlib
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiToken
from accounts.roles import Role
from accounts.tokens import SCOPES, token_create, token_revoke
from core import clock
from core.errors import DomainError
from core.models import AuditEvent
from tests import factories
from tests.api.conftest import TokenClient, error_of

pytestmark = pytest.mark.django_db
LIST = "/api/v1/distributors/"


def refused(text):
    response = TokenClient(text).get(LIST)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    return error_of(response)["code"]


def test_only_the_hash_of_a_token_is_kept():
    token, text = factories.api_token()
    assert text.startswith(f"qd_{token.prefix}_")
    assert token.digest == hashlib.sha256(text.encode()).hexdigest()
    secret = text.split("_", 2)[2]
    assert not any(secret in str(value) for value in ApiToken.objects.values_list()[0])
    assert not any(secret in str(row) for row in AuditEvent.objects.values_list())


def test_a_good_token_reads_and_is_marked_as_used():
    token, text = factories.api_token()
    assert TokenClient(text).get(LIST).status_code == 200
    token.refresh_from_db()
    assert clock.instant() - token.last_used_at < timedelta(seconds=30)


def test_use_is_written_down_at_most_once_a_minute(django_assert_num_queries):
    recent = clock.instant() - timedelta(seconds=30)
    token, text = factories.api_token(last_used_at=recent)
    TokenClient(text).get(LIST)
    token.refresh_from_db()
    assert token.last_used_at == recent
    ApiToken.objects.update(last_used_at=recent - timedelta(minutes=1))
    TokenClient(text).get(LIST)
    token.refresh_from_db()
    assert token.last_used_at > recent


def test_expired_revoked_and_unknown_tokens_are_told_apart_only_for_who_holds_them():
    past = clock.instant() - timedelta(seconds=1)
    assert refused(factories.api_token(expires_at=past)[1]) == "token_expired"
    assert refused(factories.api_token(revoked_at=past)[1]) == "token_revoked"
    token, _text = factories.api_token(revoked_at=past)
    assert refused(f"qd_{token.prefix}_wrong") == "token_unknown"


@pytest.mark.parametrize(
    "text", ["", "qd", "qd__", "qd_1_2 3", "qd_zzzz_x", "xx_1_2", "qd_" + "a" * 500 + "_x", "é", "qd_\x01_x"]
)
def test_what_is_no_token_is_refused(text):
    assert refused(text) == "token_unknown"


def test_nobody_is_asked_for_a_token():
    response = Client().get(LIST)
    assert response.status_code == 401
    assert error_of(response)["code"] == "not_authenticated"


def test_a_token_ends_with_its_user():
    token, text = factories.api_token()
    type(token.user).objects.filter(pk=token.user_id).update(is_active=False)
    assert refused(text) == "client_inactive"


def test_a_missing_scope_is_named():
    response = TokenClient(factories.api_token("products:read")[1]).get(LIST)
    assert response.status_code == 403
    error = error_of(response)
    assert error["code"] == "scope_missing"
    assert "distributors:read" in error["message"]


def test_the_right_to_write_lines_reads_nothing():
    client = TokenClient(factories.api_token("sale-lines:write")[1])
    for resource in ("distributors", "products", "sale-lines", "territories", "classifications"):
        assert client.get(f"/api/v1/{resource}/").status_code == 403


def test_a_scope_gives_no_more_than_the_role():
    client = factories.user(Role.API_CLIENT)
    factories.distributor()
    assert TokenClient(factories.api_token(user=client)[1]).rows(LIST) == []


def test_tokens_are_for_api_clients():
    with pytest.raises(DomainError):
        token_create(actor=None, user=factories.user(Role.ADMIN), name="x", scopes=["products:read"])
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(("scopes", "days"), [([], 90), (["everything"], 90), (["products:read"], 0)])
def test_a_token_without_scope_or_end_is_not_made(scopes, days):
    with pytest.raises(DomainError):
        token_create(actor=None, user=factories.user(Role.API_CLIENT), name="x", scopes=scopes, days=days)
    with pytest.raises(DomainError):
        token_create(actor=None, user=factories.user(Role.API_CLIENT), name="x", scopes=["products:read"], days=401)
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_once():
    token, text = factories.api_token()
    token_revoke(actor=factories.user(), token=token)
    assert refused(text) == "token_revoked"
    with pytest.raises(DomainError):
        token_revoke(actor=factories.user(), token=token)
    assert AuditEvent.objects.filter(verb="token.revoked").count() == 1


def test_every_scope_opens_permissions_that_an_api_client_holds():
    client = factories.user(Role.API_CLIENT, everywhere=True)
    assert all(client.has_perm(permission) for _label, opened in SCOPES.values() for permission in opened)


def test_the_command_prints_a_token_that_works(capsys):
    client = factories.user(Role.API_CLIENT, everywhere=True)
    call_command("create_token", "--user", client.email.upper(), "--scope", "distributors:read", "--days", "7")
    assert TokenClient(capsys.readouterr().out.strip()).get(LIST).status_code == 200
    with pytest.raises(CommandError):
        call_command("create_token", "--user", "nobody@test.example", "--scope", "distributors:read")
    with pytest.raises(CommandError):
        call_command("create_token", "--user", client.email, "--scope", "nothing")


def test_an_administrator_makes_a_token_sees_it_once_and_revokes_it(client):
    machine = factories.user(Role.API_CLIENT, everywhere=True)
    client.force_login(factories.user())
    form = {"name": "ERP", "user": machine.pk, "scopes": ["distributors:read"], "days": "30"}
    made = client.post("/tokens/add/", form)
    text = made.context["text"]
    assert made["Cache-Control"] == "no-store"
    assert text in made.content.decode()
    token = ApiToken.objects.get()
    assert timedelta(days=29) < token.expires_at - clock.instant() <= timedelta(days=30)
    page = f"/tokens/{token.pk}/"
    for address in (page, "/tokens/"):
        shown = client.get(address)
        assert "ERP" in shown.content.decode()
        assert text not in shown.content.decode()
    assert client.get(f"{page}revoke/").status_code == 200
    assert TokenClient(text).get(LIST).status_code == 200
    assert client.post(f"{page}revoke/").status_code == 302
    assert refused(text) == "token_revoked"


def test_a_person_is_not_offered_as_owner_of_a_token(client):
    person = factories.user(Role.REP)
    client.force_login(factories.user())
    form = {"name": "ERP", "user": person.pk, "scopes": ["distributors:read"], "days": "30"}
    assert client.post("/tokens/add/", form).status_code == 422
    assert client.post("/tokens/add/", {**form, "days": "401"}).status_code == 422
    assert not ApiToken.objects.exists()


def test_what_a_token_did_is_written_down_with_its_prefix():
    token, text = factories.api_token()
    near = factories.distributor()
    product = factories.product()
    line = {"external_id": "1", "distributor": near.code, "product": product.sku, "date": "2026-01-05"}
    body = {"source": product.source.code, "lines": [line | {"quantity": 1, "amount": 2, "currency": "CNY"}]}
    assert TokenClient(text).send("/api/v1/sale-lines/bulk/", body).status_code == 200
    assert AuditEvent.objects.get(verb="lines.upserted").origin == f"token {token.prefix}"
