"""Who is at the other end of a connection: loopback is open to everybody on a host, the simulated AWS only to its user.

Linux tells whose socket it is. Where the system does not tell, whoever reaches the port is let in.
"""

import asyncio
import os
import socket
import struct
import sys
from pathlib import Path
from weakref import WeakSet

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

TABLE = Path("/proc/net/tcp")
_LOCAL, _REMOTE, _UID = 1, 2, 7
_ROOT = 0

# sock_diag(7)
_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST = 4, 20, 1
_HEAD_BYTES, _UID_AT, _MOST_TOLD_BYTES = 16, 80, 4096
_ANY_STATE, _ANY_DEVICE = 0xFFFF_FFFF, bytes(4) + b"\xff" * 8

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
    """The user id of the IPv4 socket with these two ends; None where the system does not tell.

    A table other than the kernel's is read as it stands.
    """
    known = _asked(local, remote) if table == TABLE else None
    return _read(local, remote, table) if known is None else known


def _asked(local: Address, remote: Address) -> int | None:
    """By the kernel itself, which finds one socket at once: its table takes it milliseconds on a busy host."""
    ends = struct.pack("!HH16s16s", local[1], remote[1], socket.inet_aton(local[0]), socket.inet_aton(remote[0]))
    wanted = struct.pack("=BBHI", socket.AF_INET, socket.IPPROTO_TCP, 0, _ANY_STATE) + ends + _ANY_DEVICE
    head = struct.pack("=IHHII", _HEAD_BYTES + len(wanted), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
            kernel.send(head + wanted)
            told = kernel.recv(_MOST_TOLD_BYTES)
    except (AttributeError, OSError):  # another system than Linux, or one that does not let us ask
        return None
    _, kind = struct.unpack_from("=IH", told)
    return int(struct.unpack_from("=I", told, _UID_AT)[0]) if kind == _SOCK_DIAG_BY_FAMILY else None


def _read(local: Address, remote: Address, table: Path) -> int | None:
    ends = [_told(local), _told(remote)]
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    rows = (fields for line in lines if len(fields := line.split()) > _UID)
    return next((int(row[_UID]) for row in rows if row[_LOCAL : _REMOTE + 1] == ends), None)


def _told(end: Address) -> str:
    """As the kernel writes it: the address as one number in the byte order of the machine."""
    host, port = end
    return f"{int.from_bytes(bytes(map(int, host.split('.'))), sys.byteorder):08X}:{port:04X}"
