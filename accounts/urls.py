from django.urls import path

from accounts import (
    calendar_views,
    leaving_views,
    notification_views,
    people_views,
    role_views,
    second_factor_views,
    territory_views,
    views,
)
from accounts.calendar_sections import AbsenceSection, BusinessCalendarSection
from accounts.sections import ApiTokenSection, TerritorySection, UserSection
from accounts.token_views import apitoken_revoke

app_name = "accounts"

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("login/code/", views.SecondStep.as_view(), name="login-code"),
    path("logout/", views.sign_out, name="logout"),
    path("account/password/", views.ChangePassword.as_view(), name="password-change"),
    path("account/preferences/", views.preferences, name="preferences"),
    path("account/two-step/", second_factor_views.second_factor, name="second-factor"),
    path("account/two-step/codes/", second_factor_views.backup_codes, name="backup-codes"),
    path("account/two-step/off/", second_factor_views.second_factor_off, name="second-factor-off"),
    *TerritorySection.urls(),
    path("territories/<int:pk>/move/", territory_views.territory_move, name="territory-move"),
    path("territories/<int:pk>/withdraw/", territory_views.territory_move_withdraw, name="territory-withdraw"),
    path("territories/<int:pk>/close/", territory_views.territory_close, name="territory-close"),
    path("territories/<int:pk>/open/", territory_views.territory_open, name="territory-open"),
    *UserSection.urls(),
    path("people/<int:pk>/deactivate/", leaving_views.user_deactivate, name="user-deactivate"),
    path("people/<int:pk>/reactivate/", leaving_views.user_reactivate, name="user-reactivate"),
    path("people/<int:pk>/password/", people_views.user_password, name="user-password"),
    path("people/<int:pk>/two-step/", people_views.user_second_factor, name="user-second-factor"),
    path("notifications/", notification_views.notification_list, name="notification-list"),
    path("notifications/read/", notification_views.notification_read, name="notification-read"),
    path("notifications/<int:pk>/", notification_views.notification_open, name="notification-open"),
    path("calendar/", calendar_views.month, name="calendar"),
    *AbsenceSection.urls(),
    path("absences/<int:pk>/remove/", calendar_views.absence_drop, name="absence-remove"),
    *BusinessCalendarSection.urls(),
    path("calendars/<int:pk>/exceptions/", calendar_views.exception_add, name="businesscalendar-exception"),
    path(
        "calendars/<int:pk>/exceptions/<int:exception_pk>/remove/",
        calendar_views.exception_drop,
        name="calendarexception-remove",
    ),
    path("roles/", role_views.roles, name="roles"),
    *ApiTokenSection.urls(),
    path("tokens/<int:pk>/revoke/", apitoken_revoke, name="apitoken-revoke"),
]
