"""What a password must be."""

from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class LongEnough(MinimumLengthValidator):
    """Refuses short passwords in a sentence of ours: Django's has no Chinese yet."""

    def get_error_message(self) -> str:
        """Return the refusal."""
        return ngettext(
            "A password has at least %(count)s character.",
            "A password has at least %(count)s characters.",
            self.min_length,
        ) % {"count": self.min_length}

    def get_help_text(self) -> str:
        """Return the hint beside the field."""
        return self.get_error_message()


def password_hint() -> str:
    """Return what a new password must be, whoever's it is, in one sentence."""
    shortest = next(one.min_length for one in get_default_password_validators() if isinstance(one, LongEnough))
    return _(
        "At least %(count)s characters; no common password, not digits only, nothing like the name or the e-mail."
    ) % {"count": shortest}
