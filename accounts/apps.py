from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import job_notices, navigation

        navigation.register()
        job_notices.register()
