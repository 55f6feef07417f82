"""Reads over distributors that span tables."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.absences import decided_by
from accounts.models import Territory, User
from accounts.roles import Role
from core import audit
from core.company import company
from core.contributors import Event
from core.models import AuditEvent
from core.money import amount_text
from core.scope import Reacher, in_range
from distributors.profiles.models import (
    BrandSurvey,
    BulkMove,
    Business,
    BusinessFigures,
    CardFile,
    Cooperation,
    Distributor,
    EarlyClass,
    Lifecycle,
    LifecycleChange,
    Organisation,
    OtherName,
    Outlet,
    Place,
    Standing,
)
from distributors.profiles.selection.models import Check, CheckState, Risk, SelectionPolicy

ADDRESS = ("address", "city", "province", "postal_code", "country")
STATE_TONES = {"active": "g", "watch": "w", "exiting": "b"}
HISTORY_ROWS = 100
TIMELINE_ROWS = 40
CHILDREN = 8
IDENTITY = ("code", "legal_name", "short_name", "other_name", "type", "tier", "parent", "state")
REGISTRATION = ("registration_number", "tax_number", "legal_representative", "founded_on", "registered_capital")
COOPERATION = ("territory", "owner", "cooperation_since", "currency")
CONTACT = ("phone", "email", "website", "language", "time_zone")
DECIDED_BY = ("type", "tier", "parent", "territory", "owner", "cooperation_since", *REGISTRATION)


def registered_address(distributor: Distributor) -> dict[str, str]:
    """Return the parts of the registered address, empty where there is none."""
    found = Place.objects.filter(distributor=distributor, kind=Place.Kind.REGISTERED).values(*ADDRESS).first()
    return found or dict.fromkeys(ADDRESS, "")


def owners_for(user: Reacher) -> QuerySet[User]:
    """Return the managers and reps who may cover distributors within the user's reach, and the user."""
    people: QuerySet[User] = User.objects.filter(is_active=True, role__in=(Role.MANAGER, Role.REP))
    reach = user.reach("profiles.view_distributor")
    if reach is None:
        return people.none()
    if reach.everything:
        return people.order_by("name", "pk")
    inside = Q(pk=reach.owner_id)
    for paths in reach.ranges:
        members = User.territories.through.objects.filter(in_range("territory__path", paths))
        inside |= Q(pk__in=members.values("user_id"))
    return people.filter(inside).order_by("name", "pk")


def territory_crumbs(territory: Territory, user: Reacher) -> list[dict[str, str]]:
    """Return the way down the tree to `territory`, as far as the user reaches, each a link to its distributors."""
    above = [territory.path[:end] for end in range(4, len(territory.path) + 1, 4)]
    found = Territory.objects.visible_to(user).filter(path__in=above).order_by("path")
    crumbs = [{"label": _("Distributors"), "url": reverse("profiles:distributor-list")}]
    return crumbs + [{"label": node.name, "url": node.get_absolute_url()} for node in found]


def standing_chips(distributor: Distributor, standing: Standing) -> list[dict[str, str]]:
    """Return the standing that exists, as chips for the head of the page."""
    chips = []
    if standing.abc:
        title = _("ABC class") + (f", {_('set by hand')}" if standing.abc_overridden else "")
        chips.append({"text": standing.abc, "tone": "a" if standing.abc == "A" else "", "title": title})
    if standing.credit_grade:
        title = _("Credit grade, provisional") if standing.credit_provisional else _("Credit grade")
        chips.append({"text": f"5C {standing.credit_grade}", "tone": "", "title": title})
    state = str(distributor.get_state_display())
    chips.append({"text": state, "tone": STATE_TONES.get(distributor.state, ""), "title": _("State")})
    return chips


def subtitle(distributor: Distributor) -> str:
    """Return the line under the name: code, type and tier, city, since when, owner."""
    kind = _("%(type)s, tier %(tier)s") % {"type": distributor.type, "tier": distributor.tier}
    since = distributor.cooperation_since
    parts = [
        distributor.code,
        kind,
        distributor.city,
        _("with us since %(month)s") % {"month": date_format(since, "YEAR_MONTH_FORMAT")} if since else "",
        _("owner %(name)s") % {"name": distributor.owner} if distributor.owner else _("no owner"),
    ]
    return " · ".join(part for part in parts if part)


