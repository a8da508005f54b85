"""What is stored: articles, their passages and vectors, and the library that keeps them.

Knows nothing of how questions are answered (`search`) or who asks them (`api`).
"""
