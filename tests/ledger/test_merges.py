"""Two cards of one company made one: facts keep their card, everything computed follows the survivor."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.errors import DomainError, TransitionRefused
from core.models import AuditEvent
from distributors.ledger.books import books_close
from distributors.ledger.models import MonthlySales, SaleLine
from distributors.ledger.records import OpenItem
from distributors.ledger.verification import verify
from distributors.profiles.assignments import assignment_start, assignments_apply
from distributors.profiles.merging import distributor_merge, distributor_unmerge, merge_candidates
from distributors.profiles.models import Assignment, Distributor, Merge, OutboundMessage, Standing, Task
from distributors.profiles.search import distributors_found
from distributors.profiles.services import lifecycle_move
from tests import factories
from tests.ledger.records import bring, lines, picture, problems, small_world
from tests.ledger.test_books import line, sound
from tests.ledger.test_records import INVOICE, ORDER, PAYMENT

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY = date(2025, 1, 1), date(2025, 2, 1)


@pytest.fixture
def admin():
    return factories.user(Role.ADMIN)


@pytest.fixture
def world():
    found = small_world()
    bring(lines(line("A", "2025-01-10", 100), line("B", "2025-01-11", 10, "D2"), line("C", "2025-02-10", 5)))
    return found


def merge(actor, source, survivor, reason="one company"):
    return distributor_merge(actor=actor, source=source, survivor=survivor, reason=reason)


def sums():
    """Return the amount by code and month."""
    rows = MonthlySales.objects.values_list("distributor__code", "month", "amount")
    return {(code, month): amount for code, month, amount in rows}


def refused(match, *args, **kwargs):
    before = picture()
    with pytest.raises(DomainError, match=match):
        merge(*args, **kwargs)
    assert {**picture(), "User": before["User"]} == before


def test_sums_standings_and_receivables_follow_the_survivor_and_lines_keep_their_card(admin, world):
    bring(INVOICE, "invoices")
    bring(ORDER, "orders")
    merge(admin, world["one"], world["two"])
    assert sums() == {("D2", JANUARY): 110, ("D2", FEBRUARY): 5}
    assert set(SaleLine.objects.values_list("external_id", "distributor__code")) == {
        ("A", "D1"),
        ("B", "D2"),
        ("C", "D1"),
    }
    assert OpenItem.objects.get().distributor == world["two"]
    standing = Standing.objects.get(distributor=world["two"])
    assert (standing.receivable, standing.ordered_open) == (100, 100)
    gone = Standing.objects.get(distributor=world["one"])
    assert (gone.receivable, gone.ordered_open, gone.first_sale_on) == (0, 0, None)
    assert sound()


def test_facts_that_come_for_the_old_code_count_for_the_survivor(admin, world):
    merge(admin, world["one"], world["two"])
    bring(lines(line("D", "2025-02-12", 7), line("C", "2025-02-10", 6), line("E", "2025-02-12", 1, "D2")))
    assert sums() == {("D2", JANUARY): 110, ("D2", FEBRUARY): 14}
    bring(INVOICE, "invoices")
    bring(PAYMENT.replace("D1", "D2"), "payments")
    assert OpenItem.objects.get().amount == 40
    assert OpenItem.objects.get().distributor == world["two"]
    assert sound()


def test_the_merged_card_leaves_search_and_choices_and_its_names_find_the_survivor(admin, world):
    Distributor.objects.filter(pk=world["one"].pk).update(legal_name="Morning Star Trading")
    merge(admin, world["one"], world["two"])
    for words in ("D1", "morning star"):
        assert [hit.text.split(" · ")[0] for hit in distributors_found(admin, words)] == ["D2"]


def test_open_tasks_children_and_owner_pass_on(admin, world):
    rep = factories.user(Role.REP, world["territory"])
    one, two = world["one"], world["two"]
    Assignment.objects.filter(distributor=one).update(owner=rep)
    Distributor.objects.filter(pk=one.pk).update(owner=rep)
    child = factories.distributor(world["territory"], parent=one, tier=2)
    task = Task.objects.create(distributor=one, title="call", owner=rep, due_on=date(2025, 5, 1))
    merge(admin, one, two)
    one.refresh_from_db()
    child.refresh_from_db()
    task.refresh_from_db()
    assert (one.merged_into, one.state, one.owner) == (two, "ended", None)
    assert (child.parent, task.distributor) == (two, two)
    distributor_unmerge(actor=admin, source=one, reason="two firms after all")
    for row in (one, child, task):
        row.refresh_from_db()
    assert (one.merged_into, one.state, one.owner) == (None, "active", rep)
    assert (child.parent, task.distributor) == (one, one)


def covered(one):
    """Return what covers a card from which month on."""
    rows = Assignment.objects.filter(distributor=one).order_by("starts_on")
    return [(row.starts_on, row.territory, row.owner) for row in rows]


def test_what_was_planned_for_a_merged_card_lapses_and_comes_back_with_an_undo(admin, world, settings):
    settings.TODAY = "2025-03-10"
    one, two, there = world["one"], world["two"], factories.territory()
    now, rep = factories.user(Role.REP, world["territory"]), factories.user(Role.REP, there)
    for starts_on, owner, where in (
        (date(2025, 3, 1), now, world["territory"]),
        (date(2025, 5, 1), rep, there),
        (date(2025, 8, 1), None, there),
    ):
        assignment_start(actor=admin, distributors=[one], starts_on=starts_on, territory=where, owner=owner)
    planned, other = covered(one), covered(two)
    merge(admin, one, two)
    assert covered(one)[-1] == (date(2025, 3, 1), world["territory"], None)
    assert covered(two) == other
    lapsed = AuditEvent.objects.filter(verb="distributor.plan_lapsed", target_id=str(one.pk)).order_by("pk")
    assert [row.before["from"] for row in lapsed] == ["2025-05-01", "2025-08-01"]
    settings.TODAY = "2025-06-15"
    assert assignments_apply(as_of=clock.today()) == 0
    one.refresh_from_db()
    assert (one.territory, one.owner, one.state) == (world["territory"], None, "ended")
    assert not OutboundMessage.objects.filter(kind="distributor.assigned", data__owner=rep.email).exists()
    distributor_unmerge(actor=admin, source=one, reason="two firms after all")
    one.refresh_from_db()
    assert (one.territory, one.owner) == (there, rep)
    assert covered(one)[-2:] == [(date(2025, 6, 1), there, rep), planned[-1]]


def test_a_plan_that_cannot_hold_any_more_does_not_stop_an_undo(admin, world, settings):
    settings.TODAY = "2025-03-10"
    one, two, there = world["one"], world["two"], factories.territory()
    rep = factories.user(Role.REP, there)
    assignment_start(actor=admin, distributors=[one], starts_on=date(2025, 5, 1), territory=there, owner=rep)
    merge(admin, one, two)
    User.objects.filter(pk=rep.pk).update(is_active=False)
    there.closed_on = date(2025, 3, 1)
    there.save()
    distributor_unmerge(actor=admin, source=one, reason="two firms after all")
    one.refresh_from_db()
    assert (one.merged_into, one.state, one.territory) == (None, "active", world["territory"])
    assert all(owner is None and where == world["territory"] for _from, where, owner in covered(one))


def test_a_merge_can_be_undone(admin, world):
    bring(INVOICE, "invoices")
    before = [list(model.objects.order_by("pk").values_list()) for model in (Standing, MonthlySales)]
    merge(admin, world["one"], world["two"])
    made = distributor_unmerge(actor=admin, source=world["one"], reason="two firms after all")
    assert (made.undone_by, made.undo_reason) == (admin, "two firms after all")
    assert [list(model.objects.order_by("pk").values_list()) for model in (Standing, MonthlySales)] == before
    assert OpenItem.objects.get().distributor == world["one"]
    verbs = AuditEvent.objects.filter(verb__startswith="distributor.").values_list("verb", flat=True)
    assert sorted(verbs) == ["distributor.merged"] * 2 + ["distributor.unmerged"] * 2
    assert sound()
    with pytest.raises(DomainError, match="is not merged"):
        distributor_unmerge(actor=admin, source=world["one"], reason="again")


def test_a_chain_always_leads_to_the_last_survivor(admin, world):
    three = factories.distributor(world["territory"], code="D3")
    merge(admin, world["one"], world["two"])
    merge(admin, world["two"], three)
    assert set(Distributor.objects.unmerged().values_list("code", flat=True)) == {"D3"}
    assert Distributor.objects.get(code="D1").merged_into == three
    assert sums() == {("D3", JANUARY): 110, ("D3", FEBRUARY): 5}
    assert sound()
    distributor_unmerge(actor=admin, source=world["two"], reason="no")
    assert Distributor.objects.get(code="D1").merged_into == world["two"]
    assert sums() == {("D2", JANUARY): 110, ("D2", FEBRUARY): 5}
    assert sound()


def test_what_cannot_be_merged_is_refused_with_its_rule(admin, world):
    one, two, where = world["one"], world["two"], world["territory"]
    refused("not merged into itself", admin, one, one)
    refused("Say why", admin, one, two, reason=" ")
    ended = factories.distributor(where, state="ended")
    refused("has ended; keep the card that lives on", admin, one, ended)
    buyer = factories.distributor(where, parent=one, tier=2)
    refused("buys from the other", admin, one, buyer)
    refused("buys from the other", admin, buyer, one)
    low = factories.distributor(where, tier=2)
    refused("stands no lower than", admin, one, low)
    merge(admin, ended, two)
    refused("run in a circle", admin, two, ended)
    refused("is merged into another card already", admin, ended, one)
    refused("is merged into another card already", admin, one, ended)


def test_a_merge_across_territories_needs_the_right_for_both(world):
    elsewhere = factories.territory()
    far = factories.distributor(elsewhere, code="FAR")
    manager = factories.user(Role.MANAGER, world["territory"])
    refused("FAR lies outside yours", manager, world["one"], far)
    refused("FAR lies outside yours", manager, far, world["one"])
    for role in set(Role) - {Role.ADMIN, Role.MANAGER}:
        refused("lies outside yours", factories.user(role, world["territory"]), world["one"], world["two"])
    manager.territories.add(elsewhere)
    manager = type(manager).objects.get(pk=manager.pk)
    assert merge(manager, far, world["one"]).survivor == world["one"]


def test_a_merge_whose_sums_are_closed_stays(admin, world):
    merge(admin, world["one"], world["two"])
    books_close(actor=factories.user(Role.FINANCE), month=JANUARY)
    before = picture()
    with pytest.raises(DomainError, match="Months before February 2025 were closed since the merge"):
        distributor_unmerge(actor=admin, source=world["one"], reason="no")
    assert picture() == before


def test_candidates_share_a_number_or_the_beginning_of_a_name_in_one_city(admin, world):
    where = world["territory"]
    mine = factories.distributor(where, code="X1", legal_name="Golden Gate Tools", city="Wuhan", tax_number="T-1")
    factories.distributor(where, code="X2", legal_name="Golden Gate", city="Wuhan")
    factories.distributor(where, code="X3", legal_name="Golden Gate", city="Xian")
    factories.distributor(where, code="X4", legal_name="Other", tax_number="t-1")
    here = factories.distributor(where, code="Y1", legal_name="Wuhan Red Pumps", city="武汉 Wuhan")
    factories.distributor(where, code="Y2", legal_name="Wuhan Red Pump Co", city="武汉 Wuhan")
    factories.distributor(where, code="Y3", legal_name="Wuhan Blue Pumps", city="武汉 Wuhan")
    assert [one.code for one in merge_candidates(admin, here)] == ["Y2"]
    factories.distributor(where, code="X5", legal_name="Golden Gate", city="Wuhan", merged_into=mine)
    far = factories.distributor(factories.territory(), code="X6", legal_name="Golden Gate", city="Wuhan")
    assert [one.code for one in merge_candidates(admin, mine)] == ["X2", "X4", far.code]
    manager = factories.user(Role.MANAGER, where)
    assert [one.code for one in merge_candidates(manager, mine)] == ["X2", "X4"]


def test_verify_finds_a_merged_card_that_leads_to_another_merged_one(world):
    three = factories.distributor(world["territory"])
    Distributor.objects.filter(pk=world["two"].pk).update(merged_into=three)
    Distributor.objects.filter(pk=world["one"].pk).update(merged_into=world["two"])
    wrong = {one.name: one.wrong for one in verify() if one.wrong}
    assert wrong["merged distributors lead to their survivor"] == 1
    assert not Merge.objects.exists()


def text_of(response):
    return " ".join(response.content.decode().split())


def test_the_pages_compare_merge_and_undo(world):
    one, two = world["one"], world["two"]
    Distributor.objects.filter(pk__in=[one.pk, two.pk]).update(tax_number="T-9")
    manager, client = factories.user(Role.MANAGER, world["territory"]), Client()
    client.force_login(manager)
    url = reverse("profiles:distributor-merge", args=[one.pk])
    assert url in text_of(client.get(one.get_absolute_url()))
    assert "?with=D2" in text_of(client.get(url))
    assert client.get(f"{url}?with=NONE").status_code == 422
    assert "Side by side" in text_of(client.get(f"{url}?with=D2"))
    assert client.post(f"{url}?with=D2", {"keep": str(two.pk), "reason": ""}).status_code == 422
    assert not Merge.objects.exists()
    answer = client.post(f"{url}?with=D2", {"keep": str(two.pk), "reason": "one company"})
    assert answer["Location"] == two.get_absolute_url()
    page = text_of(client.get(one.get_absolute_url()))
    assert f'This card is merged into <a href="{two.get_absolute_url()}">D2' in page
    assert reverse("profiles:distributor-reassign", args=[one.pk]) not in page
    assert "Merged into this card:" in text_of(client.get(two.get_absolute_url()))
    listed = text_of(client.get(reverse("profiles:distributor-list")))
    assert (one.get_absolute_url() in listed, two.get_absolute_url() in listed) == (False, True)
    circle = client.get(f"{reverse('profiles:distributor-merge', args=[two.pk])}?with={one.code}")
    assert circle.status_code == 422
    assert "D1 is merged into D2 already; undo that merge first." in text_of(circle)
    assert client.get(reverse("profiles:distributor-edit", args=[one.pk])).status_code == 404
    undo = reverse("profiles:distributor-unmerge", args=[one.pk])
    assert undo in page
    assert client.post(undo, {"reason": "two firms"}).status_code == 302
    assert Distributor.objects.unmerged().filter(pk=one.pk).exists()


def test_the_lines_of_a_survivor_are_listed_with_those_of_merged_cards(admin, world):
    merge(admin, world["one"], world["two"])
    client = Client()
    client.force_login(admin)
    page = text_of(client.get(f"{reverse('ledger:saleline-list')}?distributor={world['two'].pk}"))
    assert page.count("<tr") == 4


def test_a_merged_card_makes_no_moves(admin, world):
    merge(admin, world["one"], world["two"])
    with pytest.raises(TransitionRefused, match="undo the merge first"):
        lifecycle_move(actor=admin, distributor=Distributor.objects.get(pk=world["one"].pk), name="reopen", reason="x")


def test_what_passes_to_the_survivor_is_seen_by_who_asks_for_changes_and_stands_in_the_trail(admin, world):
    one, other = Distributor.objects.get(code="D1"), Distributor.objects.get(code="D2")
    child = factories.distributor(code="CHILD", tier=2, parent=other)
    task = Task.objects.create(distributor=other, title="Call", owner=admin, due_on=date(2025, 3, 1))
    before = {row: (row.version, row.updated_at) for row in (child, task)}
    merge(admin, other, one)
    for row, (version, updated_at) in before.items():
        row.refresh_from_db()
        assert (row.version, row.updated_at > updated_at) == (version + 1, True)
    assert AuditEvent.objects.filter(verb="distributor.changed", target_id=str(child.pk)).count() == 1
    assert AuditEvent.objects.filter(verb="task.changed", target_id=str(task.pk)).count() == 1


CARDS = "code,legal_name,territory,owner,tier,parent"


@pytest.fixture
def family(admin, world):
    """D3, of which D4 buys, is merged into D1; return the file of cards that the ERP sends as ever."""
    rep = factories.user(Role.REP, world["territory"], code="R1")
    cards = lines("D3,Three,T1,R1,1,", "D4,Four,T1,R1,2,D3", head=CARDS)
    bring(cards, "distributors")
    merge(admin, Distributor.objects.get(code="D3"), world["one"])
    return {**world, "cards": cards, "rep": rep}


def test_a_file_as_ever_does_not_undo_a_merge(family):
    before = picture()
    made = bring(family["cards"], "distributors")
    assert (made.state, made.rows_changed, made.rows_same) == ("published", 0, 2)
    assert {**picture(), "audit": before["audit"]} == before
    assert Distributor.objects.get(code="D4").parent == family["one"]
    gone = Distributor.objects.get(code="D3")
    assert (gone.owner, gone.merged_into) == (None, family["one"])


def test_an_owner_who_left_and_a_closed_territory_of_a_merged_card_keep_no_file_out(family):
    closed = factories.territory("Closed", code="T9", closed_on=date(2025, 1, 1))
    User.objects.filter(pk=family["rep"].pk).update(is_active=False)
    made = bring(lines("D3,Trois,T9,R1,1,", head=CARDS), "distributors")
    assert (made.state, made.rows_changed) == ("published", 1)
    gone = Distributor.objects.get(code="D3")
    assert (gone.legal_name, gone.owner, gone.territory) == ("Trois", None, family["territory"])
    assert not Assignment.objects.filter(territory=closed).exists()


def test_a_file_that_lets_the_survivor_buy_from_the_merged_card_is_refused(family):
    made = bring(lines("D1,One,T1,,2,D3", head=CARDS), "distributors")
    assert (2, "parent") in [found[:2] for found in problems(made)]
    assert Distributor.objects.get(code="D1").parent is None


def test_a_new_buyer_from_the_merged_card_buys_from_the_survivor(family):
    bring(lines("D5,Five,T1,,2,D3", head=CARDS), "distributors")
    assert Distributor.objects.get(code="D5").parent == family["one"]


def test_assignments_from_a_file_leave_a_merged_card_without_owner(family):
    gone = Distributor.objects.get(code="D3")
    now = Assignment.objects.filter(distributor=gone).order_by("starts_on").last()
    before = picture()
    text = lines(f"D3,{now.starts_on},T1,R1", "D3,2020-01-01,T1,R1", head="distributor,day,territory,owner")
    made = bring(text, "assignments")
    assert (made.state, made.rows_new, made.rows_changed, made.rows_same) == ("published", 0, 0, 2)
    assert {**picture(), "audit": before["audit"]} == before


def test_a_merged_card_is_not_reassigned(family):
    gone, before = Distributor.objects.get(code="D3"), picture()
    client, url = Client(), reverse("profiles:distributor-reassign", args=[gone.pk])
    client.force_login(factories.user(Role.ADMIN, email="second@example.test"))
    assert client.get(url)["Location"] == gone.get_absolute_url()
    data = {"starts_on": clock.today().replace(day=1), "territory": gone.territory_id, "owner": family["rep"].pk}
    answer = client.post(url, data)
    assert (answer.status_code, "undo the merge first" in text_of(answer)) == (422, True)
    assert {**picture(), "User": before["User"]} == before


PAID = "external_id,distributor,day,amount,currency,settles,reverses"
CREDITED = "external_id,distributor,day,due_on,amount,currency,kind,settles"


def test_the_survivor_pays_credits_and_takes_back_what_came_for_the_merged_card(admin, world):
    bring(INVOICE, "invoices")
    bring(PAYMENT, "payments")
    merge(admin, world["one"], world["two"])
    rows = lines("P2,D2,2025-03-11,30,CNY,R1,", "P3,D2,2025-03-12,60,CNY,,P1", head=PAID)
    assert bring(rows, "payments").state == "published"
    note = lines("G1,D2,2025-03-12,2025-03-12,10,CNY,credit_note,R1", head=CREDITED)
    assert bring(note, "invoices").state == "published"
    assert OpenItem.objects.values_list("distributor", "kind", "amount").get() == (world["two"].pk, "invoice", 60)
    assert bring(lines("P4,D1,2025-03-13,60,CNY,R1,", head=PAID), "payments").state == "published"
    assert not OpenItem.objects.exists()
    assert sound()


def test_what_states_an_invoice_of_another_company_is_refused_after_a_merge_as_before(admin, world):
    factories.distributor(world["territory"], code="D3")
    bring(INVOICE, "invoices")
    bring(PAYMENT, "payments")
    merge(admin, world["one"], world["two"])
    before = picture()
    for text, kind, column in (
        (lines("P2,D3,2025-03-11,30,CNY,R1,", head=PAID), "payments", "settles"),
        (lines("P2,D3,2025-03-11,60,CNY,,P1", head=PAID), "payments", "reverses"),
        (lines("G1,D3,2025-03-12,2025-03-12,10,CNY,credit_note,R1", head=CREDITED), "invoices", "settles"),
    ):
        made = bring(text, kind)
        assert (made.state, [found[1] for found in problems(made)]) == ("refused", [column])
    assert picture() == before
