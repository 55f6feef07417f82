"""Files that go in: what becomes of their rows, in every form in which an ERP writes them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Territory, User
from accounts.roles import Role
from core import clock
from core.models import AuditEvent
from distributors.ledger.models import Batch, ExchangeRate, Import, MonthlySales, Product, SaleLine
from distributors.ledger.services import ImportRefused, sale_lines_upsert
from distributors.ledger.verification import verify
from distributors.profiles.models import Distributor
from tests import factories
from tests.ledger.records import HEAD, base_amounts, bring, lines, picture, small_world, started

pytestmark = pytest.mark.django_db

GOOD = "L1,D1,P1,2025-03-01,2,10.00,CNY"


def whole():
    return [(verdict.name, verdict.examples) for verdict in verify() if verdict.wrong]


def test_new_lines_make_a_batch_roll_ups_and_standing():
    world = small_world()
    made = bring(lines(GOOD, "L2,D1,P2,2025-03-05,1,5.5,CNY", "L3,D2,P2,2025-02-05,1,1,CNY"))
    assert (made.state, made.rows_new, made.rows_read) == (Import.State.PUBLISHED, 3, 3)
    assert made.batch.number == 1
    month = MonthlySales.objects.get(distributor=world["one"])
    assert (month.month, month.amount, month.lines, month.orders, month.products) == (
        date(2025, 3, 1),
        Decimal("15.5"),
        2,
        2,
        2,
    )
    world["one"].standing.refresh_from_db()
    assert world["one"].standing.last_order_on == date(2025, 3, 5)
    assert AuditEvent.objects.filter(verb="import.published").count() == 1
    assert whole() == []


def test_an_import_ends_when_its_facts_are_written(monkeypatch):
    from distributors.ledger.kinds.sales import SALES

    small_world()
    publish, written = SALES.publish, []

    def noted(stage, around):
        counts = publish(stage, around)
        written.append(clock.instant())
        return counts

    monkeypatch.setitem(vars(SALES), "publish", noted)
    assert bring(lines(GOOD)).finished_at > written[0]


def test_the_same_file_again_changes_nothing():
    small_world()
    bring(lines(GOOD))
    before = picture()
    made = bring(lines(GOOD))
    assert (made.state, made.rows_new, made.rows_changed, made.rows_same) == (Import.State.PUBLISHED, 0, 0, 1)
    assert picture() == before | {"audit": before["audit"] + 1}


def test_a_changed_line_is_a_new_revision_and_the_old_one_names_what_superseded_it():
    small_world()
    bring(lines(GOOD, "L2,D1,P1,2025-03-01,1,1,CNY"))
    made = bring(lines(GOOD.replace("10.00", "12.50"), "L2,D1,P1,2025-03-01,1,1,CNY", "L3,D1,P1,2025-03-02,1,1,CNY"))
    assert (made.rows_new, made.rows_changed, made.rows_same) == (1, 1, 1)
    old, new = SaleLine.objects.filter(external_id="L1").order_by("revision")
    assert (old.superseded_by_id, new.revision, new.batch_id, new.superseded_by_id) == (2, 2, 2, None)
    assert new.amount == Decimal("12.5")
    assert MonthlySales.objects.get().amount == Decimal("14.5")
    assert whole() == []


def test_a_check_publishes_nothing():
    small_world()
    before = picture()
    made = bring(lines(GOOD), dry_run=True)
    assert made.state == Import.State.VALID
    assert picture() == before


def test_base_amounts_are_exact_and_half_up():
    small_world()
    ExchangeRate.objects.create(currency="EUR", day=date(2025, 3, 1), rate=Decimal("0.5"))
    bring(
        lines(
            "A,D1,P1,2025-03-01,1,0.0001,EUR",
            "B,D1,P1,2025-03-01,-1,-0.0001,EUR",
            "C,D1,P1,2025-03-01,1,123456.7891,USD",
            "D,D1,P1,2025-03-01,1,0.00005,CNY",
            "E,D1,P1,2025-03-01,1,0.00004999,CNY",
        )
    )
    exact = (Decimal("123456.7891") * Decimal("7.123456789012")).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
    assert base_amounts() == {"A": 1, "B": -1, "C": int(exact * 10_000), "D": 1, "E": 0}


def test_a_rate_is_carried_seven_days_and_flagged():
    small_world()
    bring(lines("A,D1,P1,2025-03-01,1,1,USD", "B,D1,P1,2025-03-08,1,1,USD"))
    assert list(SaleLine.objects.order_by("external_id").values_list("rate_carried", flat=True)) == [False, True]


def test_quantities_count_in_base_units():
    small_world()
    bring(lines("A,D1,P1,2025-03-01,2,1,CNY,box", "B,D1,P1,2025-03-01,2,1,CNY,", head=HEAD + ",unit"))
    assert list(SaleLine.objects.order_by("external_id").values_list("base_quantity", flat=True)) == [24, 2]


PROFILE = """
kind = "sales"
name = "German ERP"
delimiter = ";"
decimal = ","
thousands = "."
dates = ["%d.%m.%Y", "%Y%m%d"]
header = 2
[columns]
external_id = { template = "{Beleg}-{Zeile}" }
distributor = { from = "Kunde", values = { "0001" = "D1" } }
product = { from = "Artikel" }
day = { from = "Datum" }
quantity = { from = "Menge" }
amount = { from = "Netto" }
currency = { default = "CNY" }
order_type = { from = "Art", values = { "N" = "regular" }, other = "promotion" }
buyer = { from = "Käufer", blank = ["-"] }
"""
GERMAN = (
    "Export vom 1. März\n"
    "Beleg;Zeile;Kunde;Artikel;Datum;Menge;Netto;Art;Käufer\n"
    "77;1;0001;P1;01.03.2025;1,5;1.234,56;N;NA\n"
    "77;2;D2;P2;20250302;-1;-2,00;A;-\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_mapping_profile_reads_another_erp(encoding):
    small_world()
    made = bring(GERMAN.replace("ä", "a").encode(encoding), profile=PROFILE.replace("ä", "a"))
    assert (made.state, made.profile_name) == (Import.State.PUBLISHED, "German ERP")
    one, two = SaleLine.objects.order_by("external_id")
    assert (one.external_id, one.distributor.code, one.quantity, one.amount) == (
        "77-1",
        "D1",
        Decimal("1.5"),
        Decimal("1234.56"),
    )
    assert (one.order_type, one.buyer, one.day) == ("regular", "NA", date(2025, 3, 1))
    assert (two.order_type, two.buyer, two.day, two.amount) == ("promotion", "", date(2025, 3, 2), Decimal(-2))


def test_a_decimal_point_in_a_file_with_decimal_commas_is_refused():
    small_world()
    made = bring(GERMAN.replace("-2,00", "-2.00"), profile=PROFILE.replace('thousands = "."\n', ""))
    assert made.state == Import.State.REFUSED


def test_a_chinese_file_without_a_profile_is_recognised():
    small_world()
    made = bring("code,name,level,parent\nCN,中国,国家,\nCN-32,江苏,省,CN\n".encode("gb18030"), "territories")
    assert made.state == Import.State.PUBLISHED
    child = Territory.objects.get(code="CN-32")
    assert (child.name, child.parent.name) == ("江苏", "中国")
    assert child.path.startswith(child.parent.path)


def test_territories_are_renamed_and_never_moved():
    small_world()
    bring("code,name,parent\nA,A,\nB,B,A\n", "territories")
    made = bring("code,name,parent\nB,Bee,A\nC,C,B\n", "territories")
    assert (made.rows_new, made.rows_changed) == (1, 1)
    made = bring("code,name,parent\nB,Bee,\n", "territories")
    assert made.state == Import.State.REFUSED
    assert Territory.objects.get(code="B").parent.code == "A"


def test_people_come_without_a_password_and_with_their_reach():
    small_world()
    made = bring("email,name,role,territory,code\nMAX@x.example,Max,rep,T1,7\n", "people")
    assert made.rows_new == 1
    person = User.objects.get(code="7")
    assert (person.email, person.has_usable_password(), person.is_active) == ("max@x.example", False, True)
    assert [one.code for one in person.territories.all()] == ["T1"]
    made = bring("email,name,role,territory,code\nmax@x.example,Max,rep,T1,7\n", "people")
    assert (made.rows_new, made.rows_changed, made.rows_same) == (0, 0, 1)


def test_an_administrator_is_not_changed_by_a_file():
    small_world()
    admin = factories.user(Role.ADMIN)
    made = bring(f"email,name,role\n{admin.email},X,rep\n", "people")
    assert made.state == Import.State.REFUSED
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN


def test_distributors_come_with_address_cover_and_standing(settings):
    settings.TODAY = "2025-06-15"
    small_world()
    factories.user(Role.REP, code="R1")
    head = "code,legal_name,type,tier,parent,territory,owner,city,cooperation_since\n"
    made = bring(head + "N1,New One,ordinary,2,D1,T1,R1,Nanjing,2024-05-20\n", "distributors")
    assert made.rows_new == 1
    new = Distributor.objects.get(code="N1")
    assert (new.parent.code, new.owner.code, new.city, new.state, new.territory_path) == (
        "D1",
        "R1",
        "Nanjing",
        "active",
        new.territory.path,
    )
    assert new.assignments.get().starts_on == date(2024, 5, 1)
    assert new.places.get().city == "Nanjing"
    assert new.standing.net_sales_12m == 0
    assert new.created_at.date() == clock.instant().date()
    made = bring(head + "N1,New One,ordinary,2,D1,T1,R1,Nanjing,2024-05-20\n", "distributors")
    assert (made.rows_new, made.rows_changed, made.rows_same) == (0, 0, 1)


def test_what_a_file_of_distributors_does_not_give_stays(settings):
    settings.TODAY = "2025-06-15"
    small_world()
    factories.territory("Other", code="T2")
    Distributor.objects.filter(code="D1").update(phone="123", state="watch")
    made = bring("code,legal_name,territory\nD1,Renamed,T2\n", "distributors")
    assert made.rows_changed == 1
    one = Distributor.objects.get(code="D1")
    assert (one.legal_name, one.phone, one.state, one.territory.code, one.version) == (
        "Renamed",
        "123",
        "watch",
        "T2",
        2,
    )
    assert one.assignments.get(starts_on=date(2025, 6, 1)).territory.code == "T2"
    assert one.territory_path == one.territory.path


def test_products_come_with_lines_and_units():
    small_world()
    made = bring("sku,name,line,line_name,list_price,unit,factor\nX1,Ex,L9,Nine,12.5,case,6\n", "products")
    assert made.rows_new == 1
    one = Product.objects.get(sku="X1")
    assert (str(one.line), one.list_price, one.units.get().factor) == ("Nine", Decimal("12.5"), 6)
    made = bring("sku,name,line,list_price\nX1,Ex,L9,13\n", "products")
    assert made.rows_changed == 1
    one.refresh_from_db()
    assert (one.list_price, one.line.name, one.units.count()) == (13, "Nine", 1)


def test_rates_are_replaced_and_lines_keep_their_base_amount():
    small_world()
    bring(lines("A,D1,P1,2025-03-01,1,1,USD"))
    before = base_amounts()
    made = bring("currency,day,rate\nUSD,2025-03-01,8\n", "rates")
    assert (made.rows_changed, ExchangeRate.objects.get(currency="USD").rate) == (1, 8)
    assert base_amounts() == before


def test_finance_brings_in_facts_and_no_master_data():
    small_world()
    clerk = factories.user(Role.FINANCE)
    assert bring(lines(GOOD), actor=clerk).state == Import.State.PUBLISHED
    with pytest.raises(PermissionDenied):
        started("sku,name,line\nX,X,X\n", "products", actor=clerk)


def test_batches_are_numbered_in_the_order_in_which_they_are_published():
    small_world()
    first, second = started(lines(GOOD)), started(lines(GOOD.replace("L1", "L2")))
    from distributors.ledger.services import import_process
    from tests.ledger.records import Foreground

    import_process(import_id=second.pk, runner=Foreground())
    import_process(import_id=first.pk, runner=Foreground())
    assert list(Batch.objects.order_by("number").values_list("number", "import_file")) == [
        (1, second.pk),
        (2, first.pk),
    ]


def test_a_bulk_of_lines_is_all_or_nothing():
    small_world()
    actor = factories.user(Role.API_CLIENT, everywhere=True)
    names = HEAD.split(",")
    row = dict(zip(names, GOOD.split(","), strict=True))
    done = sale_lines_upsert(actor=actor, source_code="erp", rows=[row], key="k")
    assert done == {"new": 1, "changed": 0, "unchanged": 0, "batch": 1, "late": []}
    assert sale_lines_upsert(actor=actor, source_code="erp", rows=[row])["batch"] is None
    before = picture()
    with pytest.raises(ImportRefused) as refusal:
        sale_lines_upsert(
            actor=actor,
            source_code="erp",
            rows=[row | {"external_id": "L2"}, row | {"external_id": "L3", "amount": "1e999"}, row],
        )
    assert [(one["row"], one["column"]) for one in refusal.value.problems] == [(2, "amount")]
    assert picture() == before
    assert whole() == []


def test_a_client_of_one_territory_knows_only_its_distributors():
    world = small_world()
    elsewhere = factories.territory("Elsewhere")
    actor = factories.user(Role.API_CLIENT, elsewhere)
    row = dict(zip(HEAD.split(","), GOOD.split(","), strict=True))
    with pytest.raises(ImportRefused) as refusal:
        sale_lines_upsert(actor=actor, source_code="erp", rows=[row])
    assert [(one["column"], one["value"]) for one in refusal.value.problems] == [("distributor", "D1")]
    actor = factories.user(Role.API_CLIENT, world["territory"])
    assert sale_lines_upsert(actor=actor, source_code="erp", rows=[row])["new"] == 1
