"""Sets of facts and imports that have a name of their own."""

from typing import Self

from core.scope import Reacher, ScopedQuerySet
from distributors.ledger.kinds.declaration import kinds_for


class ImportQuerySet(ScopedQuerySet):
    """Imports."""

    def visible_to(self, user: Reacher, action: str = "view") -> Self:
        """Return the imports of the kinds that `user` may bring in."""
        return super().visible_to(user, action).filter(kind__in=[kind.name for kind in kinds_for(user)])

    def ended(self) -> Self:
        """Return the imports that came to an end of their own: published, checked or refused."""
        return self.filter(state__in=("published", "valid", "refused"))


class SaleLineQuerySet(ScopedQuerySet):
    """Sale lines."""

    def current(self) -> Self:
        """Return the revisions in force."""
        return self.filter(superseded_by=None)
