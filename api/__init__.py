"""The service: API, jobs, database, files and the phone page. Imports `analyzer`, never the other way."""
