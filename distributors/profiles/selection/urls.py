"""The addresses of selection, within those of the profiles."""

from django.urls import path

from distributors.profiles.selection import check_views, pipeline, policy_views, risk_views, views
from distributors.profiles.selection.sections import AssessmentSection, DiligenceSection, RiskSection

urlpatterns = [
    *AssessmentSection.urls(),
    *DiligenceSection.urls(),
    *RiskSection.urls(),
    path("distributors/<int:pk>/selection/", views.distributor_tab, name="distributor-selection"),
    path("distributors/<int:pk>/selection/rate/", views.rate, name="distributor-rate"),
    path("distributors/<int:pk>/selection/risk/", risk_views.risk_add, name="distributor-risk"),
    path("distributors/<int:pk>/selection/<slug:kind>/", check_views.check, name="distributor-check"),
    path("distributors/<int:pk>/selection/<slug:kind>/file/", check_views.file_add, name="distributor-checkfile"),
    path("pipeline/", pipeline.pipeline, name="pipeline"),
    path("selection/files/<int:pk>/", check_views.file_fetch, name="diligencedocument-file"),
    path("selection/files/<int:pk>/remove/", check_views.file_remove, name="diligencedocument-remove"),
    path("selection/scorecards/<int:pk>/", views.assessment_detail, name="assessment-detail"),
    path("selection/risks/<int:pk>/", risk_views.risk_edit, name="risk-edit"),
    path("selection/risks/<int:pk>/remove/", risk_views.remove, name="risk-remove"),
    path("settings/selection/", policy_views.policy, name="selection-policy"),
]
