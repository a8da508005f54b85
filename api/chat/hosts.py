"""Every chat tool's routes, for the application to include."""

from __future__ import annotations

from api.chat import openwebui, reranking
from api.chat.dify import retrieval
from api.chat.openai import embeddings, stores
from api.chat.slack import routes as slack

ROUTERS = (stores.router, embeddings.router, reranking.router, retrieval.router, openwebui.router, slack.router)
