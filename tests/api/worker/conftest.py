"""The deployments of the tests of jobs."""

from tests.api.jobs.conftest import deployment, postgres_deployment

__all__ = ["deployment", "postgres_deployment"]
