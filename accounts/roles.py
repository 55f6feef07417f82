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
_WRITE_CARDS = {Role.ADMIN: ALL, Role.MANAGER: TERRITORY, Role.REP: OWN}
_READ_EVERYONE = dict.fromkeys(Role, ALL)
_ADMIN = {Role.ADMIN: ALL}
_WRITE_FACTS = {Role.ADMIN: ALL, Role.API_CLIENT: TERRITORY}
_OWN: Mapping[Role, Extent] = {role: OWN for role in Role if role != Role.API_CLIENT}
_OWN_AND_TEAM: Mapping[Role, Extent] = {
    **{role: OWN for role in Role if role != Role.API_CLIENT},
    Role.ADMIN: ALL,
    Role.MANAGER: TERRITORY,
}

# What is lent to a distributor is no business of inspectors; administrators keep the rules, and lend nothing.
_READ_CREDIT = {
    Role.MANAGER: TERRITORY,
    Role.REP: TERRITORY,
    Role.FINANCE: ALL,
    Role.ANALYST: ALL,
    Role.API_CLIENT: TERRITORY,
}
_FINANCE_AND_CLIENTS = {Role.FINANCE: ALL, Role.API_CLIENT: TERRITORY}
_COLLECTS = {Role.MANAGER: TERRITORY, Role.REP: OWN, Role.FINANCE: ALL}

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
    "accounts.view_businesscalendar": _ADMIN,
    "accounts.add_businesscalendar": _ADMIN,
    "accounts.change_businesscalendar": _ADMIN,
    "accounts.view_absence": _OWN_AND_TEAM,
    "accounts.add_absence": _OWN_AND_TEAM,
    "accounts.change_absence": _OWN_AND_TEAM,
    "core.view_settings": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "core.view_company": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "core.change_company": _ADMIN,
    "accounts.view_notification": {role: OWN for role in Role if role != Role.API_CLIENT},
    "core.view_auditevent": _ADMIN,
    "core.change_schedule": _ADMIN,
    "core.view_job": {**dict.fromkeys(Role, OWN), Role.ADMIN: ALL},
    "core.view_savedview": {**_OWN, Role.ADMIN: ALL},
    "core.change_savedview": {**_OWN, Role.ADMIN: ALL},
    "core.share_savedview": {Role.ADMIN: ALL, Role.MANAGER: OWN},
    "profiles.view_distributor": _READ_CHANNEL,
    "profiles.add_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.change_distributor": _WRITE_CARDS,
    "profiles.view_distributortype": _READ_EVERYONE,
    "profiles.approve_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.assign_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.merge_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.view_merge": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.view_tag": _READ_EVERYONE,
    "profiles.add_tag": _ADMIN,
    "profiles.change_tag": _ADMIN,
    "profiles.view_tagging": _READ_CHANNEL,
    "profiles.view_tagchange": {Role.ADMIN: ALL, Role.MANAGER: OWN, Role.REP: OWN},
    "profiles.view_bulkchange": {Role.ADMIN: ALL, Role.MANAGER: OWN, Role.REP: OWN},
    "profiles.audit_distributor": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.view_outboundmessage": {Role.ADMIN: ALL, Role.API_CLIENT: TERRITORY},
    "profiles.view_outboundreader": _ADMIN,
    "profiles.add_outboundreader": {Role.API_CLIENT: ALL},
    "profiles.change_outboundreader": _ADMIN,
    "profiles.view_task": _READ_CHANNEL,
    "profiles.add_task": {**_OWN_AND_TEAM, Role.API_CLIENT: TERRITORY},
    "profiles.change_task": {**_OWN_AND_TEAM, Role.API_CLIENT: TERRITORY},
    "profiles.view_contact": _READ_CHANNEL,
    "profiles.add_contact": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.change_contact": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.erase_contact": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.view_contactrelation": _READ_CHANNEL,
    "profiles.change_contactrelation": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.view_card": _READ_CHANNEL,
    "profiles.change_card": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.view_outlet": _READ_CHANNEL,
    "profiles.view_brandshare": _READ_CHANNEL,
    "profiles.view_businessfigures": _READ_CHANNEL,
    "profiles.view_cardfile": _READ_CHANNEL,
    "profiles.view_contract": {**_READ_CHANNEL, Role.REP: OWN},
    "profiles.view_coverage": {**_READ_CHANNEL, Role.REP: OWN},
    "profiles.view_contractdocument": {**_READ_CHANNEL, Role.REP: OWN},
    "profiles.add_contract": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY, Role.API_CLIENT: TERRITORY},
    "profiles.change_contract": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY, Role.API_CLIENT: TERRITORY},
    "profiles.sign_contract": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "profiles.move_distributor": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.view_selectionpolicy": _READ_EVERYONE,
    "profiles.change_selectionpolicy": _ADMIN,
    "profiles.view_assessment": _READ_CHANNEL,
    "profiles.change_assessment": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.view_diligenceitem": _READ_CHANNEL,
    "profiles.view_diligencedocument": _READ_CHANNEL,
    "profiles.change_diligenceitem": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.view_risk": _READ_CHANNEL,
    "profiles.change_risk": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.view_contactpersonal": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "profiles.change_contactpersonal": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "ledger.view_product": _READ_EVERYONE,
    # What goods cost us, and the margin that follows from it: scope_fields of models name it.
    "ledger.view_cost": {Role.ADMIN: ALL, Role.FINANCE: ALL, Role.ANALYST: ALL, Role.API_CLIENT: ALL},
    "ledger.view_retailprice": _READ_CHANNEL,
    "ledger.add_retailprice": {**_WRITE_CARDS, Role.API_CLIENT: TERRITORY},
    "ledger.view_saleline": _READ_CHANNEL,
    "ledger.view_monthlysales": _READ_CHANNEL,
    "ledger.view_monthlylinesales": _READ_CHANNEL,
    "ledger.add_order": _WRITE_FACTS,
    "ledger.add_invoice": _WRITE_FACTS,
    "ledger.add_payment": _WRITE_FACTS,
    "ledger.add_stocksnapshot": _WRITE_FACTS,
    "ledger.add_target": _WRITE_FACTS,
    "ledger.add_occurrence": _WRITE_FACTS,
    "ledger.add_saleline": _WRITE_FACTS,
    "ledger.view_order": _READ_CHANNEL,
    "ledger.view_invoice": _READ_CHANNEL,
    "ledger.view_payment": _READ_CHANNEL,
    "ledger.view_openitem": _READ_CHANNEL,
    "ledger.view_allocation": _READ_CHANNEL,
    "ledger.view_stocksnapshot": _READ_CHANNEL,
    "ledger.view_target": _READ_CHANNEL,
    "ledger.view_occurrence": _READ_CHANNEL,
    "ledger.view_import": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.view_exchangerate": {Role.ADMIN: ALL, Role.FINANCE: ALL, Role.ANALYST: ALL},
    "ledger.add_exchangerate": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.change_exchangerate": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.add_import": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.import_master": _ADMIN,
    "ledger.view_batch": {Role.ADMIN: ALL, Role.FINANCE: ALL, Role.API_CLIENT: ALL},
    "ledger.undo_batch": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.view_periodlock": {Role.ADMIN: ALL, Role.FINANCE: ALL, Role.API_CLIENT: ALL},
    "ledger.add_periodlock": {Role.FINANCE: ALL},
    "ledger.view_importprofile": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.view_droprule": _ADMIN,
    "ledger.add_droprule": _ADMIN,
    "ledger.change_droprule": _ADMIN,
    "ledger.view_dropfile": _ADMIN,
    "ledger.add_importprofile": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "ledger.change_importprofile": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "classification.view_classification": _READ_CHANNEL,
    "classification.view_policy": _READ_EVERYONE,
    "classification.view_classrun": _READ_CHANNEL,
    "classification.view_classevent": _READ_CHANNEL,
    "classification.view_override": _READ_CHANNEL,
    "classification.change_policy": _ADMIN,
    "classification.run_policy": _ADMIN,
    "classification.add_override": {Role.ADMIN: ALL, Role.MANAGER: TERRITORY},
    "credit.view_limitpolicy": _READ_EVERYONE,
    "credit.change_limitpolicy": _ADMIN,
    "credit.view_creditlimit": _READ_CREDIT,
    "credit.add_creditlimit": _COLLECTS,
    "credit.approve_creditlimit": {Role.MANAGER: TERRITORY, Role.FINANCE: ALL},
    "credit.view_hold": _READ_CREDIT,
    "credit.view_holdoverride": _READ_CREDIT,
    "credit.add_holdoverride": {Role.FINANCE: ALL},
    "credit.view_creditcheck": _READ_CREDIT,
    "credit.add_creditcheck": _FINANCE_AND_CLIENTS,
    "credit.view_security": _READ_CREDIT,
    "credit.add_security": _FINANCE_AND_CLIENTS,
    "credit.change_security": _FINANCE_AND_CLIENTS,
    "credit.view_promise": _READ_CREDIT,
    "credit.add_promise": {**_COLLECTS, Role.API_CLIENT: TERRITORY},
    "credit.view_dispute": _READ_CREDIT,
    "credit.add_dispute": _COLLECTS,
    "credit.change_dispute": {Role.FINANCE: ALL},
    "credit.view_reminder": _READ_CREDIT,
    "credit.add_reminder": _COLLECTS,
    "credit.view_creditpolicy": _READ_EVERYONE,
    "credit.change_creditpolicy": _ADMIN,
    "credit.run_creditpolicy": {Role.ADMIN: ALL, Role.FINANCE: ALL},
    "credit.view_creditscore": _READ_CHANNEL,
    "credit.review_creditscore": {Role.FINANCE: ALL},
    "credit.view_gradeevent": _READ_CHANNEL,
    "credit.view_creditreview": _READ_CHANNEL,
    "credit.view_evidence": _READ_CHANNEL,
    "credit.add_evidence": {**_WRITE_CARDS, Role.FINANCE: ALL, Role.API_CLIENT: TERRITORY},
    "credit.view_accounts": _READ_CHANNEL,
    "credit.add_accounts": {**_WRITE_CARDS, Role.FINANCE: ALL, Role.API_CLIENT: TERRITORY},
}


def extent(role: str, permission: str) -> Extent | None:
    """Return how far `permission` goes for `role`, or None for not at all."""
    return MATRIX.get(permission, {}).get(Role(role))