def own_reviews(user: Any) -> QuerySet[LifecycleChange]:
    """Return the moves by which `user` put a distributor under review, where nothing that stands has moved it since.

    A move that was undone does not stand, nor does the move that undid it: whoever asked for an approval that was
    taken back is still not the one who may give it.
    """
    undone = BulkMove.objects.exclude(undoing=None)
    void = Exists(undone.filter(Q(moved=OuterRef("pk")) | Q(undoing=OuterRef("pk"))))
    later = LifecycleChange.objects.filter(~void, distributor=OuterRef("distributor"), pk__gt=OuterRef("pk"))
    return LifecycleChange.objects.filter(~void, ~Exists(later), after=Lifecycle.REVIEW, by=user.pk)


def supply(distributor: Distributor, user: Reacher, currency: str) -> dict[str, Any]:
    """Return whom it buys from and who buys from it, as far as the user may see, and how many."""
    supplier = distributor.parent_id
    around = Distributor.objects.visible_to(user).filter(Q(parent=distributor) | Q(pk=supplier)).with_standing().named()
    fields = ("pk", "name", "city", "tier", "standing__abc", "standing__net_sales_12m")
    first = Case(When(pk=supplier, then=Value(0)), default=Value(1))
    rows = list(around.order_by(first, "-standing__net_sales_12m", "pk").values(*fields)[: CHILDREN + 2])
    above = rows.pop(0) if rows and rows[0]["pk"] == supplier else None
    children = rows[: CHILDREN + 1]
    return {
        "above": above,
        "children": children[:CHILDREN],
        "children_more": len(children) > CHILDREN,
        "currency": currency,
    }


def parent_hidden(distributor: Distributor, user: Reacher) -> bool:
    """Tell whether it buys from a distributor that the user does not see."""
    above = distributor.parent_id
    return above is not None and not Distributor.objects.visible_to(user).filter(pk=above).exists()


def card_columns(distributor: Distributor, user: Reacher) -> list[list[dict[str, Any]]]:
    """Return the fields of the card in groups, in two columns; no name beyond the user's reach."""
    _hide_parent(distributor, user)
    return [
        [{"title": title, "rows": [_field_row(distributor, name) for name in names]} for title, names in column]
        for column in (
            ((_("Identity"), IDENTITY), (_("Cooperation"), COOPERATION)),
            ((_("Registration"), REGISTRATION), (_("Contact"), CONTACT)),
        )
    ]


def decision_rows(distributor: Distributor, user: Reacher) -> list[dict[str, str]]:
    """Return what of the card a decision on a distributor rests on; no name beyond the user's reach."""
    _hide_parent(distributor, user)
    address = Place.objects.filter(distributor=distributor, kind=Place.Kind.REGISTERED).first()
    rows = [_field_row(distributor, name) for name in DECIDED_BY]
    return [*rows, {"label": str(Place.Kind.REGISTERED.label), "text": str(address or ""), "url": ""}]


def last_move(distributor: Distributor) -> LifecycleChange | None:
    """Return the move that brought a distributor into its state, None where it was entered in it."""
    last = distributor.lifecycle.select_related("by", "on_behalf_of").order_by("-pk").first()
    return last if last is not None and last.after == distributor.state else None


def _hide_parent(distributor: Distributor, user: Reacher) -> None:
    if parent_hidden(distributor, user):
        distributor.parent = Distributor(short_name=_("another distributor"))


def survivor_link(distributor: Distributor, user: Reacher) -> dict[str, str]:
    """Return name and address of the card that this one was merged into, both empty beyond the user's reach."""
    found = Distributor.objects.visible_to(user).filter(merged=distributor.pk).first()
    return {"name": f"{found.code} {found}", "url": found.get_absolute_url()} if found else {"name": "", "url": ""}


def comparison(mine: Distributor, theirs: Distributor) -> list[dict[str, Any]]:
    """Return the fields of two cards side by side, and whether they differ."""
    names = [*IDENTITY, *REGISTRATION, *COOPERATION, *CONTACT]
    sides = [[_field_row(one, name) for name in names if name != "parent"] for one in (mine, theirs)]
    figures = [
        (_("Net sales, 12 months"), [amount_text(one.standing.net_sales_12m) for one in (mine, theirs)]),
        (_("Receivable"), [amount_text(one.standing.receivable) for one in (mine, theirs)]),
    ]
    rows = [(one["label"], [one["text"], other["text"]]) for one, other in zip(*sides, strict=True)]
    return [
        {"label": label, "mine": one, "theirs": other, "differs": one != other}
        for label, (one, other) in [*rows, *figures]
    ]


