"""Settings of the service; each can be set by an environment variable ANALYZER_<NAME>."""

import difflib
import ipaddress
from collections.abc import Iterable
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from analyzer.settings import ModelChoice, Settings
from api.json_object import JsonObject
from api.sign_in_lifetime import SignInLifetime

_GIB = 2**30
_PREFIX = "ANALYZER_"
_DATABASES = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")


class ServiceSettings(BaseSettings):
    """Settings of a deployment. By default everything is stored in one folder of this machine.

    Limits and times are chosen: enough for one coach with a phone, and too little to fill a machine.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("movement-analyzer"), description="folder for all data on this machine"
    )
    database_url: str = Field(default="", description="SQLite or PostgreSQL; empty: analyzer.sqlite in the data folder")
    jobs_url: str = Field(
        default="", description="database of the jobs; empty: the same PostgreSQL, or jobs.sqlite in the data folder"
    )
    files_url: str = Field(default="", description="a folder or s3://bucket/prefix; empty: files in the data folder")
    files_options: JsonObject = Field(default_factory=dict, description="options of fsspec, as JSON")

    max_upload_bytes: int = Field(default=2 * _GIB, gt=0, description="largest upload, bytes")
    max_duration_s: float = Field(default=600, gt=0, description="longest clip, seconds")
    max_frame_px: int = Field(default=4096 * 2304, gt=0, description="largest frame, pixels")
    max_queued_per_owner: int = Field(default=200, ge=1, description="queued clips of one owner")
    max_batch_clips: int = Field(default=2000, ge=1, description="clips in one batch that is sent to the API")
    max_storage_bytes_per_owner: int | None = Field(default=None, gt=0, description="stored clips of one owner, bytes")
    min_free_bytes: int = Field(default=_GIB, ge=0, description="free disk space that uploads and results leave, bytes")
    requests_per_minute: int = Field(default=600, ge=1, description="requests of one owner per minute")
    event_streams_per_owner: int = Field(default=50, ge=1, description="open event streams of one owner")
    connections_per_address: int = Field(default=100, ge=1, description="open connections of one address")

    sign_in_days: float = Field(default=7, gt=0, description="how long an unused browser stays signed in, days")
    sign_in_max_days: float = Field(default=90, gt=0, description="how long a browser stays signed in at most, days")
    share_days: float = Field(default=30, gt=0, description="default lifetime of a share link, days")
    retention_days: float | None = Field(
        default=None, gt=0, description="analyses older than this are deleted, days; empty: never"
    )

    trash_days: float = Field(
        default=7, ge=0, description="files that no row refers to stay in the trash this long, days"
    )

    workers: int = Field(
        default=0, ge=0, le=256, description="clips that one worker analyses at a time; 0: cores / pose threads"
    )
    pose_threads: int = Field(default=2, ge=1, le=16, description="chunks of one clip tracked at the same time")
    pose_model: ModelChoice = Field(
        default="full", description="pose model; auto: full, and heavy where joints are hidden or blurred"
    )
    job_time_limit_s: float = Field(default=1800, gt=0, description="time limit of one clip, seconds")
    job_memory_bytes: int = Field(default=3 * _GIB, gt=0, description="memory limit of one clip, bytes")
    cache_dir: Path | None = Field(default=None, description="folder of pose models; empty: the user's cache")
    live_guide: bool = Field(
        default=True, description="fetch the files that guide filming in the phone's browser; false: a still picture"
    )

    repeatability_file: Path | None = Field(
        default=None, description="repeatability.json of own repeats, for comparisons and timelines; empty: none"
    )
    blur_faces: bool = Field(default=False, description="blur faces in pictures and videos")
    metrics_key: str = Field(default="", description="bearer key that reads /metrics; empty: this machine only")
    otel_endpoint: str | None = Field(default=None, description="OpenTelemetry collector; empty: off")
    log_json: bool = Field(default=True, description="write logs as one JSON object per line")
    trusted_proxies: str = Field(
        default="", description="addresses whose X-Forwarded headers are trusted, separated by commas"
    )

    @field_validator("database_url", "jobs_url")
    @classmethod
    def _check_database(cls, url: str) -> str:
        if url and (problem := find_database_problem(url)) is not None:
            raise ValueError(problem)
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, addresses: str) -> str:
        for address in filter(None, (part.strip() for part in addresses.split(","))):
            try:
                ipaddress.ip_network(address)
            except ValueError:
                raise ValueError("give addresses, such as 127.0.0.1, separated by commas; not names") from None
        return addresses

    @property
    def db_url(self) -> str:
        """Return the URL of the database for SQLAlchemy."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'analyzer.sqlite'}"
        return _with_driver(self.database_url)

    @property
    def queue_url(self) -> str:
        """Return the URL of the database of the jobs."""
        if self.jobs_url:
            return _with_driver(self.jobs_url)
        return self.db_url if self.is_postgres else f"sqlite:///{self.data_dir / 'jobs.sqlite'}"

    @property
    def files_root(self) -> str:
        """Return the folder or URL of clips and results."""
        return self.files_url or str(self.data_dir / "files")

    @property
    def disk_folders(self) -> tuple[Path, ...]:
        """Return the local folders that are written to."""
        return (self.data_dir,) if "://" in self.files_root else (self.data_dir, Path(self.files_root))

    @property
    def is_postgres(self) -> bool:
        """Return whether the database is PostgreSQL."""
        return self.db_url.startswith("postgresql")

    @property
    def sign_in_lifetime(self) -> SignInLifetime:
        """Return how long a browser stays signed in."""
        return SignInLifetime(self.sign_in_days, self.sign_in_max_days)

    def clip_settings(self, *, has_limits: bool = True) -> Settings:
        """Return the library's settings for a clip; one of a folder that was given as a batch has no limits."""
        values: JsonObject = {} if self.cache_dir is None else {"cache_dir": self.cache_dir}
        if has_limits:
            values |= {
                "max_duration_s": self.max_duration_s,
                "max_file_bytes": self.max_upload_bytes,
                "max_frame_px": self.max_frame_px,
            }
        return Settings(pose_threads=self.pose_threads, **values)


def find_database_problem(url: str) -> str | None:
    """Return what is wrong with the URL of a database of the service; None for one that may be used."""
    if url.startswith(_DATABASES):
        return None
    return "not a database that the service can use: postgresql://user:password@host/name"


def describe_unknown_settings(names: Iterable[str]) -> list[str]:
    """Return a line for each environment variable that looks like a setting and is none, such as a misspelt one."""
    known = {field.upper() for field in ServiceSettings.model_fields.keys() | Settings.model_fields.keys()}
    given = {name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)}
    lines = []
    for name in sorted(given - known):
        likely = difflib.get_close_matches(name, sorted(known), n=1)
        question = f" Is {_PREFIX}{likely[0]} meant?" if likely else ""
        lines.append(f"{_PREFIX}{name} is no setting and has no effect.{question}")
    return lines


def _with_driver(url: str) -> str:
    """Return a PostgreSQL URL with the psycopg driver."""
    for start in ("postgres://", "postgresql://"):
        if url.startswith(start):
            return f"postgresql+psycopg://{url.removeprefix(start)}"
    return url
