"""What is answered: from a query to ranked passages with citations that can be checked.

Imports `index` only; knows nothing of HTTP, command lines or chat tools (`api`).
"""
