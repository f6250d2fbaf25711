--- Who caused a change: said only on a direct sign, else nothing (PROTOCOL.md, `signoff/evidence`).
---
--- `key` needs all of these: a typed key is worked on; no Lua or Vim script runs around the change;
--- no mapping, macro or register put the text there; the change is what this key does; and no
--- program but a user interface could have sent the key. The bridge drops keys that came too fast.

local messages = require('signoff.lsp_messages')
local keys = require('signoff.keys')

local M = {}

local WRITING = { write = true, wall = true, wq = true, wqall = true, update = true, xit = true }
local BY_COMMAND = {
  undo = 'undo', earlier = 'undo', redo = 'redo', later = 'redo', put = 'paste', iput = 'paste',
}
-- What normal mode makes of these keys; Neovim takes the result as keys that were not typed.
local SHORT_FOR = {
  x = 'dl', X = 'dh', D = 'd$', C = 'c$', s = 'cl', S = 'cc', ['\128kD'] = 'dl',
}
local PLAIN = { ['~'] = true, o = true, O = true, J = true, ['\1'] = true, ['\24'] = true }
local BLANK_OPERATORS = { d = true, c = true, ['<'] = true, ['>'] = true, J = true, gJ = true }
local OPERATORS = { gu = true, gU = true, ['g~'] = true, ['g?'] = true, ['~'] = true, r = true }
local NAMED_OPERATORS = { ['='] = 'indent', gq = 'format', gw = 'format', ['!'] = 'filter' }
local EDITING = {
  ['<BS>'] = true, ['<CR>'] = true, ['<NL>'] = true, ['<Tab>'] = true, ['<Del>'] = true,
  ['<C-W>'] = true, ['<C-U>'] = true, ['<C-H>'] = true, ['<C-T>'] = true, ['<C-D>'] = true,
  ['<C-G>'] = true, ['<kEnter>'] = true, ['<S-CR>'] = true, ['<S-Space>'] = true, ['<S-BS>'] = true,
}
local BREAKS = { ['\r'] = true, ['\n'] = true, o = true, O = true, ['\128KA'] = true }
local MOST_LEADER = 3 -- a comment goes on after a line break

local command = nil -- name of the command line that runs now
local suspected = nil -- 'undo' or 'redo', with the number of undo states before it
local acting = nil -- { reason, detail } while a function of ours is around the change
local last_request, last_server = '', nil -- LSP method that was answered last, and by whom
local held, is_waiting = {}, false -- evidence of keys, not yet said

local function undo_states()
  return vim.fn.undotree().seq_last
end

local function undo_of(press)
  if press.mode:sub(1, 1) ~= 'n' or press.mode:sub(1, 2) == 'no' then
    return nil
  elseif press.key == 'u' or press.key == '\18' then
    return press.key == 'u' and 'undo' or 'redo'
  elseif press.before == 'g' and (press.key == '-' or press.key == '+') then
    return press.key == '-' and 'undo' or 'redo'
  end
end

local function heard(press)
  if not press.mode:find('^[cr]') then
    command = nil
  end
  local reason = undo_of(press)
  suspected = reason and { reason = reason, states = undo_states() } or nil
end

--- Whether Vim script runs: a function, a timer, an autocommand.
local function is_in_script()
  local ok, around = pcall(vim.fn.expand, '<sfile>')
  return not ok or around ~= ''
end

local function is_completing(press)
  local sub_mode = press.mode:sub(2, 2)
  return sub_mode == 'x'
    or press.key == '\14'
    or press.key == '\16'
    or (sub_mode == 'c' and not press.key:match('^[%g \128-\255]'))
end

--- Keys that a mapping put in, where it is a plain list of keys; a function may do anything.
local function mapped(press)
  local first = press.mode:sub(1, 1)
  local map = vim.fn.maparg(press.typed, first == 'R' and 'i' or first, false, true)
  local keys_of_it = map.rhs
  if not keys_of_it or map.expr == 1 or keys_of_it:lower():find('<cmd>', 1, true) then
    return nil
  end
  return 'command', 'mapping'
end

local function without_blanks(text)
  return (text:gsub('%s', ''))
end

