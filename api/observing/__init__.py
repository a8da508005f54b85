"""How a running server is watched: `logs` (what happened), `metrics` (how much of it), `tracing` (what took how long).

None of them ever sees the text of an article, a question or a key.
"""
