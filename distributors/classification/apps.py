from django.apps import AppConfig


class ClassificationConfig(AppConfig):
    name = "distributors.classification"
    label = "classification"

    def ready(self) -> None:
        from distributors.classification import contributions

        contributions.register()
