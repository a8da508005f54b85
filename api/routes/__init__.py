"""The HTTP routes, one module a resource. Each translates between wire shapes and the service, and does no more."""
