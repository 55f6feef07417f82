"""The pipeline of prospects: what stands on each card, moves that rules of selection refuse, the funnel."""

from datetime import timedelta
from functools import partial
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Absence
from accounts.roles import Role
from core import clock
from core.company import company
from core.errors import DomainError, TransitionRefused
from core.models import AuditEvent
from distributors.profiles.bulk import move_apply
from distributors.profiles.models import Distributor, LifecycleChange
from distributors.profiles.selection.models import DiligenceItem, Risk
from distributors.profiles.selection.rules import SelectionRefused
from distributors.profiles.selection.services import check_decide
from distributors.profiles.services import lifecycle_move
from tests import factories

pytestmark = pytest.mark.django_db

PIPELINE = reverse("profiles:pipeline")


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def lin(town):
    return factories.user(Role.MANAGER, town, name="Lin")


@pytest.fixture
def client_of(client):
    def as_user(person):
        client.force_login(person, backend="accounts.backends.EmailBackend")
        return client

    return as_user


def columns(client, query=""):
    return {column.state: column for column in client.get(PIPELINE + query).context["columns"]}


def board_move(client, row, name, **data):
    url = reverse("profiles:distributor-boardmove", args=[row.pk, name])
    return client.post(url, {"seen": row.state, "reason": "Ready", **data})


def nothing_changed(row):
    return (
        Distributor.objects.get(pk=row.pk).state == row.state
        and not LifecycleChange.objects.filter(distributor=row).exists()
        and not AuditEvent.objects.filter(target_id=str(row.pk), verb__in=("submit", "approve")).exists()
    )


# Cards


def test_a_card_shows_score_open_checks_highest_risk_days_and_what_is_missing(client_of, lin, town):
    one = factories.distributor(town, state="review", legal_name="Harbour", bare=True)
    factories.scorecard(one)
    DiligenceItem.objects.create(distributor=one, kind="tax", state="clear", decided_on=clock.today())
    factories.risk(one, 3, 5)
    LifecycleChange.objects.create(
        distributor=one, before="prospect", after="review", on=clock.today() - timedelta(days=12)
    )
    card = columns(client_of(lin))["review"].cards[0]
    assert (card["facts"].score, card["facts"].open, card["facts"].highest, card["days"]) == (75, 6, 15, 12)
    assert card["missing"] == ["6 checks open", "risk at 15: a director"]
    text = client_of(lin).get(PIPELINE).content.decode()
    for words in ("score 75.0", "risk 15", "12 days", "Missing: 6 checks open, risk at 15: a director"):
        assert words in text


def test_the_columns_are_those_of_a_prospect_and_who_waits_longest_stands_first(client_of, lin, town):
    today = clock.today()
    for days in (3, 30, 10):
        one = factories.distributor(town, state="review", legal_name=f"Waits {days}")
        LifecycleChange.objects.create(
            distributor=one, before="prospect", after="review", on=today - timedelta(days=days)
        )
    begun, old = (factories.distributor(town, legal_name=name) for name in ("New", "Old"))
    for one, days in ((begun, 5), (old, 400)):
        LifecycleChange.objects.create(
            distributor=one, before="approved", after="active", on=today - timedelta(days=days)
        )
    found = columns(client_of(lin))
    assert list(found) == ["prospect", "review", "approved", "active"]
    assert [card["name"] for card in found["review"].cards] == ["Waits 30", "Waits 10", "Waits 3"]
    assert [card["name"] for card in found["active"].cards] == ["New"]


def test_the_pipeline_costs_as_many_queries_for_many_cards(client_of, lin, town):
    client = client_of(lin)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(PIPELINE).status_code == 200
        return len(caught)

    for state in ("prospect", "review", "approved"):
        factories.distributor(town, state=state)
    queries()
    few = queries()
    for state in ("prospect", "review", "approved") * 8:
        factories.distributor(town, state=state)
    assert queries() == few <= 25


def test_the_funnel_counts_who_reached_each_state_within_twelve_months(client_of, lin, town):
    today = clock.today()
    factories.distributor(town, state="prospect")
    for after in (["review"], ["review", "approved"], ["review", "approved", "active"]):
        one, before = factories.distributor(town, state=after[-1]), "prospect"
        for state in after:
            LifecycleChange.objects.create(distributor=one, before=before, after=state, on=today - timedelta(days=40))
            before = state
    factories.distributor(town)
    steps = client_of(lin).get(PIPELINE).context["funnel"]
    assert [(step["count"], step["share"]) for step in steps] == [(4, ""), (3, "75 %"), (2, "67 %"), (1, "50 %")]


# Refusals: each rule, nothing changed


