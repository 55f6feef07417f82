"""The role matrix: which role holds which permission, and how far it goes. The only place that says so."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Who a person is in this product."""

    ADMIN = "admin", _("administrator")
    MANAGER = "manager", _("sales manager")
    REP = "rep", _("regional rep")
    FINANCE = "finance", _("finance")
    INSPECTOR = "inspector", _("market inspector")
    ANALYST = "analyst", _("analyst")
    API_CLIENT = "api_client", _("API client")


class Extent(models.TextChoices):
    """How far a permission goes."""

    ALL = "all", _("everything")
    TERRITORY = "territory", _("own territories and own distributors")
    OWN = "own", _("own distributors")


ALL, TERRITORY, OWN = Extent.ALL, Extent.TERRITORY, Extent.OWN

_READ_CHANNEL = {
    Role.ADMIN: ALL,
    Role.MANAGER: TERRITORY,
    Role.REP: TERRITORY,
    Role.FINANCE: ALL,
    Role.INSPECTOR: TERRITORY,
    Role.ANALYST: ALL,
    Role.API_CLIENT: TERRITORY,
}
_READ_EVERYONE = dict.fromkeys(Role, ALL)
_ADMIN = {Role.ADMIN: ALL}

MATRIX: dict[str, Mapping[Role, Extent]] = {
    "accounts.view_territory": _READ_CHANNEL,
    "accounts.add_territory": _ADMIN,
    "accounts.change_territory": _ADMIN,
    "accounts.view_user": _ADMIN,
    "accounts.add_user": _ADMIN,
    "accounts.change_user": _ADMIN,
    "accounts.view_apitoken": _ADMIN,
    "accounts.add_apitoken": _ADMIN,
    "accounts.change_apitoken": _ADMIN,
    "core.view_job": {**dict.fromkeys(Role, OWN), Role.ADMIN: ALL},
    "profiles.view_distributor": _READ_CHANNEL,
    "profiles.add_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.change_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY, Role.REP: OWN},
    "profiles.view_distributortype": _READ_EVERYONE,
    "profiles.approve_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.assign_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.audit_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "ledger.view_product": _READ_EVERYONE,
    "ledger.view_saleline": _READ_CHANNEL,
    "ledger.view_monthlysales": _READ_CHANNEL,
    "ledger.view_monthlylinesales": _READ_CHANNEL,
    "ledger.add_saleline": {Role.ADMIN: ALL, Role.API_CLIENT: TERRITORY},
    "ledger.view_import": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.add_import": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.import_master": _ADMIN,
    "classification.view_classification": _READ_CHANNEL,
    "classification.view_policy": _READ_EVERYONE,
    "classification.view_classrun": _READ_CHANNEL,
    "classification.view_classevent": _READ_CHANNEL,
    "classification.view_override": _READ_CHANNEL,
    "classification.change_policy": _ADMIN,
    "classification.run_policy": _ADMIN,
    "classification.add_override": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
}


def extent(role: str, permission: str) -> Extent | None:
    """Return how far `permission` goes for `role`, or None for not at all."""
    return MATRIX.get(permission, {}).get(Role(role))
