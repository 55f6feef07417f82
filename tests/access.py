"""Two worlds side by side, one territory each, with rows of everything in both; and how a request is judged."""

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.calendars import company_calendar
from accounts.models import Absence, ApiToken, CalendarException, Notification, Territory, User
from accounts.roles import Role
from core import clock
from core.files import blob_store
from core.models import AuditEvent, Blob, Job, SavedView, Schedule
from core.periods import month_shift
from core.search import index_write
from distributors.classification.models import Classification, ClassRun, Override, Policy
from distributors.classification.services import classification_run, policy_default
from distributors.credit.cards.policies import policy_ensure
from distributors.credit.cards.runs import scores_run
from distributors.credit.models import (
    Accounts,
    CreditCheck,
    CreditLimit,
    CreditScore,
    Dispute,
    Evidence,
    Hold,
    HoldOverride,
    Promise,
    Reminder,
    Security,
)
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import (
    Batch,
    DropRule,
    ExchangeRate,
    Import,
    ImportProfile,
    PeriodLock,
    Product,
    RetailPrice,
    SaleLine,
)
from distributors.ledger.records import (
    Allocation,
    Invoice,
    Occurrence,
    OpenItem,
    Order,
    Payment,
    StockSnapshot,
    Target,
)
from distributors.ledger.services import facts_upsert, sale_lines_upsert
from distributors.profiles.card.search import OUTLETS
from distributors.profiles.models import (
    BrandShare,
    BrandSurvey,
    BulkChange,
    BusinessFigures,
    CardFile,
    Contact,
    ContactPersonal,
    ContactRelation,
    Contract,
    ContractDocument,
    Coverage,
    Distributor,
    OutboundMessage,
    OutboundReader,
    Outlet,
    Place,
    Tag,
    TagChange,
    Task,
)
from distributors.profiles.outbound import message_post, messages_number
from distributors.profiles.selection.models import Assessment, DiligenceDocument, DiligenceItem, Risk
from tests import factories

MINE = "aa-mine"
SECRET = "zz-hidden"
# What the product, and each line, costs: as figures that nothing else has.
COST, LINE_COST = Decimal("7654.32"), Decimal("6543.21")


@dataclass
class Side:
    """The rows of one territory, each with the text of its side in every word of it."""

    territory: Territory
    manager: User
    rep: User
    inspector: User
    api_client: User
    distributor: Distributor
    place: Place
    saleline: SaleLine
    job: Job
    override: Override
    absence: Absence
    task: Task
    notification: Notification
    view: SavedView
    tagchange: TagChange
    bulkchange: BulkChange
    outboundmessage: OutboundMessage
    contact: Contact
    contactpersonal: ContactPersonal
    contactrelation: ContactRelation
    contract: Contract
    coverage: Coverage
    contractdocument: ContractDocument
    outlet: Outlet
    cardrow: BusinessFigures
    businessfigures: BusinessFigures
    brandshare: BrandShare
    cardfile: CardFile
    card: Distributor
    assessment: Assessment
    diligenceitem: DiligenceItem
    diligencedocument: DiligenceDocument
    risk: Risk
    evidence: Any = None
    accounts: Any = None
    creditscore: Any = None
    retailprice: Any = None
    creditlimit: Any = None
    hold: Any = None
    holdoverride: Any = None
    creditcheck: Any = None
    security: Any = None
    promise: Any = None
    dispute: Any = None
    reminder: Any = None
    classification: Classification | None = None
    order: Any = None
    invoice: Any = None
    payment: Any = None
    stocksnapshot: Any = None
    target: Any = None
    occurrence: Any = None
    openitem: Any = None
    allocation: Any = None

    def texts(self) -> list[str]:
        """Return texts that stand in this side's rows only."""
        made = self.distributor
        return [
            made.code,
            made.legal_name,
            made.short_name,
            made.city,
            self.place.city,
            self.territory.code,
            self.territory.name,
            self.rep.name,
            self.rep.email,
            self.job.title,
            self.override.reason,
            self.absence.reason,
            self.view.name,
            self.bulkchange.reason,
            self.task.title,
            self.contact.name,
            self.contact.title,
            self.contactpersonal.family,
            self.contract.number,
            self.contractdocument.name,
            self.outlet.name,
            self.brandshare.brand,
            self.retailprice.place,
            self.creditlimit.reason,
            self.holdoverride.reason,
            self.creditcheck.order_number,
            self.security.reference,
            self.promise.note,
            self.dispute.number,
            self.reminder.note,
            self.cardfile.name,
            self.diligenceitem.note,
            self.diligencedocument.name,
            self.risk.title,
            self.risk.mitigation,
            f"{made.legal_name.split()[0]} rating",
            str(self.notification),
            self.outboundmessage.data["before"],
            f"{made.legal_name.split()[0]}-order-",
            f"{made.legal_name.split()[0]} buyer",
            f"{made.legal_name.split()[0]}-number",
            f"{made.legal_name.split()[0]}-code",
        ]


