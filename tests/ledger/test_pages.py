"""The pages about imports, products and sale lines, and what they add to other pages."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from core import clock, jobs
from core.contributors import collect, needs_of
from distributors.ledger.models import Import, SaleLine
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
    return client.post(
        reverse("ledger:import-add"),
        {"kind": kind, "file": SimpleUploadedFile("lines.csv", text.encode()), **data},
    )


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
    assert "This distributor is not known." in page
    report = client.get(reverse("ledger:import-problems", args=[made.pk]))
    assert report.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "2,distributor,D9,This distributor is not known." in b"".join(report.streaming_content).decode()


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
    key = f"import-sales-{bad.filename}"

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
    assert "O1" in page
    assert "11.00" in page
    assert "O2" not in page
    client.force_login(factories.user(Role.REP, factories.territory()))
    assert "O1" not in client.get(url, {"distributor": world["one"].pk}).content.decode()


def test_orders_stand_on_the_timeline(world):
    bring(lines(GOOD, GOOD.replace("L1", "L2"), "L3,D1,P1,2024-12-01,1,1,CNY,OLD", head=ORDERED))
    events = collect("timeline", factories.user(), [world["one"].pk], date(2025, 4, 1))
    orders = [(event.on, event.title, event.text) for event in events if event.title in {"O1", "OLD"}]
    assert orders == [(date(2025, 3, 1), "O1", "2 lines · 20 CNY")]
    stranger = factories.user(Role.REP, factories.territory())
    assert not [one for one in collect("timeline", stranger, [world["one"].pk], date(2025, 4, 1)) if one.title == "O1"]


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
        reverse("ledger:distributor-sales", args=[world["one"].pk]),
    ):
        with django_assert_max_num_queries(20):
            assert client.get(url).status_code == 200
