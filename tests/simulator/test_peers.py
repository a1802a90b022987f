"""The simulated AWS answers its own user and nobody else on the host."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler

from smtop.metrics.simulator.wire.peers import TABLE, only_own, owner

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
STRANGER = 54_321


def told(end: tuple[str, int]) -> str:
    number = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return f"{number:08X}:{end[1]:04X}"


def row(local: tuple[str, int], remote: tuple[str, int], uid: int) -> str:
    return (
        f"   0: {told(local)} {told(remote)} 01 00000000:00000000 00:00000000 00000000 {uid:5} 0 1 1 0 20 4 30 10 -1\n"
    )


@pytest.fixture
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            yield client, accepted


@pytest.mark.skipif(not TABLE.exists(), reason="this system does not tell whose sockets they are")
def test_the_system_tells_that_a_socket_is_ours(connection: tuple[socket.socket, socket.socket]) -> None:
    client, accepted = connection
    assert owner(accepted.getpeername(), accepted.getsockname()) == os.getuid()
    assert client.getsockname() == accepted.getpeername()
    assert owner(accepted.getpeername(), client.getsockname()) is None


@pytest.mark.skipif(not TABLE.exists(), reason="this system does not tell whose sockets they are")
def test_where_the_kernel_cannot_be_asked_its_table_is_read(
    connection: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, accepted = connection
    monkeypatch.delattr(socket, "AF_NETLINK", raising=False)
    assert owner(accepted.getpeername(), accepted.getsockname()) == os.getuid()


def test_only_the_socket_with_both_ends_counts(tmp_path: Path) -> None:
    here, there, elsewhere = ("127.0.0.1", 40_000), ("127.0.0.1", 8080), ("127.0.0.1", 8081)
    table = tmp_path / "tcp"
    table.write_text(HEAD + row(here, elsewhere, 1) + row(there, here, 2) + row(here, there, 3) + "odd\n")
    assert owner(here, there, table) == 3
    assert owner(elsewhere, here, table) is None
    assert owner(here, there, tmp_path / "none") is None


@pytest.mark.parametrize(("uid", "status"), [(STRANGER, 403), (os.getuid(), 200), (0, 200), (None, 200)])
async def test_another_user_is_turned_away(uid: int | None, status: int, tmp_path: Path) -> None:
    table = tmp_path / "tcp"

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Writes the table as it stands while this very connection is open."""
        ends = [request.transport.get_extra_info(name)[:2] for name in ("peername", "sockname")]  # type: ignore[union-attr]
        table.write_text(HEAD + (row(ends[0], ends[1], uid) if uid is not None else ""))
        return await handler(request)

    app = web.Application(middlewares=[note, only_own(table)])
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{runner.addresses[0][1]}/") as answer:
        assert answer.status == status
    await runner.cleanup()
