from distributors.credit.limits.urls import urlpatterns as limits

app_name = "credit"

urlpatterns = [*limits]
