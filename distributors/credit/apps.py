from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "distributors.credit"
    label = "credit"

    def ready(self) -> None:
        from distributors.credit.cards import contributions as cards
        from distributors.credit.limits import contributions as limits

        cards.register()
        limits.register()
