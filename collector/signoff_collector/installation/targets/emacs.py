"""Emacs: marked lines at the top of the init file, for lsp-mode and eglot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.installation.config_files.config_files import read_text
from signoff_collector.installation.config_files.marked_block import block, with_block
from signoff_collector.installation.interface import Change, Found
from signoff_collector.installation.targets.quoting import double_quoted
from signoff_schemas import lsp_messages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account

_BUNDLED: Final = "Emacs.app/Contents/MacOS/Emacs"
_LINES: Final = """\
(when (file-executable-p {launcher})
  (with-eval-after-load 'lsp-mode
    (lsp-register-client
     (make-lsp-client :new-connection (lsp-stdio-connection (list {launcher} "lsp"))
                      :activation-fn (lambda (&rest _) t)
                      :add-on? t :priority -10 :server-id 'signoff))
    ;; Whether somebody quit Emacs: a command does, a closed terminal or a signal does not.
    (add-hook 'kill-emacs-hook
              (lambda ()
                (ignore-errors
                  (dolist (lsp--cur-workspace (lsp--session-workspaces (lsp-session)))
                    (when (eq 'signoff (lsp--workspace-server-id lsp--cur-workspace))
                      (lsp-notify "{quit}"
                                  (list :by_person (if this-command t :json-false)))))))))
  (with-eval-after-load 'eglot
    (add-to-list 'eglot-server-programs
                 (cons '(prog-mode text-mode) (list {launcher} "lsp")) t)
    (add-hook 'kill-emacs-hook
              (lambda ()
                (let (told)
                  (dolist (buffer (buffer-list))
                    (ignore-errors
                      (with-current-buffer buffer
                        (let ((server (and (eglot-managed-p) (eglot-current-server))))
                          (when (and server (not (memq server told))
                                     (member {launcher}
                                             (process-command (jsonrpc--process server))))
                            (push server told)
                            (jsonrpc-notify server :{quit}
                                            (list :by_person
                                                  (if this-command t :json-false)))))))))))))
"""


class Emacs:
    """Emacs 28 or newer, with lsp-mode or eglot."""

    name = "emacs"
    title = "Emacs"
    precision = (
        "with lsp-mode, every buffer it manages; with eglot, buffers of modes without another "
        "server; changes in batches of half a second, saves; not who caused them"
    )
    next_step = "Start Emacs again, open a file, and run M-x lsp or M-x eglot in it."

    def find(self, account: Account) -> Found | None:
        """Look for `emacs`."""
        program = account.program("emacs", "emacs-nox", "emacs-gtk") or account.bundled(_BUNDLED)
        return None if program is None else Found(program=program)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return the init file with our lines first: they wait until the clients are loaded."""
        path = _init_file(account)
        text = read_text(path)
        lines = _LINES.format(launcher=double_quoted(launcher), quit=lsp_messages.QUIT)
        ours = block(lines, comment=";;")
        after = with_block(text or "", ours, at_top=True)
        before = None if text is None else text.encode("utf-8")
        return [Change(path=path, before=before, after=after.encode("utf-8"))]


def _init_file(account: Account) -> Path:
    """Return the file that Emacs reads (Emacs manual, "Find Init")."""
    for name in (".emacs.el", ".emacs"):
        if (account.user / name).exists():
            return account.user / name
    usual, xdg = account.user / ".emacs.d", account.config / "emacs"
    return (xdg if xdg.is_dir() and not usual.exists() else usual) / "init.el"
