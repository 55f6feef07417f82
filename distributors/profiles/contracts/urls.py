"""The addresses of contracts, within those of the profiles."""

from django.urls import path

from distributors.profiles.contracts import document_views, views
from distributors.profiles.contracts.sections import ContractSection

urlpatterns = [
    path("distributors/<int:pk>/contracts/", views.distributor_tab, name="distributor-contracts"),
    *ContractSection.urls(),
    path("contracts/<int:pk>/next/", views.contract_next, name="contract-next"),
    path("contracts/<int:pk>/file/", document_views.file_add, name="contract-file"),
    path("contract-files/<int:pk>/", document_views.file_fetch, name="contractdocument-file"),
    path("contract-files/<int:pk>/remove/", document_views.file_remove, name="contractdocument-remove"),
    path("contracts/<int:pk>/<slug:name>/", views.contract_move, name="contract-move"),
]