--- Whether the text that came in is what the keys of insert mode put in.
local function is_of_keys(press, text)
  local put, wanted = without_blanks(text), without_blanks(press.text)
  if put == wanted then
    return true
  elseif press.is_loose then
    return vim.fn.strchars(put) <= press.presses
  elseif press.mode:sub(1, 1) == 'R' then
    return put ~= '' and wanted:find(put, 1, true) ~= nil
  end
  return wanted == '' and BREAKS[press.key] ~= nil and #put <= MOST_LEADER
end

local function is_character(key)
  local byte = key:byte()
  return byte >= 0x20 and byte ~= 0x7f and byte ~= 0x80
end

local function is_by_mouse(press)
  return press.key:byte() == 0x80 and vim.fn.keytrans(press.key):find('MiddleMouse', 1, true) ~= nil
end

--- Neovim's own mapping of `<C-w>` and `<C-u>` breaks the undo sequence first.
local function is_break_of_undo(press)
  return vim.fn.keytrans(press.key .. press.tail) == '<C-G>u' .. vim.fn.keytrans(press.typed)
end

local function by_insert(press, text)
  if is_completing(press) then
    return 'completion', 'builtin'
  elseif press.is_register or is_by_mouse(press) then
    return 'paste', 'register'
  elseif press.key == '\27' or press.key == '\3' then
    return 'command', 'block'
  elseif press.key == '\1' or press.key == '\0' then
    return 'command', 'repeat'
  elseif press.tail ~= '' and not is_break_of_undo(press) then
    return mapped(press)
  end
  local is_editing = is_character(press.key) or EDITING[vim.fn.keytrans(press.key)]
  if (is_editing or press.is_loose) and is_of_keys(press, text) then
    return 'key', 'insert'
  end
end

local function by_operator(operator, text, detail)
  if NAMED_OPERATORS[operator] then
    return 'command', NAMED_OPERATORS[operator]
  elseif OPERATORS[operator] or (BLANK_OPERATORS[operator] and without_blanks(text) == '') then
    return 'key', detail
  end
end

local function is_put(press)
  return is_by_mouse(press) or ((press.key == 'p' or press.key == 'P') and press.before ~= 'r')
end

