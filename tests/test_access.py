"""Who may open what: every address, for every role and for nobody; and nothing of another territory by any exit.

A line of `EXPECTED` has one sign for each of admin, manager, rep, finance, inspector, analyst, API client, nobody:
the role's letter where it is let in, "-" refused (403), "0" not there (404), ">" sent to the log-in, "!" asked for a
token (401). Two lines: for a row of one's own territory, and for one of another. Machines show their token to the API
and cannot sign in to pages. An address or a method without a line fails.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django_filters import ModelChoiceFilter
from rest_framework.settings import api_settings

from accounts.roles import Role
from config.api import VIEWSETS
from core.sections import Section
from tests import factories
from tests.access import COST, LINE_COST, MINE, SECRET, World, body_of, undone, verdict
from tests.access import world as make_world

pytestmark = pytest.mark.django_db

LETTERS = {
    Role.ADMIN: "A",
    Role.MANAGER: "M",
    Role.REP: "R",
    Role.FINANCE: "F",
    Role.INSPECTOR: "I",
    Role.ANALYST: "N",
    Role.API_CLIENT: "C",
    None: "*",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Line = str | tuple[str, str]

EXPECTED: dict[str, Line] = {
    # Signing in, and what everyone has
    "GET accounts:login": "AMRFINC*",
    "POST accounts:login": "AMRFINC*",
    "GET accounts:login-code": "AMRFINC*",
    "POST accounts:login-code": "AMRFINC*",
    "POST accounts:logout": "AMRFIN>>",
    "GET accounts:password-change": "AMRFIN>>",
    "POST accounts:password-change": "AMRFIN>>",
    "GET accounts:preferences": "AMRFINC*",
    "POST accounts:preferences": "AMRFINC*",
    "GET accounts:second-factor": "AMRFIN>>",
    "POST accounts:second-factor": "AMRFIN>>",
    "GET accounts:second-factor-off": "AMRFIN>>",
    "POST accounts:second-factor-off": "AMRFIN>>",
    "GET accounts:backup-codes": "AMRFIN>>",
    "POST accounts:backup-codes": "AMRFIN>>",
    "GET core:home": "AMRFIN>>",
    "GET core:job-list": "AMRFIN>>",
    "POST core:schedule-switch": "A----->>",
    "POST core:schedule-run": "A----->>",
    "GET core:auditevent-list": "A----->>",
    "GET core:auditevent-detail": "A----->>",
    "GET core:needs": "AMRFIN>>",
    "POST core:need-aside": "AMRFIN>>",
    "POST core:need-back": "AMRFIN>>",
    "GET core:search": "AMRFIN>>",
    "GET core:healthz": "AMRFINC*",
    # Jobs: one's own, the administrator's all
    "GET core:job": ("A0R000>>", "A00000>>"),
    "POST core:job-cancel": ("A0R000>>", "A00000>>"),
    # Lists: a view, an export and its file are asked for by whoever sees the list; the file belongs to the job's owner
    "POST core:list-export": "AMRFIN>>",
    "GET core:job-file": "000000>>",
    "POST core:list-action": "AM---->>",
    "GET core:view-add": "AMRFIN>>",
    "POST core:view-add": "AMRFIN>>",
    "GET core:view-edit": ("A0R000>>", "000000>>"),
    "POST core:view-edit": ("A0R000>>", "000000>>"),
    "POST core:view-query": ("A0R000>>", "000000>>"),
    "POST core:view-first": ("AMR000>>", "000000>>"),
    "POST core:view-delete": ("A0R000>>", "000000>>"),
    # Set-up
    "GET accounts:territory-list": "AMRFIN>>",
    "GET accounts:territory-add": "A----->>",
    "POST accounts:territory-add": "A----->>",
    "GET accounts:territory-detail": ("AMRFIN>>", "A00F0N>>"),
    "GET accounts:territory-move": "A----->>",
    "POST accounts:territory-move": "A----->>",
    "POST accounts:territory-withdraw": "A----->>",
    "GET accounts:territory-close": "A----->>",
    "POST accounts:territory-close": "A----->>",
    "POST accounts:territory-open": "A----->>",
    "GET accounts:territory-edit": "A----->>",
    "POST accounts:territory-edit": "A----->>",
    "GET core:settings": "A--F-->>",
    "GET ledger:exchangerate-list": "A--F-N>>",
    "GET ledger:exchangerate-add": "A--F-->>",
    "POST ledger:exchangerate-add": "A--F-->>",
    "GET ledger:exchangerate-edit": "A--F-->>",
    "POST ledger:exchangerate-edit": "A--F-->>",
    "GET ledger:rate-missing": "A--F-N>>",
    "GET ledger:rate-year": "A--F-N>>",
    "GET ledger:company": "A--F-->>",
    "GET ledger:company-edit": "A----->>",
    "POST ledger:company-edit": "A----->>",
    "GET accounts:roles": "A----->>",
    "GET accounts:user-list": "A----->>",
    "GET accounts:user-deactivate": "A----->>",
    "POST accounts:user-deactivate": "A----->>",
    "GET accounts:user-reactivate": "A----->>",
    "POST accounts:user-reactivate": "A----->>",
    "GET accounts:user-add": "A----->>",
    "POST accounts:user-add": "A----->>",
    "GET accounts:user-detail": "A----->>",
    "GET accounts:user-edit": "A----->>",
    "GET accounts:user-password": "A----->>",
    "POST accounts:user-password": "A----->>",
    "POST accounts:user-edit": "A----->>",
    "GET accounts:user-second-factor": "A----->>",
    "POST accounts:user-second-factor": "A----->>",
    "GET accounts:apitoken-list": "A----->>",
    "GET accounts:apitoken-add": "A----->>",
    "POST accounts:apitoken-add": "A----->>",
    "GET accounts:apitoken-detail": "A----->>",
    "GET accounts:apitoken-revoke": "A----->>",
    "POST accounts:apitoken-revoke": "A----->>",
    # Calendar and absences: one's own, a manager's people; calendars are the administrator's
    "GET accounts:calendar": "AMRFIN>>",
    "GET accounts:notification-list": "AMRFIN>>",
    "GET accounts:notification-open": ("00R000>>", "000000>>"),
    "POST accounts:notification-read": "AMRFIN>>",
    "GET accounts:absence-list": "AMRFIN>>",
    "GET accounts:absence-add": "AMRFIN>>",
    "POST accounts:absence-add": "AMRFIN>>",
    "GET accounts:absence-edit": ("AMR000>>", "A00000>>"),
    "POST accounts:absence-edit": ("AMR000>>", "A00000>>"),
    "POST accounts:absence-remove": ("AMR000>>", "A00000>>"),
    "GET accounts:businesscalendar-list": "A----->>",
    "GET accounts:businesscalendar-add": "A----->>",
    "POST accounts:businesscalendar-add": "A----->>",
    "GET accounts:businesscalendar-detail": "A----->>",
    "GET accounts:businesscalendar-edit": "A----->>",
    "POST accounts:businesscalendar-edit": "A----->>",
    "POST accounts:businesscalendar-exception": "A----->>",
    "POST accounts:calendarexception-remove": "A----->>",
    # Distributors: read in one's territories, changed by whom they belong to
    "GET profiles:distributor-timeline": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:distributor-supply": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:territory-supply": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:distributor-handover": ("AMR000>>", "A00000>>"),
    "GET profiles:handover-list": "AMRFIN>>",
    "GET profiles:user-handovers": "A----->>",
    "GET profiles:distributor-list": "AMRFIN>>",
    "GET profiles:distributor-add": "AM---->>",
    "POST profiles:distributor-add": "AM---->>",
    "GET profiles:distributor-board": "AMRFIN>>",
    "POST profiles:distributor-boardmove": ("AMR000>>", "A00000>>"),
    "GET profiles:distributor-detail": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:distributor-profile": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:distributor-edit": ("AMR--->>", "A00--->>"),
    "POST profiles:distributor-edit": ("AMR--->>", "A00--->>"),
    "GET profiles:distributor-history": ("AM0000>>", "A00000>>"),
    "GET profiles:distributor-merge": ("AM0000>>", "A00000>>"),
    "POST profiles:distributor-merge": ("AM0000>>", "A00000>>"),
    "GET profiles:distributor-unmerge": ("AM0000>>", "A00000>>"),
    "POST profiles:distributor-unmerge": ("AM0000>>", "A00000>>"),
    "GET profiles:distributor-reassign": ("AM0000>>", "A00000>>"),
    "POST profiles:distributor-reassign": ("AM0000>>", "A00000>>"),
    "GET profiles:distributor-move": ("AMR000>>", "A00000>>"),
    "POST profiles:distributor-move": ("AMR000>>", "A00000>>"),
    "GET profiles:place-add": ("AMR000>>", "A00000>>"),
    "POST profiles:place-add": ("AMR000>>", "A00000>>"),
    "GET profiles:place-edit": ("AMR000>>", "A00000>>"),
    "POST profiles:place-edit": ("AMR000>>", "A00000>>"),
    "POST profiles:place-remove": ("AMR000>>", "A00000>>"),
    # Tags: their names are everybody's, what is done to a tag an administrator's, an undo that of who did it
    "GET profiles:tag-list": "AMRFIN>>",
    "GET profiles:tag-detail": "AMRFIN>>",
    "GET profiles:tag-add": "A----->>",
    "POST profiles:tag-add": "A----->>",
    "GET profiles:tag-edit": "A----->>",
    "POST profiles:tag-edit": "A----->>",
    "GET profiles:tag-merge": "A----->>",
    "POST profiles:tag-merge": "A----->>",
    "GET profiles:tag-delete": "A----->>",
    "POST profiles:tag-delete": "A----->>",
    "GET profiles:tagchange-undo": ("A0R000>>", "A00000>>"),
    "POST profiles:tagchange-undo": ("A0R000>>", "A00000>>"),
    "GET profiles:bulkchange-undo": ("A0R000>>", "A00000>>"),
    "POST profiles:bulkchange-undo": ("A0R000>>", "A00000>>"),
    # Tasks: read with their distributor, changed by whose they are and who leads there
    "GET profiles:task-list": "AMRFIN>>",
    "GET profiles:task-add": "AMRFIN>>",
    "POST profiles:task-add": "AMRFIN>>",
    "GET profiles:task-detail": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:task-edit": ("AMR000>>", "A00000>>"),
    "POST profiles:task-edit": ("AMR000>>", "A00000>>"),
    "POST profiles:task-done": ("AMR000>>", "A00000>>"),
    "GET profiles:task-move": ("AMR000>>", "A00000>>"),
    "POST profiles:task-move": ("AMR000>>", "A00000>>"),
    "GET profiles:distributor-tasks": ("AMRFIN>>", "A00F0N>>"),
    "GET api:task-list": "AMRFINC!",
    "POST api:task-list": "AMRFINC!",
    "GET api:task-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:task-complete": ("AMR000C!", "A000000!"),
    # People at distributors: their work is read with the distributor, what is personal by who answers for it
    "GET profiles:distributor-people": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:contact-list": "AMRFIN>>",
    "GET profiles:contact-add": "AMR--->>",
    "POST profiles:contact-add": "AMR--->>",
    "GET profiles:contact-detail": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:contact-edit": ("AMR--->>", "A00--->>"),
    "POST profiles:contact-edit": ("AMR--->>", "A00--->>"),
    "GET profiles:contact-leave": ("AMR000>>", "A00000>>"),
    "POST profiles:contact-leave": ("AMR000>>", "A00000>>"),
    "POST profiles:contact-return": ("AMR000>>", "A00000>>"),
    "GET profiles:contact-copy": ("AMR000>>", "A00000>>"),
    "GET profiles:contact-erase": ("AM0000>>", "A00000>>"),
    "POST profiles:contact-erase": ("AM0000>>", "A00000>>"),
    "GET profiles:distributor-picture": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:contact-relate": ("AMR000>>", "A00000>>"),
    "POST profiles:contact-relate": ("AMR000>>", "A00000>>"),
    "POST profiles:contactrelation-remove": ("AMR000>>", "A00000>>"),
    "GET profiles:contactpersonal-edit": ("AMR--->>", "A00--->>"),
    "POST profiles:contactpersonal-edit": ("AMR--->>", "A00--->>"),
    "GET profiles:contactpersonal-withdraw": ("AMR000>>", "A00000>>"),
    "POST profiles:contactpersonal-withdraw": ("AMR000>>", "A00000>>"),
    # The card beside its identity: read and changed with its distributor
    "GET profiles:card-group": ("AMR000>>", "A00000>>"),
    "POST profiles:card-group": ("AMR000>>", "A00000>>"),
    "GET profiles:cardrow-add": ("AMR000>>", "A00000>>"),
    "POST profiles:cardrow-add": ("AMR000>>", "A00000>>"),
    "GET profiles:cardrow-edit": ("AMR000>>", "A00000>>"),
    "POST profiles:cardrow-edit": ("AMR000>>", "A00000>>"),
    "GET profiles:cardrow-remove": ("AMR000>>", "A00000>>"),
    "POST profiles:cardrow-remove": ("AMR000>>", "A00000>>"),
    "GET profiles:cardfile-file": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:outlet-list": "AMRFIN>>",
    "GET profiles:outlet-detail": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:brandshare-list": "AMRFIN>>",
    "GET api:card-list": "AMRFINC!",
    "GET api:card-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:card-change": ("AMR---C!", "A00---0!"),
    "GET api:outlet-list": "AMRFINC!",
    "POST api:outlet-list": "AMR---C!",
    "GET api:outlet-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:outlet-change": ("AMR---C!", "A00---0!"),
    "GET api:businessfigures-list": "AMRFINC!",
    "POST api:businessfigures-list": "AMR---C!",
    "GET api:businessfigures-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:brandshare-list": "AMRFINC!",
    "POST api:brandshare-list": "AMR---C!",
    "GET api:brandshare-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:cardfile-list": "AMRFINC!",
    "GET api:cardfile-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:cardfile-list": "AMR---C!",
    "GET api:cardfile-content": ("AMRFINC!", "A00F0N0!"),
    "POST api:cardfile-remove": ("AMR---C!", "A00---0!"),
    # Contracts: read with their distributor, by a rep of one's own, written and signed by who leads there
    "GET profiles:contract-list": "AMRFIN>>",
    "GET profiles:contract-add": "AM---->>",
    "POST profiles:contract-add": "AM---->>",
    "GET profiles:contract-detail": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:contract-edit": ("AM---->>", "A0---->>"),
    "POST profiles:contract-edit": ("AM---->>", "A0---->>"),
    "GET profiles:contract-move": ("AM---->>", "A0---->>"),
    "POST profiles:contract-move": ("AM---->>", "A0---->>"),
    "POST profiles:contract-next": ("AM---->>", "A0---->>"),
    "POST profiles:contract-file": ("AM---->>", "A0---->>"),
    "GET profiles:contractdocument-file": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:contractdocument-remove": ("AM---->>", "A0---->>"),
    "POST profiles:contractdocument-remove": ("AM---->>", "A0---->>"),
    "GET profiles:distributor-contracts": ("AMRFIN>>", "A00F0N>>"),
    "GET api:contract-list": "AMRFINC!",
    "POST api:contract-list": "AM----C!",
    "GET api:contract-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:coverage-list": "AMRFINC!",
    "GET api:coverage-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:contractdocument-list": "AMRFINC!",
    "POST api:contractdocument-list": "AM----C!",
    "GET api:contractdocument-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:contractdocument-content": ("AMRFINC!", "A00F0N0!"),
    "POST api:contractdocument-remove": ("AM----C!", "A0----0!"),
    "GET api:contact-list": "AMRFINC!",
    "POST api:contact-list": "AMR---C!",
    "GET api:contactrelation-list": "AMRFINC!",
    "POST api:contactrelation-list": "AMR---C!",
    "GET api:contactrelation-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:contactrelation-remove": ("AMR---C!", "A00---0!"),
    "GET api:contact-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:contact-change": ("AMR---C!", "A00---0!"),
    "GET api:contact-personal": ("AMR---C!", "A00---0!"),
    "POST api:contact-personal": ("AMR---C!", "A00---0!"),
    # Selection: read with the distributor, rated by whom it belongs to, its policy an administrator's
    "GET profiles:pipeline": "AMRFIN>>",
    "GET profiles:distributor-selection": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:distributor-rate": ("AMR--->>", "A00--->>"),
    "POST profiles:distributor-rate": ("AMR--->>", "A00--->>"),
    "GET profiles:distributor-check": ("AMR--->>", "A00--->>"),
    "POST profiles:distributor-check": ("AMR--->>", "A00--->>"),
    "POST profiles:distributor-checkfile": ("AMR--->>", "A00--->>"),
    "GET profiles:diligencedocument-file": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:diligencedocument-remove": ("AMR--->>", "A00--->>"),
    "POST profiles:diligencedocument-remove": ("AMR--->>", "A00--->>"),
    "GET profiles:distributor-risk": ("AMR--->>", "A00--->>"),
    "POST profiles:distributor-risk": ("AMR--->>", "A00--->>"),
    "GET profiles:risk-edit": ("AMR--->>", "A00--->>"),
    "POST profiles:risk-edit": ("AMR--->>", "A00--->>"),
    "GET profiles:risk-remove": ("AMR--->>", "A00--->>"),
    "POST profiles:risk-remove": ("AMR--->>", "A00--->>"),
    "GET profiles:assessment-detail": ("AMRFIN>>", "A00F0N>>"),
    "GET profiles:assessment-list": "AMRFIN>>",
    "GET profiles:diligenceitem-list": "AMRFIN>>",
    "GET profiles:risk-list": "AMRFIN>>",
    "POST api:distributor-move": ("AMR---C!", "A00---0!"),
    "GET api:assessment-list": "AMRFINC!",
    "POST api:assessment-list": "AMR---C!",
    "GET api:assessment-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:diligenceitem-list": "AMRFINC!",
    "POST api:diligenceitem-list": "AMR---C!",
    "GET api:diligenceitem-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:diligencedocument-list": "AMRFINC!",
    "POST api:diligencedocument-list": "AMR---C!",
    "GET api:diligencedocument-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:diligencedocument-content": ("AMRFINC!", "A00F0N0!"),
    "POST api:diligencedocument-remove": ("AMR---C!", "A00---0!"),
    "GET api:risk-list": "AMRFINC!",
    "POST api:risk-list": "AMR---C!",
    "GET api:risk-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:risk-change": ("AMR---C!", "A00---0!"),
    "GET profiles:selection-policy": "A----->>",
    "POST profiles:selection-policy": "A----->>",
    # The outbound feed: read and acknowledged by machines, watched by the administrator
    "GET profiles:outbound": "A----->>",
    "GET profiles:outboundmessage-list": "A----->>",
    "GET profiles:outboundreader-end": "A----->>",
    "POST profiles:outboundreader-end": "A----->>",
    "GET api:outboundmessage-list": "A-----C!",
    "GET api:outboundmessage-detail": ("A-----C!", "A-----0!"),
    "POST api:outboundmessage-subscribe": "------C!",
    "POST api:outboundmessage-acknowledge": "------C!",
    # Ledger: what came in is seen by who brings it in, the facts by who sees their distributor
    "GET ledger:import-list": "A--F-->>",
    "GET ledger:import-add": "A--F-->>",
    "POST ledger:import-add": "A--F-->>",
    "GET ledger:import-detail": "A--F-->>",
    "GET ledger:import-problems": "A00F00>>",
    "POST ledger:import-cancel": "A00F00>>",
    "GET ledger:batch-list": "A--F-->>",
    "GET ledger:batch-detail": "A--F-->>",
    "GET ledger:batch-undo": "A--F-->>",
    "POST ledger:batch-undo": "A--F-->>",
    "GET ledger:books": "A--F-->>",
    "GET ledger:books-close": "---F-->>",
    "POST ledger:books-close": "---F-->>",
    "GET ledger:books-reopen": "---F-->>",
    "POST ledger:books-reopen": "---F-->>",
    "GET ledger:import-mapping": "A00F00>>",
    "POST ledger:import-mapping": "A00F00>>",
    "POST ledger:import-again": "A00F00>>",
    "POST ledger:import-publish": "A00F00>>",
    "POST ledger:import-drop": "A00F00>>",
    "POST ledger:import-good": "A00F00>>",
    "GET ledger:import-rejects": "000000>>",
    "GET ledger:import-example": "A00F00>>",
    # The drop folder: administrators only
    "GET ledger:droprule-list": "A----->>",
    "GET ledger:droprule-add": "A----->>",
    "POST ledger:droprule-add": "A----->>",
    "GET ledger:droprule-edit": "A----->>",
    "POST ledger:droprule-edit": "A----->>",
    "POST ledger:drop-look": "A----->>",
    "GET ledger:importprofile-list": "A--F-->>",
    "GET ledger:importprofile-add": "A--F-->>",
    "POST ledger:importprofile-add": "A--F-->>",
    "GET ledger:importprofile-detail": "A--F-->>",
    "GET ledger:importprofile-edit": "A--F-->>",
    "POST ledger:importprofile-edit": "A--F-->>",
    "GET ledger:importprofile-export": "A--F-->>",
    "POST ledger:importprofile-copy": "A--F-->>",
    "GET ledger:importprofile-delete": "A--F-->>",
    "POST ledger:importprofile-delete": "A--F-->>",
    "GET ledger:product-list": "AMRFIN>>",
    "GET ledger:product-detail": "AMRFIN>>",
    "GET ledger:saleline-list": "AMRFIN>>",
    "GET ledger:openitem-list": "AMRFIN>>",
    "GET ledger:invoice-list": "AMRFIN>>",
    "GET ledger:payment-list": "AMRFIN>>",
    "GET ledger:order-list": "AMRFIN>>",
    "GET ledger:stocksnapshot-list": "AMRFIN>>",
    "GET ledger:target-list": "AMRFIN>>",
    "GET ledger:occurrence-list": "AMRFIN>>",
    "GET ledger:distributor-receivables": ("AMRFIN>>", "A00F0N>>"),
    # Prices at retail: read with their distributor, noted by who changes its card
    "GET ledger:distributor-prices": ("AMRFIN>>", "A00F0N>>"),
    "GET ledger:retailprice-list": "AMRFIN>>",
    "GET ledger:retailprice-add": ("AMR--->>", "A00--->>"),
    "POST ledger:retailprice-add": ("AMR--->>", "A00--->>"),
    "GET ledger:retailprice-remove": ("AMR--->>", "A00--->>"),
    "POST ledger:retailprice-remove": ("AMR--->>", "A00--->>"),
    "GET api:retailprice-list": "AMRFINC!",
    "POST api:retailprice-list": "AMR---C!",
    "GET api:retailprice-detail": ("AMRFINC!", "A00F0N0!"),
    "GET ledger:distributor-sales": ("AMRFIN>>", "A00F0N>>"),
    # Classification
    "GET classification:overview": "AMRFIN>>",
    "GET classification:classification-list": "AMRFIN>>",
    "GET classification:movements": "AMRFIN>>",
    "GET classification:resources": "AMRFIN>>",
    "GET classification:scarce": "A----->>",
    "POST classification:scarce": "A----->>",
    "POST classification:run": "A----->>",
    "GET classification:policy": "AMRFIN>>",
    "GET classification:policy-add": "A----->>",
    "POST classification:policy-add": "A----->>",
    "GET classification:version-add": "A----->>",
    "POST classification:version-add": "A----->>",
    "GET classification:distributor": ("AMRFIN>>", "A00F0N>>"),
    "GET classification:override": ("AM---->>", "A0---->>"),
    "POST classification:override": ("AM---->>", "A0---->>"),
    "GET classification:override-end": ("AM---->>", "A0---->>"),
    "POST classification:override-end": ("AM---->>", "A0---->>"),
    # Credit limits: asked for by who sells, decided by managers and finance, of no concern to inspectors
    **{f"GET credit:{name}": "-MRF-N>>" for name in ("queue", "ageing", "dunning", "portfolio")},
    "GET credit:distributor-statement": ("-MRF-N>>", "-00F-N>>"),
    "GET credit:creditlimit-list": "-MRF-N>>",
    "GET credit:creditlimit-detail": ("-MRF-N>>", "-00F-N>>"),
    "POST credit:creditlimit-decide": ("-M-F-->>", "-0-F-->>"),
    "POST credit:creditlimit-withdraw": ("-MRF-->>", "-00F-->>"),
    "GET credit:hold-list": "-MRF-N>>",
    "POST credit:holdoverride-end": "---F-->>",
    "GET credit:creditcheck-list": "-MRF-N>>",
    "GET credit:creditcheck-detail": ("-MRF-N>>", "-00F-N>>"),
    "GET credit:creditcheck-ask": "---F-->>",
    "POST credit:creditcheck-ask": "---F-->>",
    "POST credit:creditcheck-release": "---F-->>",
    "GET credit:security-list": "-MRF-N>>",
    "GET credit:security-detail": ("-MRF-N>>", "-00F-N>>"),
    "GET credit:security-edit": "---F-->>",
    "POST credit:security-edit": "---F-->>",
    "GET credit:security-file": ("-MRF-N>>", "-00F-N>>"),
    "POST credit:security-upload": "---F-->>",
    "POST credit:security-back": "---F-->>",
    "GET credit:promise-list": "-MRF-N>>",
    "POST credit:promise-withdraw": ("-MRF-->>", "-00F-->>"),
    "GET credit:dispute-list": "-MRF-N>>",
    "GET credit:dispute-settle": "---F-->>",
    "POST credit:dispute-settle": "---F-->>",
    "GET credit:reminder-list": "-MRF-N>>",
    "GET credit:distributor-limit": ("-MRF-N>>", "-00F-N>>"),
    **{
        f"{method} credit:distributor-{name}": ("-MRF-->>", "-00F-->>")
        for name in ("limitask", "promise", "dispute", "reminder")
        for method in ("GET", "POST")
    },
    **{
        f"{method} credit:distributor-{name}": "---F-->>"
        for name in ("override", "security")
        for method in ("GET", "POST")
    },
    "GET credit:limit-policy": "A----->>",
    "POST credit:limit-policy": "A----->>",
    **{f"GET api:{name}-list": "-MRF-NC!" for name in ("creditcheck", "creditlimit", "hold", "security", "promise")},
    **{
        f"GET api:{name}-detail": ("-MRF-NC!", "-00F-N0!")
        for name in ("creditcheck", "creditlimit", "hold", "security", "promise")
    },
    "POST api:creditcheck-list": "---F--C!",
    "POST api:creditcheck-release": ("---F--C!", "---F--0!"),
    "POST api:security-list": "---F--C!",
    "POST api:promise-list": "-MRF--C!",
    # Credit cards: read with the distributor, evidence from whom it belongs to, reviewed by finance
    "GET credit:creditscore-list": "AMRFIN>>",
    "POST credit:run": "A--F-->>",
    "GET credit:policy": "AMRFIN>>",
    "GET credit:policy-change": "A----->>",
    "POST credit:policy-change": "A----->>",
    "GET credit:policy-compare": "A----->>",
    "POST credit:policy-compare": "A----->>",
    "GET credit:distributor": ("AMRFIN>>", "A00F0N>>"),
    "GET credit:how": ("AMRFIN>>", "A00F0N>>"),
    "POST credit:rescore": ("AMRF-->>", "A00F-->>"),
    "GET credit:review": "---F-->>",
    "POST credit:review": "---F-->>",
    "GET credit:evidence": ("AMRFIN>>", "A00F0N>>"),
    "GET credit:evidence-add": ("AMRF-->>", "A00F-->>"),
    "POST credit:evidence-add": ("AMRF-->>", "A00F-->>"),
    "GET credit:evidence-file": ("AMRFIN>>", "A00F0N>>"),
    "GET credit:evidence-withdraw": ("AMRF-->>", "A00F-->>"),
    "POST credit:evidence-withdraw": ("AMRF-->>", "A00F-->>"),
    "GET credit:accounts-add": ("AMRF-->>", "A00F-->>"),
    "POST credit:accounts-add": ("AMRF-->>", "A00F-->>"),
    "GET credit:accounts-edit": ("AMRF-->>", "A00F-->>"),
    "POST credit:accounts-edit": ("AMRF-->>", "A00F-->>"),
    "GET credit:accounts-file": ("AMRFIN>>", "A00F0N>>"),
    "GET credit:accounts-withdraw": ("AMRF-->>", "A00F-->>"),
    "POST credit:accounts-withdraw": ("AMRF-->>", "A00F-->>"),
    # REST: people by their session, machines by their token
    "GET api:distributor-list": "AMRFINC!",
    "GET api:distributor-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:distributor-timeline": ("AMRFINC!", "A00F0N0!"),
    "GET api:territory-list": "AMRFINC!",
    "GET api:territory-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:product-list": "AMRFINC!",
    "GET api:product-detail": "AMRFINC!",
    "GET api:batch-list": "A--F--C!",
    "GET api:batch-detail": "A--F--C!",
    "GET api:periodlock-list": "A--F--C!",
    "GET api:periodlock-detail": "A--F--C!",
    "GET api:saleline-list": "AMRFINC!",
    "GET api:saleline-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:saleline-bulk": "A-----C!",
    "GET api:order-list": "AMRFINC!",
    "GET api:order-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:order-bulk": "A-----C!",
    "GET api:invoice-list": "AMRFINC!",
    "GET api:invoice-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:invoice-bulk": "A-----C!",
    "GET api:payment-list": "AMRFINC!",
    "GET api:payment-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:payment-bulk": "A-----C!",
    "GET api:stocksnapshot-list": "AMRFINC!",
    "GET api:stocksnapshot-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:stocksnapshot-bulk": "A-----C!",
    "GET api:target-list": "AMRFINC!",
    "GET api:target-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:target-bulk": "A-----C!",
    "GET api:occurrence-list": "AMRFINC!",
    "GET api:occurrence-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:occurrence-bulk": "A-----C!",
    "GET api:openitem-list": "AMRFINC!",
    "GET api:openitem-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:allocation-list": "AMRFINC!",
    "GET api:allocation-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:classification-list": "AMRFINC!",
    "GET api:classification-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:creditscore-list": "AMRFINC!",
    "GET api:creditscore-detail": ("AMRFINC!", "A00F0N0!"),
    "GET api:evidence-list": "AMRFINC!",
    "GET api:evidence-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:evidence-list": "AMRF--C!",
    "GET api:accounts-list": "AMRFINC!",
    "GET api:accounts-detail": ("AMRFINC!", "A00F0N0!"),
    "POST api:accounts-list": "AMRF--C!",
    "GET api:creditpolicy-list": "AMRFINC!",
    "GET api:creditpolicy-detail": "AMRFINC!",
    "POST api:ahp-list": "AMRFINC!",
    "GET api:schema": "AMRFINC!",
    "GET api:docs": "AMRFIN>>",
    **{f"{method} api:nothing": "00000000" for method in METHODS},
}

# Rows whose key stands in an address that is not called after them.
ROWS = {
    "accounts:calendarexception-remove": "businesscalendar",
    "classification:override": "distributor",
    **{f"credit:{name}": "distributor" for name in ("how", "rescore", "review", "evidence")},
    **{f"credit:{name}-add": "distributor" for name in ("evidence", "accounts")},
    "classification:version-add": "policy",
    "classification:scarce": "policy",
    "profiles:place-add": "distributor",
    "ledger:retailprice-add": "distributor",
    "ledger:retailprice-remove": "distributor",
    "profiles:card-group": "distributor",
    "profiles:cardrow-add": "distributor",
    "profiles:cardrow-edit": "distributor",
    "profiles:cardrow-remove": "distributor",
    "profiles:place-edit": "distributor",
    "profiles:place-remove": "distributor",
}
# Arguments that no row gives.
ARGUMENTS = {
    "core:list-export": {"key": "profiles.distributor"},
    "credit:evidence-add": {"item": "references"},
    "credit:policy-compare": {"level": "criteria"},
    "ledger:rate-year": {"currency": "USD"},
    "core:list-action": {"key": "profiles.distributor", "name": "reassign"},
    "core:view-add": {"key": "profiles.distributor"},
    "api:nothing": {"rest": "nothing/"},
    "profiles:distributor-move": {"name": "watch"},
    "credit:creditlimit-decide": {"name": "approve"},
    "profiles:distributor-boardmove": {"name": "watch"},
    "profiles:task-move": {"name": "drop"},
    "profiles:contactpersonal-withdraw": {"group": "life"},
    "profiles:contract-move": {"name": "sign"},
    "profiles:distributor-picture": {"picture": "map"},
    "profiles:card-group": {"group": "organisation"},
    **{f"profiles:cardrow-{name}": {"kind": "figures"} for name in ("add", "edit", "remove")},
    "profiles:distributor-check": {"kind": "tax"},
    "profiles:distributor-checkfile": {"kind": "tax"},
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Make both sides once; every request is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        made = make_world()
        made.sign_in()
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    for scope in ("file", "address"):
        monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, scope, None)


def addresses(resolver: Any = None, namespace: str = "", prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (name, pattern) of every address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner, prefix)
        else:
            assert pattern.name, f"{pattern} has no name"
            yield f"{namespace}{pattern.name}", pattern


NAMES = sorted({name for name, _pattern in addresses()})


def url_of(name: str, world: World, side: Any) -> str:
    """Return the address called `name` with the keys of the side's rows."""
    resolver = get_resolver()
    wanted = {key for entry in resolver_of(name, resolver) for key in entry}
    given = ARGUMENTS.get(name, {})
    model = ROWS.get(name) or name.split(":")[1].split("-")[0]

    def row(called: str) -> Any:
        return getattr(side, called, None) or world.shared[called]

    kwargs = dict(given)
    for key in wanted - set(given):
        kwargs[key] = row(key.removesuffix("_pk")).pk if key.endswith("_pk") else getattr(row(model), key)
    return reverse(name, kwargs=kwargs)


