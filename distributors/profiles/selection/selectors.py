"""Reads of selection: the facts that a decision rests on, the scorecards, checks and risks of a distributor."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.database import count_of
from distributors.profiles.contracts.documents import KINDS
from distributors.profiles.models import Distributor
from distributors.profiles.selection.anchors import ANCHORS, RISK_WORDS
from distributors.profiles.selection.calculations import CHECKS, CRITERIA, SCALE, TENTH, Facts, risk_band, score_of
from distributors.profiles.selection.models import (
    Assessment,
    AssessmentState,
    Check,
    CheckState,
    Criterion,
    DiligenceItem,
    Risk,
    SelectionPolicy,
)

# Annotations that `with_selection` gives, as `facts_of` reads them.
FACTS = ("sel_score", "sel_settled", "sel_blocking", "sel_risks", "sel_highest", "sel_threshold", "sel_limit")
CHECK_TONES = {"open": "", "clear": "g", "concern": "w", "blocking": "b"}
BAND_TONES = {"low": "g", "moderate": "", "high": "w", "over": "b"}


def policy_now() -> SelectionPolicy:
    """Return the version that holds: the last one, and as delivered where none was ever written."""
    return SelectionPolicy.objects.order_by("-number").first() or SelectionPolicy(number=1)


def with_selection(rows: QuerySet) -> Any:
    """Return distributors with what a decision on each rests on, as columns of the same query."""
    policy, delivered = SelectionPolicy.objects.order_by("-number"), SelectionPolicy()
    scored = Assessment.objects.filter(distributor=OuterRef("pk"), state=AssessmentState.SUBMITTED).order_by("-pk")
    checks = DiligenceItem.objects.filter(distributor=OuterRef("pk"))
    risks = Risk.objects.filter(distributor=OuterRef("pk"))
    return rows.annotate(
        sel_score=Subquery(scored.values("score")[:1]),
        sel_settled=count_of(checks.exclude(state=CheckState.OPEN)),
        sel_blocking=count_of(checks.filter(state=CheckState.BLOCKING)),
        sel_risks=count_of(risks),
        sel_highest=Coalesce(
            Subquery(risks.order_by("-level").values("level")[:1], output_field=IntegerField()), Value(0)
        ),
        sel_threshold=Coalesce(Subquery(policy.values("threshold")[:1]), Value(delivered.threshold)),
        sel_limit=Coalesce(Subquery(policy.values("risk_limit")[:1]), Value(delivered.risk_limit)),
    )


def facts_of(row: Mapping[str, Any]) -> Facts:
    """Return the facts of a row of `with_selection`."""
    return Facts(
        score=None if row["sel_score"] is None else row["sel_score"].quantize(TENTH),
        settled=row["sel_settled"],
        blocking=row["sel_blocking"],
        risks=row["sel_risks"],
        highest=row["sel_highest"],
        threshold=row["sel_threshold"],
        risk_limit=row["sel_limit"],
    )


def facts_by_distributor(keys: Iterable[int]) -> dict[int, Facts]:
    """Return the facts of distributors by their keys, in one query."""
    rows = with_selection(Distributor.objects.filter(pk__in=list(keys)).order_by()).values("pk", *FACTS)
    return {row["pk"]: facts_of(row) for row in rows}


def draft_of(distributor_pk: int) -> Assessment | None:
    """Return the scorecard that is being filled in."""
    found: Assessment | None = Assessment.objects.filter(
        distributor=distributor_pk, state=AssessmentState.DRAFT
    ).first()
    return found


def scorecard_rows(assessment: Assessment | None) -> list[dict[str, Any]]:
    """Return the criteria of a scorecard with rating, what it stands for, note and, once submitted, points."""
    found = {one.criterion: one for one in assessment.ratings.all()} if assessment else {}
    policy = assessment.policy if assessment and assessment.policy else policy_now()
    points: dict[str, Decimal] = {}
    if assessment and assessment.score is not None:
        ratings = {name: one.value for name, one in found.items() if one.value is not None}
        points = {line.criterion: line.points for line in score_of(policy.weights, ratings).lines}
    rows = []
    for name in CRITERIA:
        rating = found.get(name)
        value = rating.value if rating else None
        rows.append(
            {
                "name": name,
                "label": Criterion(name).label,
                "question": ANCHORS[name][0],
                "weight": policy.weights[name],
                "value": value,
                "anchor": ANCHORS[name][1][value - 1] if value else "",
                "note": rating.note if rating else "",
                "points": points.get(name),
            }
        )
    return rows


def assessments_of(distributor_pk: int, user: Any) -> list[Assessment]:
    """Return the submitted scorecards of a distributor, the latest first."""
    rows = Assessment.objects.visible_to(user).filter(distributor=distributor_pk, state=AssessmentState.SUBMITTED)
    return list(rows.select_related("policy", "rated_by").prefetch_related("ratings"))


def checks_of(distributor_pk: int, user: Any) -> list[dict[str, Any]]:
    """Return every item of due diligence with its finding and files, also those that nobody touched yet."""
    rows = DiligenceItem.objects.visible_to(user).filter(distributor=distributor_pk).select_related("decided_by")
    found = {one.kind: one for one in rows.prefetch_related("documents")}
    checks = []
    for kind in CHECKS:
        item = found.get(kind) or DiligenceItem(kind=kind)
        checks.append(
            {
                "item": item,
                "kind": kind,
                "tone": CHECK_TONES[item.state],
                "files": [
                    {"pk": one.pk, "name": one.name, "kind": KINDS.get(one.content_type, "")}
                    for one in (item.documents.all() if item.pk else ())
                ],
            }
        )
    return checks


def risks_of(distributor_pk: int, user: Any, limit: int) -> list[dict[str, Any]]:
    """Return the risks of a distributor, the highest first, each with its band."""
    rows = Risk.objects.visible_to(user).filter(distributor=distributor_pk).select_related("owner")
    return [
        {
            "risk": one,
            "number": number,
            "band": risk_band(one.level, limit),
            "tone": BAND_TONES[risk_band(one.level, limit)],
            "likelihood": RISK_WORDS["likelihood"][one.likelihood - 1],
            "impact": RISK_WORDS["impact"][one.impact - 1],
        }
        for number, one in enumerate(rows, 1)
    ]


def risk_matrix(risks: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """Return the rows of the matrix, the likeliest first, each with its five cells and the risks that lie in them."""
    placed: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in risks:
        placed.setdefault((row["risk"].likelihood, row["risk"].impact), []).append(row)
    return [
        {
            "likelihood": likelihood,
            "word": RISK_WORDS["likelihood"][likelihood - 1],
            "cells": [
                {
                    "level": likelihood * impact,
                    "band": risk_band(likelihood * impact, limit),
                    "risks": placed.get((likelihood, impact), []),
                }
                for impact in SCALE
            ],
        }
        for likelihood in reversed(SCALE)
    ]


def open_names(distributor_pk: int) -> dict[str, list[str]]:
    """Return the words of the checks that are open, and of those that block."""
    found = dict(DiligenceItem.objects.filter(distributor=distributor_pk).values_list("kind", "state"))
    return {
        state: [str(Check(kind).label) for kind in CHECKS if found.get(kind, CheckState.OPEN) == state]
        for state in (CheckState.OPEN, CheckState.BLOCKING)
    }
