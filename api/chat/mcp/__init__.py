"""The Model Context Protocol: tools, resources and a prompt, over HTTP at `/mcp` and over standard input and output.

Only `server`, `serving` and the command import the protocol's SDK, which is an extra; nothing else imports them but
when they are wanted.
"""
