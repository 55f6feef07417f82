"""System checks: every scoped model says how it is reached, and every trigger is in place."""

from typing import Any

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.db import models

from core.scope import ScopedModel


@register()
def scoped_models_declare_scope(app_configs: Any, **_kwargs: Any) -> list[Error]:
    """Report scoped models that say nothing of their scope or reach it through many-valued joins."""
    errors = []
    for model in apps.get_models():
        if not issubclass(model, ScopedModel):
            continue
        paths = [path for path in (model.scope_territory, model.scope_owner) if path]
        if not paths and not model.scope_open:
            errors.append(Error(f"{model.__name__} declares no scope", obj=model, id="core.E001"))
        errors += [
            Error(f"{model.__name__}: {path} is not single-valued", obj=model, id="core.E002")
            for path in paths
            if not _single_valued(model, path)
        ]
    return errors


def _single_valued(model: type[models.Model], path: str) -> bool:
    step: Any = model
    for name in path.split("__"):
        field = step._meta.get_field(name)
        if field.many_to_many or field.one_to_many:
            return False
        step = field.related_model
    return True


@register(Tags.database)
def triggers_are_installed(app_configs: Any, databases: Any = None, **_kwargs: Any) -> list[Error]:
    """Report registered triggers that the database lacks."""
    from core import triggers

    if not databases:
        return []
    return [Error(f"the trigger {name} is missing; run migrate", id="core.E003") for name in sorted(triggers.missing())]
