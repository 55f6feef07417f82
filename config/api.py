"""The addresses under /api/."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from accounts.api import TerritoryViewSet
from core.resources import NoSuchAddress
from core.schema import ApiSchema, api_documents
from distributors.classification.api import ClassificationViewSet
from distributors.credit.cards.ahp_api import AhpViewSet
from distributors.credit.cards.api import (
    AccountsViewSet,
    CreditPolicyViewSet,
    CreditScoreViewSet,
    EvidenceViewSet,
)
from distributors.credit.limits.api import CheckViewSet, HoldViewSet, LimitViewSet
from distributors.credit.limits.collecting_api import PromiseViewSet, SecurityViewSet
from distributors.ledger.api import ProductViewSet, SaleLineViewSet
from distributors.ledger.api_batches import BatchViewSet, PeriodLockViewSet
from distributors.ledger.api_facts import (
    InvoiceViewSet,
    OccurrenceViewSet,
    OrderViewSet,
    PaymentViewSet,
    StockViewSet,
    TargetViewSet,
)
from distributors.ledger.api_open import AllocationViewSet, OpenItemViewSet
from distributors.ledger.api_retail import RetailPriceViewSet
from distributors.profiles.api import DistributorViewSet
from distributors.profiles.card.api import CardViewSet
from distributors.profiles.card.api_files import CardFileViewSet
from distributors.profiles.card.api_rows import BrandShareViewSet, FiguresViewSet, OutletViewSet
from distributors.profiles.contracts.api import ContractViewSet, CoverageViewSet
from distributors.profiles.contracts.api_files import DocumentViewSet
from distributors.profiles.outbound_api import OutboundViewSet
from distributors.profiles.people.api import ContactViewSet
from distributors.profiles.people.relation_api import ContactRelationViewSet
from distributors.profiles.selection.api import AssessmentViewSet, DiligenceViewSet, RiskViewSet
from distributors.profiles.selection.api_files import CheckFileViewSet
from distributors.profiles.task_api import TaskViewSet

app_name = "api"

VIEWSETS = (
    DistributorViewSet,
    TerritoryViewSet,
    ProductViewSet,
    SaleLineViewSet,
    OrderViewSet,
    InvoiceViewSet,
    PaymentViewSet,
    OpenItemViewSet,
    AllocationViewSet,
    StockViewSet,
    TargetViewSet,
    OccurrenceViewSet,
    BatchViewSet,
    PeriodLockViewSet,
    ClassificationViewSet,
    TaskViewSet,
    ContractViewSet,
    CoverageViewSet,
    DocumentViewSet,
    OutboundViewSet,
    ContactViewSet,
    ContactRelationViewSet,
    AssessmentViewSet,
    DiligenceViewSet,
    CheckFileViewSet,
    RiskViewSet,
    CardViewSet,
    OutletViewSet,
    FiguresViewSet,
    BrandShareViewSet,
    CardFileViewSet,
    RetailPriceViewSet,
    CheckViewSet,
    LimitViewSet,
    HoldViewSet,
    SecurityViewSet,
    PromiseViewSet,
    CreditScoreViewSet,
    EvidenceViewSet,
    AccountsViewSet,
    CreditPolicyViewSet,
)

router = SimpleRouter()
for viewset in VIEWSETS:
    router.register(viewset.resource, viewset, basename=viewset.model._meta.model_name)
router.register(AhpViewSet.resource, AhpViewSet, basename="ahp")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", ApiSchema.as_view(), name="schema"),
    path("docs/", api_documents, name="docs"),
    re_path(r"^(?P<rest>[\s\S]*)\Z", NoSuchAddress.as_view(), name="nothing"),
]
