"""Request and response bodies of the API, apart from the tables; one module for each noun, as in `api.routes`."""
