from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "distributors.ledger"
    label = "ledger"

    def ready(self) -> None:
        from distributors.ledger import contributions

        contributions.register()
