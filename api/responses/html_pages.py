"""The few HTML pages that the service writes itself, for people who follow a link."""

from html import escape

from fastapi.responses import HTMLResponse

from api.json_object import JsonObject

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 24rem; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.2; }
button { background: #0b57d0; border: 0; border-radius: .75rem; color: #fff; font: inherit; font-weight: 600;
  min-height: 3.25rem; width: 100%; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

HTML_RESPONSE: JsonObject = {
    "description": "A page that says what to do.",
    "content": {"text/html": {"schema": {"type": "string"}}},
}
"""OpenAPI of such a page."""


def message_page(title: str, text: str, *, button: str | None = None, status_code: int = 200) -> HTMLResponse:
    """Return a page with one message and, optionally, a button that posts to the same address."""
    form = f'<form method="post"><button type="submit">{escape(button)}</button></form>' if button else ""
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"<main><h1>{escape(title)}</h1><p>{escape(text)}</p>{form}</main></html>"
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return HTMLResponse(body, status_code, headers)
