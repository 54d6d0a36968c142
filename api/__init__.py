"""The service: API, jobs, database, files and the page on a trainer's phone. Imports `analyzer`, never the other way."""
