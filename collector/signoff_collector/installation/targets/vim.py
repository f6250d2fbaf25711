"""Vim: one file of ours in its `plugin` folder, for ALE and vim-lsp, whichever is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.config_files.config_files import read_text
from signoff_collector.installation.config_files.marked_block import block, with_block
from signoff_collector.installation.interface import Change, Found
from signoff_collector.installation.targets.quoting import single_quoted
from signoff_schemas import lsp_messages
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account

_BUNDLED: Final = "MacVim.app/Contents/bin/vim"
_LINES: Final = """\
let s:launcher = {launcher}
let s:root = getcwd()
let s:defined = {{}}
" What Signoff says once (no recording, an opt-in that ends) are warnings; ALE shows errors only.
if !exists('g:ale_lsp_show_message_severity')
  let g:ale_lsp_show_message_severity = 'warning'
endif
function! s:AddToAle() abort
  if empty(&filetype) || !empty(&buftype) || !executable(s:launcher)
    return
  endif
  try
    for l:type in split(&filetype, '\\.')
      let l:names = map(ale#linter#Get(l:type), {{_, linter -> linter.name}})
      for l:own in ale#linter#ResolveFiletype(l:type)
        if !has_key(s:defined, l:own)
          let s:defined[l:own] = 1
          call ale#linter#Define(l:own, {{'name': 'signoff', 'lsp': 'stdio', 'language': l:own,
            \\ 'executable': s:launcher, 'command': '%e lsp',
            \\ 'project_root': {{buffer -> s:root}}}})
        endif
      endfor
      let l:chosen = get(b:, 'ale_linters', {{}})
      let l:chosen = type(l:chosen) is v:t_dict ? copy(l:chosen) : {{}}
      let l:chosen[l:type] = l:names + ['signoff']
      let b:ale_linters = l:chosen
    endfor
  catch /^Vim\\%((\\a\\+)\\)\\=:E117:/
  endtry
endfunction
" Vim ends us by a signal however it goes: say whether somebody quit it.
let s:is_asked = v:false
function! s:TellQuit() abort
  let l:said = [1, '{quit}', {{'by_person': s:is_asked && !v:dying ? v:true : v:false}}]
  for l:buffer in map(getbufinfo({{'bufloaded': 1}}), {{_, info -> info.bufnr}})
    let l:chosen = getbufvar(l:buffer, 'ale_linters', {{}})
    if type(l:chosen) is v:t_dict && string(l:chosen) =~# "'signoff'"
      silent! call ale#lsp_linter#SendRequest(l:buffer, 'signoff', l:said)
      return
    endif
  endfor
endfunction
augroup signoff_setup
  autocmd!
  autocmd ExitPre * let s:is_asked = v:true
  autocmd VimLeavePre * call s:TellQuit()
  autocmd FileType * call s:AddToAle()
  autocmd User lsp_setup if executable(s:launcher) | call lsp#register_server({{'name': 'signoff',
    \\ 'cmd': {{server_info -> [s:launcher, 'lsp']}}, 'allowlist': ['*']}}) | endif
augroup END
"""
_ALE_PLACES: Final = ("/usr/share/vim/vimfiles/plugin/ale.vim",)
_OFFERED: Final = "/usr/share/vim-ale"
"""The package of Debian: Vim loads it only where a vimrc says so (`packadd! ale`)."""
_LOADS_ALE: Final = re.compile(r'(?m)^[^"\n]*\b(?:packadd!?[ \t]+ale|vim-ale)\b')
_RC_PLACES: Final = (".vimrc", ".vim/vimrc", "/etc/vim/vimrc", "/etc/vim/vimrc.local")
_PLUGIN_PATTERNS: Final = (
    "pack/*/start/ale",
    "pack/*/start/vim-lsp",
    "pack/*/opt/ale",
    "pack/*/opt/vim-lsp",
    "plugged/ale",
    "plugged/vim-lsp",
    "bundle/ale",
    "bundle/vim-lsp",
)
_MISSING: Final = (
    "neither ALE nor vim-lsp was found, so nothing typed in Vim is recorded until one is installed"
)


class Vim:
    """Vim 8 or newer with a language client: ALE or vim-lsp."""

    name = "vim"
    title = "Vim"
    precision = (
        "changes as ALE or vim-lsp sends them (ALE: whole texts, compared), saves; "
        "not who caused them"
    )
    next_step = "Start Vim again and open a file that has a file type."

    def find(self, account: Account) -> Found | None:
        """Look for `vim`, and for a language client in it."""
        program = account.program("vim", "gvim") or account.bundled(_BUNDLED)
        if program is None:
            return None
        folder = _folder(account)
        has_client = (
            any((account.user / place).exists() for place in _ALE_PLACES)
            or any(next(folder.glob(pattern), None) is not None for pattern in _PLUGIN_PATTERNS)
            or _loads_offered(account, folder)
        )
        remark = None if has_client else _MISSING
        return Found(program=program, remark=remark, is_used=has_client)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return the one file that Vim runs by itself after `vimrc`."""
        path = _folder(account) / "plugin" / "signoff_setup.vim"
        text = read_text(path)
        lines = _LINES.format(launcher=single_quoted(launcher), quit=lsp_messages.QUIT)
        after = with_block(text or "", block(lines, comment='"'))
        before = None if text is None else text.encode("utf-8")
        return [Change(path=path, before=before, after=after.encode("utf-8"))]


def _loads_offered(account: Account, folder: Path) -> bool:
    """Say whether a vimrc loads the ALE of the system; one that cannot be read may."""
    if not (account.user / _OFFERED).exists():
        return False
    for place in (*(account.user / name for name in _RC_PLACES), folder / "vimrc"):
        try:
            text = read_text(place)
        except SignoffError:
            return True
        if text is not None and _LOADS_ALE.search(text):
            return True
    return False


def _folder(account: Account) -> Path:
    """Return Vim's own folder: the XDG one only where Vim 9.1 uses it (`:help xdg-vimrc`)."""
    usual = account.user / ".vim"
    xdg = account.config / "vim"
    has_usual = (account.user / ".vimrc").exists() or (usual / "vimrc").exists()
    return xdg if not has_usual and (xdg / "vimrc").exists() else usual
