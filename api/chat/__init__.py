"""Chat tools: each host's own convention over the one service. A module a host, a folder where one needs several.

Hosts translate shapes and do no more: what is found, ranked and cited is `search`'s.
"""
