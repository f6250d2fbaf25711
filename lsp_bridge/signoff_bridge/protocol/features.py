"""The pygls server: what it announces and what it answers.

Loaded by the language server's thread only; importing it costs 0.3 s.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from signoff_bridge.protocol.services import COMMANDS, SLOW_COMMANDS
from signoff_collector import __version__
from signoff_schemas import lsp_messages
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from signoff_bridge.protocol.services import Services

_SYNCHRONISED: Final = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
)
_FILE_OPERATIONS: Final = (
    types.WORKSPACE_DID_CREATE_FILES,
    types.WORKSPACE_DID_RENAME_FILES,
    types.WORKSPACE_DID_DELETE_FILES,
)


class AnsweringProtocol(LanguageServerProtocol):
    """pygls' protocol, except that a request it cannot read gets an answer."""

    def structure_message(self, data: dict[str, Any]) -> Any:  # noqa: ANN401  pygls' signature
        """Turn a parsed message into pygls' types."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), str | int):
                self._send_response(data["id"], error=error.to_response_error())
            raise


class QuietServer(LanguageServer):
    """A server whose own faults stay out of the person's sight (P7)."""

    def report_server_error(self, error: Exception, source: object) -> None:
        """Say nothing: the error may quote what was typed (threat 22)."""


def make_server(services: Services) -> LanguageServer:
    """Return a server with every feature of the bridge."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)  # its messages quote documents
    server = QuietServer(
        "signoff",
        __version__,
        text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
        protocol_cls=AnsweringProtocol,
    )
    for method in _SYNCHRONISED:
        server.feature(method)(_never_called)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE, types.SaveOptions(include_text=True))(
        _never_called
    )
    everything = types.FileOperationRegistrationOptions(
        filters=[
            types.FileOperationFilter(
                scheme="file", pattern=types.FileOperationPattern(glob="**/*")
            )
        ]
    )
    for method in _FILE_OPERATIONS:
        server.feature(method, everything)(_never_called)
    server.feature(lsp_messages.STATUS)(partial(_status, services))
    server.feature(lsp_messages.CAPTURED)(_captured(services))
    server.feature(lsp_messages.TERMINAL_ENVIRONMENT)(partial(_terminal_environment, services))
    for name in COMMANDS:
        server.command(f"signoff.{name}")(_command(services, name))
    for name in SLOW_COMMANDS:
        server.command(f"signoff.{name}")(_slow_command(services, name))
    return server


def _never_called(params: object) -> None:
    """Stand for a method that is announced here and handled by the recorder."""


def _status(services: Services, params: object) -> dict[str, object]:
    return services.status()


def _captured(services: Services) -> Any:  # noqa: ANN401  pygls inspects it
    async def run(params: Any) -> dict[str, object]:  # noqa: ANN401
        return await asyncio.to_thread(services.captured, plain(params))

    return run


def _terminal_environment(services: Services, params: object) -> dict[str, object]:
    return services.terminal_environment()


def plain(value: object, depth: int = 4) -> object:
    """Return JSON as dictionaries, where pygls made objects of it."""
    as_dictionary = getattr(value, "_asdict", None)
    fields: object = as_dictionary() if callable(as_dictionary) else value
    if is_fields(fields) and depth:
        named = fields
        return {name: plain(item, depth - 1) for name, item in named.items()}
    return fields


def _slow_command(services: Services, name: str) -> Any:  # noqa: ANN401  pygls inspects it
    async def run(*arguments: Any) -> dict[str, object]:  # noqa: ANN401
        return await asyncio.to_thread(services.command, name, tuple(map(plain, arguments)))

    return run


def _command(services: Services, name: str) -> Any:  # noqa: ANN401  pygls inspects it
    def run(*arguments: Any) -> dict[str, object]:  # noqa: ANN401
        return services.command(name, arguments)

    return run