local function by_normal(press, text)
  if press.mode:sub(1, 2) == 'no' then
    return by_operator(vim.v.operator, text, 'normal')
  elseif press.before == 'r' and press.tail == '' then
    return 'key', 'normal'
  elseif press.key == '.' then
    return 'command', 'repeat'
  elseif press.key == 'U' and press.before ~= 'g' then
    return 'undo'
  elseif is_put(press) and press.tail == '' then
    return 'paste', 'register'
  elseif SHORT_FOR[press.key] and press.tail == SHORT_FOR[press.key] then
    return by_operator('d', text, 'normal')
  elseif press.tail ~= '' then
    return mapped(press)
  elseif PLAIN[press.key] and (not BREAKS[press.key] or #without_blanks(text) <= MOST_LEADER) then
    return 'key', 'normal'
  end
end

local function by_visual(press, text)
  if is_put(press) then
    return 'paste', 'register'
  elseif press.tail ~= '' then
    return mapped(press)
  end
  return by_operator(vim.v.operator, text, 'visual')
end

--- Typing over a selection deletes it, then puts the same key in once more.
local function by_select(press, text)
  if press.tail == press.text and is_of_keys(press, text) then
    return 'key', 'insert'
  elseif press.tail == '' and without_blanks(text) == '' then
    return nil, nil, true -- the deletion; what is typed comes behind it
  end
end

local BY_MODE = {
  i = by_insert, R = by_insert, n = by_normal, v = by_visual, V = by_visual, ['\22'] = by_visual,
  s = by_select, S = by_select, ['\19'] = by_select,
}

--- Reason and detail for a change that happens at this moment, or nil; third, whether the keys so
--- far wait for another change.
local function cause(text, is_in_lua)
  local press = keys.current()
  if acting then
    return acting.reason, acting.detail
  elseif vim.fn.reg_executing() ~= '' or (press and press.is_macro) then
    return 'command', 'macro'
  elseif suspected and undo_states() == suspected.states then
    return suspected.reason
  elseif command and press then
    if WRITING[command] then
      return nil -- something that runs on saving: a formatter, most likely, but nobody says so
    end
    return BY_COMMAND[command] or 'command', command
  elseif not press or is_in_lua or is_in_script() then
    return nil, nil, true
  end
  local act = BY_MODE[press.mode:sub(1, 1)]
  if act then
    return act(press, text)
  end
end

--- Whether evidence of keys waits to be said.
function M.is_holding()
  return held[1] ~= nil
end

--- Say what was held back long enough, or all of it.
function M.flush(is_all)
  local before = vim.uv.now() - keys.SETTLE_MS
  while held[1] and (is_all or held[1].at <= before) do
    require('signoff').notify(messages.EVIDENCE, table.remove(held, 1).said)
  end
end

local function wait()
  if is_waiting or not held[1] then
    return
  end
  is_waiting = true
  vim.defer_fn(function()
    is_waiting = false
    M.flush(false)
    wait()
  end, keys.SETTLE_MS)
end

--- Keep a key's evidence until no doubt can come up about it; the bridge judges how fast keys came.
local function hold(said)
  if keys.is_sure() then
    said.pressed_ms = vim.uv.now()
    held[#held + 1] = { at = said.pressed_ms, said = said }
    wait()
  end
end

--- The buffer has changed just now: say who did it, where that is certain.
---
--- `text` is what came in. `is_in_lua`: a Lua function is around the change.
function M.tell(buffer, text, is_in_lua)
  local ok, reason, detail, is_unspent = pcall(cause, text, is_in_lua)
  if not ok or (not reason and is_unspent) then
    return
  end
  local press = keys.current()
  local presses = reason == 'key' and press and press.presses or 0
  local said = reason
    and {
      uri = vim.uri_from_bufnr(buffer),
      version = require('signoff.sync').version(buffer),
      reason = reason,
      detail = detail,
      changes = math.max(presses, 1),
    }
  if reason == 'key' then
    hold(said)
  elseif reason then
    require('signoff').notify(messages.EVIDENCE, said)
  end
  if reason then
    keys.spend()
  end
end

--- Run a function and say that the changes it makes have this reason.
local function around(original, reason_of)
  return function(...)
    local outer = acting
    acting = outer or reason_of()
    local results = vim.F.pack_len(pcall(original, ...))
    acting = outer
    if not results[1] then
      error(results[2], 0)
    end
    return unpack(results, 2, results.n)
  end
end

--- Run a function of ours that changes text as a command of this name.
function M.as_command(name, act)
  return around(act, function()
    return { reason = 'command', detail = name }
  end)()
end

local function language_server_reason()
  require('signoff.assistance').applied(last_request, last_server)
  local name = last_request:match('[^/]*$') or ''
  if name:lower():find('formatting') then
    return { reason = 'formatter', detail = 'lsp' }
  elseif name:find('completion') then
    return { reason = 'completion', detail = 'lsp' }
  end
  return { reason = 'command', detail = name ~= '' and name or 'lsp' }
end

local function watch_functions()
  local function fixed(reason, detail)
    return function()
      return { reason = reason, detail = detail }
    end
  end
  vim.paste = around(vim.paste, fixed('paste', 'terminal'))
  vim.lsp.util.apply_text_edits = around(vim.lsp.util.apply_text_edits, language_server_reason)
  vim.lsp.util.apply_workspace_edit = around(vim.lsp.util.apply_workspace_edit, language_server_reason)
  vim.snippet.expand = around(vim.snippet.expand, fixed('command', 'snippet'))
end

local function leave_command_line()
  local ok, parsed = pcall(vim.api.nvim_parse_cmd, vim.fn.getcmdline(), {})
  command = not vim.v.event.abort and (ok and parsed.cmd or 'command') or nil
  local reason = command and BY_COMMAND[command]
  if reason == 'undo' or reason == 'redo' then
    suspected = { reason = reason, states = undo_states() }
  end
end

function M.setup(group)
  keys.setup(group)
  keys.listeners[1] = heard
  keys.on_doubt(function()
    held = {}
  end)
  watch_functions()
  local function on(event, callback, pattern)
    vim.api.nvim_create_autocmd(event, { group = group, callback = callback, pattern = pattern })
  end
  on('LspRequest', function(event)
    local asked = event.data.request
    if asked and asked.type == 'complete' and asked.method:find('^textDocument') then
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      last_request, last_server = asked.method, client and client.name or nil
    end
  end)
  on('CmdlineLeave', leave_command_line, ':')
  on('VimLeavePre', function()
    M.flush(true)
  end)
end

return M
