from distributors.credit.cards.urls import urlpatterns as cards
from distributors.credit.limits.urls import urlpatterns as limits

app_name = "credit"

urlpatterns = [*cards, *limits]
