"""Keeping a library at what folders and URLs hold. Knows no models, and no library but by what it is handed."""
