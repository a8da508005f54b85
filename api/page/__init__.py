"""The web page: search, read and keep the library, rendered on the server and made smoother by small modules of script.

Everything works on what the service gives; no answer is decided here. Searching and reading need no script.
"""
