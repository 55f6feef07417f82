from django.urls import include, path

handler400 = "core.faults.bad_request"
handler500 = "core.faults.server_error"

urlpatterns = [
    path("api/", include("config.api")),
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("distributors.profiles.urls")),
    path("", include("distributors.ledger.urls")),
    path("", include("distributors.classification.urls")),
    path("", include("distributors.credit.urls")),
]
