from django.urls import path

from distributors.profiles import views
from distributors.profiles.sections import DistributorSection

app_name = "profiles"

urlpatterns = [
    *DistributorSection.urls(),
    path("distributors/<int:pk>/profile/", views.profile, name="distributor-profile"),
    path("distributors/<int:pk>/history/", views.trail, name="distributor-history"),
    path("distributors/<int:pk>/reassign/", views.reassign, name="distributor-reassign"),
    path("distributors/<int:pk>/move/<slug:name>/", views.move, name="distributor-move"),
    path("distributors/<int:pk>/places/add/", views.place_edit, name="place-add"),
    path("distributors/<int:pk>/places/<int:place_pk>/", views.place_edit, name="place-edit"),
    path("distributors/<int:pk>/places/<int:place_pk>/remove/", views.place_remove, name="place-remove"),
]
