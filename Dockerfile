# The same steps as the Makefile's: torch, the project, the models, then serve.
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 10001 pincite && mkdir /library /collections /keys /models && chown pincite /library /collections /keys /models
WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PINCITE_MODELS=/models

RUN pip install --index-url https://download.pytorch.org/whl/cpu torch==2.13.0
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY index index
COPY search search
COPY api api
COPY seeds seeds
RUN pip install --constraint constraints.txt '.[documents,archives,openvino,mcp,slack,milvus]'

USER pincite
RUN pincite models get multilingual-e5-small ms-marco-MiniLM-L12-v2

ENV PINCITE_LIBRARY=/library PINCITE_COLLECTIONS=/collections PINCITE_KEYS=/keys/keys.json
ENV PINCITE_HOST=0.0.0.0 PINCITE_PORT=8000
VOLUME /library /collections /keys
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["pincite", "serve", "--first-index", "/app/seeds"]
