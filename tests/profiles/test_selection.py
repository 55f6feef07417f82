"""Scorecards, due diligence and risks: kept, submitted, refused; who may, and what the page shows."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent, Blob
from distributors.profiles.selection import services
from distributors.profiles.selection.calculations import CRITERIA
from distributors.profiles.selection.models import (
    Assessment,
    DiligenceDocument,
    DiligenceItem,
    Rating,
    Risk,
    SelectionPolicy,
)
from tests import factories

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 accounts of three years"
EXE = b"MZ\x90\x00 not a document"


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def lin(town):
    return factories.user(Role.MANAGER, town, name="Lin")


@pytest.fixture
def prospect(town):
    return factories.distributor(town, state="prospect", legal_name="Harbour", bare=True)


@pytest.fixture
def enter(client):
    def as_user(person):
        client.force_login(person, backend="accounts.backends.EmailBackend")
        return client

    return as_user


def url(name, *args):
    return reverse(f"profiles:{name}", args=args)


def rated(value=4, **more):
    return {name: (more.get(name, value), "") for name in CRITERIA}


def counts():
    models = (Assessment, Rating, DiligenceItem, DiligenceDocument, Risk, SelectionPolicy, AuditEvent)
    return [model.objects.count() for model in models]


# Scorecards


def test_a_complete_scorecard_is_submitted_with_its_score_and_who_rated(lin, prospect):
    made = services.assessment_save(actor=lin, distributor=prospect, ratings=rated(), submit=True)
    assert (made.state, made.score, made.rated_by, made.policy.number) == ("submitted", 75, lin, 1)
    row = AuditEvent.objects.get(verb="assessment.submitted")
    assert row.after["score"] == "75.0"
    assert row.target_id == str(prospect.pk)


def test_an_unfinished_scorecard_says_what_is_missing_and_is_not_submitted(lin, prospect):
    part = {"willingness": (4, "has a plan"), "ability": (3, "")}
    before = counts()
    with pytest.raises(DomainError, match=r"reputation and credit, social and customer network, coverage.*, financial"):
        services.assessment_save(actor=lin, distributor=prospect, ratings=part, submit=True)
    assert counts() == before
    draft = services.assessment_save(actor=lin, distributor=prospect, ratings=part)
    assert (draft.state, draft.score) == ("draft", None)
    assert draft.ratings.get(criterion="willingness").note == "has a plan"


def test_a_new_scorecard_leaves_the_old_one_with_its_weights(lin, prospect):
    first = services.assessment_save(actor=lin, distributor=prospect, ratings=rated(4, finance=1), submit=True)
    admin = factories.user()
    services.policy_change(actor=admin, opened=1, willingness=10, finance=20, note="Money first")
    second = services.assessment_save(actor=lin, distributor=prospect, ratings=rated(4, finance=1), submit=True)
    first.refresh_from_db()
    assert (first.policy.number, first.score) == (1, 67.5)
    assert (second.policy.number, second.score) == (2, 60)


def test_of_two_who_keep_one_draft_the_second_is_told_and_nothing_is_lost(lin, prospect):
    services.assessment_save(actor=lin, distributor=prospect, ratings=rated(2), version=0)
    before = counts()
    with pytest.raises(StaleVersion):
        services.assessment_save(actor=lin, distributor=prospect, ratings=rated(5), version=0)
    assert counts() == before
    assert set(Rating.objects.values_list("value", flat=True)) == {2}


@pytest.mark.parametrize("value", [0, 6, 3.5])
def test_a_rating_off_the_scale_is_refused(lin, prospect, value):
    before = counts()
    with pytest.raises(DomainError, match="from 1 to 5"):
        services.assessment_save(actor=lin, distributor=prospect, ratings=rated(value), submit=True)
    assert counts() == before


@pytest.mark.parametrize("state", ["approved", "active", "ended"])
def test_what_a_decision_rested_on_stays_as_it_is(lin, town, state):
    found = factories.distributor(town, state=state)
    risk = factories.risk(found)
    before = counts()
    for change in (
        lambda: services.assessment_save(actor=lin, distributor=found, ratings=rated(), submit=True),
        lambda: services.check_decide(actor=lin, distributor=found, kind="tax", state="clear"),
        lambda: services.risk_save(actor=lin, instance=risk, title="x", likelihood=1, impact=1),
        lambda: services.risk_remove(actor=lin, risk=risk),
    ):
        with pytest.raises(DomainError, match="The selection is closed"):
            change()
    assert counts() == before


def test_a_scorecard_is_rated_on_its_page_and_kept_as_a_draft_without_losing_what_was_typed(enter, lin, prospect):
    client, rate = enter(lin), url("distributor-rate", prospect.pk)
    page = client.get(rate).content.decode()
    assert "Invests in our line: people, stock and showroom, with dates in writing." in page
    some = {"willingness": "5", "willingness_note": "Signed a plan", "version": "0"}
    refused = client.post(rate, {**some, "submit": "1"})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Not rated yet: operating ability" in text
    assert "Signed a plan" in text
    assert not Assessment.objects.exists()
    assert client.post(rate, {**some, "keep": "1"}).status_code == 302
    assert Assessment.objects.get().state == "draft"
    whole = {**dict.fromkeys(CRITERIA, "4"), "version": "1", "submit": "1"}
    assert client.post(rate, whole).status_code == 302
    tab = client.get(url("distributor-selection", prospect.pk)).content.decode()
    assert "75.0" in tab
    assert "minimum 60 reached" in tab


# Due diligence


@pytest.mark.parametrize("state", ["concern", "blocking"])
def test_a_concern_and_what_blocks_need_a_note(lin, prospect, state):
    before = counts()
    with pytest.raises(DomainError, match="Say in the note what was found"):
        services.check_decide(actor=lin, distributor=prospect, kind="tax", state=state, note=" ")
    assert counts() == before
    item = services.check_decide(actor=lin, distributor=prospect, kind="tax", state=state, note="Tax debt of 2024")
    assert (item.decided_by, item.note) == (lin, "Tax debt of 2024")


def test_an_item_that_is_opened_again_forgets_who_decided(lin, prospect):
    services.check_decide(actor=lin, distributor=prospect, kind="tax", state="clear")
    item = services.check_decide(actor=lin, distributor=prospect, kind="tax", state="open")
    assert (item.decided_on, item.decided_by) == (None, None)


def test_saving_the_same_finding_twice_leaves_one_trace(lin, prospect):
    for _time in range(2):
        services.check_decide(actor=lin, distributor=prospect, kind="tax", state="clear")
    assert AuditEvent.objects.filter(verb="diligence.decided").count() == 1


def test_of_two_who_decide_one_item_the_second_is_told(lin, prospect):
    services.check_decide(actor=lin, distributor=prospect, kind="tax", state="clear", version=0)
    with pytest.raises(StaleVersion):
        services.check_decide(actor=lin, distributor=prospect, kind="tax", state="blocking", note="Debt", version=0)
    assert DiligenceItem.objects.get().state == "clear"


def test_a_document_is_kept_with_its_item_and_fetched_by_who_sees_it(enter, lin, prospect):
    client = enter(lin)
    add = url("distributor-checkfile", prospect.pk, "accounts")
    assert client.post(add, {"file": SimpleUploadedFile("accounts.pdf", PDF)}).status_code == 302
    found = DiligenceDocument.objects.get()
    answer = client.get(url("diligencedocument-file", found.pk))
    assert b"".join(answer.streaming_content) == PDF
    other = factories.user(Role.MANAGER, factories.territory())
    assert enter(other).get(url("diligencedocument-file", found.pk)).status_code == 404


def test_a_document_of_the_wrong_kind_is_refused_by_its_content_and_nothing_is_kept(enter, lin, prospect):
    client = enter(lin)
    before, blobs = counts(), Blob.objects.count()
    add = url("distributor-checkfile", prospect.pk, "accounts")
    refused = client.post(add, {"file": SimpleUploadedFile("accounts.pdf", EXE)})
    assert refused.status_code == 422
    assert "“accounts.pdf” is no PDF, JPEG, PNG or DOCX file; its content says so." in refused.content.decode()
    assert (counts(), Blob.objects.count()) == (before, blobs)


def test_a_document_is_there_once_and_removed_with_a_trace(lin, prospect):
    given = {"actor": lin, "distributor": prospect, "kind": "accounts", "name": "a.pdf"}
    made = services.check_document_add(**given, source=io.BytesIO(PDF))
    with pytest.raises(DomainError, match="with the item already"):
        services.check_document_add(**given, source=io.BytesIO(PDF))
    services.check_document_remove(actor=lin, document=made)
    assert not DiligenceDocument.objects.exists()
    assert AuditEvent.objects.get(verb="diligence.file_removed").before["file"] == "a.pdf"


# Risks


def test_a_risk_has_its_level_and_stands_in_the_matrix(enter, lin, prospect):
    client = enter(lin)
    data = {"title": "One customer buys half", "likelihood": "3", "impact": "5", "mitigation": "Win two more"}
    assert client.post(url("distributor-risk", prospect.pk), data).status_code == 302
    found = Risk.objects.get()
    assert found.level == 15
    page = client.get(url("distributor-selection", prospect.pk))
    cell = next(row for row in page.context["matrix"] if row["likelihood"] == 3)["cells"][4]
    assert (cell["band"], [one["number"] for one in cell["risks"]]) == ("over", [1])
    assert "1: One customer buys half" in page.content.decode()


@pytest.mark.parametrize(("likelihood", "impact"), [("0", "3"), ("3", "6"), ("", "3")])
def test_a_risk_off_the_scale_is_refused(enter, lin, prospect, likelihood, impact):
    data = {"title": "x", "likelihood": likelihood, "impact": impact}
    assert enter(lin).post(url("distributor-risk", prospect.pk), data).status_code == 422
    assert not Risk.objects.exists()


def test_of_two_who_change_one_risk_the_second_is_told(enter, lin, prospect):
    risk = factories.risk(prospect)
    data = {"title": "Newer", "likelihood": "1", "impact": "1", "version": "1"}
    client, edit = enter(lin), url("risk-edit", risk.pk)
    assert client.post(edit, data).status_code == 302
    late = client.post(edit, {**data, "title": "Older"})
    assert late.status_code == 409
    assert Risk.objects.get().title == "Newer"


def test_a_risk_is_removed_once_confirmed_and_leaves_its_trace(enter, lin, prospect):
    risk = factories.risk(prospect, title="None at all")
    client, remove = enter(lin), url("risk-remove", risk.pk)
    assert client.get(remove).status_code == 200
    assert Risk.objects.exists()
    client.post(remove)
    assert not Risk.objects.exists()
    assert AuditEvent.objects.get(verb="risk.removed").before["risk"] == "None at all"


# The policy


def test_weights_that_do_not_make_up_100_are_refused_with_their_sum(enter):
    client, page = enter(factories.user()), url("selection-policy")
    data = {"willingness": 30, "ability": 25, "reputation": 25, "network": 10, "coverage": 10, "finance": 10}
    data |= {"threshold": 60, "risk_limit": 15, "note": "", "opened": 1}
    refused = client.post(page, data)
    assert refused.status_code == 422
    assert "The weights make up 110; together they are 100." in refused.content.decode()
    assert SelectionPolicy.objects.count() <= 1
    assert client.post(page, {**data, "network": 0}).status_code == 302
    assert SelectionPolicy.objects.first().willingness == 30


def test_of_two_who_change_the_policy_the_second_is_told(enter):
    admin = factories.user()
    services.policy_change(actor=admin, opened=1, threshold=50)
    with pytest.raises(StaleVersion):
        services.policy_change(actor=admin, opened=1, threshold=40)
    assert SelectionPolicy.objects.first().threshold == 50


def test_only_an_administrator_changes_the_policy(enter, lin):
    assert enter(lin).get(url("selection-policy")).status_code == 403


# Who may


def test_a_rep_rates_their_own_prospects_and_reads_those_of_their_territory(enter, town, prospect):
    rep = factories.user(Role.REP, town)
    own = factories.distributor(town, rep, state="prospect", bare=True)
    client = enter(rep)
    assert client.get(url("distributor-rate", own.pk)).status_code == 200
    assert client.get(url("distributor-rate", prospect.pk)).status_code == 404
    assert client.get(url("distributor-selection", prospect.pk)).status_code == 200


def test_the_services_ask_for_the_permission_that_their_pages_ask_for(prospect):
    finance = factories.user(Role.FINANCE)
    risk = Risk.objects.create(distributor=prospect, title="Fire", likelihood=1, impact=1)
    for act in (
        lambda: services.assessment_save(actor=finance, distributor=prospect, ratings=rated(), submit=True),
        lambda: services.check_decide(actor=finance, distributor=prospect, kind="tax", state="clear"),
        lambda: services.risk_save(actor=finance, instance=risk, title="x", likelihood=1, impact=1),
        lambda: services.risk_remove(actor=finance, risk=risk),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert Risk.objects.get().title == "Fire"
    assert not Assessment.objects.exists()
    assert not DiligenceItem.objects.exists()
