from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks, triggers  # noqa: F401  registers the system checks

        autodiscover_modules("tasks")
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="core.triggers")
