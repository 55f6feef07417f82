"""The models of both parts of credit: `cards` and `limits`."""

from distributors.credit.cards.models import Accounts as Accounts
from distributors.credit.cards.models import CreditPolicy as CreditPolicy
from distributors.credit.cards.models import CreditReview as CreditReview
from distributors.credit.cards.models import CreditScore as CreditScore
from distributors.credit.cards.models import Evidence as Evidence
from distributors.credit.cards.models import GradeEvent as GradeEvent
from distributors.credit.cards.models import ScoreRun as ScoreRun
from distributors.credit.limits.collecting_models import Dispute as Dispute
from distributors.credit.limits.collecting_models import Promise as Promise
from distributors.credit.limits.collecting_models import Reminder as Reminder
from distributors.credit.limits.models import CreditCheck as CreditCheck
from distributors.credit.limits.models import CreditLimit as CreditLimit
from distributors.credit.limits.models import Hold as Hold
from distributors.credit.limits.models import HoldOverride as HoldOverride
from distributors.credit.limits.models import LimitPolicy as LimitPolicy
from distributors.credit.limits.models import Security as Security
