"""Slack: a slash command that answers with cited passages, and a button that shows more of them."""
