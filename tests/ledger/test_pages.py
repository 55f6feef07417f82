"""The pages about imports, products and sale lines, and what they add to other pages."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from core import clock, jobs
from core.models import Job
from core.needs import needs_of
from core.sentences import Sentence
from core.timeline import Span, timeline_events
from distributors.ledger.kinds.declaration import kinds_all
from distributors.ledger.kinds.sales import SALES
from distributors.ledger.models import Import, SaleLine
from distributors.ledger.selectors import import_links
from tests import factories
from tests.ledger.records import HEAD, bring, lines, small_world

pytestmark = pytest.mark.django_db

GOOD = "L1,D1,P1,2025-03-01,2,10.00,CNY,O1"
ORDERED = HEAD + ",order_number"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-01"
    return small_world()


def upload(client, text, kind="sales", **data):
    """Hand a file in, and send it with the columns as they are recognised."""
    response = client.post(
        reverse("ledger:import-add"),
        {"kind": kind, "file": SimpleUploadedFile("lines.csv", text.encode()), **data},
    )
    return client.post(response.url, {"action": "import"}) if response.status_code == 302 else response


def test_an_uploaded_file_is_brought_in_by_a_job(client, world):
    client.force_login(factories.user(Role.FINANCE))
    response = upload(client, lines(GOOD, head=ORDERED))
    made = Import.objects.get()
    assert response.url == made.get_absolute_url()
    waiting = client.get(made.get_absolute_url())
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    jobs.job_run(made.job_id)
    done = client.get(made.get_absolute_url(), headers=HTMX).content.decode()
    assert "every 1s" not in done
    assert "published" in done
    assert "<html" not in done


def test_a_refused_file_shows_its_problems_and_offers_them_as_csv(client, world):
    user = factories.user(Role.ADMIN)
    client.force_login(user)
    made = bring(lines(GOOD.replace("D1", "D9"), head=ORDERED), actor=user)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "This distributor is not known: mend the cell, or bring the distributor in first." in page
    report = client.get(reverse("ledger:import-problems", args=[made.pk]))
    assert report.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        '2,distributor,D9,"This distributor is not known: mend the cell, or bring the distributor in first."'
        in b"".join(report.streaming_content).decode()
    )


def test_reasons_are_read_in_the_language_of_the_reader_on_the_page_and_in_the_report(client, world):
    clerk, admin = factories.user(Role.FINANCE, language="zh-hans"), factories.user(Role.ADMIN, language="en")
    file = lines(GOOD.replace("D1", "D9"), "L2,D1,P1,2025-03-01,2,x,CNY,O1", head=ORDERED)
    made = bring(file, actor=clerk)
    said = {
        clerk: ("没有该经销商：请改正此单元格", "不是数字", "原因"),
        admin: (
            "This distributor is not known: mend the cell",
            "Not a number such as 1234.50",
            "Reason",
        ),
    }
    for user, (unknown, number, head) in said.items():
        client.force_login(user)
        page = client.get(made.get_absolute_url()).content.decode()
        response = client.get(reverse("ledger:import-problems", args=[made.pk]))
        report = b"".join(response.streaming_content).decode()
        for text in (page, report):
            assert unknown in text
            assert number in text
        assert head in report.splitlines()[0]


def test_a_job_is_read_in_the_language_of_the_reader(client, world):
    clerk, admin = factories.user(Role.FINANCE, language="zh-hans"), factories.user(Role.ADMIN, language="en")
    client.force_login(clerk)
    upload(client, lines(GOOD, head=ORDERED))
    job = Import.objects.get().job
    Job.objects.filter(pk=job.pk).update(state="running", message=Sentence("reading"))
    assert "读取中" in client.get(job.get_absolute_url()).content.decode()
    client.force_login(admin)
    page = client.get(job.get_absolute_url()).content.decode()
    assert "reading</span>" in page
    assert "Import of lines.csv" in page


def test_the_result_says_what_came_in_how_long_it_took_and_where_to_go(client, world):
    client.force_login(factories.user(Role.ADMIN))
    upload(client, lines(GOOD, "L2,D2,P2,2025-03-02,1,4,CNY,O2", head=ORDERED))
    made = Import.objects.get()
    jobs.job_run(made.job_id)
    for url in (made.get_absolute_url(), made.job.get_absolute_url()):
        response = client.get(url)
        given = response.context.get("outcome") or response.context
        facts, links = (getattr(given, name, None) or given[name] for name in ("facts", "links"))
        texts = {fact["label"]: fact["text"] for fact in facts}
        assert [texts[name] for name in ("Rows read", "New", "Changed", "Unchanged", "Batch")] == [
            "2",
            "2",
            "0",
            "0",
            "#1",
        ]
        assert texts["Took"].endswith(" s")
        seen = next(link["url"] for link in links if link["label"] == "See what came in")
        page = client.get(seen).content.decode()
        assert "batch #1" in page
        assert "O1" in page
        assert "O2" in page
        assert client.get(links[-1]["url"]).status_code == 200


@pytest.mark.parametrize(
    ("kind", "text", "shown", "following"),
    [
        ("territories", "code,name\nA,A\n", "accounts:territory-list", "Next: People"),
        ("people", "email,name,role\na@b.example,A,rep\n", "accounts:user-list", "Next: Distributors"),
        ("distributors", "code,legal_name,territory\nN,N,T1\n", "profiles:distributor-list", "Next: Assignments"),
        ("products", "sku,name,line\nN,N,L\n", "ledger:product-list", "Next: Contracts"),
        ("rates", "currency,day,rate\nEUR,2025-03-01,8\n", "ledger:exchangerate-list", "Next: Securities"),
    ],
)
def test_after_each_kind_comes_the_next(world, kind, text, shown, following):
    admin = factories.user(Role.ADMIN)
    links = import_links(bring(text, kind), admin)
    assert [link["label"] for link in links] == ["See what came in", following]
    assert links[0]["url"] == reverse(shown)
    again = import_links(bring(text, kind), admin)
    assert [link["label"] for link in again] == [following]


def test_after_sales_come_the_distributors(world):
    labels = [link["label"] for link in import_links(bring(lines(GOOD, head=ORDERED)), factories.user(Role.ADMIN))]
    assert labels == ["See what came in", "Distributors by net sales", "Next: Orders"]


def test_what_came_in_is_a_list_that_knows_the_batch(client, world):
    client.force_login(factories.user(Role.ADMIN))
    for kind in kinds_all():
        assert client.get(reverse(kind.shown)).status_code == 200, kind.name
        if kind.order >= SALES.order:
            wrong = client.get(reverse(kind.shown), {"batch": "x"})
            assert wrong.status_code == 422, f"{kind.name}: its list does not filter by batch"


def test_lines_of_a_batch_are_those_in_reach(client, world):
    elsewhere = factories.distributor(factories.territory("Elsewhere"), code="D3")
    bring(lines(GOOD, f"L2,{elsewhere.code},P2,2025-03-02,1,4,CNY,O2", head=ORDERED))
    client.force_login(factories.user(Role.REP, world["territory"]))
    page = client.get(reverse("ledger:saleline-list"), {"batch": 1}).content.decode()
    assert "O1" in page
    assert "O2" not in page


def test_a_wrong_profile_answers_422_beside_its_field(client, world):
    client.force_login(factories.user(Role.ADMIN))
    profile = SimpleUploadedFile("p.toml", b'kind = "rates"')
    response = upload(client, lines(GOOD, head=ORDERED), profile=profile)
    assert response.status_code == 422
    assert "Mapping profile, kind" in response.content.decode()
    assert not Import.objects.exists()


def test_finance_neither_offers_nor_sees_imports_of_master_data(client, world):
    made = bring("sku,name,line\nX,X,X\n", "products")
    client.force_login(factories.user(Role.FINANCE))
    form = client.get(reverse("ledger:import-add")).content.decode()
    assert 'value="sales"' in form
    assert 'value="products"' not in form
    assert client.get(made.get_absolute_url()).status_code == 404
    assert made.filename not in client.get(reverse("ledger:import-list")).content.decode()
    assert upload(client, "sku\n", "products").status_code == 422


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REP, Role.INSPECTOR, Role.ANALYST])
def test_others_have_no_imports(client, world, role):
    client.force_login(factories.user(role, world["territory"]))
    assert client.get(reverse("ledger:import-list")).status_code == 403
    assert client.get(reverse("ledger:import-add")).status_code == 403
    assert upload(client, lines(GOOD)).status_code == 403
    assert not Import.objects.exists()


def test_a_refused_import_needs_someone_until_it_is_made_good(world):
    admin, clerk, other = factories.user(), factories.user(Role.FINANCE), factories.user(Role.FINANCE)
    bad = bring(lines(GOOD.replace("D1", "D9"), head=ORDERED), actor=clerk)
    key = f"import-sales-{bad.pk}"

    def keys(user):
        return [need.key for need in needs_of(user, clock.today()) if need.key.startswith("import-")]

    assert (keys(admin), keys(clerk), keys(other)) == ([key], [key], [])
    Import.objects.filter(pk=bad.pk).update(created_at=clock.instant() - timedelta(days=15))
    assert keys(clerk) == []
    Import.objects.filter(pk=bad.pk).update(created_at=clock.instant())
    bring(lines(GOOD, head=ORDERED), actor=clerk)
    assert keys(clerk) == []


def test_the_sales_tab_shows_months_and_product_lines(client, world):
    bring(lines(GOOD, "L2,D1,P2,2024-03-01,1,4,CNY,O0", head=ORDERED))
    client.force_login(factories.user(Role.MANAGER, world["territory"]))
    page = client.get(reverse("ledger:distributor-sales", args=[world["one"].pk])).content.decode()
    assert "By product line" in page
    assert "+150.0 %" in page
    fragment = client.get(reverse("ledger:distributor-sales", args=[world["one"].pk]), headers=HTMX)
    assert "<html" not in fragment.content.decode()
    stranger = factories.user(Role.MANAGER, factories.territory())
    client.force_login(stranger)
    assert client.get(reverse("ledger:distributor-sales", args=[world["one"].pk])).status_code == 404


def test_lines_are_listed_for_one_distributor_in_reach(client, world):
    bring(lines(GOOD, "L2,D2,P2,2025-03-02,1,4,CNY,O2", head=ORDERED))
    bring(lines(GOOD.replace("10.00", "11.00"), head=ORDERED))
    client.force_login(factories.user(Role.REP, world["territory"]))
    url = reverse("ledger:saleline-list")
    assert "Choose a distributor" in client.get(url).content.decode()
    page = client.get(url, {"distributor": world["one"].pk}).content.decode()
    assert ">O1<" in page
    assert "11.00" in page
    assert ">O2<" not in page
    client.force_login(factories.user(Role.REP, factories.territory()))
    assert ">O1<" not in client.get(url, {"distributor": world["one"].pk}).content.decode()


MARCH = {"since": "2025-03-01", "until": "2025-03-31"}


def listed(client, **query):
    response = client.get(reverse("ledger:saleline-list"), query)
    assert response.status_code == 200
    return [cell["text"] for row in response.context["table"]["rows"] for cell in row["cells"][-1:]]


def test_lines_of_a_month_are_listed_for_all_in_reach_each_with_its_distributor(client, world):
    far = factories.distributor(code="FAR")
    bring(
        lines(
            GOOD,
            "L2,D2,P2,2025-03-31,1,4,CNY,O2",
            "L3,D1,P1,2025-02-28,1,1,CNY,O3",
            f"L4,{far.code},P1,2025-03-05,1,1,CNY,O4",
            head=ORDERED,
        )
    )
    client.force_login(factories.user(Role.MANAGER, world["territory"]))
    assert listed(client, **MARCH) == ["L2", "L1"]
    page = client.get(reverse("ledger:saleline-list"), MARCH).content.decode()
    assert reverse("profiles:distributor-detail", args=[world["two"].pk]) in page
    assert "FAR" not in page
    client.force_login(factories.user())
    assert listed(client, **MARCH) == ["L2", "L4", "L1"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"since": "2025-03-01"},
        {"until": "2025-03-31"},
        {"since": "2025-03-01", "until": "2025-04-01"},
    ],
)
def test_without_a_distributor_more_than_a_month_is_not_listed(client, world, query):
    bring(lines(GOOD, head=ORDERED))
    client.force_login(factories.user())
    assert listed(client, **query) == []
    assert "Choose a distributor, or a month" in client.get(reverse("ledger:saleline-list"), query).content.decode()


def test_lines_are_filtered_by_tier_and_by_what_makes_net_sales(client, world):
    type(world["two"]).objects.filter(pk=world["two"].pk).update(tier=2)
    kinds = ORDERED + ",kind"
    rows = [
        "L1,D1,P1,2025-03-01,2,10,CNY,O1,sell_in",
        "L2,D1,P1,2025-03-02,-1,-5,CNY,O1,return",
        "L3,D1,P1,2025-03-03,1,9,CNY,O3,sell_through",
        "L4,D2,P1,2025-03-04,1,7,CNY,O4,sell_in",
    ]
    bring(lines(*rows, head=kinds))
    client.force_login(factories.user())
    assert listed(client, **MARCH, kind="net", tier="1") == ["L2", "L1"]
    assert listed(client, **MARCH, kind="net") == ["L4", "L2", "L1"]
    assert listed(client, **MARCH, kind="sell_through") == ["L3"]


def test_orders_stand_on_the_timeline_by_month_and_lead_to_their_lines(client, world):
    bring(
        lines(
            GOOD,
            GOOD.replace("L1", "L2"),
            "L3,D1,P1,2025-03-20,1,1000,CNY,O2",
            "L4,D1,P1,2025-04-01,1,5,CNY,",
            "L5,D1,P1,2025-04-01,1,5,CNY,",
            "L6,D1,P1,2024-03-31,1,1,CNY,OLD",
            head=ORDERED,
        )
    )
    reader = factories.user(Role.MANAGER, world["territory"])
    events = [
        event
        for event in timeline_events(reader, [world["one"].pk], Span(date(2025, 4, 1), glance=True))
        if event.code == "order"
    ]
    assert [(event.on, event.when, event.title) for event in sorted(events, key=lambda event: event.on)] == [
        (date(2025, 3, 20), "March 2025", "2 orders, 1,020 CNY without tax"),
        (date(2025, 4, 1), "April 2025", "1 order, 10 CNY without tax"),
    ]
    client.force_login(reader)
    counts = [client.get(event.url).context["count"]["value"] for event in sorted(events, key=lambda event: event.on)]
    assert counts == [3, 2]
    stranger = factories.user(Role.REP, factories.territory())
    assert not [
        one
        for one in timeline_events(stranger, [world["one"].pk], Span(date(2025, 4, 1), glance=True))
        if one.code == "order"
    ]


def test_products_are_listed_and_shown(client, world):
    client.force_login(factories.user(Role.REP, world["territory"]))
    assert "P1" in client.get(reverse("ledger:product-list")).content.decode()
    assert "12 pc" in client.get(world["boxed"].get_absolute_url()).content.decode()


def test_pages_ask_the_database_as_often_for_many_rows_as_for_few(client, world, django_assert_max_num_queries):
    bring(lines(*(f"L{n},D1,P1,2025-03-01,1,1,CNY,O{n}" for n in range(120)), head=ORDERED))
    assert SaleLine.objects.count() == 120
    client.force_login(factories.user())
    for url in (
        reverse("ledger:import-list"),
        reverse("ledger:product-list"),
        reverse("ledger:saleline-list") + f"?distributor={world['one'].pk}",
        reverse("ledger:saleline-list") + "?since=2025-03-01&until=2025-03-31",
        reverse("ledger:distributor-sales", args=[world["one"].pk]),
    ):
        with django_assert_max_num_queries(20):
            assert client.get(url).status_code == 200
