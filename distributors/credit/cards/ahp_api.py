"""REST: weights from comparisons in pairs, computed and not kept."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from core.idempotency import respond_once
from core.resources import ApiView, Body
from distributors.credit.calculations.ahp import LARGEST, MatrixRefused, Weighed, weigh
from distributors.credit.cards.api import SCOPE
from distributors.credit.cards.refusals import inconsistent_text, refusal_text

CELL = 12


class AhpInput(Body):
    """A square matrix of judgements from 1/9 to 9, its rows as texts such as "3", "1/3" or "0.33"."""

    matrix = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(max_length=CELL), max_length=LARGEST + 1),
        max_length=LARGEST + 1,
        help_text="Ones on the diagonal, and across it the reciprocal; at most 10 x 10.",
    )


class AhpRevisit(serializers.Serializer):
    """The judgement that departs most from the weights, rows and columns from 1."""

    row = serializers.IntegerField()
    column = serializers.IntegerField()
    given = serializers.CharField()
    implied = serializers.FloatField()


class AhpAnswer(serializers.Serializer):
    """The weights, and how consistent the judgements are: accepted below a ratio of 0.10."""

    weights = serializers.ListField(child=serializers.FloatField())
    lambda_max = serializers.FloatField()
    consistency_index = serializers.FloatField()
    random_index = serializers.FloatField()
    consistency_ratio = serializers.FloatField()
    accepted = serializers.BooleanField()
    message = serializers.CharField(help_text="Why the weights are not accepted; empty where they are.")
    revisit = AhpRevisit(allow_null=True)


class AhpViewSet(ViewSetMixin, ApiView):
    """Weights from comparisons in pairs."""

    resource = "ahp"
    tag = "Credit cards"
    scope_of = {"POST": f"{SCOPE}:read"}
    permission_of = {"POST": "credit.view_creditpolicy"}

    def create(self, request: Any) -> Response:
        """Compute the weights of a matrix with lambda, CI and CR, and the judgement to revisit; nothing is kept."""
        matrix = AhpInput.read(request)["matrix"]
        try:
            weighed = weigh(matrix)
        except MatrixRefused as error:
            raise ValidationError({"matrix": [str(refusal_text(error))]}) from error
        return respond_once(request, self.resource, lambda: _answer(weighed))

    create.documents = {  # type: ignore[attr-defined]
        "request": AhpInput,
        "response": AhpAnswer,
        "examples": [
            OpenApiExample(
                "Three criteria",
                request_only=True,
                value={"matrix": [["1", "2", "4"], ["1/2", "1", "3"], ["1/4", "1/3", "1"]]},
            )
        ],
    }


def _answer(weighed: Weighed) -> dict[str, Any]:
    revisit = weighed.revisit
    return {
        "weights": [round(weight, 6) for weight in weighed.weights],
        "lambda_max": round(weighed.lambda_max, 6),
        "consistency_index": round(weighed.consistency_index, 6),
        "random_index": weighed.random_index,
        "consistency_ratio": round(weighed.consistency_ratio, 6),
        "accepted": weighed.accepted,
        "message": "" if weighed.accepted else str(inconsistent_text(weighed)),
        "revisit": {
            "row": revisit.row + 1,
            "column": revisit.column + 1,
            "given": str(revisit.given),
            "implied": round(revisit.implied, 6),
        }
        if revisit
        else None,
    }