def resolver_of(name: str, resolver: Any) -> list[list[str]]:
    """Return the parameters of the address called `name`."""
    *namespaces, plain = name.split(":")
    for namespace in namespaces:
        resolver = resolver.namespace_dict[namespace][1]
    return [params for possibility in resolver.reverse_dict.getlist(plain) for _text, params in possibility[0]]


def asked(client: Client, method: str, url: str, **headers: str) -> Any:
    """Send one request, and undo it."""
    body = {} if method == "GET" or not url.startswith("/api/") else {"data": "{}", "content_type": "application/json"}
    with undone():
        return getattr(client, method.lower())(url, **body, headers=headers)


def test_every_address_and_method_has_a_line_and_every_line_an_address(world):
    found = set()
    for name in NAMES:
        url = url_of(name, world, world.near)
        for method in METHODS if url.startswith("/api/") else METHODS[:2]:
            if asked(world.client(Role.ADMIN), method, url).status_code != 405:
                found.add(f"{method} {name}")
    assert found - set(EXPECTED) == set(), "an address without a line"
    assert set(EXPECTED) - found == set(), "a line without an address"


@pytest.mark.parametrize("line", EXPECTED)
def test_each_role_gets_exactly_as_far_as_its_line_says(world, line):
    method, name = line.split(" ")
    expected = EXPECTED[line]
    for side, signs in zip(
        (world.near, world.far), expected if isinstance(expected, tuple) else (expected,), strict=False
    ):
        url = url_of(name, world, side)
        got = ""
        for role, letter in LETTERS.items():
            api = url.startswith("/api/")
            sign = verdict(asked(world.client(role, api=api), method, url))
            if not api:
                fragment = asked(world.client(role), method, url, **{"HX-Request": "true"})
                assert verdict(fragment) == sign, "the fragment differs"
            got += letter if sign == "+" else sign
        assert got == signs, f"{line} of {side.territory}"


