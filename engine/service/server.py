"""Runs the application in this process until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Callable
from datetime import date
from ipaddress import ip_address
from types import FrameType

import uvicorn

from engine.errors import problem
from engine.service.app import Service, Terms, application
from engine.service.desk import Desk
from engine.service.logs import write_logs

STOP_SECONDS = 20
"""How long requests that are under way may take to end once the service is stopping."""

HEADER_LIMIT = 16 * 1024
KEEP_ALIVE_SECONDS = 15
BACKLOG = 256

SWITCH_SECONDS = 0.0005
"""How long the thread that decides may hold up those that listen. With Python's 5 milliseconds
an answer would wait for it several times."""

_log = logging.getLogger("kam.service")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one. Raises `KamError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(address)
            opened.listen(BACKLOG)
        except OSError:
            opened.close()
            raise
    except OSError as error:
        message = f"cannot listen on {host} port {port}: {error.strerror or error}"
        raise problem("cannot-listen", message, hint="choose others with --host, --port") from None
    opened.setblocking(False)
    return opened


def is_loopback(opened: socket.socket) -> bool:
    """Whether only this machine can reach the socket."""
    return ip_address(opened.getsockname()[0]).is_loopback


def serve(desk: Desk, terms: Terms, opened: socket.socket, today: Callable[[], date]) -> None:
    """Answers until SIGTERM or SIGINT; what has been sent by then is still answered."""
    write_logs()
    sys.setswitchinterval(SWITCH_SECONDS)
    for note in desk.notes:
        _log.warning("desk", extra={"fields": {"problem": str(note)}})
    app, service = application(desk, terms, today)
    config = uvicorn.Config(
        app,
        # The parser that bounds the size of headers, and none that is there by chance.
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=HEADER_LIMIT,
    )
    _Server(config, service).run(sockets=[opened])
    _log.info("stopped")


class _Server(uvicorn.Server):
    """Tells the service of a signal at once, and does not die of it afterwards: a service that
    was told to stop and did has succeeded."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for opened in sockets or []:
            host, port = opened.getsockname()[:2]
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            _log.info("listening", extra={"fields": {"url": url}})

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del frame
        if not self.should_exit:
            _log.info("stopping", extra={"fields": {"signal": signal.Signals(sig).name}})
        elif sig == signal.SIGINT:
            self.force_exit = True  # Ctrl-C for the second time
        self._service.is_stopping = True
        self.should_exit = True
