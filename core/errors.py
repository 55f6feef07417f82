"""What the product says when a rule says no."""


class DomainError(Exception):
    """A business rule said no; the message is a sentence the user may read."""


class TransitionRefused(DomainError):
    """The record is not, or no longer, in a state from which the move is allowed."""


class StaleVersion(DomainError):
    """Someone else saved the record since it was opened."""
