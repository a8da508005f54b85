"""Dify's external knowledge: passages for a question, under conditions on their articles' metadata."""