def test_half_a_log_in_opens_nothing_that_nobody_may_not_open(world):
    """Who gave the password of a person with two-step log-in, and no code yet, is nobody."""
    person, client = factories.user(Role.ADMIN), Client()
    factories.second_factor(person)
    begun = client.post("/login/", {"username": person.email, "password": factories.PASSWORD})
    assert begun["Location"] == "/login/code/"
    for line, expected in EXPECTED.items():
        method, name = line.split(" ")
        nobody = (expected[0] if isinstance(expected, tuple) else expected)[-1]
        sign = verdict(asked(client, method, url_of(name, world, world.near)))
        assert ("*" if sign == "+" else sign) == nobody, line


@pytest.mark.parametrize("section", Section.all, ids=lambda section: section.__name__)
def test_an_export_is_refused_to_whom_its_list_is(world, section):
    url = section.url("list")
    line = EXPECTED[f"GET {section.model._meta.app_label}:{section.model._meta.model_name}-list"]
    got = ""
    for role, letter in LETTERS.items():
        sign = verdict(asked(world.client(role), "GET", f"{url}?export=csv"))
        got += letter if sign == "+" else sign
    assert got == line


# Nothing of another territory leaves

# Filters whose choices are rows of a territory, and which rows of a side they hold.
FAR_CHOICES = {"territory": ("territory",), "owner": ("manager", "rep"), "distributor": ("distributor",)}
FACTS = ("order", "invoice", "payment", "stocksnapshot", "target", "occurrence", "openitem", "allocation")
OPEN_PAGES = {"accounts:login", "accounts:preferences", "api:schema", "core:healthz"}
# Pages of a two-step log-in, which nobody of the near side has, lead elsewhere; a notification leads to its object.
LEADING_ELSEWHERE = {
    "accounts:login-code",
    "accounts:second-factor-off",
    "accounts:backup-codes",
    "accounts:notification-open",
    "profiles:distributor-unmerge",
}


