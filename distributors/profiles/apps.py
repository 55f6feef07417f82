from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "distributors.profiles"
    label = "profiles"

    def ready(self) -> None:
        from distributors.profiles import contributions

        contributions.register()
