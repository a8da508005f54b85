"""Retrievers for frameworks: each turns a question into the framework's own documents, with our citations in them.

A module here imports its framework at its top and raises `MissingExtra` where that is not installed.
"""