@dataclass
class World:
    """Both sides, what belongs to neither, and people of each role: those with a territory stand on the near side."""

    near: Side
    far: Side
    people: dict[Role, User]
    shared: dict[str, Any]
    token: str
    sessions: dict[Role, str] = field(default_factory=dict)

    def client(self, role: Role | None, *, api: bool = False) -> Client:
        """Return a client of somebody of `role`, or of nobody; machines show their token to the API."""
        client = Client(raise_request_exception=True)
        if role == Role.API_CLIENT and api:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        elif role in self.sessions:
            client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: self.sessions[role]})
        return client

    def sign_in(self) -> None:
        """Begin a session for everyone."""
        for role, person in self.people.items():
            client = Client()
            client.force_login(person)
            self.sessions[role] = client.cookies[settings.SESSION_COOKIE_NAME].value


def side(text: str) -> Side:
    """Make the rows of one territory."""
    where = factories.territory(name=f"{text} land", code=f"{text}-T-{next(factories._number)}", level=f"{text} level")
    people = {
        role: factories.user(role, where, name=f"{text} {role}", email=f"{text}.{role}.{where.pk}@test.example")
        for role in (Role.MANAGER, Role.REP, Role.INSPECTOR, Role.API_CLIENT)
    }
    made = factories.distributor(
        where,
        people[Role.REP],
        code=f"{text}-D-{where.pk}",
        legal_name=f"{text} Trading",
        short_name=f"{text} short",
        city=f"{text} city",
    )
    place = Place.objects.create(distributor=made, kind=Place.Kind.SHIPPING, city=f"{text} harbour")
    job = Job.objects.create(kind="classification.run", title=f"{text} job", created_by=people[Role.REP])
    today = clock.today()
    override = Override.objects.create(
        distributor=made, klass="B", reason=f"{text} reason", starts_on=today, ends_on=today + timedelta(days=60)
    )
    absence = Absence.objects.create(
        user=people[Role.REP],
        starts_on=today,
        ends_on=today + timedelta(days=3),
        delegate=people[Role.MANAGER],
        reason=f"{text} leave",
    )
    task = Task.objects.create(distributor=made, title=f"{text} task", owner=people[Role.REP], due_on=today)
    told = Notification.objects.create(
        user=people[Role.REP], kind="task", said=f"{text} told", url="/", key=f"{text}-{where.pk}"
    )
    view = SavedView.objects.create(
        section="profiles.distributor",
        name=f"{text} view",
        owner=people[Role.REP],
        shared_with=Role.MANAGER if text == MINE else "",
    )
    change = TagChange.objects.create(adds=True, created_by=people[Role.REP])
    many = BulkChange.objects.create(kind="move", move="watch", reason=f"{text} many", created_by=people[Role.REP])
    message = message_post(kind="distributor.watched", distributor=made, data={"before": f"{text} state"})
    messages_number()
    message.refresh_from_db()
    person = factories.contact(made, name=f"{text} person", title=f"{text} title", family=f"{text} family")
    contract = Contract.objects.create(
        distributor=made, number=f"{text}-contract-{where.pk}", valid_from=today, price_terms=f"{text} terms"
    )
    coverage = Coverage.objects.create(
        contract=contract, territory=where, line=f"{text} line", territory_path=where.path, starts_on=today
    )
    document = ContractDocument.objects.create(
        contract=contract, blob=stored_blob(), name=f"{text}-contract.pdf", content_type="application/pdf"
    )
    other = factories.contact(made, name=f"{text} chief")
    relation = ContactRelation.objects.create(kind="reports_to", source=person, target=other)
    rows = (place, None, job, override, absence, task, told, view, change, many, message)
    rows = (
        *rows,
        person,
        person.personal,
        relation,
        contract,
        coverage,
        document,
        *card_rows(made, text),
        *selection(made, text),
    )
    return Side(where, *people.values(), made, *rows)  # type: ignore[arg-type]


