"""The life of a contract as a table of moves."""

from django.utils.translation import gettext_lazy as _

from core.workflow import Move, move
from distributors.profiles.contracts.models import ContractState as S

CONTRACT_MOVES: dict[str, Move] = {
    step.name: step
    for step in (
        move("contract.signed", {S.DRAFT}, S.IN_FORCE, _("Sign")),
        move("contract.withdrawn", {S.DRAFT}, S.WITHDRAWN, _("Withdraw")),
        move("contract.terminated", {S.IN_FORCE}, S.TERMINATED, _("Terminate")),
        move("contract.ended", {S.IN_FORCE}, S.ENDED, _("End")),
    )
}
