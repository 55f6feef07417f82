from django.urls import path

from accounts import views
from accounts.sections import ApiTokenSection, TerritorySection, UserSection
from accounts.token_views import apitoken_revoke

app_name = "accounts"

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("account/password/", views.ChangePassword.as_view(), name="password-change"),
    path("account/preferences/", views.preferences, name="preferences"),
    *TerritorySection.urls(),
    *UserSection.urls(),
    path("people/<int:pk>/password/", views.user_password, name="user-password"),
    *ApiTokenSection.urls(),
    path("tokens/<int:pk>/revoke/", apitoken_revoke, name="apitoken-revoke"),
]