def card_rows(made: Distributor, text: str) -> tuple[Any, ...]:
    """Make an outlet, figures of a day, a brand and a file of a distributor."""
    day = clock.today()
    outlet = Outlet.objects.create(distributor=made, name=f"{text} outlet")
    index_write(OUTLETS, [outlet.pk])
    figures = BusinessFigures.objects.create(distributor=made, as_of=day, staff=3)
    survey = BrandSurvey.objects.create(distributor=made, as_of=day)
    brand = BrandShare.objects.create(survey=survey, brand=f"{text} brand", share=5)
    file = CardFile.objects.create(
        distributor=made, blob=stored_blob(), name=f"{text}-licence.pdf", content_type="application/pdf", kind="licence"
    )
    return outlet, figures, figures, brand, file, made


def selection(of: Distributor, text: str) -> tuple[Assessment, DiligenceItem, DiligenceDocument, Risk]:
    """Make a scorecard, a check with a file, and a risk."""
    assessment = factories.scorecard(of)
    assessment.ratings.update(note=f"{text} rating")
    item = DiligenceItem.objects.create(
        distributor=of, kind="tax", state="concern", note=f"{text} finding", decided_on=clock.today()
    )
    document = DiligenceDocument.objects.create(
        item=item, blob=stored_blob(), name=f"{text}-tax.pdf", content_type="application/pdf"
    )
    risk = factories.risk(of, title=f"{text} risk", mitigation=f"{text} answer")
    return assessment, item, document, risk


def credit_rows(of: Distributor, text: str) -> tuple[Evidence, Accounts]:
    """Make evidence and accounts of a credit card, each with its document."""
    today = clock.today()
    filed = {"blob": stored_blob(), "document": f"{text}-credit.pdf", "content_type": "application/pdf"}
    evidence = Evidence.objects.create(
        distributor=of, item="references", score=70, reviewed_on=today, expires_on=today, note=f"{text} credit", **filed
    )
    accounts = Accounts.objects.create(
        distributor=of, year=today.year - 1, currency="CNY", equity=1, reviewed_on=today, note=f"{text} books", **filed
    )
    return evidence, accounts


def stored_blob() -> Blob:
    """Return the row of a file whose bytes are there."""
    return blob_store(source=io.BytesIO(b"%PDF-1.7 of a test"), limit=1 << 20)


PROFILE = """kind = "sales"

[columns]
external_id = { from = "Line" }
distributor = { from = "Customer" }
product = { from = "Item" }
day = { from = "Date" }
quantity = { from = "Qty" }
amount = { from = "Net" }
currency = { default = "CNY" }
"""


