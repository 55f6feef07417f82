"""The working of a class in sentences."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import amount_text, from_units
from distributors.classification.calculations import CLASSES, Rule, Working
from distributors.classification.charts import percent
from distributors.classification.models import Classification, ClassRun, PolicyVersion
from distributors.classification.selectors.overview import MovementTable, Overview
from distributors.classification.selectors.runs import next_close
from distributors.classification.selectors.working import Why


def rule_text(working: Working, version: PolicyVersion) -> str:
    """Return the sentence of the rule that decided the class by rank."""
    values = {
        "share": percent(working.cumulative_share, 2),
        "cut_a": percent(working.cut_a),
        "cut_b": percent(working.cut_b),
        "months": version.new_months,
        "tied": working.tied,
    }
    texts = {
        Rule.LARGEST: _("The largest is always A."),
        Rule.WITHIN_A: _("Its cumulative share of %(share)s lies within the A cut of %(cut_a)s."),
        Rule.WITHIN_B: _("Its cumulative share of %(share)s lies beyond the A cut of %(cut_a)s, within %(cut_b)s."),
        Rule.BEYOND: _("Its cumulative share of %(share)s lies beyond the B cut of %(cut_b)s."),
        Rule.TIE: _("%(tied)s distributors have this very amount; equal amounts share the better class."),
        Rule.NOT_POSITIVE: _("Zero or less is C."),
        Rule.NEW: ngettext(
            "Less than %(months)s full month since the first sale: new, and not ranked.",
            "Less than %(months)s full months since the first sale: new, and not ranked.",
            version.new_months,
        ),
        Rule.NEVER_ORDERED: ngettext(
            "Has not ordered yet and is with us for less than %(months)s full month: new.",
            "Has not ordered yet and is with us for less than %(months)s full months: new.",
            version.new_months,
        ),
        Rule.NEVER_ORDERED_LATE: _("Has never ordered, and is no longer new."),
    }
    return texts[working.rule] % values


def gap_text(working: Working) -> str:
    """Return how much more reaches the next better class, or nothing."""
    if working.gap is None:
        return ""
    return _("%(amount)s more, all others unchanged, reaches %(letter)s.") % {
        "amount": amount_text(from_units(working.gap)),
        "letter": working.next_class,
    }


def in_force_text(why: Why, today: date) -> str:
    """Return why the class in force is another than that by rank, or nothing."""
    row, version = why.row, why.row.run.version
    by_hand = next((one for one in why.overrides if one.is_on(today)), None)
    if by_hand is not None:
        return _("Set by hand to %(klass)s until %(day)s: %(reason)s. By the rules it is %(letter)s.") % {
            "klass": by_hand.klass,
            "day": date_format(by_hand.ends_on, "DATE_FORMAT"),
            "reason": by_hand.reason.rstrip(".。"),
            "letter": row.settled,
        }
    if row.settled == row.raw:
        return ""
    text = ngettext(
        "By rank it is %(raw)s. The class in force stays %(settled)s until %(raw)s has stood at %(periods)s month-end, "
        "or the share has passed the cut by more than %(points)s.",
        "By rank it is %(raw)s. The class in force stays %(settled)s until %(raw)s has stood at %(periods)s month-ends "
        "in a row, or the share has passed the cut by more than %(points)s.",
        version.dynamics_periods,
    )
    return text % {
        "raw": row.raw,
        "settled": row.settled,
        "periods": version.dynamics_periods,
        "points": points_text(version),
    }


def points_text(version: PolicyVersion) -> str:
    """Return the margin of a version in points, as short as it is."""
    points = version.dynamics_margin * 100
    number = amount_text(points, 0 if points % 1 == 0 else 2)
    return ngettext("%(points)s point", "%(points)s points", 1 if points == 1 else 2) % {"points": number}


def pending_text(row: Classification) -> str:
    """Return what happens at the next month close, or nothing."""
    if not row.pending:
        return ""
    return _("Becomes %(letter)s on %(day)s if its class by rank stays.") % {
        "letter": row.pending,
        "day": date_format(next_close(row.run.as_of), "DATE_FORMAT"),
    }


def figures_text(row: Classification, currency: str) -> str:
    """Return what a row was ranked by and where that puts it."""
    months = row.run.version.window_months
    text = ngettext("%(amount)s %(currency)s in %(count)s month", "%(amount)s %(currency)s in %(count)s months", months)
    text %= {"amount": amount_text(row.basis), "currency": currency, "count": months}
    if row.basis is None:
        text = ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    if row.cumulative_share is None:
        return text
    return _("%(figures)s, cumulative share %(share)s") % {
        "figures": text,
        "share": percent(row.cumulative_share, 1).replace(" ", "\N{NO-BREAK SPACE}"),
    }


def working_rows(why: Why, currency: str) -> list[dict[str, Any]]:
    """Return the working of a class as labelled rows."""
    row, working, version = why.row, why.working, why.row.run.version
    rank = _("%(rank)s of %(ranked)s") % {"rank": f"{working.rank:,}", "ranked": f"{working.ranked:,}"}
    found = [
        (_("Class by rank"), row.raw),
        (_("Rank"), rank if working.rank else _("not ranked")),
        (basis_label(version, currency), amount_text(row.basis, 2)),
        (_("Own share"), percent(row.share, 2) if working.rank else ""),
        (_("Cumulative share"), percent(row.cumulative_share, 2) if working.rank else ""),
        (_("Cuts"), _("A to %(a)s, B to %(b)s") % {"a": percent(working.cut_a), "b": percent(working.cut_b)}),
        (_("Decided by"), rule_text(working, version)),
        (_("Group by volume"), _volume_text(row)),
        (_("To the next class"), "" if row.basis is None else gap_text(working)),
        (_("History"), _("short: less than the months counted") if row.short_history else _("whole")),
    ]
    return [{"label": label, "text": text} for label, text in found if text]


def _volume_text(row: Classification) -> str:
    """Return the group by volume with what it follows from, or nothing where there is none yet."""
    if not row.volume_group:
        return ""
    if row.volume_rank is None:
        return _("N: new, not ranked")
    return _("%(group)s: %(quantity)s base units, rank %(rank)s, cumulative share %(share)s") % {
        "group": row.volume_group,
        "quantity": amount_text(row.quantity),
        "rank": f"{row.volume_rank:,}",
        "share": percent(row.volume_cumulative_share, 2),
    }


def basis_label(version: PolicyVersion, currency: str) -> str:
    """Return what was ranked, over how many months, in which currency."""
    label = ngettext(
        "%(basis)s, %(count)s month, %(currency)s", "%(basis)s, %(count)s months, %(currency)s", version.window_months
    )
    return label % {
        "basis": str(version.get_basis_display()).capitalize(),
        "count": version.window_months,
        "currency": currency,
    }


def run_text(run: ClassRun) -> str:
    """Return as of when, by which version and from which batch a run was computed."""
    kind = _("month close") if run.official else _("preview")
    text = _("%(policy)s, %(kind)s as of %(day)s, version %(version)s") % {
        "policy": run.policy,
        "kind": kind,
        "day": date_format(run.as_of, "DATE_FORMAT"),
        "version": run.version.number,
    }
    return text if run.batch_id is None else text + _(", sales up to batch %(batch)s") % {"batch": run.batch_id}


def list_url(**query: Any) -> str:
    """Return the URL of the list of classes with filters."""
    return f"{reverse('classification:classification-list')}?{urlencode(query)}"


def class_kpis(overview: Overview, run: ClassRun, currency: str) -> list[dict[str, Any]]:
    """Return the figures of each class, each leading to its rows."""
    return [
        {
            "label": _("Class %(letter)s") % {"letter": figure.letter},
            "value": f"{figure.count:,}",
            "unit": percent(figure.count_share),
            "detail": _("%(share)s of sales · by rank %(by_rank)s")
            % {"share": percent(figure.basis_share), "by_rank": f"{figure.by_rank:,}"}
            if figure.letter != "N"
            else _("new, not ranked"),
            "url": list_url(run=run.pk, effective=figure.letter),
        }
        for figure in overview.figures
    ]


def movement_rows(table: MovementTable) -> list[dict[str, Any]]:
    """Return the rows of the matrix with the URL behind each count; the last one holds who joined."""
    run, before = table.after.pk, table.before.pk

    def cell(count: int, tone: str = "", **query: Any) -> dict[str, Any]:
        return {"count": count, "url": list_url(**query) if count else "", "tone": tone}

    rows = []
    for place, was in enumerate(CLASSES):
        cells = [
            cell(count, _move_tone(place, column), run=run, against=before, was=was, effective=CLASSES[column])
            for column, count in enumerate(table.matrix[place])
        ]
        left = cell(table.left[place], run=before, against=run, gone="true", effective=was)
        rows.append({"label": was, "cells": [*cells, left]})
    joined = [
        cell(count, run=run, against=before, was="none", effective=CLASSES[column])
        for column, count in enumerate(table.joined)
    ]
    return [*rows, {"label": _("not classified"), "cells": [*joined, cell(0)]}]


def _move_tone(row: int, column: int) -> str:
    if row == column or max(row, column) == len(CLASSES) - 1:
        return ""
    return "g" if column < row else "w"


def version_rows(version: PolicyVersion) -> list[dict[str, Any]]:
    """Return the settings of a version in words."""
    crossing = _("stands above it") if version.crossing_above else _("falls below it")
    values = {
        "a": percent(version.cut_a, 2 if version.cut_a * 100 % 1 else 0),
        "b": percent(version.cut_b, 2 if version.cut_b * 100 % 1 else 0),
        "months": version.window_months,
        "new": version.new_months,
        "periods": version.dynamics_periods,
        "points": points_text(version),
        "basis": version.get_basis_display(),
        "five": percent(version.cut_five, 2 if version.cut_five * 100 % 1 else 0),
        "three": percent(version.cut_three, 2 if version.cut_three * 100 % 1 else 0),
        "plan_five": version.plan_five,
        "plan_three": version.plan_three,
        "plan_two": version.plan_two,
    }
    found = [
        (_("Ranked by"), _ranked_text(version) % values),
        (_("Class A"), _("up to %(a)s of the cumulative share, the distributor included") % values),
        (_("Class B"), _("up to %(b)s") % values),
        (_("Class C"), _("the rest, and whoever has zero or less") % values),
        (_("The one that crosses a cut"), crossing),
        (_("Class N"), _new_text(version) % values),
        (_("Short history"), _("scaled to the whole window") if version.annualise else _("marked, not scaled")),
        (_("Changes"), _changes_text(version) % values),
        (_("Groups by volume"), _("5 up to %(five)s of the cumulative volume, 3 up to %(three)s, then 2") % values),
        (_("Resources"), _("%(plan_five)s / %(plan_three)s / %(plan_two)s %% for 5, 3 and 2") % values),
    ]
    return [{"label": label, "text": text} for label, text in found]


def _ranked_text(version: PolicyVersion) -> str:
    return ngettext(
        "%(basis)s of the last %(months)s full month, largest first",
        "%(basis)s of the last %(months)s full months, largest first",
        version.window_months,
    )


def _new_text(version: PolicyVersion) -> str:
    return ngettext(
        "less than %(new)s full month since the first sale; not ranked",
        "less than %(new)s full months since the first sale; not ranked",
        version.new_months,
    )


def _changes_text(version: PolicyVersion) -> str:
    return ngettext(
        "when the new class stands at %(periods)s month-end, or at once beyond a cut by more than %(points)s",
        "when the new class stands at %(periods)s month-ends in a row, or at once beyond a cut by more than %(points)s",
        version.dynamics_periods,
    )
