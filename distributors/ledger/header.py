"""The names of a file's columns against what is read of it."""

from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.findings import Finding
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.mapping import Profile
from distributors.ledger.reading import Unreadable


def header_fit(profile: Profile, header: list[str], kind: Kind) -> Profile:
    """Return the profile that reads this header; raise Unreadable naming every column that is missing or unknown."""
    wrong = _plain_wrong(header, kind) if profile.as_named else _mapped_wrong(profile, header)
    if wrong:
        found = ", ".join(header)
        raise Unreadable(*(Finding(profile.header, ", ".join(names), found, reason) for names, reason in wrong))
    return profile.named_as_fields(header, kind) if profile.as_named else profile


def _plain_wrong(header: list[str], kind: Kind) -> list[tuple[list[str], Sentence]]:
    missing = [one.name for one in kind.fields if one.required and not one.default and one.name not in header]
    strange = [name for name in header if name not in kind.by_name]
    lacks = _("The file's columns lack %(missing)s; it has %(found)s. Rename its columns, or bring a mapping profile.")
    unknown = _(
        "The file's columns have names that are no field: %(strange)s. Rename or remove these columns, or bring a "
        "mapping profile. The fields are: %(fields)s."
    )
    reasons = [
        (missing, Sentence(lacks, missing=", ".join(missing), found=", ".join(header))),
        (strange, Sentence(unknown, strange=", ".join(strange), fields=", ".join(kind.by_name))),
    ]
    return [(names, reason) for names, reason in reasons if names]


def _mapped_wrong(profile: Profile, header: list[str]) -> list[tuple[list[str], Sentence]]:
    read = [column for layer in profile.layers for plan in layer.values() for column in sorted(plan.reads)]
    missing = [column for column in dict.fromkeys(read) if column not in header]
    reason = Sentence(
        _(
            "The file lacks columns that the mapping profile “%(profile)s” reads: %(missing)s. It has %(found)s. "
            "Change the profile, or the file's columns."
        ),
        profile=profile.name or Sentence(_("without a name")),
        missing=", ".join(missing),
        found=", ".join(header),
    )
    return [(missing, reason)] if missing else []
