"""Django's PostgreSQL, with a pool that hands out the connection that was used last."""
