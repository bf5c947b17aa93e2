"""Messages as they reach the desk: plain, forwarded inside another, in Asian charsets, and broken."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage

WARNING_TEXT = (
    "Hello,\n\nYour late shipment rate is 6.1 % over 10 days, above the limit of 4 %.\n"
    "Please submit a plan of action within 72 hours. Your account may be deactivated otherwise.\n"
    "Affected ASIN: B0ABCD1234, order 111-2222222-3333333. Case ID: 12345678901\n"
)


def make_mail(
    text: str = WARNING_TEXT,
    *,
    subject: str = "Your account is at risk of deactivation",
    sender: str = "Amazon Seller Performance <seller-performance@amazon.com>",
    charset: str = "utf-8",
    date: str = "Fri, 20 Nov 2026 01:00:00 -0800",
) -> EmailMessage:
    """A message of a platform."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, "shop@example.com", subject
    mail["Date"], mail["Message-ID"] = date, "<one@amazon.com>"
    mail.set_content(text, charset=charset)
    return mail


def forwarded(inner: EmailMessage) -> EmailMessage:
    """The same, forwarded as an attachment by somebody of the client."""
    outer = EmailMessage(policy=policy.SMTP)
    outer["From"], outer["To"], outer["Subject"] = "Li Na <li@client.example>", "desk@agency.example", "FW"
    outer["Date"] = "Fri, 20 Nov 2026 17:20:00 +0800"
    outer.set_content("Please help.")
    outer.add_attachment(inner)
    return outer
