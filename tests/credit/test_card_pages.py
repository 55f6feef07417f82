"""The pages of credit cards: what each role sees and may do, and what is refused with a sentence."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from accounts.roles import Role
from core.models import Job
from core.timeline import Span
from distributors.credit.cards.contributions import expiry_needs, grade_events, review_needs
from distributors.credit.cards.models import Accounts, CreditPolicy, Evidence
from distributors.credit.cards.policies import SETTINGS, WEIGHTS, policy_ensure
from distributors.credit.cards.services import accounts_save, evidence_add
from distributors.profiles.models import Distributor, Standing
from tests import factories
from tests.credit.world import TODAY, card, scored, traded

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 of a test"


@pytest.fixture(autouse=True)
def today(settings):
    settings.TODAY = TODAY.isoformat()


class World:
    """Two regions, one with its rep, scored at a month-end and today."""

    def __init__(self):
        self.north, self.south = factories.territory("North"), factories.territory("South")
        self.admin, self.finance = factories.user(), factories.user(Role.FINANCE)
        self.manager = factories.user(Role.MANAGER, self.north)
        self.rep = factories.user(Role.REP, self.north)
        self.one = traded(self.north, owner=self.rep, legal_name="Firm of the north")
        self.other = traded(self.south, legal_name="Firm of the south")
        evidence_add(
            actor=self.finance,
            distributor=self.one,
            item="litigation",
            score=60,
            reviewed_on=TODAY,
            expires_on=date(2025, 7, 1),
            note="One case pending",
        )
        scored(date(2025, 6, 1), monthly=True)
        scored()


@pytest.fixture
def world():
    return World()


def get(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"credit:{name}", args=args), query)


def post(client, user, name, *args, **data):
    client.force_login(user)
    return client.post(reverse(f"credit:{name}", args=args), data)


EVIDENCE = {"score": "80", "note": "Bank letter", "reviewed_on": "2025-06-10", "expires_on": "2026-06-30"}
ACCOUNTS = {"year": "2024", "currency": "CNY", "equity": "500", "liabilities": "500", "reviewed_on": "2025-06-10"}


def test_the_tab_shows_grade_criteria_and_what_is_missing(client, world):
    response = get(client, world.manager, "distributor", world.one.pk)
    page = response.content.decode()
    assert response.status_code == 200
    for words in ("payment punctuality", "One case pending", "nothing to cover", "Score at each month-end"):
        assert words.lower() in page.lower(), words
    assert f">5C {card(world.one).grade}<" in page
    radar = response.context["radar"]
    assert len(radar["option"]["radar"]["indicator"]) == len(radar["table"]["rows"]) == 5
    assert get(client, world.manager, "distributor", world.other.pk).status_code == 404


def test_expired_evidence_says_so(client, world, settings):
    settings.TODAY = "2025-07-02"
    scored(date(2025, 7, 2))
    page = get(client, world.finance, "distributor", world.one.pk).content.decode()
    assert f"expired on {date_format(date(2025, 7, 1), 'DATE_FORMAT')}" in page


def test_how_it_was_computed_adds_up_as_shown(client, world):
    response = get(client, world.rep, "how", world.one.pk)
    row = card(world.one)
    assert response.context["score_sum"].endswith(f"= {row.score}")
    terms = response.context["score_sum"].split(" = ")[0]
    assert round(eval(terms.replace("×", "*")), 2) == float(row.score)  # noqa: S307  our own arithmetic
    confidence = response.context["confidence_sum"].split(" = ")[0]
    assert round(eval(confidence.replace("×", "*")) * 100, 2) == float(row.confidence)  # noqa: S307
    month_end = world.one.credit_scores.get(run__monthly=True).run_id
    assert get(client, world.rep, "how", world.one.pk, run=month_end).status_code == 200
    for wrong in ("0", "x", "9" * 30):
        assert get(client, world.rep, "how", world.one.pk, run=wrong).status_code == 404


def test_evidence_is_entered_with_its_file_and_fetched_by_who_sees_it(client, world):
    file = SimpleUploadedFile("../letter.pdf", PDF)
    response = post(client, world.rep, "evidence-add", world.one.pk, "references", file=file, **EVIDENCE)
    assert response.status_code == 302
    made = Evidence.objects.get(item="references")
    assert (made.score, made.document, made.created_by) == (80, "letter.pdf", world.rep)
    assert card(world.one).references == Decimal(80)
    fetched = get(client, world.manager, "evidence-file", made.pk)
    assert b"".join(fetched.streaming_content) == PDF
    assert "attachment" in fetched["Content-Disposition"]
    far = factories.user(Role.MANAGER, world.south)
    assert get(client, far, "evidence-file", made.pk).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"score": "101"}, "100"),
        ({"score": "many"}, "whole number"),
        ({"reviewed_on": "2025-06-16"}, "lies in the past"),
        ({"expires_on": "2025-06-01"}, "at least until"),
        ({"note": ""}, "rests on"),
    ],
)
def test_evidence_that_is_refused_says_why_and_keeps_what_was_typed(client, world, change, words):
    response = post(client, world.rep, "evidence-add", world.one.pk, "references", **{**EVIDENCE, **change})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert "2026-06-30" in response.content.decode() or "expires_on" in change
    assert not Evidence.objects.filter(item="references").exists()


def test_a_file_of_another_kind_is_refused(client, world):
    file = SimpleUploadedFile("letter.pdf", b"MZ no document")
    response = post(client, world.rep, "evidence-add", world.one.pk, "references", file=file, **EVIDENCE)
    assert response.status_code == 422
    assert not Evidence.objects.filter(item="references").exists()


@pytest.mark.parametrize("item", ["punctuality", "debt", "coverage", "nonsense"])
def test_what_is_computed_has_no_form(client, world, item):
    assert get(client, world.admin, "evidence-add", world.one.pk, item).status_code == 404


def test_withdrawn_evidence_does_not_count_and_stays_in_the_history(client, world):
    found = Evidence.objects.get()
    assert get(client, world.rep, "evidence-withdraw", found.pk).status_code == 200
    assert post(client, world.rep, "evidence-withdraw", found.pk).status_code == 302
    assert card(world.one).litigation is None
    assert "withdrawn" in get(client, world.rep, "evidence", world.one.pk).content.decode()
    assert post(client, world.rep, "evidence-withdraw", found.pk).status_code == 404


def test_accounts_are_entered_and_corrected_and_two_at_once_are_told(client, world):
    assert post(client, world.finance, "accounts-add", world.one.pk, opened="0", **ACCOUNTS).status_code == 302
    made = Accounts.objects.get()
    assert card(world.one).debt == Decimal(80)
    again = post(client, world.finance, "accounts-add", world.one.pk, opened="0", **{**ACCOUNTS, "equity": "1"})
    assert again.status_code == 409
    assert "already" in again.content.decode()
    change = {**ACCOUNTS, "equity": "9500", "opened": str(made.pk)}
    assert post(client, world.finance, "accounts-edit", made.pk, **change).status_code == 302
    assert card(world.one).debt == Decimal(100)
    assert post(client, world.finance, "accounts-edit", made.pk, **change).status_code == 409
    last = Accounts.objects.order_by("-pk").first()
    assert post(client, world.finance, "accounts-withdraw", last.pk).status_code == 302
    assert card(world.one).debt is None


def test_empty_accounts_and_years_that_run_still_are_refused(client, world):
    empty = {"year": "2024", "currency": "CNY", "reviewed_on": "2025-06-10", "opened": "0"}
    assert post(client, world.finance, "accounts-add", world.one.pk, **empty).status_code == 422
    now = post(client, world.finance, "accounts-add", world.one.pk, opened="0", **{**ACCOUNTS, "year": "2025"})
    assert now.status_code == 422
    assert "year that is over" in now.content.decode()
    assert not Accounts.objects.exists()


def review_keys(user, day):
    return [need.key for need in review_needs(user, day)]


def test_finance_reviews_a_card_and_it_is_needed_when_due(client, world):
    assert review_keys(world.finance, TODAY) == []
    assert post(client, world.finance, "review", world.one.pk, next_on="2025-08-01", note="Seen").status_code == 302
    refused = post(client, world.finance, "review", world.one.pk, next_on="2025-06-01")
    assert refused.status_code == 422
    assert review_keys(world.finance, date(2025, 8, 2)) == [f"creditreview-{world.one.pk}-2025-08-01"]
    assert review_keys(world.rep, date(2025, 8, 2)) == []


def test_evidence_that_expires_needs_whoever_may_renew_it(world):
    found = Evidence.objects.get()
    for user, wanted in ((world.rep, 1), (world.finance, 1), (factories.user(Role.ANALYST), 0)):
        assert len(expiry_needs(user, TODAY)) == wanted
    assert expiry_needs(world.rep, date(2025, 5, 1)) == []
    newer = {"reviewed_on": date(2025, 6, 16), "expires_on": date(2026, 7, 1), "note": "Closed"}
    Evidence.objects.create(distributor=world.one, item=found.item, score=70, **newer)
    assert expiry_needs(world.rep, TODAY) == []


def test_a_changed_grade_stands_on_the_timeline(world):
    for item in ("references", "guarantor", "management"):
        given = {"reviewed_on": date(2025, 6, 11), "expires_on": date(2026, 7, 1), "note": "Bad"}
        evidence_add(actor=world.finance, distributor=world.one, item=item, score=0, **given)
    events = grade_events(world.rep, [world.one.pk], Span(today=TODAY))
    assert events[0].title == f"{events[1].title.split(' → ')[1]} → {card(world.one).grade}"
    assert grade_events(factories.user(Role.MANAGER, world.south), [world.one.pk], Span(today=TODAY)) == []


def test_the_list_shows_whom_the_user_sees_and_filters_by_grade(client, world):
    grade = card(world.one).grade
    mine = get(client, world.manager, "creditscore-list").content.decode()
    assert "Firm of the north" in mine
    assert "Firm of the south" not in mine
    found = get(client, world.admin, "creditscore-list", grade=grade).content.decode()
    assert "Firm of the north" in found
    for query in ({"grade": "none"}, {"review": "due"}, {"confidence": "sound"}):
        assert "Firm of the north" not in get(client, world.admin, "creditscore-list", **query).content.decode()
    sheet = get(client, world.admin, "creditscore-list", export="csv")
    assert "Firm of the north" in b"".join(sheet.streaming_content).decode()


def test_the_list_of_distributors_filters_and_shows_the_grade(client, world):
    client.force_login(world.admin)
    url = reverse("profiles:distributor-list")
    grade = card(world.one).grade
    page = client.get(url, {"grade": grade, "columns": "name,credit_grade,credit_score"}).content.decode()
    assert "Firm of the north" in page
    other = "D" if grade != "D" else "AAA"
    assert "Firm of the north" not in client.get(url, {"grade": other}).content.decode()


@pytest.mark.parametrize("name", ["distributor", "how", "evidence"])
def test_the_pages_of_one_card_ask_few_questions(client, world, name):
    for month in range(1, 6):
        scored(date(2025, month, 1), monthly=True)
    client.force_login(world.finance)
    url = reverse(f"credit:{name}", args=[world.one.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    assert len(asked) <= 25


def test_the_list_of_cards_asks_as_much_of_few_as_of_many(client, world):
    def questions():
        client.force_login(world.admin)
        client.get(reverse("credit:creditscore-list"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("credit:creditscore-list"))
        return len(asked)

    few = questions()
    for _one in range(5):
        traded(world.north)
    scored()
    assert questions() == few <= 25


def weights(**changes):
    current = policy_ensure()
    given = {name: f"{getattr(current, name) / 100:g}" for name in WEIGHTS}
    given |= {name: str(getattr(current, name)) for name in SETTINGS}
    return {**given, "opened": str(current.number), "valid_from": "2025-06-15", "note": "", **changes}


def test_weights_by_hand_make_a_version_and_sums_beside_1_are_refused(client, world):
    wrong = post(client, world.admin, "policy-change", **weights(character="35"))
    assert wrong.status_code == 422
    assert "make up 105 %" in wrong.content.decode()
    within = post(client, world.admin, "policy-change", **weights(punctuality="40"))
    assert "“character” make up 90 %" in within.content.decode()
    assert CreditPolicy.objects.count() == 1
    good = weights(character="35", capital="15", note="Character counts more")
    assert post(client, world.admin, "policy-change", **good).status_code == 302
    made = CreditPolicy.objects.get(number=2)
    assert (made.character, made.capital, made.note) == (3500, 1500, "Character counts more")
    late = post(client, world.admin, "policy-change", **{**good, "character": "30", "capital": "20"})
    assert late.status_code == 409
    past = weights(grace_home="7", valid_from="2025-06-14")
    assert post(client, world.admin, "policy-change", **past).status_code == 422
    assert post(client, world.admin, "policy-change", **weights()).status_code == 422
    assert CreditPolicy.objects.count() == 2


def judgements(**pairs):
    return {name.replace("_", "-"): value for name, value in pairs.items()}


def test_a_comparison_fills_the_reciprocal_and_shows_what_it_weighs(client, world):
    client.force_login(world.admin)
    url = reverse("credit:policy-compare", args=["collateral"])
    assert client.get(url).status_code == 200
    page = client.post(url, judgements(j_0_1="3"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "1/3" in page
    assert "75.00 %" in page
    assert "consistent" in page
    assert CreditPolicy.objects.count() == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [("0", "not above zero"), ("-3", "not above zero"), ("much", "is not a number"), ("10", "outside 1/9 to 9")],
)
def test_a_judgement_that_is_none_is_named(client, world, value, words):
    given = {**judgements(j_0_1=value), "save": "1", "opened": "1", "valid_from": "2025-06-15"}
    client.force_login(world.admin)
    response = client.post(reverse("credit:policy-compare", args=["collateral"]), given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert CreditPolicy.objects.count() == 1


def test_comparisons_that_contradict_each_other_are_refused_and_pointed_at(client, world):
    given = {**judgements(j_0_1="9", j_0_2="1/9", j_1_2="9"), "save": "1", "opened": "1", "valid_from": "2025-06-15"}
    client.force_login(world.admin)
    response = client.post(reverse("credit:policy-compare", args=["capital"]), given)
    page = response.content.decode()
    assert response.status_code == 422
    assert "contradict each other" in page
    assert 'aria-invalid="true"' in page
    assert CreditPolicy.objects.count() == 1


def test_weights_from_comparisons_are_saved_with_them(client, world):
    given = {**judgements(j_0_1="3"), "save": "1", "opened": "1", "valid_from": "2025-06-15"}
    client.force_login(world.admin)
    url = reverse("credit:policy-compare", args=["collateral"])
    assert client.post(url, given).status_code == 302
    made = CreditPolicy.objects.get(number=2)
    assert (made.coverage, made.guarantor, made.judgements["collateral"][1][0]) == (7500, 2500, "1/3")
    assert 'value="3"' in client.get(url).content.decode()
    assert client.post(url, {**given, "j-0-1": "5"}).status_code == 409
    assert "from comparisons in pairs" in client.get(reverse("credit:policy")).content.decode()
    assert client.get(reverse("credit:policy-compare", args=["nothing"])).status_code == 404


def test_all_cards_are_scored_by_a_job_on_demand(client, world):
    response = post(client, world.finance, "run")
    assert response.status_code == 302
    assert Job.objects.filter(kind="credit.cards").count() == 1
    assert post(client, world.rep, "run").status_code == 403


def test_one_card_is_scored_on_demand(client, world):
    Standing.objects.filter(pk=world.one.pk).update(credit_grade="")
    assert post(client, world.rep, "rescore", world.one.pk).status_code == 302
    assert Standing.objects.get(pk=world.one.pk).credit_grade == card(world.one).grade
    Distributor.objects.filter(pk=world.one.pk).update(state="ended")
    assert post(client, world.rep, "rescore", world.one.pk).status_code == 302


def test_charts_are_plain_data(client, world):
    accounts_save(
        actor=world.finance,
        distributor=world.one,
        year=2024,
        currency="CNY",
        reviewed_on=TODAY,
        figures={"equity": Decimal(1), "liabilities": Decimal(1)},
    )
    response = get(client, world.finance, "distributor", world.one.pk)
    assert json.dumps(response.context["radar"]["option"], default=str)
