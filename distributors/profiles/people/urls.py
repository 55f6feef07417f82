"""The addresses of people at distributors, within those of the profiles."""

from django.urls import path

from distributors.profiles.people import picture_views, views
from distributors.profiles.people.sections import ContactSection

urlpatterns = [
    path("distributors/<int:pk>/people/", views.distributor_tab, name="distributor-people"),
    path("distributors/<int:pk>/people/<slug:picture>/", picture_views.picture, name="distributor-picture"),
    *ContactSection.urls(),
    path("contacts/<int:pk>/personal/", views.PersonalFormView.as_view(), name="contactpersonal-edit"),
    path("contacts/<int:pk>/personal/<slug:group>/withdraw/", views.withdraw, name="contactpersonal-withdraw"),
    path("contacts/<int:pk>/relate/", picture_views.relate, name="contact-relate"),
    path("contact-relations/<int:pk>/remove/", picture_views.unrelate, name="contactrelation-remove"),
    path("contacts/<int:pk>/leave/", views.leave, name="contact-leave"),
    path("contacts/<int:pk>/return/", views.come_back, name="contact-return"),
    path("contacts/<int:pk>/copy/", views.export, name="contact-copy"),
    path("contacts/<int:pk>/erase/", views.erase, name="contact-erase"),
]
