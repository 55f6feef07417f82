"""Reads over distributors that span tables."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf.locale import LANG_INFO
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.models import Territory, User
from accounts.roles import Role
from core import audit
from core.company import company
from core.contributors import Event
from core.models import AuditEvent
from core.money import amount_text
from core.scope import Reacher
from distributors.profiles.models import Distributor, Lifecycle, LifecycleChange, Place, Standing
from distributors.profiles.querysets import is_silent

ADDRESS = ("address", "city", "province", "postal_code", "country")
STATE_TONES = {"active": "g", "watch": "w", "exiting": "b"}
HISTORY_ROWS = 100
TIMELINE_ROWS = 40
CHILDREN = 8
IDENTITY = ("code", "legal_name", "short_name", "other_name", "type", "tier", "parent", "state")
REGISTRATION = ("registration_number", "tax_number", "legal_representative", "founded_on", "registered_capital")
COOPERATION = ("territory", "owner", "cooperation_since", "currency")
CONTACT = ("phone", "email", "website", "language", "time_zone")


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
    for low, high in reach.ranges:
        inside |= Q(
            pk__in=User.territories.through.objects.filter(territory__path__gte=low, territory__path__lt=high).values(
                "user_id"
            )
        )
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
    """Return the moves by which `user` put a distributor under review, where nothing has moved it since."""
    later = LifecycleChange.objects.filter(distributor=OuterRef("distributor"), pk__gt=OuterRef("pk"))
    return LifecycleChange.objects.filter(~Exists(later), after=Lifecycle.REVIEW, by=user.pk)


def overview_kpis(standing: Standing, as_of: date) -> list[dict[str, Any]]:
    """Return the figures at the top of the overview, with what each is measured against."""
    currency = company().base_currency
    return [
        _sales_kpi(standing, currency),
        _class_kpi(standing),
        _last_order_kpi(standing, as_of),
        _orders_kpi(standing),
    ]


def growth_text(growth: Any, was: Any) -> tuple[str, str]:
    """Return (text, tone) of a growth on the year before."""
    if growth is None:
        return (_("no sales the year before") if not was else ""), ""
    text = f"{growth * 100:+.1f} %".replace("-", "\N{MINUS SIGN}")
    return _("%(growth)s on the year before") % {"growth": text}, "up" if growth > 0 else "down" if growth < 0 else ""


def _sales_kpi(standing: Standing, currency: str) -> dict[str, Any]:
    detail, tone = growth_text(standing.growth, standing.net_sales_before)
    return {
        "label": _("Net sales, 12 months"),
        "value": amount_text(standing.net_sales_12m),
        "unit": currency,
        "detail": detail,
        "tone": tone,
    }


def _class_kpi(standing: Standing) -> dict[str, Any]:
    words = []
    if standing.abc_rank:
        words.append(_("rank %(rank)s") % {"rank": f"{standing.abc_rank:,}"})
    if standing.abc_share is not None:
        words.append(_("cumulative share %(share)s") % {"share": f"{standing.abc_share * 100:.1f} %"})
    if standing.abc_next and standing.abc_next != standing.abc:
        words.append(_("about to be %(name)s") % {"name": standing.abc_next})
    if standing.abc_short_history:
        words.append(_("short history"))
    return {
        "label": _("ABC class"),
        "value": standing.abc or "–",
        "detail": " · ".join(words) or _("not classified yet"),
    }


def _usual_text(gap: int) -> str:
    return ngettext("usually every %(days)s day", "usually every %(days)s days", gap) % {"days": gap}


def _last_order_kpi(standing: Standing, as_of: date) -> dict[str, Any]:
    last, gap = standing.last_order_on, standing.order_gap_days
    if last is None:
        return {"label": _("Last order"), "value": "–", "detail": _("never ordered")}
    days = (as_of - last).days
    ago = ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": f"{days:,}"}
    usual = _usual_text(gap) if gap else ""
    return {
        "label": _("Last order"),
        "value": date_format(last, "SHORT_DATE_FORMAT"),
        "detail": " · ".join(part for part in (ago, usual) if part),
        "tone": "w" if is_silent(state=standing.distributor.state, days=days, gap=gap) else "",
    }


def _orders_kpi(standing: Standing) -> dict[str, Any]:
    first = standing.first_sale_on
    each = standing.net_sales_12m / standing.orders_12m if standing.orders_12m else None
    detail = _("%(amount)s an order") % {"amount": amount_text(each)} if each else ""
    since = _("first sale %(day)s") % {"day": date_format(first, "YEAR_MONTH_FORMAT")} if first else ""
    return {
        "label": _("Orders, 12 months"),
        "value": f"{standing.orders_12m:,}",
        "detail": " · ".join(part for part in (detail, since) if part),
    }


def open_points(distributor: Distributor, standing: Standing, as_of: date) -> list[dict[str, Any]]:
    """Return what needs someone at this distributor, by its standing."""
    points = []
    if standing.abc_next and standing.abc_next != standing.abc:
        points.append(
            {
                "chip": _("Class"),
                "tone": "w",
                "title": _("Would move from %(now)s to %(next)s")
                % {"now": standing.abc or "–", "next": standing.abc_next},
                "text": _("if it holds at the next month close"),
            }
        )
    if Distributor.objects.filter(pk=distributor.pk).silent(as_of).exists():
        days = (as_of - standing.last_order_on).days if standing.last_order_on else 0
        points.append(
            {
                "chip": _("Silent"),
                "tone": "w",
                "title": _("No order for %(days)s days") % {"days": days},
                "text": _usual_text(standing.order_gap_days or 0),
            }
        )
    if distributor.state == Lifecycle.REVIEW:
        points.append(
            {"chip": _("Review"), "tone": "", "title": _("Waits for approval"), "text": _("by a second person")}
        )
    return points


def supply(distributor: Distributor, user: Reacher) -> dict[str, Any]:
    """Return whom it buys from and who buys from it, as far as the user may see, and how many."""
    visible = Distributor.objects.visible_to(user)
    below = visible.filter(parent=distributor).with_standing().named().order_by("-standing__net_sales_12m", "pk")
    fields = ("pk", "name", "city", "tier", "standing__abc", "standing__net_sales_12m")
    children = list(below.values(*fields)[: CHILDREN + 1])
    above = visible.filter(children=distributor).named().values("pk", "name", "city", "tier").first()
    return {
        "above": above,
        "children": children[:CHILDREN],
        "children_more": len(children) > CHILDREN,
        "currency": company().base_currency,
    }


def parent_hidden(distributor: Distributor, user: Reacher) -> bool:
    """Tell whether it buys from a distributor that the user does not see."""
    above = distributor.parent_id
    return above is not None and not Distributor.objects.visible_to(user).filter(pk=above).exists()


def card_columns(distributor: Distributor, user: Reacher) -> list[list[dict[str, Any]]]:
    """Return the fields of the card in groups, in two columns; no name beyond the user's reach."""
    if parent_hidden(distributor, user):
        distributor.parent = Distributor(short_name=_("another distributor"))
    return [
        [{"title": title, "rows": [_field_row(distributor, name) for name in names]} for title, names in column]
        for column in (
            ((_("Identity"), IDENTITY), (_("Cooperation"), COOPERATION)),
            ((_("Registration"), REGISTRATION), (_("Contact"), CONTACT)),
        )
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
        text = amount_text(value)
    elif name == "language":
        text = _language_name(value)
    else:
        text = "" if value is None else str(value)
    url = ""
    if name == "website" and text.startswith(("http://", "https://")):
        url = text
    elif name == "email" and text:
        url = f"mailto:{text}"
    return {"label": capfirst(str(getattr(field, "verbose_name", name))), "text": text, "url": url}


def _language_name(code: str) -> str:
    return str(get_language_info(code)["name_translated"]) if code in LANG_INFO else code


def timeline_filter(events: list[Event], kind: str, path: str) -> tuple[list[dict[str, Any]], list[Event]]:
    """Return the kinds that occur, each a link that filters by it, and the events of the asked kind, or all."""
    names = sorted({str(event.kind) for event in events})
    asked = kind if kind in names else ""
    kinds = [{"label": _("all"), "url": path, "active": not asked}]
    kinds += [{"label": name, "url": f"{path}?{urlencode({'kind': name})}", "active": name == asked} for name in names]
    shown = [event for event in events if not asked or str(event.kind) == asked]
    return (kinds if len(names) > 1 else []), shown[:TIMELINE_ROWS]


def history(distributor: Distributor, user: Reacher) -> list[dict[str, Any]]:
    """Return the last audit rows: when, who, what, each field before and after; no name beyond the user's reach."""
    found = AuditEvent.objects.filter(target_type=Distributor._meta.label, target_id=str(distributor.pk))
    rows = list(found.select_related("actor").order_by("-at", "-id")[:HISTORY_ROWS])
    hidden = _hidden_parents(rows, user)
    labels = _field_labels()
    return [
        {
            "at": row.at,
            "who": row.actor,
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
    return str(dict(Lifecycle.choices).get(value, value)) if name == "state" else value


def _field_labels() -> dict[str, str]:
    fields = [*Place._meta.fields, *Distributor._meta.fields]
    return {field.name: str(getattr(field, "verbose_name", field.name)) for field in fields} | {
        "from": _("from"),
        "until": _("until"),
        "class": _("class"),
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