def choices_of(section: Any) -> list[str]:
    """Return the filters of a list whose choices are rows."""
    return [name for name, one in section.filterset.base_filters.items() if isinstance(one, ModelChoiceFilter)]


def exits(world: World, letter: str) -> Iterator[tuple[str, str]]:
    """Yield (address, word) of everything that a role of the near side can open, and of asking for the far by word."""
    for line, expected in EXPECTED.items():
        method, name = line.split(" ")
        near = expected[0] if isinstance(expected, tuple) else expected
        if method == "GET" and letter in near and name not in OPEN_PAGES | LEADING_ELSEWHERE:
            yield url_of(name, world, world.near), ""
    for section in Section.all:
        opts = section.model._meta
        if letter in EXPECTED[f"GET {opts.app_label}:{opts.model_name}-list"]:
            yield section.url("list") + "?export=csv", ""
            yield section.url("list") + "?export=csv&q=" + SECRET, SECRET
            yield section.url("list") + "?q=" + SECRET, SECRET
            for name in choices_of(section):
                yield section.url("list") + f"?choices={name}", ""
    far = world.far
    if letter != "C":
        for word in (SECRET, "zz", MINE):
            yield reverse("core:search") + f"?q={word}", word
    for resource, name, word in (
        ("saleline", "distributor", far.distributor.code),
        ("saleline", "order", f"{SECRET}-order-1"),
        ("saleline", "external_id", far.saleline.external_id),
        *((one, "distributor", far.distributor.code) for one in FACTS),
        ("contract", "distributor", far.distributor.code),
        ("contract", "number", far.contract.number),
        ("coverage", "contract", far.contract.number),
        *(
            (one, "distributor", far.distributor.code)
            for one in ("outlet", "businessfigures", "brandshare", "cardfile", "retailprice", "contractdocument")
        ),
        ("card", "code", far.distributor.code),
        ("distributor", "territory", far.territory.code),
        ("distributor", "owner", far.rep.email),
        ("territory", "within", far.territory.code),
        ("classification", "distributor", far.distributor.code),
    ):
        yield reverse(f"api:{resource}-list") + f"?{name}={word}", word
    lists = [f"api:{viewset.model._meta.model_name}-list" for viewset in VIEWSETS]
    yield from ((reverse(name) + "?format=csv", "") for name in lists if letter in EXPECTED[f"GET {name}"])
    if letter in EXPECTED["GET api:outboundmessage-list"]:
        code = far.distributor.code
        yield reverse("api:outboundmessage-list") + f"?distributor={code}", code


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REP, Role.INSPECTOR, Role.API_CLIENT])
def test_nothing_of_another_territory_leaves_by_any_exit(world, role):
    swept = 0
    for url, word in exits(world, LETTERS[role]):
        for headers in ({}, {"HX-Request": "true"}):
            response = asked(world.client(role, api=url.startswith("/api/")), "GET", url, **headers)
            assert response.status_code == 200, url
            text = body_of(response)
            # A search repeats what was asked for, and nothing else of the other side.
            leaked = [one for one in world.far.texts() if one not in word and one in text] if word else SECRET in text
            assert not leaked, f"{url} shows what is not theirs: {leaked}"
            swept += 1
    assert swept > 20