def lacking(town, rule):
    state = "prospect" if rule == "scorecard" else "review"
    one = factories.distributor(town, state=state, legal_name="Harbour", bare=True)
    if rule != "scorecard":
        factories.scorecard(one, 3 if rule == "minimum" else 4)
    factories.checks(one, **{"open": {"litigation": "open"}, "blocking": {"tax": "blocking"}}.get(rule, {}))
    if rule != "risks":
        factories.risk(one, 4, 5 if rule == "risk" else 2)
    return one


RULES = [
    ("submit", "scorecard", "Rule “scorecard”: no scorecard is submitted yet."),
    (
        "approve",
        "minimum",
        "Rule “minimum score”: the score is 50.0, and 60 is asked for; below it a director approves.",
    ),
    ("approve", "open", "Rule “due diligence complete”: 1 of 7 checks is open: litigation."),
    ("approve", "blocking", "Rule “nothing blocks”: what was found under tax rules cooperation out."),
    ("approve", "risks", "Rule “risks named”: no risk is named yet, not even a small one."),
    ("approve", "risk", "Rule “limit of a risk”: “Owner is old” is at 20; from 15 on a director approves."),
]


@pytest.mark.parametrize(("name", "rule", "said"), RULES)
def test_each_rule_refuses_on_the_board_with_its_sentence_and_the_way_and_nothing_changes(
    client_of, lin, town, name, rule, said
):
    one = lacking(town, rule)
    answer = board_move(client_of(lin), one, name)
    assert answer.status_code == 409
    assert answer.json()["message"] == said
    [reason] = answer.json()["reasons"]
    assert reason["text"] == said
    assert client_of(lin).get(reason["url"]).status_code == 200
    assert nothing_changed(one)


