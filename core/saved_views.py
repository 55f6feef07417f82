"""Views of lists that people keep: filter, order and columns under a name, for oneself or shared."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core import audit
from core.errors import DomainError
from core.listing import Listing
from core.models import FirstView, SavedView
from core.scope import require_permission

MOST_OWN = 50
ALL_ROWS = "0"


def audience_choices() -> list[tuple[str, Any]]:
    """Return with whom a view may be shared: nobody, everybody, or everybody of a role."""
    roles: Any = get_user_model()._meta.get_field("role").choices
    return [("", _("nobody, it is mine")), (SavedView.EVERYBODY, _("everybody")), *roles]


@transaction.atomic
def saved_view_create(
    *, actor: Any, section: Any, name: str, query: str, shared_with: str = "", first: bool = False
) -> SavedView:
    """Keep the list as `query` describes it; raise DomainError for a name one has already."""
    listing = Listing(section, actor, QueryDict(query))
    if SavedView.objects.filter(owner=actor, section=section.key()).count() >= MOST_OWN:
        raise DomainError(_("You keep %(most)s views of this list; delete one first.") % {"most": MOST_OWN})
    if shared_with:
        require_permission(actor, "core.share_savedview")
    try:
        with transaction.atomic():
            made = SavedView.objects.create(
                section=section.key(), owner=actor, name=name.strip(), query=listing.query, shared_with=shared_with
            )
    except IntegrityError as error:
        raise _taken(name) from error
    after = {"name": made.name, "query": made.query, "shared_with": shared_with}
    audit.record(actor=actor, verb="view.saved", target=made, after=after)
    if first:
        first_view_set(actor=actor, view=made)
    return made


def _taken(name: str) -> DomainError:
    return DomainError(_("You have a view called “%(name)s” of this list already.") % {"name": name.strip()})


@transaction.atomic
def saved_view_change(*, actor: Any, view: SavedView, **fields: str) -> None:
    """Rename a view, share it, or let it keep another query."""
    if fields.get("shared_with", view.shared_with) != view.shared_with:
        require_permission(actor, "core.share_savedview")
    before, after = audit.changes({name: getattr(view, name) for name in fields}, fields)
    if not after:
        return
    try:
        with transaction.atomic():
            SavedView.objects.filter(pk=view.pk).update(**fields)
    except IntegrityError as error:
        raise _taken(fields["name"]) from error
    audit.record(actor=actor, verb="view.changed", target=view, before=before, after=after)


@transaction.atomic
def saved_view_delete(*, actor: Any, view: SavedView) -> None:
    """Delete a view; whoever began with it begins with all rows."""
    before = {"name": view.name, "query": view.query, "shared_with": view.shared_with}
    audit.record(actor=actor, verb="view.deleted", target=view, before=before)
    view.delete()


@transaction.atomic
def first_view_set(*, actor: Any, view: SavedView, on: bool = True) -> None:
    """Let the list begin with `view` for the actor, or with all rows again."""
    if on:
        FirstView.objects.update_or_create(user=actor, section=view.section, defaults={"view": view})
    else:
        FirstView.objects.filter(user=actor, view=view).delete()


def views_of(section: Any, user: Any) -> list[SavedView]:
    """Return the views of a list that the user sees, each with whether the list begins with it."""
    first = FirstView.objects.filter(user=user, view=OuterRef("pk"))
    rows = SavedView.objects.visible_to(user).filter(section=section.key())
    return list(rows.annotate(is_first=Exists(first)).order_by("name", "pk"))


def first_query(views: Iterable[Any]) -> str | None:
    """Return the query with which the list begins for whoever sees these `views_of` it, or None for all rows."""
    return next((view_query(view) for view in views if view.is_first), None)


def view_query(view: SavedView) -> str:
    """Return the address's query of a view."""
    return f"?{view.query}&view={view.pk}" if view.query else f"?view={view.pk}"


def views_context(listing: Listing, user: Any, views: list[SavedView]) -> dict[str, Any]:
    """Return the tabs over a list, which of its `views` is open, and what may be done with it."""
    key, now = listing.section.key(), listing.params.get("view", "")
    opened = next((view for view in views if str(view.pk) == now), None)
    opened = opened or next((view for view in views if not now and same(view.query, listing.query)), None)
    tabs = [{"label": _("All"), "url": f"?view={ALL_ROWS}", "active": opened is None and not listing.query}]
    tabs += [
        {"label": view.name, "url": view_query(view), "active": view is opened, "shared": bool(view.shared_with)}
        for view in views
    ]
    save = f"{reverse('core:view-add', args=[key])}?{urlencode({'query': listing.query})}"
    found: dict[str, Any] = {"tabs": tabs if views else [], "save_url": save, "opened": opened}
    if opened:
        found |= {
            "changed": not same(opened.query, listing.query),
            "query": listing.query,
            "mine": opened.owner_id == user.pk
            or (bool(opened.shared_with) and bool(user.reach("core.change_savedview").everything)),
        }
    return {"views": found}


def same(one: str, other: str) -> bool:
    """Tell whether two queries ask for the same."""
    return sorted(QueryDict(one).lists()) == sorted(QueryDict(other).lists())
