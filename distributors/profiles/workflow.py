"""The life of a distributor as a table of moves."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.workflow import Move, move
from distributors.profiles.models import Lifecycle as L
from distributors.profiles.models import TaskState as T

MOVES: dict[str, Move] = {
    step.name: step
    for step in (
        move("submit", {L.PROSPECT}, L.REVIEW, _("Put under review")),
        move("send_back", {L.REVIEW, L.APPROVED}, L.PROSPECT, _("Send back to prospects")),
        move("approve", {L.REVIEW}, L.APPROVED, _("Approve")),
        move("activate", {L.APPROVED}, L.ACTIVE, _("Start cooperation")),
        move("watch", {L.ACTIVE}, L.WATCH, _("Put on watch")),
        move("restore", {L.WATCH, L.EXITING}, L.ACTIVE, _("Back to active")),
        move("exit", {L.ACTIVE, L.WATCH}, L.EXITING, _("Begin the exit")),
        move("end", {L.PROSPECT, L.REVIEW, L.APPROVED, L.EXITING}, L.ENDED, _("End")),
        move("reopen", {L.ENDED}, L.PROSPECT, _("Reopen as prospect")),
    )
}

# Decisions that the owner of a distributor does not take alone.
DECISIONS = frozenset({"approve", "end", "reopen"})


# What a move out of one state does there, where that is more than what it is called everywhere.
SPOKEN = {
    ("end", L.PROSPECT): _("Drop the prospect"),
    ("end", L.REVIEW): _("Refuse"),
    ("end", L.APPROVED): _("Call it off"),
    ("end", L.EXITING): _("End the cooperation"),
}

# Moves that are asked for twice.
CONFIRMED = frozenset({"end"})


def label_from(step: Move, state: str) -> Any:
    """Return what a move out of `state` is called."""
    return SPOKEN.get((step.name, L(state)), step.label)


def moves_from(state: str) -> list[Move]:
    """Return the moves that are possible from `state`."""
    return [step for step in MOVES.values() if state in step.sources]


TASK_MOVES: dict[str, Move] = {
    step.name: step
    for step in (
        move("task.done", {T.OPEN}, T.DONE, _("Done")),
        move("task.dropped", {T.OPEN}, T.DROPPED, _("Drop")),
        move("task.reopened", {T.DONE, T.DROPPED}, T.OPEN, _("Reopen")),
    )
}
