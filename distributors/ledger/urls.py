from django.urls import path

from distributors.ledger import views
from distributors.ledger.sections import ImportSection, ProductSection, SaleLineSection

app_name = "ledger"

urlpatterns = [
    path("imports/add/", views.import_add, name="import-add"),
    path("imports/<int:pk>/problems.csv", views.import_problems, name="import-problems"),
    path("imports/<int:pk>/cancel/", views.import_cancel, name="import-cancel"),
    path("distributors/<int:pk>/sales/", views.distributor_sales, name="distributor-sales"),
    *ImportSection.urls(),
    *ProductSection.urls(),
    *SaleLineSection.urls(),
]
