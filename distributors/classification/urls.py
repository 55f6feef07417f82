from django.urls import path

from distributors.classification import policy_views, views
from distributors.classification.sections import ClassificationSection

app_name = "classification"

urlpatterns = [
    *ClassificationSection.urls(),
    path("", views.overview, name="overview"),
    path("movements/", views.movements, name="movements"),
    path("run/", views.run_now, name="run"),
    path("policy/", policy_views.policy, name="policy"),
    path("policy/add/", policy_views.policy_add, name="policy-add"),
    path("policy/<int:pk>/change/", policy_views.version_add, name="version-add"),
    path("distributors/<int:pk>/", views.distributor, name="distributor"),
    path("distributors/<int:pk>/override/", views.override, name="override"),
    path("overrides/<int:pk>/end/", views.override_end, name="override-end"),
]
