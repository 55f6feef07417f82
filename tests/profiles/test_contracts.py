"""Contracts: drafted, signed, replaced by a version, ended; by whom, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Notification
from accounts.roles import Role
from core.errors import DomainError, StaleVersion, TransitionRefused
from core.models import AuditEvent
from core.needs import needs_of
from distributors.ledger.records import Target
from distributors.profiles.contracts.models import Contract, ContractMonth, Coverage
from distributors.profiles.contracts.reminders import contracts_remind
from distributors.profiles.contracts.services import (
    contract_renew,
    contract_save,
    contract_sign,
    contract_terminate,
    contract_withdraw,
    contracts_close,
    targets_set,
)
from distributors.profiles.merging import distributor_merge
from tests import factories
from tests.profiles.contracts import TODAY, draft, posted, signed, some_sales

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def east():
    return factories.territory("East")


@pytest.fixture
def lin(east):
    return factories.user(Role.MANAGER, east, name="Lin")


@pytest.fixture
def rui(east):
    return factories.user(Role.REP, east, name="Rui")


@pytest.fixture
def hangzhou(east, rui):
    return factories.distributor(east, rui, legal_name="Hangzhou Trading")


def url(name, *args):
    return reverse(f"profiles:contract-{name}", args=args)


def test_a_contract_is_drafted_signed_and_read_on_the_page_of_its_distributor(lin, rui, east, hangzhou, client):
    client.force_login(lin)
    body = posted(hangzhou, "HZ-7", [(east, "", True)], yearly_target="1200000", credit_days="45")
    assert client.post(url("add"), body).status_code == 302
    made = Contract.objects.get()
    assert (made.state, made.credit_days, made.months.count()) == ("draft", 45, 12)
    assert client.post(url("move", made.pk, "sign"), {"signed_on": TODAY}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.signed_on, made.ends_on) == ("in_force", TODAY, date(2026, 12, 31))
    assert Coverage.objects.get().binding
    verbs = AuditEvent.objects.filter(target_type="profiles.Contract").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["contract.created", "contract.signed"]
    client.force_login(rui)
    page = client.get(reverse("profiles:distributor-contracts", args=[hangzhou.pk])).content.decode()
    assert "HZ-7" in page
    assert "East · all lines" in page
    assert "signed" in client.get(hangzhou.get_absolute_url()).content.decode()
    assert "1,200,000.00" in client.get(made.get_absolute_url()).content.decode()
    assert client.get(url("edit", made.pk)).status_code == 403
    assert "HZ-7" in client.get(reverse("core:search") + "?q=hz-7").content.decode()


def test_the_form_gives_more_rows_without_a_script_and_loses_nothing(lin, east, hangzhou, client):
    client.force_login(lin)
    body = posted(hangzhou, "HZ-7", [(east, "", True)], notes="kept", more="1")
    page = client.post(url("add"), body)
    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="row-3-territory"' in text
    assert "kept" in text
    assert "HZ-7" in text
    assert 'role="alert"' not in text
    assert not Contract.objects.exists()


def test_a_row_that_says_something_of_no_territory_is_refused(lin, hangzhou, client):
    client.force_login(lin)
    body = posted(hangzhou) | {"row-TOTAL_FORMS": "1", "row-0-territory": "", "row-0-exclusive": "on"}
    page = client.post(url("add"), body)
    assert page.status_code == 422
    assert "Choose the territory of this row." in page.content.decode()
    assert not Contract.objects.exists()


def test_coverage_is_chosen_from_territories_in_reach(lin, hangzhou, client):
    client.force_login(lin)
    far = factories.territory("Far")
    assert client.post(url("add"), posted(hangzhou, rows=[(far, "", False)])).status_code == 422
    assert not Contract.objects.exists()


def test_a_draft_changes_and_what_is_signed_does_not(lin, east, hangzhou, client):
    made = draft(lin, hangzhou, rows=[(east, "", False)])
    fields = {"kind": "general", "valid_from": made.valid_from, "valid_to": None, "yearly_target": None}
    contract_save(actor=lin, instance=made, version=1, coverage=[], split="even", **fields)
    with pytest.raises(StaleVersion):
        contract_save(actor=lin, instance=made, version=1, coverage=[], split="even", **fields)
    made.refresh_from_db()
    assert (made.kind, made.coverage.count(), made.ends_on) == ("general", 0, None)
    contract_sign(actor=lin, contract=made, signed_on=TODAY)
    with pytest.raises(DomainError, match="does not change"):
        contract_save(actor=lin, instance=made, coverage=[], split="even", **{**fields, "kind": "service"})
    assert Contract.objects.get().kind == "general"
    client.force_login(lin)
    assert client.get(url("edit", made.pk)).url == made.get_absolute_url()


def test_two_who_edit_one_draft_see_the_difference(lin, east, hangzhou, client):
    made = draft(lin, hangzhou, rows=[(east, "", False)])
    fields = {"kind": "general", "valid_from": made.valid_from, "valid_to": None, "yearly_target": None}
    contract_save(actor=lin, instance=made, version=1, coverage=[], split="even", **fields)
    client.force_login(lin)
    page = client.post(url("edit", made.pk), posted(hangzhou, rows=[(east, "", True)]) | {"version": "1"})
    assert page.status_code == 409
    assert "East · all lines *" in page.content.decode()
    assert not Coverage.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"valid_to": date(2025, 1, 1)}, "before the first"),
        ({"number": "  "}, "has a number"),
        ({"number": "c-1"}, "has the number"),
        ({"yearly_target": Decimal(-1)}, "not negative"),
        ({"yearly_target": Decimal(10), "split": "typed", "months": [Decimal(1)] * 12}, "add up to 12.00"),
        ({"yearly_target": Decimal(10), "split": "typed", "months": []}, "twelve amounts"),
        ({"yearly_target": Decimal(10), "split": "last_year"}, "no sales in the year before"),
    ],
)
def test_a_contract_that_breaks_a_rule_is_refused(lin, hangzhou, fields, says):
    draft(lin, hangzhou, "C-1")
    with pytest.raises(DomainError, match=says):
        draft(lin, hangzhou, **{"number": "C-2", **fields})
    assert Contract.objects.count() == 1
    assert not ContractMonth.objects.exists()


def test_the_months_follow_the_sales_of_the_year_before(lin, hangzhou):
    some_sales(hangzhou, date(2025, 3, 1), 300)
    some_sales(hangzhou, date(2025, 4, 1), 100)
    some_sales(hangzhou, date(2024, 12, 1), 900)
    made = draft(lin, hangzhou, yearly_target=Decimal("1000.00"), split="last_year")
    months = dict(made.months.values_list("place", "value"))
    assert (months[3], months[4], months[1]) == (Decimal(750), Decimal(250), Decimal(0))


def test_typed_months_are_kept_as_they_are(lin, hangzhou, client):
    client.force_login(lin)
    typed = {f"month_{place}": "0" for place in range(1, 13)} | {"month_2": "70.5", "month_12": "29.5"}
    body = posted(hangzhou, yearly_target="100", split="typed", **typed)
    assert client.post(url("add"), body).status_code == 302
    assert [one.value for one in ContractMonth.objects.all()][1] == Decimal("70.5")
    body = posted(hangzhou, "C-2", yearly_target="101", split="typed", **typed)
    page = client.post(url("add"), body)
    assert page.status_code == 422
    assert "add up to 100.00" in page.content.decode()


def test_signing_sets_the_targets_and_doing_it_again_changes_nothing(lin, hangzhou):
    made = signed(lin, hangzhou, yearly_target=Decimal("1200.00"), valid_from=date(2026, 4, 15))
    found = Target.objects.filter(distributor=hangzhou, superseded_by=None)
    assert found.count() == 9
    first = found.order_by("day").first()
    assert (first.day, first.value, first.reason) == (date(2026, 4, 1), Decimal(100), "contract C-1 version 1")
    before = Target.objects.count()
    assert targets_set(actor=lin, contract=made) == 0
    assert Target.objects.count() == before


def test_a_contract_of_two_years_repeats_its_year(lin, hangzhou):
    signed(lin, hangzhou, yearly_target=Decimal("1200.00"), valid_to=date(2027, 12, 31))
    assert Target.objects.filter(distributor=hangzhou, superseded_by=None).count() == 24


def test_a_new_version_replaces_from_a_day_on(lin, east, hangzhou, client):
    old = signed(lin, hangzhou, rows=[(east, "", True)])
    client.force_login(lin)
    answer = client.post(url("next", old.pk))
    new = Contract.objects.get(edition=2)
    assert answer.url == url("edit", new.pk)
    assert (new.number, new.valid_from, new.state, new.coverage.count()) == ("C-1", date(2027, 1, 1), "draft", 1)
    assert new.valid_to == date(2027, 12, 31)
    fields = {"kind": "general", "valid_from": date(2026, 7, 1), "valid_to": date(2027, 6, 30), "yearly_target": None}
    rows = [{"territory": east, "line": "", "exclusive": True}]
    contract_save(actor=lin, instance=new, coverage=rows, split="even", **fields)
    new.refresh_from_db()
    contract_sign(actor=lin, contract=new, signed_on=TODAY)
    old.refresh_from_db()
    assert (old.ends_on, old.valid_to, old.state) == (date(2026, 6, 30), date(2026, 12, 31), "in_force")
    assert list(Coverage.objects.order_by("starts_on").values_list("ends_on", "binding")) == [
        (date(2026, 6, 30), True),
        (date(2027, 6, 30), True),
    ]
    with pytest.raises(DomainError, match="last one that is signed"):
        contract_renew(actor=lin, contract=old)


def test_a_second_draft_of_the_next_version_and_one_of_a_draft_are_refused(lin, hangzhou):
    made = draft(lin, hangzhou)
    with pytest.raises(DomainError, match="last one that is signed"):
        contract_renew(actor=lin, contract=made)
    contract_sign(actor=lin, contract=made, signed_on=TODAY)
    contract_renew(actor=lin, contract=made)
    with pytest.raises(DomainError, match="draft of the next version already"):
        contract_renew(actor=lin, contract=made)
    assert Contract.objects.count() == 2


def test_a_version_that_begins_before_the_last_one_is_refused(lin, hangzhou):
    old = signed(lin, hangzhou)
    new = contract_renew(actor=lin, contract=old)
    Contract.objects.filter(pk=new.pk).update(valid_from=date(2025, 6, 1))
    new.refresh_from_db()
    with pytest.raises(DomainError, match="begins after it"):
        contract_sign(actor=lin, contract=new, signed_on=TODAY)
    assert set(Contract.objects.values_list("state", flat=True)) == {"in_force", "draft"}


def test_the_database_refuses_versions_that_overlap_in_time(lin, hangzhou):
    old = signed(lin, hangzhou)
    new = contract_renew(actor=lin, contract=old)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.filter(pk=new.pk).update(
            valid_from=date(2026, 12, 31), ends_on=date(2027, 12, 31), state="in_force", signed_on=TODAY
        )
    assert Contract.objects.get(pk=new.pk).state == "draft"


def test_of_two_who_sign_one_draft_one_wins(lin, hangzhou):
    draft(lin, hangzhou, yearly_target=Decimal(12))
    first, second = Contract.objects.get(), Contract.objects.get()
    contract_sign(actor=lin, contract=first, signed_on=TODAY)
    with pytest.raises(TransitionRefused):
        contract_sign(actor=lin, contract=second, signed_on=TODAY)
    assert AuditEvent.objects.filter(verb="contract.signed").count() == 1


def test_a_draft_that_changed_since_it_was_opened_is_not_signed(lin, hangzhou):
    made = draft(lin, hangzhou)
    fields = {"kind": "general", "valid_from": made.valid_from, "valid_to": None, "yearly_target": None}
    contract_save(actor=lin, instance=Contract.objects.get(), coverage=[], split="even", **fields)
    with pytest.raises(TransitionRefused, match="meanwhile"):
        contract_sign(actor=lin, contract=made, signed_on=TODAY)
    assert Contract.objects.get().state == "draft"


def test_it_is_not_signed_tomorrow(lin, hangzhou, client):
    made = draft(lin, hangzhou)
    client.force_login(lin)
    page = client.post(url("move", made.pk, "sign"), {"signed_on": TODAY + timedelta(days=1)})
    assert page.status_code == 409
    assert "today at the latest" in page.content.decode()
    assert Contract.objects.get().state == "draft"


def test_terminating_asks_for_a_day_and_a_reason(lin, east, hangzhou, client):
    made = signed(lin, hangzhou, rows=[(east, "", True)])
    for last, reason, says in (
        (date(2025, 12, 31), "why", "on which the contract holds"),
        (date(2027, 1, 1), "why", "on which the contract holds"),
        (TODAY, " ", "Say why"),
    ):
        with pytest.raises(DomainError, match=says):
            contract_terminate(actor=lin, contract=Contract.objects.get(), last=last, reason=reason)
    assert Contract.objects.get().state == "in_force"
    client.force_login(lin)
    body = {"last": TODAY + timedelta(days=20), "reason": "breach"}
    assert client.post(url("move", made.pk, "terminate"), body).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.ends_on) == ("terminated", TODAY + timedelta(days=20))
    row = Coverage.objects.get()
    assert (row.ends_on, row.binding) == (TODAY + timedelta(days=20), True)
    assert AuditEvent.objects.get(verb="contract.terminated").note == "breach"


def test_a_withdrawn_draft_stays_in_the_list(lin, hangzhou):
    made = draft(lin, hangzhou)
    with pytest.raises(DomainError, match="Say why"):
        contract_withdraw(actor=lin, contract=made, reason="")
    contract_withdraw(actor=lin, contract=made, reason="never agreed")
    with pytest.raises(TransitionRefused):
        contract_sign(actor=lin, contract=made, signed_on=TODAY)
    assert Contract.objects.get().state == "withdrawn"


def test_the_night_ends_what_is_over_and_lets_its_exclusivity_go(lin, east, hangzhou, settings):
    signed(lin, hangzhou, rows=[(east, "", True)])
    assert contracts_close(as_of=date(2026, 12, 31)) == 0
    assert contracts_close(as_of=date(2027, 1, 1)) == 1
    assert contracts_close(as_of=date(2027, 1, 1)) == 0
    assert Contract.objects.get().state == "ended"
    assert not Coverage.objects.get().binding
    assert AuditEvent.objects.filter(verb="contract.ended").count() == 1


def test_a_card_that_is_merged_signs_nothing_and_its_contracts_stand_with_the_survivor(
    lin, rui, east, hangzhou, client
):
    survivor = factories.distributor(east, rui, legal_name="Survivor Trading")
    old, waiting = signed(lin, hangzhou, "OLD-1"), draft(lin, hangzhou, "OLD-2")
    distributor_merge(actor=lin, source=hangzhou, survivor=survivor, reason="one company")
    for refused in (
        lambda: contract_sign(actor=lin, contract=waiting, signed_on=TODAY),
        lambda: contract_renew(actor=lin, contract=old),
        lambda: draft(lin, type(hangzhou).objects.get(pk=hangzhou.pk), "OLD-3"),
    ):
        with pytest.raises(DomainError, match="merged into another"):
            refused()
    assert set(Contract.objects.values_list("number", "state")) == {("OLD-1", "in_force"), ("OLD-2", "draft")}
    client.force_login(lin)
    page = client.get(reverse("profiles:distributor-contracts", args=[survivor.pk])).content.decode()
    assert "OLD-1" in page


# Reminders


@pytest.mark.parametrize(("days", "told"), [(91, False), (90, True), (60, True), (0, True)])
def test_who_answers_for_it_hears_of_the_end_once_each_step(lin, rui, hangzhou, days, told):
    made = signed(lin, hangzhou, valid_to=TODAY + timedelta(days=days))
    for _night in range(2):
        contracts_remind(as_of=TODAY)
    heard = set(Notification.objects.filter(kind="contract").values_list("user", flat=True))
    assert heard == ({lin.pk, rui.pk} if told else set())
    assert Notification.objects.filter(kind="contract").count() == (2 if told else 0)
    for person in (lin, rui):
        assert bool([one for one in needs_of(person, TODAY) if one.code == "contract"]) is told
    assert made.ends_on == TODAY + timedelta(days=days)


def test_each_step_is_a_notice_of_its_own(lin, hangzhou):
    signed(lin, hangzhou, valid_to=TODAY + timedelta(days=90))
    for later in (0, 1, 30, 60, 89):
        contracts_remind(as_of=TODAY + timedelta(days=later))
    assert Notification.objects.filter(user=lin, kind="contract").count() == 3


def test_strangers_hear_nothing_and_who_renews_is_told_so(lin, hangzhou):
    signed(lin, hangzhou, valid_to=TODAY + timedelta(days=20))
    other = factories.user(Role.MANAGER, factories.territory(), name="Other")
    analyst, finance = factories.user(Role.ANALYST), factories.user(Role.FINANCE)
    for person in (other, analyst, finance):
        assert [one for one in needs_of(person, TODAY) if one.code == "contract"] == []
    assert [str(one.action) for one in needs_of(lin, TODAY) if one.code == "contract"] == ["Renew"]
    assert [str(one.action) for one in needs_of(hangzhou.owner, TODAY) if one.code == "contract"] == ["Look"]


def test_a_contract_that_a_signed_version_follows_needs_nobody(lin, hangzhou):
    old = signed(lin, hangzhou, valid_to=TODAY + timedelta(days=20))
    new = contract_renew(actor=lin, contract=old)
    assert [one for one in needs_of(lin, TODAY) if one.code == "contract"]
    contract_sign(actor=lin, contract=new, signed_on=TODAY)
    assert [one for one in needs_of(lin, TODAY) if one.code == "contract"] == []
    assert contracts_remind(as_of=TODAY) == 0


# The list


def test_the_list_filters_by_state_kind_end_and_exports(lin, east, hangzhou, client):
    signed(lin, hangzhou, "SOON", valid_to=TODAY + timedelta(days=40))
    signed(lin, hangzhou, "LATE", kind="service")
    draft(lin, hangzhou, "DRAFT", rows=[(east, "", False)])
    client.force_login(lin)
    for query, shown in (
        ("", {"SOON", "LATE", "DRAFT"}),
        ("?state=draft", {"DRAFT"}),
        ("?kind=service", {"LATE"}),
        ("?ends=30", set()),
        ("?ends=60", {"SOON"}),
        (f"?territory={east.pk}", {"SOON", "LATE", "DRAFT"}),
        ("?q=hangzhou+late", {"LATE"}),
    ):
        rows = client.get(url("list") + query).context["table"]["rows"]
        assert {row["cells"][0]["text"] for row in rows} == shown, query
    text = b"".join(client.get(url("list") + "?export=csv").streaming_content).decode()
    assert "East · all lines" in text


def test_the_page_asks_no_more_for_many_rows(lin, east, hangzhou, client, django_assert_max_num_queries):
    below = [factories.territory(parent=east) for _place in range(12)]
    made = signed(lin, hangzhou, rows=[(one, "", True) for one in below], yearly_target=Decimal(1200))
    client.force_login(lin)
    with django_assert_max_num_queries(25):
        assert client.get(made.get_absolute_url()).status_code == 200
    with django_assert_max_num_queries(25):
        assert client.get(reverse("profiles:distributor-contracts", args=[hangzhou.pk])).status_code == 200
    with django_assert_max_num_queries(25):
        assert client.get(hangzhou.get_absolute_url()).status_code == 200
