"""What people hear of: told set-wise, read, and sent by e-mail to who asks for it."""

import smtplib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import DigestMail, Notification, User
from core import clock
from core.errors import DomainError
from core.jobs import Run
from core.sentences import Sentence

COUNTED = 100
LINES = 50
CHUNK = 200
MONDAY = 0


def notify(*, people: Iterable[int], kind: str, said: Sentence, url: str, key: str) -> None:
    """Tell a set of people something once, in the caller's transaction; a `key` they heard before is not said again."""
    notify_each(
        Notification(user_id=pk, kind=kind, said=said, url=url[:200], key=key[:80]) for pk in dict.fromkeys(people)
    )


def notify_each(rows: Iterable[Notification]) -> None:
    """Tell each person their own words, in the caller's transaction and in few statements."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def unread_text(user: Any) -> str:
    """Return how many notifications `user` has not read, as far as it is counted; empty for none."""
    count = Notification.objects.visible_to(user).filter(read_at=None).order_by()[: COUNTED + 1].count()
    return f"{COUNTED}+" if count > COUNTED else str(count or "")


def notifications_read(*, user: Any, only: int | None = None) -> int:
    """Mark one of the user's notifications, or all of them, as read; return how many were unread."""
    rows = Notification.objects.visible_to(user).filter(read_at=None)
    if only is not None:
        rows = rows.filter(pk=only)
    return int(rows.update(read_at=clock.instant()))


# By e-mail


def digests_send(*, run: Run, day: date) -> dict[str, Any]:
    """Write to everyone who asked for it what they have not read; return how many mails went out.

    A mail is taken up before it is handed over, and by one worker only, so none goes out twice. Where the server is
    away it is given back and waits for the next round: then the job says so. What a mail said that was taken up and
    never marked as sent comes again in the next one.
    """
    _digests_create(day)
    sent = 0
    while mails := _waiting():
        lines = _unread_of([mail.user_id for mail in mails])
        connection = get_connection()
        for mail in mails:
            run.advance(done=sent)
            try:
                connection.open()
                sent += _send(mail, lines[mail.user_id], connection)
            except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
                continue
            except (smtplib.SMTPException, OSError) as error:
                DigestMail.objects.filter(pk=mail.pk, sent_at=None).update(claimed_at=None)
                left = DigestMail.objects.filter(claimed_at=None).count()
                raise DomainError(
                    Sentence(gettext_noop("The mail server cannot be reached; %(left)s e-mails wait."), left=left)
                ) from error
        connection.close()
    return {"sent": sent}


def _digests_create(day: date) -> None:
    wanted = Q(digest="daily") | Q(digest="weekly") if day.weekday() == MONDAY else Q(digest="daily")
    unread = Notification.objects.filter(user=OuterRef("pk"), read_at=None, mail=None)
    people = User.objects.filter(wanted, Exists(unread), is_active=True)
    DigestMail.objects.bulk_create(
        (DigestMail(user_id=pk, day=day) for pk in people.values_list("pk", flat=True)),
        ignore_conflicts=True,
        batch_size=1000,
    )


def _waiting() -> list[DigestMail]:
    return list(DigestMail.objects.filter(claimed_at=None).select_related("user").order_by("pk")[:CHUNK])


def _unread_of(people: list[int]) -> dict[int, list[Notification]]:
    found: dict[int, list[Notification]] = defaultdict(list)
    for row in Notification.objects.filter(user__in=people, read_at=None, mail=None).order_by("-pk"):
        found[row.user_id].append(row)
    return found


def _send(mail: DigestMail, rows: list[Notification], connection: Any) -> int:
    """Hand one mail over, unless somebody else took it up or nothing is left to say; return 1 where it went out."""
    if not DigestMail.objects.filter(pk=mail.pk, claimed_at=None).update(claimed_at=clock.instant()):
        return 0
    gone = not rows or not mail.user.is_active or mail.user.digest == "off"
    if not gone:
        message = digest_message(mail, rows)
        message.connection = connection
        message.send()
    with transaction.atomic():
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mail=mail)
        DigestMail.objects.filter(pk=mail.pk).update(sent_at=clock.instant())
    return 0 if gone else 1


def digest_message(mail: DigestMail, rows: list[Notification]) -> EmailMessage:
    """Return the mail in its reader's language."""
    with translation.override(mail.user.language):
        head = ngettext("%(count)s thing you have not read", "%(count)s things you have not read", len(rows))
        subject = "Qudao: " + head % {"count": len(rows)}
        lines = [f"- {row.said}\n  {settings.BASE_URL}{row.url}" for row in rows[:LINES]]
        if len(rows) > LINES:
            lines.append(_("and %(count)s more") % {"count": len(rows) - LINES})
        lines.append(
            _("You get this e-mail because your preferences ask for it: %(url)s")
            % {"url": f"{settings.BASE_URL}/account/preferences/"}
        )
    name = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return EmailMessage(
        subject,
        "\n\n".join(lines),
        to=[mail.user.email],
        headers={"Message-ID": f"<digest-{mail.pk}@{name}>", "Auto-Submitted": "auto-generated"},
    )