# What goods cost

COSTLY = (
    "/products/?columns=cost",
    "/products/?columns=cost&sort=-cost",
    "/products/?columns=cost&export=csv",
    "/api/v1/products/?fields=cost",
    "/api/v1/products/?fields=cost&format=csv",
    "/api/v1/sale-lines/?fields=cost,base_cost",
)
SPELT = re.compile("|".join(text for cost in (COST, LINE_COST) for text in (f"{cost}", f"{cost:,}")))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REP, Role.INSPECTOR])
def test_what_goods_cost_leaves_by_no_exit_to_whom_costs_are_hidden(world, role):
    places = [url for url, _word in exits(world, LETTERS[role])] + list(COSTLY)
    for url in places:
        response = asked(world.client(role), "GET", url)
        assert response.status_code == 200, url
        assert not SPELT.search(body_of(response)), url


@pytest.mark.parametrize("role", [Role.ADMIN, Role.FINANCE, Role.ANALYST, Role.API_CLIENT])
def test_who_may_see_costs_is_shown_them(world, role):
    for url in COSTLY:
        if role == Role.API_CLIENT and not url.startswith("/api/"):
            continue
        response = asked(world.client(role, api=url.startswith("/api/")), "GET", url)
        assert SPELT.search(body_of(response)), url


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda viewset: viewset.resource)
def test_a_file_over_rest_is_refused_to_whom_its_list_is(world, viewset, kind):
    name = f"api:{viewset.model._meta.model_name}-list"
    got = ""
    for role, letter in LETTERS.items():
        answer = asked(world.client(role, api=True), "GET", f"{reverse(name)}?format={kind}")
        sign = verdict(answer)
        assert (sign == "+") == ("attachment" in answer.headers.get("Content-Disposition", "")), role
        got += letter if sign == "+" else sign
    assert got == EXPECTED[f"GET {name}"]


