"""The service: API, jobs, database, files and the phone page. It imports `analyzer`, never the reverse."""
