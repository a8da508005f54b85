"""How good are the answers? Judged questions, the figures they give, and floors that the figures must not miss."""
