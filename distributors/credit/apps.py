from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "distributors.credit"
    label = "credit"

    def ready(self) -> None:
        from distributors.credit.limits import contributions

        contributions.register()
