"""Bytes to drafts: one module a format, and `reading`, which finds the files and picks the format.

A reader yields what it can read and names what it cannot; it cleans nothing and decides nothing about articles.
"""

from index.articles.readers.reading import read_bytes, read_paths
from index.articles.readers.records import record_draft

__all__ = ["read_bytes", "read_paths", "record_draft"]
