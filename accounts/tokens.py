"""API tokens: `qd_<prefix>_<secret>`, of which only the hash is kept; each with scopes and an expiry."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import ApiToken, User
from accounts.roles import Role
from core import audit, clock
from core.errors import DomainError
from core.scope import require_permission

DEFAULT_DAYS = 90
MAX_DAYS = 400
USED_EVERY = timedelta(minutes=1)
SOON = timedelta(days=14)

# What a scope lets a token do, as far as its user's role does. Writing resolves codes, so it sees what they name.
SCOPES: dict[str, tuple[Any, frozenset[str]]] = {
    "distributors:read": (gettext_lazy("Read distributors"), frozenset({"profiles.view_distributor"})),
    "territories:read": (gettext_lazy("Read territories"), frozenset({"accounts.view_territory"})),
    "products:read": (gettext_lazy("Read products"), frozenset({"ledger.view_product"})),
    "costs:read": (gettext_lazy("Read costs and margins of what it reads"), frozenset({"ledger.view_cost"})),
    "sale-lines:read": (gettext_lazy("Read sale lines"), frozenset({"ledger.view_saleline"})),
    "sale-lines:write": (
        gettext_lazy("Add and correct sale lines"),
        frozenset({"ledger.add_saleline", "profiles.view_distributor", "ledger.view_product"}),
    ),
    **{
        f"{resource}:read": (label, frozenset({f"ledger.view_{model}"}))
        for resource, model, label in (
            ("orders", "order", gettext_lazy("Read orders")),
            ("invoices", "invoice", gettext_lazy("Read invoices")),
            ("payments", "payment", gettext_lazy("Read payments")),
            ("open-items", "openitem", gettext_lazy("Read open items")),
            ("allocations", "allocation", gettext_lazy("Read what settles what")),
            ("stock", "stocksnapshot", gettext_lazy("Read stock")),
            ("targets", "target", gettext_lazy("Read targets")),
            ("occurrences", "occurrence", gettext_lazy("Read occurrences")),
        )
    },
    **{
        f"{resource}:write": (label, frozenset({f"ledger.add_{model}", "profiles.view_distributor", *more}))
        for resource, model, label, more in (
            ("orders", "order", gettext_lazy("Add and correct orders"), ()),
            ("invoices", "invoice", gettext_lazy("Add and correct invoices"), ()),
            ("payments", "payment", gettext_lazy("Add and correct payments"), ()),
            ("stock", "stocksnapshot", gettext_lazy("Add and correct stock"), ("ledger.view_product",)),
            ("targets", "target", gettext_lazy("Add and correct targets"), ("accounts.view_territory",)),
            ("occurrences", "occurrence", gettext_lazy("Add and correct occurrences"), ()),
        )
    },
    "tasks:read": (gettext_lazy("Read tasks"), frozenset({"profiles.view_task"})),
    "tasks:write": (
        gettext_lazy("Give tasks and tick them off"),
        frozenset({"profiles.add_task", "profiles.change_task", "profiles.view_task", "profiles.view_distributor"}),
    ),
    "contracts:read": (
        gettext_lazy("Read contracts, what they cover and their files"),
        frozenset({"profiles.view_contract", "profiles.view_coverage", "profiles.view_contractdocument"}),
    ),
    "contracts:write": (
        gettext_lazy("Write drafts of contracts, and files of contracts"),
        frozenset(
            {
                *("profiles.add_contract", "profiles.change_contract", "profiles.view_contract"),
                *("profiles.view_distributor", "accounts.view_territory"),
            }
        ),
    ),
    "cards:read": (
        gettext_lazy("Read cards: groups, outlets, figures, brands, files"),
        frozenset(
            {
                *("profiles.view_card", "profiles.view_outlet", "profiles.view_businessfigures"),
                *("profiles.view_brandshare", "profiles.view_cardfile", "profiles.view_distributor"),
                "ledger.view_retailprice",
            }
        ),
    ),
    "cards:write": (
        gettext_lazy("Write cards: groups, outlets, figures, brands, files"),
        frozenset(
            {
                *("profiles.change_card", "profiles.view_card", "profiles.view_outlet", "profiles.view_distributor"),
                *("profiles.view_contact", "profiles.view_businessfigures", "profiles.view_brandshare"),
                *("ledger.add_retailprice", "ledger.view_retailprice", "ledger.view_product"),
            }
        ),
    ),
    "contacts:read": (
        gettext_lazy("Read people at distributors"),
        frozenset({"profiles.view_contact", "profiles.view_contactrelation", "profiles.view_distributor"}),
    ),
    "contacts:write": (
        gettext_lazy("Enter and change people at distributors"),
        frozenset(
            {
                *("profiles.add_contact", "profiles.change_contact", "profiles.view_contact"),
                *("profiles.change_contactrelation", "profiles.view_contactrelation", "profiles.view_distributor"),
            }
        ),
    ),
    "contacts-personal:read": (
        gettext_lazy("Read what is personal of people at distributors"),
        frozenset({"profiles.view_contactpersonal"}),
    ),
    "contacts-personal:write": (
        gettext_lazy("Change what is personal of people at distributors"),
        frozenset({"profiles.change_contactpersonal"}),
    ),
    "distributors:write": (
        gettext_lazy("Move distributors through their life"),
        frozenset({"profiles.move_distributor", "profiles.view_distributor"}),
    ),
    "selection:read": (
        gettext_lazy("Read scorecards, due diligence and risks of prospects"),
        frozenset(
            {"profiles.view_assessment", "profiles.view_diligenceitem", "profiles.view_risk"}
            | {"profiles.view_distributor", "profiles.view_diligencedocument"}
        ),
    ),
    "credit-cards:read": (
        gettext_lazy("Read credit grades, their evidence, accounts and policy"),
        frozenset(
            {"credit.view_creditscore", "credit.view_evidence", "credit.view_accounts", "credit.view_creditpolicy"}
            | {"profiles.view_distributor"}
        ),
    ),
    "credit-cards:write": (
        gettext_lazy("Enter credit evidence and accounts"),
        frozenset({"credit.add_evidence", "credit.add_accounts", "profiles.view_distributor"}),
    ),
    "selection:write": (
        gettext_lazy("Write scorecards, due diligence and risks of prospects"),
        frozenset(
            {"profiles.change_assessment", "profiles.change_diligenceitem", "profiles.change_risk"}
            | {"profiles.view_distributor"}
        ),
    ),
    "credit:read": (
        gettext_lazy("Read limits, securities, holds, checks and promises"),
        frozenset(
            {"credit.view_creditlimit", "credit.view_hold", "credit.view_creditcheck", "credit.view_security"}
            | {"credit.view_promise", "profiles.view_distributor"}
        ),
    ),
    "credit:write": (
        gettext_lazy("Check orders, and write securities and promised payments"),
        frozenset(
            {"credit.add_creditcheck", "credit.add_security", "credit.change_security", "credit.add_promise"}
            | {"credit.view_creditcheck", "credit.view_security", "credit.view_promise", "profiles.view_distributor"}
        ),
    ),
    "batches:read": (
        gettext_lazy("Read batches and closed months"),
        frozenset({"ledger.view_batch", "ledger.view_periodlock"}),
    ),
    "outbound:read": (
        gettext_lazy("Read the outbound feed"),
        frozenset({"profiles.view_outboundmessage", "profiles.view_distributor"}),
    ),
    "outbound:acknowledge": (
        gettext_lazy("Subscribe to the outbound feed and acknowledge"),
        frozenset({"profiles.view_outboundmessage", "profiles.add_outboundreader"}),
    ),
    "classifications:read": (gettext_lazy("Read classes"), frozenset({"classification.view_classification"})),
}


def granted_by(scopes: list[str]) -> frozenset[str]:
    """Return the permissions that `scopes` open; unknown ones open nothing."""
    return frozenset().union(*(SCOPES[scope][1] for scope in scopes if scope in SCOPES))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def token_state() -> Case:
    """Return the state of a token in a query: good, soon (it expires within two weeks), expired or revoked."""
    now = clock.instant()
    return Case(
        When(revoked_at__isnull=False, then=Value("revoked")),
        When(expires_at__lte=now, then=Value("expired")),
        When(expires_at__lte=now + SOON, then=Value("soon")),
        default=Value("good"),
        output_field=CharField(),
    )


@transaction.atomic
def token_create(
    *, actor: User | None, user: User, name: str, scopes: list[str], days: int = DEFAULT_DAYS
) -> tuple[ApiToken, str]:
    """Create a token for an API client and return it with its text, which cannot be had again.

    `actor` is None when someone at the server's command line does it.
    """
    if actor is not None:
        require_permission(actor, "accounts.add_apitoken")
    if user.role != Role.API_CLIENT:
        raise DomainError(_("Tokens are for API clients; %(name)s is a person.") % {"name": user.name})
    if not scopes or set(scopes) - set(SCOPES):
        raise DomainError(_("Name at least one scope, each of these: %(names)s.") % {"names": ", ".join(SCOPES)})
    if not 1 <= days <= MAX_DAYS:
        raise DomainError(_("A token lasts from 1 to %(most)s days.") % {"most": MAX_DAYS})
    prefix = secrets.token_hex(4)
    text = f"qd_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        name=name,
        user=user,
        prefix=prefix,
        digest=_digest(text),
        scopes=sorted(set(scopes)),
        expires_at=clock.instant() + timedelta(days=days),
        created_by=actor,
    )
    audit.record(actor=actor, verb="token.created", target=token, after={"user": user.email, "scopes": token.scopes})
    return token, text


@transaction.atomic
def token_revoke(*, actor: User, token: ApiToken) -> None:
    """Make a token useless from now on; raise DomainError where it is already."""
    require_permission(actor, "accounts.change_apitoken")
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.instant()):
        raise DomainError(_("This token is revoked already."))
    audit.record(actor=actor, verb="token.revoked", target=token)


def token_touch(*, token: ApiToken) -> None:
    """Remember that a token is in use, at most once a minute."""
    now = clock.instant()
    if token.last_used_at is None or now - token.last_used_at >= USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


class TokenAuthentication(BaseAuthentication):
    """Knows an API client by `Authorization: Bearer qd_...`, and narrows it to the token's scopes."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        """Return the client and its token, None where no token is shown; raise AuthenticationFailed."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        token = self._token(parts[1].decode("latin-1")) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("This token is not known."), "token_unknown")
        if token.revoked_at is not None:
            raise AuthenticationFailed(_("This token is revoked."), "token_revoked")
        if token.expires_at <= clock.instant():
            raise AuthenticationFailed(_("This token has expired."), "token_expired")
        user = token.user
        if not user.is_active or user.role != Role.API_CLIENT:
            raise AuthenticationFailed(_("The API client of this token may not sign in."), "client_inactive")
        user.granted = granted_by(token.scopes)
        user.origin = f"token {token.prefix}"
        token_touch(token=token)
        return user, token

    def authenticate_header(self, request: Any) -> str:
        """Return the challenge of a 401."""
        return 'Bearer realm="Qudao"'

    def _token(self, text: str) -> ApiToken | None:
        parts = text.split("_", 2)
        if len(parts) != 3 or parts[0] != "qd" or not parts[1].isalnum() or len(parts[1]) > 12:
            return None
        token = ApiToken.objects.select_related("user").filter(prefix=parts[1]).first()
        return token if token and hmac.compare_digest(token.digest, _digest(text)) else None
