"""What the product says when a rule says no."""

from core.sentences import Sentence


class DomainError(Exception):
    """A business rule said no; the message is a sentence the user may read, beside `field` of a form if it has one."""

    def __init__(self, message: str | Sentence = "", field: str | None = None):
        super().__init__(message)
        self.field = field

    @property
    def sentence(self) -> Sentence:
        """Return the message so that it can be kept for readers of any language."""
        return Sentence.of(self.args[0] if self.args else "")


class TransitionRefused(DomainError):
    """The record is not, or no longer, in a state from which the move is allowed."""


class StaleVersion(DomainError):
    """Someone else saved the record since it was opened."""
