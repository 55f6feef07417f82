"""The addresses of the card, within those of the profiles."""

from django.urls import path

from distributors.profiles.card import page, views
from distributors.profiles.card.sections import BrandShareSection, OutletSection

urlpatterns = [
    path("distributors/<int:pk>/profile/", page.profile, name="distributor-profile"),
    path("distributors/<int:pk>/card/<slug:group>/", views.group_edit, name="card-group"),
    path("distributors/<int:pk>/rows/<slug:kind>/add/", views.row_edit, name="cardrow-add"),
    path("distributors/<int:pk>/rows/<slug:kind>/<int:cardrow_pk>/", views.row_edit, name="cardrow-edit"),
    path("distributors/<int:pk>/rows/<slug:kind>/<int:cardrow_pk>/remove/", views.row_gone, name="cardrow-remove"),
    path("card-files/<int:pk>/", views.file_fetch, name="cardfile-file"),
    *OutletSection.urls(),
    *BrandShareSection.urls(),
]
