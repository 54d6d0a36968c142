"""Settings of the service in one place; every one can be set by an environment variable ANALYZER_<NAME>."""

from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from analyzer.settings import Settings

_GIB = 2**30


class ServiceSettings(BaseSettings):
    """What a deployment may choose; without any of it, everything lies in one folder of this machine.

    The limits and times are chosen: roomy for one coach with a phone, and small enough that nobody fills a machine.
    """

    model_config = SettingsConfigDict(env_prefix="ANALYZER_", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("movement-analyzer"), description="folder of everything on this machine"
    )
    database_url: str = Field(default="", description="SQLite or PostgreSQL; empty: analyzer.sqlite in the data folder")
    jobs_url: str = Field(
        default="", description="database of the jobs; empty: the same PostgreSQL, or jobs.sqlite in the data folder"
    )
    files_url: str = Field(default="", description="a folder or s3://bucket/prefix; empty: files in the data folder")
    files_options: dict[str, Any] = Field(default_factory=dict, description="options of fsspec, as JSON")

    max_upload_bytes: int = Field(default=2 * _GIB, gt=0, description="largest upload, bytes")
    max_duration_s: float = Field(default=600, gt=0, description="longest clip, seconds")
    max_frame_px: int = Field(default=4096 * 2304, gt=0, description="largest frame, pixels")
    max_queued_per_owner: int = Field(default=200, ge=1, description="clips of one owner that may wait")
    max_batch_clips: int = Field(default=2000, ge=1, description="clips in one batch that is sent to the API")
    max_storage_bytes_per_owner: int | None = Field(default=None, gt=0, description="clips kept of one owner, bytes")
    requests_per_minute: int = Field(default=600, ge=1, description="requests of one owner")

    sign_in_days: float = Field(default=90, gt=0, description="how long a browser stays signed in")
    share_days: float = Field(default=30, gt=0, description="how long a shared link works, unless told otherwise")
    retention_days: float | None = Field(default=None, gt=0, description="analyses older than this are deleted")

    workers: int = Field(default=0, ge=0, le=256, description="clips at once of one worker; 0: cores / pose threads")
    pose_threads: int = Field(default=2, ge=1, le=16, description="chunks of one clip tracked at the same time")
    job_time_limit_s: float = Field(default=1800, gt=0, description="longest time for one clip")
    job_memory_bytes: int = Field(default=3 * _GIB, gt=0, description="most memory for one clip")
    cache_dir: Path | None = Field(default=None, description="where pose models are kept; empty: the user's cache")

    blur_faces: bool = Field(default=False, description="cover faces in what is shown and shared")
    otel_endpoint: str | None = Field(default=None, description="OpenTelemetry collector; empty: off")
    log_json: bool = Field(default=True, description="logs as one JSON object a line")
    trusted_proxies: str = Field(default="", description="addresses whose X-Forwarded headers are believed, by commas")

    @property
    def db_url(self) -> str:
        """The database as SQLAlchemy names it."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'analyzer.sqlite'}"
        return _with_driver(self.database_url)

    @property
    def queue_url(self) -> str:
        """The database of the jobs."""
        if self.jobs_url:
            return _with_driver(self.jobs_url)
        return self.db_url if self.is_postgres else f"sqlite:///{self.data_dir / 'jobs.sqlite'}"

    @property
    def files_root(self) -> str:
        """The folder or URL under which clips and results lie."""
        return self.files_url or str(self.data_dir / "files")

    @property
    def is_postgres(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.db_url.startswith("postgresql")

    def clip_settings(self, *, sent: bool = True) -> Settings:
        """The library's settings for one clip: one that was sent, or one of a folder, as `analyzer batch` has them."""
        given: dict[str, Any] = {} if self.cache_dir is None else {"cache_dir": self.cache_dir}
        if sent:
            given |= {
                "max_duration_s": self.max_duration_s,
                "max_file_bytes": self.max_upload_bytes,
                "max_frame_px": self.max_frame_px,
            }
        return Settings(pose_threads=self.pose_threads, **given)


def _with_driver(url: str) -> str:
    """`postgres://` and `postgresql://` mean psycopg here."""
    for start in ("postgres://", "postgresql://"):
        if url.startswith(start):
            return f"postgresql+psycopg://{url.removeprefix(start)}"
    return url
