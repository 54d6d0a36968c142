"""The page that explains the phone's warning about the service's own certificate, over plain HTTP.

It has to be readable before the phone trusts the certificate, and whoever is in the same Wi-Fi can read and replace it.
So it is the same for everybody: it has no cookie, name, key or pairing link, sets nothing, shows no fingerprint to
compare with, and answers no other address. The pairing link itself is never sent through it: the code that the phone
scans has the https address.
"""

import asyncio
import socket
from contextlib import suppress
from html import escape

_REQUEST_S = 5.0  # for a request; chosen
_MAX_REQUEST_BYTES = 16_384  # chosen
_STYLE = """:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 30rem; padding: 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.2; } li { margin: .6rem 0; }
a { background: #0b57d0; border-radius: .75rem; box-sizing: border-box; color: #fff; display: block; font-weight: 600;
  overflow-wrap: anywhere; padding: .9rem 1rem; text-align: center; text-decoration: none; }"""
_TEXT = """<p>The laptop encrypts everything that your phone sends. It made its own certificate for that, and no
company vouches for it, so your phone warns you <strong>once</strong>. This is expected.</p>
<ol>
<li>Scan the code on the laptop's screen with the phone's camera, and open its link. The phone shows the warning.</li>
<li><strong>Compare.</strong> Open the details of the certificate in the warning (iPhone: <em>Show Details</em>,
<em>view the certificate</em>; Android: <em>Not secure</em> or the warning sign in the address bar,
<em>Certificate</em>). Its SHA-256 fingerprint has to be the one on the laptop's screen. If it is another one, stop:
somebody else answers in this Wi-Fi.</li>
<li><strong>Continue.</strong> iPhone: <em>Show Details</em>, <em>visit this website</em>. Android: <em>Advanced</em>,
<em>Proceed</em>.</li>
</ol>
<p>The phone asks again when the laptop gets a new address, and once a year.</p>
<p>Never type a key on a page whose address begins with http:, such as this one.</p>"""


def build_notice_page(https_address: str) -> bytes:
    """Return the page, with a link to the service at its https address."""
    link = escape(https_address, quote=True)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>One warning, once</title><style>{_STYLE}</style>"
        f'<main><h1>One warning, once</h1>{_TEXT}<p><a href="{link}">Go to {link}</a></p></main></html>'
    ).encode()


class CertificateNotice:
    """A server for this page alone."""

    def __init__(self, listener: socket.socket, https_address: str) -> None:
        self._listener = listener
        page = build_notice_page(https_address)
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(page)}\r\nConnection: close\r\nCache-Control: no-store\r\n"
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'\r\n"
            "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\r\n"
        )
        self._answer = head.encode() + page
        redirect = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        self._redirect = redirect.encode()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Serve the page from now on."""
        self._server = await asyncio.start_server(self._serve, sock=self._listener, limit=_MAX_REQUEST_BYTES)

    async def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request with the page, of which only the address is looked at; another one is redirected here."""
        try:
            with suppress(TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(_REQUEST_S):
                    request = await reader.readuntil(b"\r\n\r\n")
                    is_page = request.startswith((b"GET / ", b"HEAD / "))
                    answer = self._answer if is_page else self._redirect
                    writer.write(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if request[:4] == b"HEAD" else answer)
                    await writer.drain()
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_REQUEST_S):
                    await writer.wait_closed()