def world() -> World:
    """Make both sides, with a year of sales and a classification over both."""
    near, far = side(MINE), side(SECRET)
    admin = factories.user(Role.ADMIN)
    people = {
        Role.ADMIN: admin,
        Role.MANAGER: near.manager,
        Role.REP: near.rep,
        Role.FINANCE: factories.user(Role.FINANCE),
        Role.INSPECTOR: near.inspector,
        Role.ANALYST: factories.user(Role.ANALYST),
        Role.API_CLIENT: near.api_client,
    }
    product = factories.product(cost=COST)
    for one, text in ((near, MINE), (far, SECRET)):
        sell(admin, one.distributor, product, text)
        one.retailprice = RetailPrice.objects.create(
            distributor=one.distributor,
            product=product,
            place=f"{text} shop",
            price=9,
            currency="CNY",
            seen_on=clock.today(),
        )
        one.saleline = SaleLine.objects.filter(distributor=one.distributor).first()
        owe(admin, one, product, text)
        lend(one, product, text)
    policy = policy_default()
    month = clock.today().replace(day=1)
    for as_of, official in ((month, True), (clock.today(), False)):
        run = classify(policy, as_of, official, admin)
    for one in (near, far):
        one.classification = Classification.objects.filter(run=run, distributor=one.distributor).first()
        one.evidence, one.accounts = credit_rows(one.distributor, MINE if one is near else SECRET)
    scores_run(as_of=clock.today(), monthly=False)
    for one in (near, far):
        one.creditscore = CreditScore.objects.get(run__monthly=False, distributor=one.distributor)
    calendar = company_calendar()
    exception = CalendarException.objects.get_or_create(
        calendar=calendar, day=month, defaults={"worked": True, "name": "stocktaking"}
    )[0]
    token, text = factories.api_token(user=near.api_client)
    shared = {
        "user": factories.user(Role.ANALYST),
        "exchangerate": ExchangeRate.objects.get_or_create(
            currency="USD", day=clock.today(), defaults={"rate": Decimal("7.1")}
        )[0],
        "apitoken": token,
        "businesscalendar": calendar,
        "schedule": Schedule.objects.get_or_create(name="core.exports_remove", defaults={"at": "03:00"})[0],
        "auditevent": AuditEvent.objects.order_by("pk").first(),
        "exception": exception,
        "tag": Tag.objects.get_or_create(key="key account", defaults={"name": "Key account"})[0],
        "batch": Batch.objects.get(pk=1),
        "periodlock": PeriodLock.objects.create(
            number=PeriodLock.objects.count() + 1, first_open=month_shift(month, PeriodLock.objects.count() - 30)
        ),
        "product": product,
        "outboundreader": OutboundReader.objects.create(user=near.api_client),
        "import": imported(admin),
        "importprofile": ImportProfile.objects.get_or_create(kind="sales", name="ERP", defaults={"text": PROFILE})[0],
        "droprule": DropRule.objects.get_or_create(
            pattern="sales-*.csv", defaults={"kind": "sales", "updated_at": clock.instant(), "updated_by": admin}
        )[0],
        "policy": policy,
        "creditpolicy": policy_ensure(),
        "classrun": run,
    }
    return World(near, far, people, shared, text)


def classify(policy: Policy, as_of: date, official: bool, actor: User) -> ClassRun:
    """Classify both sides."""
    return classification_run(policy=policy, as_of=as_of, official=official, actor=actor)


def sell(actor: User, distributor: Distributor, product: Product, text: str) -> None:
    """Sell something in each of the last fourteen months."""
    first = clock.today().replace(day=1)
    rows = [
        {
            "external_id": f"{text}-{distributor.pk}-{back}",
            "distributor": distributor.code,
            "product": product.sku,
            "day": month_shift(first, -back).isoformat(),
            "quantity": "10",
            "amount": "1000",
            "cost": str(LINE_COST),
            "currency": "CNY",
            "order_number": f"{text}-order-{back}",
            "buyer": f"{text} buyer",
        }
        for back in range(1, 15)
    ]
    sale_lines_upsert(actor=actor, source_code=product.source.code, rows=rows)


