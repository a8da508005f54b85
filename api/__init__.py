"""Who asks: the HTTP service, the command line and the client. Imports `search` and `index`."""
