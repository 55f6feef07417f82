"""Changes to classification: runs, policies, classes set by hand."""

from distributors.classification.services.nightly import classification_nightly
from distributors.classification.services.overrides import override_add, override_end, overrides_apply
from distributors.classification.services.policies import (
    policy_add,
    policy_default,
    scarce_set,
    settings_refuse,
    version_add,
)
from distributors.classification.services.runs import classification_run

__all__ = [
    "classification_nightly",
    "classification_run",
    "override_add",
    "override_end",
    "overrides_apply",
    "policy_add",
    "policy_default",
    "scarce_set",
    "settings_refuse",
    "version_add",
]
