"""What goes over the wire as plain Python: dataclasses of what comes back, and the options of a question.

`api.wire` describes and checks the same; here is no pydantic, so that a client is imported in no time.
"""
