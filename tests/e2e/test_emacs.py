"""A real Emacs with eglot and with lsp-mode: what its buffers held comes back from the journal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, enable, folded, journals, lsp_records, saves, sessions
from tests.support.deadline import wait_until
from tests.support.editors import is_gone, run_emacs

from signoff_collector.capture.journal.journal import read_journal
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.editors

COMMON = r"""
(let ((default-directory "/usr/share/emacs/site-lisp/elpa/"))
  (when (file-directory-p default-directory)
    (dolist (folder (directory-files default-directory t "^[a-z].*[0-9]$"))
      (add-to-list 'load-path folder))))
(setq make-backup-files nil auto-save-default nil create-lockfiles nil vc-handled-backends nil
      user-emacs-directory (expand-file-name "ed/" (getenv "EMACS_PLACE")))
(defvar bridge (list (getenv "BRIDGE_PYTHON") "-I" "-m" "signoff_bridge"))
(defvar file (getenv "EDITED_FILE"))
(defun is-save-kept ()
  (seq-some (lambda (journal)
              (with-temp-buffer
                (insert-file-contents-literally journal)
                (search-forward "text_sha256" nil t)))
            (file-expand-wildcards (concat (getenv "SIGNOFF_HOME")
                                           "/state/sessions/2*/lsp-*.journal"))))
(defun wait-for-the-save ()
  (let ((end (+ (float-time) 60)))
    (while (and (< (float-time) end) (not (is-save-kept)))
      (accept-process-output nil 0.02))))
(defun edit (flush)
  (goto-char (point-min)) (search-forward "EMOJI") (insert "X") (funcall flush) (undo-boundary)
  (goto-char (point-min)) (insert "# top EMOJI\n") (funcall flush) (undo-boundary)
  (goto-char (point-max)) (forward-line -1) (delete-region (point) (point-max)) (funcall flush)
  (undo-boundary)
  (goto-char (point-max)) (insert "h") (insert "i EMOJI") (insert "\n") (funcall flush)
  (undo-boundary) (undo) (funcall flush)
  (goto-char (point-min)) (upcase-word 2) (funcall flush)
  (save-buffer)
  (wait-for-the-save))  ; lsp-mode kills its servers when Emacs ends
"""
HEAR = r"""
(defvar heard nil)
(advice-add 'message :after
            (lambda (&rest words)
              (when (and (car words)
                         (string-match-p "not confirmed" (apply #'format-message words)))
                (setq heard t))))
(defun hear-it ()
  (let ((end (+ (float-time) 60)))
    (while (and (< (float-time) end) (not heard))
      (accept-process-output nil 0.02))))
"""
EGLOT = r"""
(require 'eglot)
(require 'project)
(setq eglot-autoreconnect nil eglot-sync-connect 60 eglot-events-buffer-size 0
      eglot-server-programs (list (cons 'text-mode bridge)))
(add-hook 'project-find-functions (lambda (_) (cons 'transient (file-name-directory file))))
(find-file file) (text-mode) (setq buffer-undo-list nil)
(apply #'eglot (eglot--guess-contact))
(unless (eglot-managed-p) (error "eglot does not manage the buffer"))
(edit #'eglot--signal-textDocument/didChange)
(eglot-execute-command (eglot-current-server) "signoff.note" ["from Emacs"])
(kill-emacs 0)
"""
LSP_MODE = r"""
(setq lsp-session-file (expand-file-name "session" (getenv "EMACS_PLACE")))
(require 'lsp-mode)
(setq lsp-auto-guess-root t lsp-restart 'ignore lsp-enable-snippet nil lsp-client-packages nil
      lsp-enable-file-watchers nil)
(add-to-list 'lsp-language-id-configuration '(fundamental-mode . "txt"))
(lsp-register-client
 (make-lsp-client :new-connection (lsp-stdio-connection (lambda () bridge))
                  :major-modes '(fundamental-mode) :add-on? t :server-id 'signoff))
(lsp-workspace-folders-add (file-name-directory file))
(find-file file) (fundamental-mode) (setq buffer-undo-list nil)
(lsp)
(let ((end (+ (float-time) 60)))
  (while (and (< (float-time) end)
              (not (seq-find (lambda (w) (eq 'initialized (lsp--workspace-status w)))
                             (lsp-workspaces))))
    (accept-process-output nil 0.02)))
(edit (lambda () (run-hooks 'lsp--on-idle) (lsp--flush-delayed-changes)))
(with-lsp-workspace (car (lsp-workspaces))
  (lsp-request "workspace/executeCommand" (list :command "signoff.note" :arguments ["from Emacs"])))
(kill-emacs 0)
"""


@pytest.mark.parametrize(
    ("client", "encoding"),
    [(EGLOT, Encoding.UTF16), (LSP_MODE, Encoding.UTF32)],
    ids=["eglot", "lsp-mode"],
)
def test_emacs_shows_an_announcement_once_and_nothing_when_it_quits(
    tmp_path: Path, home: Path, client: str, encoding: Encoding
) -> None:
    """`signoff enable --yes` by a program: the person hears of it in the editor."""
    del encoding
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder, is_confirmed=False)
    file = folder / "demo.txt"
    file.write_text(f"a = 1\nb = '{EMOJI}é'\nc = 3\n")
    waiting = HEAR + client.replace("(kill-emacs 0)", "(hear-it) (kill-emacs 0)")
    script = (COMMON + waiting).replace("EMOJI", EMOJI)
    said = run_emacs(script, folder, {"BRIDGE_PYTHON": sys.executable, "EDITED_FILE": str(file)})
    assert said.count("not confirmed by a person") == 1, said
    header = read_journal(journals(sessions()[0])[0]).header
    assert header is not None
    wait_until(lambda: is_gone(header.pid), "the bridge to end after Emacs")


@pytest.mark.parametrize(
    ("client", "encoding"),
    [(EGLOT, Encoding.UTF16), (LSP_MODE, Encoding.UTF32)],
    ids=["eglot", "lsp-mode"],
)
def test_an_emacs_session_is_replayed(
    tmp_path: Path, home: Path, client: str, encoding: Encoding
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    file = folder / "demo.txt"
    file.write_text(f"a = 1\nb = '{EMOJI}é'\nc = 3\n")
    script = (COMMON + client).replace("EMOJI", EMOJI)
    said = run_emacs(script, folder, {"BRIDGE_PYTHON": sys.executable, "EDITED_FILE": str(file)})
    assert sessions(), f"nothing was recorded; Emacs said: {said}"
    header = read_journal(journals(sessions()[0])[0]).header
    assert header is not None
    wait_until(lambda: is_gone(header.pid), "the bridge to end after Emacs")
    meant = Encoding(str(header.fields["encoding"]))
    assert meant in {encoding, Encoding.UTF32}  # newer Emacs agree on code points
    assert len(lsp_records("textDocument/didChange")) >= 4
    uri = lsp_records("textDocument/didOpen")[0][1]["textDocument"]["uri"]
    text = file.read_text()
    assert EMOJI + "X" in text
    assert folded(uri, meant) == text
    assert [save["matches"] for save in saves()] == [True]
