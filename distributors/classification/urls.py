from django.urls import include, path

from distributors.classification import policy_views, resource_views, views
from distributors.classification.sections import ClassificationSection

app_name = "classification"

overall = [
    *ClassificationSection.urls(),
    path("", views.overview, name="overview"),
    path("resources/", resource_views.resources, name="resources"),
    path("policy/<int:pk>/scarce/", resource_views.scarce, name="scarce"),
    path("movements/", views.movements, name="movements"),
    path("run/", views.run_now, name="run"),
    path("policy/", policy_views.policy, name="policy"),
    path("policy/add/", policy_views.policy_add, name="policy-add"),
    path("policy/<int:pk>/change/", policy_views.version_add, name="version-add"),
]

# The tab of a distributor stands below the distributor, so that its entry of the navigation is the one marked.
urlpatterns = [
    path("classification/", include(overall)),
    path("distributors/<int:pk>/class/", views.distributor, name="distributor"),
    path("distributors/<int:pk>/class/override/", views.override, name="override"),
    path("distributors/class/overrides/<int:pk>/end/", views.override_end, name="override-end"),
]
