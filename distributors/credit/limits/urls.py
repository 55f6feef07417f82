"""The addresses of limits, within those of credit."""

from django.urls import path

from distributors.credit.limits import collecting_views, overview_views, views
from distributors.credit.limits.collecting_sections import (
    DisputeSection,
    PromiseSection,
    ReminderSection,
    SecuritySection,
)
from distributors.credit.limits.sections import CheckSection, HoldSection, LimitSection

of = "distributors/<int:pk>/limit/"

urlpatterns = [
    path("credit/", overview_views.queue, name="queue"),
    path("credit/ageing/", overview_views.ageing_page, name="ageing"),
    path("credit/dunning/", overview_views.dunning, name="dunning"),
    path("credit/portfolio/", overview_views.portfolio, name="portfolio"),
    path("credit/checks/ask/", views.check_ask, name="creditcheck-ask"),
    *LimitSection.urls(),
    *HoldSection.urls(),
    *CheckSection.urls(),
    *PromiseSection.urls(),
    *DisputeSection.urls(),
    *ReminderSection.urls(),
    *SecuritySection.urls(),
    path("credit/limits/<int:pk>/withdraw/", views.limit_back, name="creditlimit-withdraw"),
    path("credit/limits/<int:pk>/<slug:name>/", views.limit_decision, name="creditlimit-decide"),
    path("credit/checks/<int:pk>/release/", views.check_release, name="creditcheck-release"),
    path("credit/overrides/<int:pk>/end/", views.override_stop, name="holdoverride-end"),
    path("credit/securities/<int:pk>/edit/", collecting_views.security_edit, name="security-edit"),
    path("credit/securities/<int:pk>/file/", collecting_views.security_fetch, name="security-file"),
    path("credit/securities/<int:pk>/upload/", collecting_views.security_upload, name="security-upload"),
    path("credit/securities/<int:pk>/give-back/", collecting_views.security_back, name="security-back"),
    path("credit/promises/<int:pk>/withdraw/", collecting_views.promise_back, name="promise-withdraw"),
    path("credit/disputes/<int:pk>/settle/", collecting_views.dispute_end, name="dispute-settle"),
    path(of, views.distributor_limit, name="distributor-limit"),
    path(f"{of}statement/", overview_views.statement, name="distributor-statement"),
    path(f"{of}ask/", views.limit_ask, name="distributor-limitask"),
    path(f"{of}override/", views.override, name="distributor-override"),
    path(f"{of}security/", collecting_views.security_add, name="distributor-security"),
    path(f"{of}promise/", collecting_views.promise, name="distributor-promise"),
    path(f"{of}dispute/", collecting_views.dispute, name="distributor-dispute"),
    path(f"{of}reminder/", collecting_views.reminder, name="distributor-reminder"),
    path("settings/credit-limits/", views.policy, name="limit-policy"),
]
