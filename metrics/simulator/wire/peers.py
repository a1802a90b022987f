"""Who is at the other end of a connection: loopback is open to everybody on a host, the simulated AWS only to its user.

Linux tells whose socket it is. Where the system does not tell, whoever reaches the port is let in.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

TABLE = Path("/proc/net/tcp")
_LOCAL, _REMOTE, _UID = 1, 2, 7
_ROOT = 0

Address = tuple[str, int]


def only_own(table: Path = TABLE) -> Middleware:
    """A middleware that answers 403 to sockets of other users; a connection is looked up once."""
    known: WeakSet[asyncio.BaseTransport] = WeakSet()

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        transport = request.transport
        if transport is not None and transport not in known:
            if _is_strange(transport, table):
                return web.Response(status=403, text="This simulated AWS belongs to another user.\n")
            known.add(transport)
        return await handler(request)

    return admit


def _is_strange(transport: asyncio.BaseTransport, table: Path) -> bool:
    theirs, ours = (transport.get_extra_info(name)[:2] for name in ("peername", "sockname"))
    return owner(theirs, ours, table) not in (None, _ROOT, os.getuid())


def owner(local: Address, remote: Address, table: Path = TABLE) -> int | None:
    """The user id of the IPv4 socket with these two ends; None where the system does not tell."""
    ends = (_told(local), _told(remote))
    return next((int(row[_UID]) for row in _rows(table) if (row[_LOCAL], row[_REMOTE]) == ends), None)


def _rows(table: Path) -> Iterator[list[str]]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return
    yield from (fields for line in lines if len(fields := line.split()) > _UID)


def _told(end: Address) -> str:
    """As the kernel writes it: the address as one number in the byte order of the machine."""
    host, port = end
    return f"{int.from_bytes(bytes(map(int, host.split('.'))), sys.byteorder):08X}:{port:04X}"
