"""Database: tables, migrations, sessions, and the queries of each table."""
