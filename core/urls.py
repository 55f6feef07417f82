from django.urls import path

from core import bulk_views, list_views, need_views, settings_views, views
from core.audit_sections import AuditSection
from core.job_sections import JobSection, schedule_run, schedule_switch

app_name = "core"

urlpatterns = [
    path("", views.home, name="home"),
    path("settings/", settings_views.settings_page, name="settings"),
    path("needs/", need_views.need_page, name="needs"),
    path("needs/aside/", need_views.need_aside, name="need-aside"),
    path("needs/back/", need_views.need_back, name="need-back"),
    path("search/", views.search, name="search"),
    path("healthz", views.healthz, name="healthz"),
    *JobSection.urls(),
    *AuditSection.urls(),
    path("schedules/<int:pk>/switch/", schedule_switch, name="schedule-switch"),
    path("schedules/<int:pk>/run/", schedule_run, name="schedule-run"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/file/", list_views.job_file, name="job-file"),
    path("lists/<str:key>/views/add/", list_views.view_add, name="view-add"),
    path("lists/<str:key>/actions/<slug:name>/", bulk_views.list_action, name="list-action"),
    path("views/<int:pk>/edit/", list_views.view_edit, name="view-edit"),
    path("views/<int:pk>/query/", list_views.view_query, name="view-query"),
    path("views/<int:pk>/first/", list_views.view_first, name="view-first"),
    path("views/<int:pk>/delete/", list_views.view_delete, name="view-delete"),
    path("lists/<str:key>/export/", list_views.list_export, name="list-export"),
    path("jobs/<int:pk>/cancel/", views.job_cancel, name="job-cancel"),
]
