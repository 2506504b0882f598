"""``strongroom model``: tables of a service's own, as SQL and against a database."""
