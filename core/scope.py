"""Row-level access: the only module that decides which rows a user may touch.

A user answers `reach(permission)` with a `Reach`, or None for "not at all"; a model says by which columns a row is
reached. Nothing is visible when in doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import Q
from django.db.models.constants import LOOKUP_SEP


@dataclass(frozen=True)
class Reach:
    """How far one permission goes: everything, subtrees of the territory tree, the rows a person owns."""

    everything: bool = False
    ranges: tuple[tuple[str, str], ...] = ()
    owner_id: int | None = None


class Reacher(Protocol):
    """Anyone with a reach: a user, or a user narrowed by a token."""

    def reach(self, permission: str) -> Reach | None: ...


def permission_name(model: type[models.Model], action: str) -> str:
    """Return `app.action_model`, the name of the permission for `action` on `model`."""
    opts = model._meta
    return f"{opts.app_label}.{action}_{opts.model_name}"


def path_range(path: str) -> tuple[str, str]:
    """Return the half-open range of territory paths that holds `path` and all below it.

    Paths are fixed-width digits, so the next sibling's path ends the subtree in any collation.
    """
    return path, str(int(path) + 1).zfill(len(path))


def in_range(column: str, paths: tuple[str, str]) -> Q:
    """Return the condition that the territory path in `column` lies in a range that `path_range` gave."""
    low, high = paths
    return Q(**{f"{column}__gte": low, f"{column}__lt": high})


def in_subtree(column: str, path: str) -> Q:
    """Return the condition that the territory path in `column` is `path` or below it."""
    return in_range(column, path_range(path))


class ScopedQuerySet(models.QuerySet):
    """The only door to rows of a scoped model."""

    def visible_to(self, user: Reacher, action: str = "view") -> Self:
        """Return the rows on which `user` may perform `action`; nothing when in doubt."""
        condition = visibility(self.model, user, action)
        if condition is None:
            return self.none()
        return self.filter(condition) if condition else self


def visibility(model: Any, user: Reacher, action: str, via: str = "") -> Q | None:
    """Return the condition under which `user` may perform `action` on a row of `model`: empty for all, None for none.

    With `via`, the lookup of a relation, the condition is put to the row that has the relation.
    """
    reach = user.reach(permission_name(model, action))
    if reach is None:
        return None
    scope = Q()
    if reach.everything or model.scope_open:
        return scope
    prefix = f"{via}__" if via else ""
    if model.scope_territory:
        for paths in reach.ranges:
            scope |= in_range(f"{prefix}{model.scope_territory}", paths)
    if model.scope_owner and reach.owner_id is not None:
        scope |= Q(**{f"{prefix}{model.scope_owner}": reach.owner_id})
    return scope or None


class ScopedModel(models.Model):
    """A model whose rows belong to a territory, to an owner, or to everyone who holds the permission.

    `scope_territory` is the lookup to a column of territory paths and `scope_owner` the lookup to the owning user,
    both through single-valued relations only. `scope_open` marks rows without either, such as products. `scope_fields`
    names the fields that ask for one permission more, whoever sees the row. `path_copies` are columns of the model's
    own that keep the path of a territory for another purpose.
    """

    scope_territory: ClassVar[str] = ""
    scope_owner: ClassVar[str] = ""
    scope_open: ClassVar[bool] = False
    scope_fields: ClassVar[Mapping[str, str]] = {}
    path_copies: ClassVar[tuple[str, ...]] = ()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


def visible_fields(user: Reacher | None, row: Any) -> frozenset[str]:
    """Return the names of the fields that `user` may see of a row, or of any row of a model."""
    asked: Mapping[str, str] = getattr(row, "scope_fields", {})
    names = (field.name for field in row._meta.get_fields())
    return frozenset(name for name in names if name not in asked or (user and user.reach(asked[name]) is not None))


def is_hidden(user: Reacher | None, model: Any, lookup: str) -> bool:
    """Tell whether a lookup from `model` leads to a field that `user` may not see; nobody sees what asks for more."""
    for name in lookup.lstrip("-").split(LOOKUP_SEP):
        permission = getattr(model, "scope_fields", {}).get(name)
        if permission and (user is None or user.reach(permission) is None):
            return True
        try:
            model = model._meta.get_field(name).related_model
        except FieldDoesNotExist:
            return False
        if model is None:
            return False
    return False


def require_visible(instance: ScopedModel, user: Reacher, action: str) -> None:
    """Refuse a write that would leave `instance` outside the user's scope."""
    if not type(instance).objects.visible_to(user, action).filter(pk=instance.pk).exists():
        raise PermissionDenied


def require_permission(user: Reacher, permission: str) -> None:
    """Refuse a user who does not hold `permission` at all."""
    if user.reach(permission) is None:
        raise PermissionDenied
