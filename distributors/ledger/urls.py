from django.urls import path

from distributors.ledger import (
    batch_views,
    books_views,
    company_views,
    drop_views,
    mapping_views,
    profile_views,
    rate_views,
    receivable_views,
    retail_views,
    views,
)
from distributors.ledger.drop_views import DropRuleSection
from distributors.ledger.fact_sections import FACT_SECTIONS
from distributors.ledger.profile_views import ImportProfileSection
from distributors.ledger.sections import BatchSection, ImportSection, ProductSection, SaleLineSection

app_name = "ledger"

urlpatterns = [
    path("imports/add/", views.import_add, name="import-add"),
    path("imports/example/<slug:kind>.csv", views.import_example, name="import-example"),
    path("imports/<int:pk>/columns/", mapping_views.import_mapping, name="import-mapping"),
    path("imports/<int:pk>/again/", mapping_views.import_again, name="import-again"),
    path("imports/<int:pk>/publish/", mapping_views.import_publish, name="import-publish"),
    path("imports/<int:pk>/good-rows/", mapping_views.import_good, name="import-good"),
    path("imports/<int:pk>/left-out.csv", mapping_views.import_rejects, name="import-rejects"),
    path("imports/<int:pk>/give-up/", mapping_views.import_drop, name="import-drop"),
    path("import-mappings/<int:pk>/mapping.toml", profile_views.profile_export, name="importprofile-export"),
    path("import-mappings/<int:pk>/copy/", profile_views.profile_copy, name="importprofile-copy"),
    path("import-mappings/<int:pk>/delete/", profile_views.profile_delete, name="importprofile-delete"),
    path("imports/<int:pk>/problems.csv", views.import_problems, name="import-problems"),
    path("imports/<int:pk>/cancel/", views.import_cancel, name="import-cancel"),
    path("distributors/<int:pk>/sales/", views.distributor_sales, name="distributor-sales"),
    path("rates/missing/", rate_views.rate_missing, name="rate-missing"),
    path("company/", company_views.company_page, name="company"),
    path("company/edit/", company_views.company_edit, name="company-edit"),
    path("batches/<int:pk>/undo/", batch_views.batch_undo, name="batch-undo"),
    path("settings/books/", books_views.books, name="books"),
    path("settings/books/close/", books_views.books_close, name="books-close"),
    path("settings/books/reopen/", books_views.books_reopen, name="books-reopen"),
    path("settings/drop-folder/look/", drop_views.drop_look, name="drop-look"),
    *DropRuleSection.urls(),
    *rate_views.ExchangeRateSection.urls(),
    path("rates/<slug:currency>/", rate_views.rate_year, name="rate-year"),
    path(
        "distributors/<int:pk>/receivables/", receivable_views.distributor_receivables, name="distributor-receivables"
    ),
    path("distributors/<int:pk>/prices/", retail_views.distributor_prices, name="distributor-prices"),
    path("distributors/<int:pk>/prices/add/", retail_views.price_add, name="retailprice-add"),
    path(
        "distributors/<int:pk>/prices/<int:retailprice_pk>/remove/",
        retail_views.price_remove,
        name="retailprice-remove",
    ),
    *retail_views.RetailPriceSection.urls(),
    *(address for section in FACT_SECTIONS for address in section.urls()),
    *ImportSection.urls(),
    *BatchSection.urls(),
    *ImportProfileSection.urls(),
    *ProductSection.urls(),
    *SaleLineSection.urls(),
]
