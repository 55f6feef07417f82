from django.urls import path
from django.views.generic import RedirectView

app_name = "ledger"

urlpatterns = [path("imports/<int:pk>/", RedirectView.as_view(url="/"), name="import-detail")]