def test_the_choices_of_a_filter_are_rows_in_reach(world):
    """Each choice that a person is offered is a row that they see by the door of its model."""
    swept = set()
    for section in Section.all:
        line = EXPECTED[f"GET {section.model._meta.app_label}:{section.model._meta.model_name}-list"]
        for role in (Role.MANAGER, Role.REP, Role.INSPECTOR):
            for name in choices_of(section) if LETTERS[role] in line else ():
                response = asked(world.client(role), "GET", f"{section.url('list')}?choices={name}")
                offered = {int(value) for value in re.findall(r'<option value="(\d+)"', body_of(response))}
                foreign = {getattr(world.far, part).pk for part in FAR_CHOICES.get(name, ())}
                assert response.status_code == 200
                assert offered & foreign == set(), (section, name, role)
                swept |= {name} if offered else set()
    assert set(FAR_CHOICES) <= swept


def test_who_sees_everything_is_offered_both_sides(world):
    for name, parts in FAR_CHOICES.items():
        section = next(one for one in Section.all if name in choices_of(one))
        body = body_of(asked(world.client(Role.ADMIN), "GET", f"{section.url('list')}?choices={name}"))
        for side in (world.near, world.far):
            assert all(f'value="{getattr(side, part).pk}"' in body for part in parts), name


