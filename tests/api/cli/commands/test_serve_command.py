"""`pincite serve`: the socket that it listens on."""

from __future__ import annotations

import socket

import pytest

from api.cli.commands.serve import _listen
from index.errors import InvalidSetting


def test_connections_send_at_once_what_they_are_given() -> None:
    with _listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with _listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(InvalidSetting, match=f"Cannot listen on 127.0.0.1, port {port} .* --port or PORT"):
            _listen("127.0.0.1", port)
