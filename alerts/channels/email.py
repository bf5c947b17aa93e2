"""By e-mail: text and HTML in one message, marked as automatic, with an id that stays at every attempt."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core import mail

from alerts.channels.base import Channel, DeliveryRefused, Envelope, Field, scrub
from alerts.types import DeliveryFault, Message, Receipt

_ADDRESS = r"[^\s@,;<>\"']{1,64}@[A-Za-z0-9.-]{1,190}"
# RFC 5321 §4.2: 4yz may succeed later, 5yz will not. Of these the mailbox itself is what is wrong.
_NO_MAILBOX = (550, 551, 553, 556)


class Email(Channel):
    """Mail to one or several addresses, by the server the deployment is set up with."""

    kind = "email"
    title = "E-mail"
    config = {"to": Field(rf"{_ADDRESS}(\s*,\s*{_ADDRESS}){{0,19}}", "up to 20 addresses between commas")}

    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Hand the message to the mail server; what that does with it is not known here."""
        given = envelope.to or envelope.config["to"]
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
        reference = f"<{envelope.message_id}@{domain}>"
        letter = mail.EmailMultiAlternatives(
            subject=" ".join(message.subject.split()),
            body=message.text,
            to=[address.strip() for address in given.split(",")],
            headers={
                "Message-ID": reference,
                "Auto-Submitted": "auto-generated",
                "Content-Language": envelope.language,
            },
        )
        letter.attach_alternative(message.html, "text/html")
        try:
            letter.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise _refused(max(codes, default=450), "The mail server refused the address.") from error
        except smtplib.SMTPAuthenticationError as error:
            # The deployment's own login, not this channel's: it is mended there.
            raise DeliveryRefused(
                DeliveryFault.UNAVAILABLE, "The mail server takes no mail of ours."
            ) from error
        except smtplib.SMTPResponseException as error:
            told = scrub(f"The mail server answered {error.smtp_code}.", envelope)
            raise _refused(error.smtp_code, told) from error
        except (smtplib.SMTPException, OSError) as error:
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
                told = "The mail server did not answer in time."
                raise DeliveryRefused(DeliveryFault.TIMEOUT, told) from error
            raise DeliveryRefused(DeliveryFault.UNREACHABLE, "The mail server is not there.") from error
        return Receipt(reference)


def _refused(code: int, told: str) -> DeliveryRefused:
    if code < 500:
        return DeliveryRefused(DeliveryFault.UNAVAILABLE, told)
    if code in _NO_MAILBOX:
        return DeliveryRefused(DeliveryFault.GONE, told, breaks=True)
    return DeliveryRefused(DeliveryFault.REFUSED, told, permanent=True)


EMAIL = Email()