def owe(actor: User, one: Side, product: Product, text: str) -> None:
    """Bring in one of each other fact, the invoice partly paid and overdue."""
    code, day = one.distributor.code, (clock.today() - timedelta(days=90)).isoformat()
    numbered = {
        "external_id": f"{text}-number-{one.distributor.pk}",
        "distributor": code,
        "day": day,
        "currency": "CNY",
    }
    for kind, row in (
        ("orders", {**numbered, "open_amount": "5"}),
        ("invoices", {**numbered, "due_on": day, "amount": "10"}),
        ("payments", {**numbered, "amount": "4"}),
        ("stock", {"distributor": code, "product": product.sku, "day": day, "quantity": "3"}),
        ("targets", {"distributor": code, "day": day[:8] + "01", "value": "9", "reason": f"{text} reason"}),
        ("occurrences", {**numbered, "kind": "penalty", "code": f"{text}-code"}),
    ):
        facts_upsert(actor=actor, kind=kind_of(kind), source_code=product.source.code, rows=[row])
    for model in (Order, Invoice, Payment, StockSnapshot, Target, Occurrence, OpenItem, Allocation):
        setattr(one, model._meta.model_name, model.objects.get(distributor=one.distributor))


def lend(one: Side, product: Product, text: str) -> None:
    """Make a request of a limit, a hold with its override, a check, a security, a promise, a dispute, a reminder."""
    day = clock.today()
    about: dict[str, Any] = {"distributor": one.distributor}
    money: dict[str, Any] = {"amount": 9, "currency": "CNY", "base_amount": 9}
    worth = {**money, "converted_on": day}
    one.creditlimit = CreditLimit.objects.create(
        **about, **worth, starts_on=day, ends_on=day, reason=f"{text} season", requested_by=one.rep
    )
    one.hold = Hold.objects.create(**about, overdue=True, set_on=day)
    one.holdoverride = HoldOverride.objects.create(**about, starts_on=day, ends_on=day, reason=f"{text} agreed")
    figures = dict.fromkeys(("receivable", "ordered", "prepaid", "acceptances", "reserved", "exposure", "headroom"), 0)
    one.creditcheck = CreditCheck.objects.create(
        **about, **money, **figures, approved=True, pays_before=False, on=day, order_number=f"{text}-checked"
    )
    one.security = Security.objects.create(
        **about,
        **worth,
        kind="deposit",
        starts_on=day,
        reference=f"{text}-deposit-{one.distributor.pk}",
        blob=stored_blob(),
        file_name=f"{text}-deposit.pdf",
        content_type="application/pdf",
    )
    one.promise = Promise.objects.create(**about, **money, made_on=day, due_on=day, note=f"{text} promise")
    one.dispute = Dispute.objects.create(
        **about, source=product.source, number=f"{text}-disputed-{one.distributor.pk}", reason="late", raised_on=day
    )
    one.reminder = Reminder.objects.create(**about, stage=1, overdue=9, days_late=3, sent_on=day, note=f"{text} called")


def imported(actor: User) -> Import:
    """Make a file that came in."""
    blob = Blob.objects.get_or_create(sha256="0" * 64, defaults={"size": 0, "path": "none"})[0]
    return Import.objects.create(kind="sales", filename="sales.csv", blob=blob, created_by=actor, state="published")


@contextmanager
def undone() -> Any:
    """Undo what is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def body_of(response: Any) -> str:
    """Return the whole answer as text."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def verdict(response: Any) -> str:
    """Return what the answer means: "+" let in, "-" refused, "0" not there, ">" to the log-in, "!" who are you."""
    if response.status_code in {403, 404, 401}:
        return {403: "-", 404: "0", 401: "!"}[response.status_code]
    target = response.headers.get("HX-Redirect") or (response.headers.get("Location", ""))
    if target.startswith("/login/?next="):
        return ">"
    assert response.status_code < 500, response.status_code
    return "+"


__all__ = ["COST", "LINE_COST", "MINE", "SECRET", "ApiToken", "Side", "World", "body_of", "undone", "verdict", "world"]
