"""The JSON that goes over the wire, every field described and exemplified; FastAPI makes the OpenAPI page from it.

Shapes and their translation from and to the nouns only: no storing, no searching.
"""