@pytest.mark.parametrize(("name", "rule", "said"), RULES)
def test_each_rule_refuses_in_the_form_with_what_was_typed_and_nothing_changes(client_of, lin, town, name, rule, said):
    one = lacking(town, rule)
    url = reverse("profiles:distributor-move", args=[one.pk, name])
    page = client_of(lin).get(url)
    assert said in page.content.decode()
    answer = client_of(lin).post(url, {"reason": "In a hurry"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert said in text
    assert "In a hurry" in text
    assert nothing_changed(one)


def test_all_rules_that_stand_against_it_are_told_at_once(lin, town):
    one = factories.distributor(town, state="review", bare=True)
    with pytest.raises(SelectionRefused) as refused:
        lifecycle_move(actor=lin, distributor=one, name="approve", reason="Now")
    assert [reason.rule for reason in refused.value.reasons] == ["scorecard", "open", "risks"]
    assert nothing_changed(one)


def test_with_everything_in_place_a_second_person_approves(client_of, lin, town):
    one = factories.distributor(town, state="review")
    assert board_move(client_of(lin), one, "approve").json() == {"state": "approved"}


@pytest.mark.parametrize("rule", ["minimum", "risk"])
def test_a_director_approves_a_low_score_or_a_high_risk(client_of, town, rule):
    one = lacking(town, rule)
    director = factories.user(Role.MANAGER, everywhere=True, name="Mei")
    page = client_of(director).get(reverse("profiles:distributor-move", args=[one.pk, "approve"])).content.decode()
    assert "Approved by you as a director all the same" in page
    lifecycle_move(actor=director, distributor=one, name="approve", reason="Guarantee of the parent company")
    assert Distributor.objects.get(pk=one.pk).state == "approved"


@pytest.mark.parametrize("rule", ["open", "blocking", "risks"])
def test_a_director_too_is_refused_what_is_not_decided(town, rule):
    one = lacking(town, rule)
    with pytest.raises(SelectionRefused):
        lifecycle_move(actor=factories.user(), distributor=one, name="approve", reason="Now")
    assert nothing_changed(one)


def test_who_stands_in_for_a_director_approves_in_their_name(lin, town):
    one, director = lacking(town, "risk"), factories.user(Role.MANAGER, everywhere=True, name="Mei")
    today = clock.today()
    Absence.objects.create(user=director, starts_on=today, ends_on=today, delegate=lin)
    lifecycle_move(actor=lin, distributor=one, name="approve", reason="Agreed with Mei")
    assert LifecycleChange.objects.get().on_behalf_of == director


def test_nobody_approves_their_own_proposal_though_all_rules_are_met(lin, town):
    one = factories.distributor(town, state="prospect")
    lifecycle_move(actor=lin, distributor=one, name="submit", reason="Mine")
    with pytest.raises(TransitionRefused, match="a second person approves"):
        lifecycle_move(actor=lin, distributor=one, name="approve", reason="I trust myself")
    assert Distributor.objects.get(pk=one.pk).state == "review"


@pytest.mark.parametrize("name", ["activate", "watch", "restore", "exit", "end", "reopen", "send_back"])
def test_other_moves_ask_nothing_of_selection(town, name):
    start = {"activate": "approved", "restore": "watch", "exit": "active", "watch": "active", "reopen": "ended"}
    one = factories.distributor(town, state=start.get(name, "review"), bare=True)
    lifecycle_move(actor=factories.user(), distributor=one, name=name, reason="Now")
    assert Distributor.objects.get(pk=one.pk).state != one.state or LifecycleChange.objects.exists()


def test_two_managers_who_move_one_prospect_and_the_second_is_told(client_of, lin, town):
    one = factories.distributor(town, state="review")
    mei = factories.user(Role.MANAGER, town, name="Mei")
    assert board_move(client_of(lin), one, "approve").status_code == 200
    late = board_move(client_of(mei), one, "send_back")
    assert late.status_code == 409
    assert late.json()["message"] == "Someone moved it meanwhile: it is “approved” now."
    assert LifecycleChange.objects.count() == 1


def test_what_is_found_between_looking_and_pressing_counts(client_of, lin, town):
    one = factories.distributor(town, state="review")
    client_of(lin).get(reverse("profiles:distributor-move", args=[one.pk, "approve"]))
    DiligenceItem.objects.filter(distributor=one, kind="tax").update(state="blocking", note="Debt")
    assert "rules cooperation out" in board_move(client_of(lin), one, "approve").json()["message"]
    assert nothing_changed(one)


# At once


def race(*presses):
    """Let each press happen in a thread of its own, at the same moment; return the refusals."""
    company()  # made by whoever first asks for it, which is not what these race about
    start, refused = Barrier(len(presses)), []

    def run(press):
        start.wait()
        try:
            press()
        except DomainError as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[press]) for press in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return refused


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_decide_on_one_prospect_at_once_one_wins_and_the_other_is_told():
    town = factories.territory()
    one, people = factories.distributor(town, state="review"), [factories.user(Role.MANAGER, town) for _n in "ab"]
    refused = race(
        *(
            partial(
                lifecycle_move,
                actor=person,
                distributor=Distributor.objects.get(pk=one.pk),
                name=name,
                reason="Decided",
            )
            for person, name in zip(people, ("approve", "send_back"), strict=True)
        )
    )
    assert len(refused) == 1
    assert "not possible" in refused[0]
    assert LifecycleChange.objects.count() == 1
    assert AuditEvent.objects.filter(verb__in=("approve", "send_back")).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_finding_that_blocks_do_not_both_go_in():
    town = factories.territory()
    one, lin, rui = factories.distributor(town, state="review"), *(factories.user(Role.MANAGER, town) for _n in "ab")
    refused = race(
        partial(
            lifecycle_move, actor=lin, distributor=Distributor.objects.get(pk=one.pk), name="approve", reason="Decided"
        ),
        partial(check_decide, actor=rui, distributor=one, kind="tax", state="blocking", note="Debt"),
    )
    assert len(refused) == 1
    blocked = DiligenceItem.objects.filter(distributor=one, state="blocking").exists()
    assert (Distributor.objects.get(pk=one.pk).state == "approved") != blocked


# Many at once


def test_many_at_once_move_only_whom_no_rule_stands_against_and_the_others_are_named_by_rule(client_of, lin, town):
    good = factories.distributor(town, state="review", legal_name="Good")
    bad = lacking(town, "risk")
    client = client_of(lin)
    url = reverse("core:list-action", kwargs={"key": "profiles.distributor", "name": "move"})
    asked = {"pk": [good.pk, bad.pk], "step": "preview", "move": "approve", "reason": "Checked"}
    preview = client.post(url, asked).context["preview"]
    assert (preview.ready, dict(preview.refused)) == (1, {"the rule “limit of a risk” is not met": 1})
    assert preview.notes == ["These stay as they are: Harbour"]
    rows = Distributor.objects.filter(pk__in=[good.pk, bad.pk])
    assert move_apply(actor=lin, rows=rows, move="approve", reason="Checked").count == 1
    assert dict(Distributor.objects.values_list("legal_name", "state")) == {"Good": "approved", "Harbour": "review"}
    assert nothing_changed(bad)


def test_home_says_score_and_what_stands_against_an_approval(client_of, lin, town):
    one = lacking(town, "risk")
    text = client_of(lin).get(reverse("core:needs")).content.decode()
    assert "score 75.0" in text
    assert "risk at 20: a director" in text
    Risk.objects.filter(distributor=one).update(likelihood=1)
    assert "risk at" not in client_of(lin).get(reverse("core:needs")).content.decode()
