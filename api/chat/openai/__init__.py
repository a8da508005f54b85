"""OpenAI's conventions: vector stores to search and page through, and embeddings.

Errors keep Pincite's one shape: the `openai` client makes its typed exceptions of the status, and finds `code` and
`message` where it looks for them.
"""
