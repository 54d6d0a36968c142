"""How long a browser stays signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class SignInLifetime:
    """How long a browser stays signed in.

    Attributes
    ----------
    idle_days : without any use; each use extends it.
    max_days : in all, however much it is used.
    """

    idle_days: float
    max_days: float

    def expires_at(self, created_at: datetime) -> datetime:
        """Return when a sign-in that is used now ends."""
        return min(datetime.now(UTC) + timedelta(days=self.idle_days), created_at + timedelta(days=self.max_days))

    @property
    def first_s(self) -> float:
        """Return how long a new sign-in is valid, seconds."""
        return timedelta(days=min(self.idle_days, self.max_days)).total_seconds()