@pytest.mark.parametrize(
    "name",
    [
        "profiles:distributor-list",
        "profiles:distributor-detail",
        "profiles:distributor-profile",
        "accounts:territory-list",
        "api:distributor-list",
        "api:territory-list",
        "api:saleline-list",
        "api:classification-list",
    ],
)
def test_ones_own_rows_do_leave(world, name):
    for role in (Role.MANAGER, Role.REP, Role.INSPECTOR):
        assert MINE in body_of(asked(world.client(role), "GET", url_of(name, world, world.near))), role


def test_everyone_with_all_territories_sees_both_sides(world):
    for role in (Role.ADMIN, Role.FINANCE, Role.ANALYST):
        text = body_of(asked(world.client(role), "GET", reverse("api:distributor-list")))
        assert MINE in text
        assert SECRET in text


def test_search_finds_ones_own(world):
    text = body_of(asked(world.client(Role.REP), "GET", reverse("core:search") + f"?q={MINE}"))
    assert world.near.distributor.code in text


def test_the_csv_of_ones_own_rows_has_them(world):
    text = body_of(asked(world.client(Role.REP), "GET", reverse("profiles:distributor-list") + "?export=csv"))
    assert world.near.distributor.code in text


def test_a_write_does_not_reach_another_territory(world):
    """A machine of the near side does not know distributors of the far one."""
    line = {"external_id": "x", "product": world.shared["product"].sku, "date": "2026-01-01", "quantity": 1}
    lines = [{**line, "amount": 1, "currency": "CNY", "distributor": world.far.distributor.code}]
    unknown = [{**lines[0], "distributor": "nobody"}]
    client, url = world.client(Role.API_CLIENT, api=True), reverse("api:saleline-bulk")
    with undone():
        hidden, absent = (
            client.post(url, {"source": "erp", "lines": sent}, content_type="application/json")
            for sent in (lines, unknown)
        )
    assert hidden.status_code == absent.status_code == 400
    reasons = [answer.json()["error"]["problems"][0]["reason"] for answer in (hidden, absent)]
    assert reasons[0] == reasons[1]
