"""Convert clients to response bodies."""

from api.db.models import Client
from api.schemas.clients import ClientOut


def serialize_client(row: Client) -> ClientOut:
    """Return a client as the API represents it."""
    own = f"/v1/clients/{row.id}"
    links = {
        "self": own,
        "timeline": f"{own}/timeline",
        "export": f"{own}/export",
        "analyses": f"/v1/analyses?client={row.id}",
    }
    return ClientOut(id=row.id, name=row.name, note=row.note, created_at=row.created_at, links=links)