def _field_row(distributor: Distributor, name: str) -> dict[str, str]:
    field = distributor._meta.get_field(name)
    value = getattr(distributor, name)
    shown = getattr(distributor, f"get_{name}_display", None)
    if shown is not None:
        text = str(shown())
    elif isinstance(value, date):
        text = date_format(value, "DATE_FORMAT")
    elif isinstance(value, Decimal):
        text = f"{amount_text(value)} {distributor.currency or company().base_currency}"
    elif name == "language":
        text = language_name(value)
    else:
        text = "" if value is None else str(value)
    url = ""
    if name == "website" and text.startswith(("http://", "https://")):
        url = text
    elif name == "email" and text:
        url = f"mailto:{text}"
    return {"label": capfirst(str(getattr(field, "verbose_name", name))), "text": text, "url": url}


def language_name(code: str) -> str:
    """Return the name of a language for the reader, or the code where nobody knows it."""
    return str(get_language_info(code)["name_translated"]) if code in LANG_INFO else code


def language_choices(current: str) -> list[tuple[str, str]]:
    """Return codes of languages with their names: those of the product first, and `current` whatever it is."""
    first = [code for code, _name in settings.LANGUAGES]
    named = {code for code, info in LANG_INFO.items() if "name" in info}
    known = sorted({current, *named} - {"", *first}, key=lambda code: language_name(code).casefold())
    return [("", "–"), *((code, language_name(code)) for code in (*first, *known))]


def timeline_filter(events: list[Event], code: str, path: str) -> tuple[list[dict[str, Any]], list[Event]]:
    """Return the kinds that occur, each a link that filters by it, and the events of the asked kind, or all."""
    names = dict(sorted({event.code: str(event.kind) for event in events}.items(), key=lambda pair: pair[1]))
    asked = code if code in names else ""
    kinds = [{"label": _("all"), "url": path, "active": not asked}]
    kinds += [
        {"label": name, "url": f"{path}?{urlencode({'kind': one})}", "active": one == asked}
        for one, name in names.items()
    ]
    shown = [event for event in events if asked in ("", event.code)]
    return (kinds if len(names) > 1 else []), shown[:TIMELINE_ROWS]


def history(distributor: Distributor, user: Reacher) -> list[dict[str, Any]]:
    """Return the last audit rows: when, who, what, each field before and after; no name beyond the user's reach."""
    found = AuditEvent.objects.filter(target_type=Distributor._meta.label, target_id=str(distributor.pk))
    rows = list(found.select_related("actor", "on_behalf_of").order_by("-at", "-id")[:HISTORY_ROWS])
    hidden = _hidden_parents(rows, user)
    labels = _field_labels()
    return [
        {
            "at": row.at,
            "who": decided_by(row.actor, row.on_behalf_of),
            "what": capfirst(verb_text(row.verb)),
            "note": row.note,
            "changes": [
                {
                    "label": capfirst(labels.get(name, name)),
                    "before": _value_text(name, row.before.get(name, ""), hidden),
                    "after": _value_text(name, row.after.get(name, ""), hidden),
                }
                for name in sorted({**row.before, **row.after})
            ],
        }
        for row in rows
    ]


def _hidden_parents(rows: list[AuditEvent], user: Reacher) -> set[str]:
    names = {side["parent"] for row in rows for side in (row.before, row.after) if side.get("parent")}
    visible = Distributor.objects.visible_to(user).filter(Q(short_name__in=names) | Q(legal_name__in=names))
    return names - {name for pair in visible.values_list("short_name", "legal_name") for name in pair}


def _value_text(name: str, value: str, hidden: set[str]) -> str:
    if name == "parent" and value in hidden:
        return _("another distributor")
    if name == "language":
        return language_name(value)
    words = {"state": Lifecycle.choices + CheckState.choices, "check": Check.choices}
    return str(dict(words[name]).get(value, value)) if name in words else value


def _field_labels() -> dict[str, str]:
    card = (Organisation, Business, Cooperation, EarlyClass, BusinessFigures, BrandSurvey, Outlet, OtherName, CardFile)
    models = (*card, SelectionPolicy, Risk, Place, Distributor)
    fields = [field for model in models for field in model._meta.fields]
    return {field.name: str(getattr(field, "verbose_name", field.name)) for field in fields} | {
        "from": _("from"),
        "until": _("until"),
        "class": _("class"),
        "tags": _("tags"),
        "brands": _("brands"),
        "row": _("entry"),
        "check": _("item"),
        "risk": _("risk"),
        "score": _("score"),
        "file": _("file"),
    }


def verb_text(verb: str) -> str:
    """Return an audit verb in words."""
    from distributors.profiles.workflow import MOVES

    words = {
        "distributor.created": _("created"),
        "distributor.changed": _("changed"),
        "distributor.assigned": _("reassigned"),
        "distributor.place_saved": _("address saved"),
        "distributor.place_removed": _("address removed"),
    }
    return words.get(verb) or (str(MOVES[verb].label) if verb in MOVES else audit.words_of(verb))
