"""The addresses of credit cards, within those of credit."""

from django.urls import include, path

from distributors.credit.cards import evidence_views, policy_views, views
from distributors.credit.cards.sections import CreditScoreSection

overall = [
    path("run/", views.run_now, name="run"),
    path("policy/", policy_views.policy, name="policy"),
    path("policy/change/", policy_views.change, name="policy-change"),
    path("policy/compare/<slug:level>/", policy_views.compare, name="policy-compare"),
]

# The tab of a distributor stands below the distributor, so that its entry of the navigation is the one marked.
of_distributor = [
    path("credit/", views.distributor_tab, name="distributor"),
    path("credit/how/", views.how, name="how"),
    path("credit/score/", views.rescore, name="rescore"),
    path("credit/review/", views.review, name="review"),
    path("credit/evidence/", evidence_views.listed, name="evidence"),
    path("credit/evidence/<slug:item>/", evidence_views.add, name="evidence-add"),
    path("credit/accounts/", evidence_views.accounts_add, name="accounts-add"),
]

urlpatterns = [
    *CreditScoreSection.urls(),
    path("credit-cards/", include(overall)),
    path("distributors/<int:pk>/", include(of_distributor)),
    path("distributors/credit/evidence/<int:pk>/file/", evidence_views.file_fetch, name="evidence-file"),
    path("distributors/credit/evidence/<int:pk>/withdraw/", evidence_views.withdraw, name="evidence-withdraw"),
    path("distributors/credit/accounts/<int:pk>/", evidence_views.accounts_edit, name="accounts-edit"),
    path("distributors/credit/accounts/<int:pk>/file/", evidence_views.accounts_file, name="accounts-file"),
    path("distributors/credit/accounts/<int:pk>/withdraw/", evidence_views.accounts_remove, name="accounts-withdraw"),
]
