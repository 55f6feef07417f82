"""Classes set by hand."""

from datetime import date

from django.db.models import F, Q, QuerySet

from distributors.classification.models import Override


def overrides_on(day: date) -> QuerySet[Override]:
    """Return the overrides in force on a day, the first and the last day included."""
    open_ended = Q(ended_on=None) | Q(ended_on__gt=day)
    return Override.objects.filter(open_ended, starts_on__lte=day, ends_on__gte=day)


def classes_by_hand(day: date) -> dict[int, str]:
    """Return, by distributor, the classes in force that an override of a day has set."""
    in_force = overrides_on(day).filter(distributor__standing__abc=F("klass"))
    return dict(in_force.values_list("distributor_id", "klass"))


def overrides_within(start: date, end: date) -> QuerySet[Override]:
    """Return the overrides that are in force on any day from `start` to `end`."""
    lasting = Q(ended_on=None) | (Q(ended_on__gt=F("starts_on")) & Q(ended_on__gt=start))
    return Override.objects.filter(lasting, starts_on__lte=end, ends_on__gte=start)
