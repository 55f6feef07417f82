"""REST: a distributor moves through its life, by the same rules as in the product."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.response import Response

from core.idempotency import respond_once
from core.resources import Body
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.services import lifecycle_move
from distributors.profiles.workflow import MOVES


class MoveInput(Body):
    """A move through life, with its reason."""

    move = serializers.ChoiceField(choices=list(MOVES))
    reason = serializers.CharField(max_length=200, help_text="It stays with the record.")
    seen = serializers.ChoiceField(
        choices=Lifecycle.choices, required=False, help_text="The state that you saw: refused where it is another."
    )


class MoveAnswer(serializers.Serializer):
    """The state after the move."""

    code = serializers.CharField()
    state = serializers.ChoiceField(choices=Lifecycle.choices)


EXAMPLE = {"move": "submit", "reason": "Scorecard complete", "seen": "prospect"}
DOCUMENTED = {
    "request": MoveInput,
    "response": MoveAnswer,
    "examples": [OpenApiExample("Under review", request_only=True, value=EXAMPLE)],
}


def move_answer(request: Any, code: str) -> Response:
    """Move the distributor with a code; 404 out of reach, DomainError with the rules that stand against it."""
    rows = Distributor.objects.visible_to(request.user, "move")
    found = None if "\x00" in code else rows.filter(code=code).first()
    if found is None:
        raise Http404
    given = MoveInput.read(request)

    def work() -> dict[str, Any]:
        moved = lifecycle_move(
            actor=request.user,
            distributor=found,
            name=given["move"],
            reason=given["reason"],
            seen=given.get("seen", ""),
        )
        return {"code": moved.code, "state": str(moved.state)}

    return respond_once(request, f"distributors/{code}/move", work)
