"""The library on one machine: a folder with SQLite as the truth and FAISS and tantivy derived from it."""
