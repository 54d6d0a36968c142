"""Queries of an owner's clients."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.models import Client, Owner, new_id
from api.db.pagination import list_page as page_of


def create(session: Session, owner_id: str, name: str, note: str | None = None) -> Client:
    """Create a client."""
    client = Client(id=new_id("cli"), owner_id=owner_id, name=name, note=note)
    session.add(client)
    session.flush()
    return client


def get(session: Session, owner_id: str, id: str) -> Client | None:
    """Return the client with this id if they belong to the owner."""
    return session.scalar(select(Client).where(Client.id == id, Client.owner_id == owner_id))


def find_by_name(session: Session, owner_id: str, name: str) -> Client | None:
    """Return the client of this name; of several, the newest that is spelled so, else the newest."""
    query = select(Client).where(Client.owner_id == owner_id, Client.name == name)
    same_spelling = session.scalar(query.order_by(Client.created_at.desc(), Client.id.desc()).limit(1))
    return same_spelling or next(iter(find_namesakes(session, owner_id, name)), None)


def find_namesakes(session: Session, owner_id: str, name: str) -> Sequence[Client]:
    """Return the clients of this name, newest first; case and surrounding spaces do not count.

    Names are compared here, since databases differ in what they take for the same letter.
    """
    key = normalize_name(name)
    names = session.execute(select(Client.id, Client.name).where(Client.owner_id == owner_id))
    ids = [id for id, other in names if normalize_name(other) == key]
    if not ids:
        return []
    query = select(Client).where(Client.id.in_(ids))
    return session.scalars(query.order_by(Client.created_at.desc(), Client.id.desc())).all()


def normalize_name(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return name.strip().casefold()


def find_all(session: Session, owner_id: str, id_or_name: str) -> Sequence[Client]:
    """Return the client with this id, or all clients of this name, newest first."""
    query = select(Client).where(Client.owner_id == owner_id)
    column = Client.id if id_or_name.startswith("cli_") else Client.name
    return session.scalars(query.where(column == id_or_name).order_by(Client.created_at.desc())).all()


def list_all(session: Session, owner_id: str) -> Sequence[Client]:
    """Return all clients of an owner, newest first."""
    return session.scalars(select(Client).where(Client.owner_id == owner_id).order_by(Client.created_at.desc())).all()


def get_names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of several clients by id."""
    if not ids:
        return {}
    return {row.id: row.name for row in session.scalars(select(Client).where(Client.id.in_(set(ids))))}


def get_or_create(session: Session, owner_id: str, name: str) -> Client:
    """Return the client of this name, creating one if need be; concurrent requests create only one."""
    client = find_by_name(session, owner_id, name)
    if client is None:
        lock_names(session, owner_id)
        client = find_by_name(session, owner_id, name) or create(session, owner_id, name)
    return client


def lock_names(session: Session, owner_id: str) -> None:
    """Let no other request give a client of this owner a name until the end of the transaction."""
    session.execute(select(Owner.id).where(Owner.id == owner_id).with_for_update(key_share=True))


def list_page(session: Session, owner_id: str, *, after: str | None, limit: int) -> tuple[list[Client], str | None]:
    """Return a page of an owner's clients, newest first, and the cursor of the next one."""
    return page_of(session, select(Client).where(Client.owner_id == owner_id), Client, after, limit)
