"""Send news and alarms to a web address or by mail."""

import smtplib
import sys
from email.message import EmailMessage

import httpx


class Bell:
    """Where to send; empty texts send nowhere. A failure to send is told on standard error and stops nothing."""

    def __init__(self, webhook: str = "", mail: str = "", smtp: str = "localhost:25") -> None:
        self._webhook = webhook
        self._mail = mail
        self._smtp = smtp

    def ring(self, kind: str, text: str) -> None:
        """Send one message; ``kind`` is ``news``, ``trouble`` or ``alarm``."""
        try:
            if self._webhook:
                httpx.post(self._webhook, json={"kind": kind, "text": text}, timeout=10).raise_for_status()
            if self._mail:
                self._send_mail(kind, text)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, smtplib.SMTPException) as error:
            print(f"passerby: could not send the {kind}: {type(error).__name__}", file=sys.stderr)

    def _send_mail(self, kind: str, text: str) -> None:
        message = EmailMessage()
        message["Subject"] = f"Passerby log: {kind}"
        message["From"] = message["To"] = self._mail
        message.set_content(text)
        host, _, port = self._smtp.partition(":")
        with smtplib.SMTP(host, int(port) if port.isdecimal() else 25, timeout=10) as server:
            server.send_message(message)
