--- Who caused a change: said only on a direct sign, else nothing (PROTOCOL.md, `signoff/evidence`).
---
--- A key counts for the changes that happen while Neovim works on it: what is scheduled at the key
--- runs when Neovim waits again, and ends its effect. A change by a timer, a plugin's callback or an
--- agent over RPC therefore has no key.

local M = {}

local UNDO = { u = 'undo', U = 'undo', ['\18'] = 'redo' }
local PUT = { p = true, P = true }
local WRITING = { write = true, wall = true, wq = true, wqall = true, update = true, xit = true }
local BY_COMMAND = {
  undo = 'undo', earlier = 'undo', redo = 'redo', later = 'redo', put = 'paste', iput = 'paste',
}

local keys = 0 -- typed keys since the last change, while Neovim works on them
local is_key_at_work = false -- from a key until Neovim waits for the next one
local generation = 0
local last_key, key_before = '', ''
local is_macro = false
local mode = 'n'
local command = nil -- name of the command line that runs now
local suspected = nil -- 'undo' or 'redo', with the number of undo states before it
local acting = nil -- { reason, detail } while a function of ours is around the change
local last_request = '' -- LSP method that was answered last

local function undo_states()
  return vim.fn.undotree().seq_last
end

local function forget_key(number)
  if number == generation then
    keys, is_key_at_work, is_macro, command, suspected = 0, false, false, nil, nil
  end
end

local function on_key(key, typed)
  local is_replayed = vim.fn.reg_executing() ~= '' -- over before the last key of a macro acts
  if typed == nil or typed == '' then
    is_macro = is_macro or is_replayed
    return
  end
  is_macro = is_replayed
  keys, is_key_at_work = keys + 1, true
  generation = generation + 1
  key_before, last_key = last_key, key
  mode = vim.api.nvim_get_mode().mode
  suspected = nil
  if UNDO[key] and mode:sub(1, 2) ~= 'no' and mode:sub(1, 1) == 'n' then
    suspected = { reason = UNDO[key], states = undo_states() }
  end
  local number = generation
  vim.schedule(function()
    forget_key(number)
  end)
end

local function is_completing()
  local sub_mode = mode:sub(2, 2)
  return sub_mode == 'x'
    or last_key == '\14'
    or last_key == '\16'
    or (sub_mode == 'c' and not last_key:match('^[%g ]'))
end

local function is_put()
  if mode:sub(1, 1) == 'i' then
    return key_before == '\18'
  end
  return PUT[last_key] and not mode:find('^no') and key_before ~= 'r'
end

--- Reason and detail for a change that happens at this moment, or nil.
local function cause()
  if acting then
    return acting.reason, acting.detail
  end
  if is_macro or vim.fn.reg_executing() ~= '' then
    return 'command', 'macro'
  end
  if suspected and undo_states() == suspected.states then
    return suspected.reason
  end
  if command then
    if WRITING[command] then
      return nil -- something that runs on saving: a formatter, most likely, but nobody says so
    end
    return BY_COMMAND[command] or 'command', command
  end
  if not is_key_at_work then
    return nil
  end
  local first = mode:sub(1, 1)
  if first == 'i' and is_completing() then
    return 'completion', 'builtin'
  end
  if is_put() then
    return 'paste', 'register'
  end
  if first == 'i' and (last_key == '\27' or last_key == '\3') then
    return 'command', 'block'
  end
  if first == 'n' and last_key == '.' then
    return 'command', 'repeat'
  end
  return 'key', (first == 'i' or first == 'R') and 'insert' or first == 'n' and 'normal' or 'visual'
end

--- The buffer changes at this moment: say who did it, where that is certain.
function M.tell(buffer)
  local ok, reason, detail = pcall(cause)
  if ok and reason then
    require('signoff').notify('signoff/evidence', {
      uri = vim.uri_from_bufnr(buffer),
      version = require('signoff.sync').version(buffer),
      reason = reason,
      detail = detail,
      changes = reason == 'key' and math.max(keys, 1) or 1,
    })
  end
  keys = 0
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

local function language_server_reason()
  local name = last_request:match('[^/]*$') or ''
  if name:lower():find('formatting') then
    return { reason = 'formatter', detail = 'lsp' }
  elseif name:find('completion') then
    return { reason = 'completion', detail = 'lsp' }
  end
  return { reason = 'command', detail = name ~= '' and name or 'lsp' }
end

function M.setup(group)
  vim.on_key(on_key, vim.api.nvim_create_namespace('signoff'))
  vim.paste = around(vim.paste, function()
    return { reason = 'paste', detail = 'terminal' }
  end)
  vim.lsp.util.apply_text_edits = around(vim.lsp.util.apply_text_edits, language_server_reason)
  vim.lsp.util.apply_workspace_edit = around(vim.lsp.util.apply_workspace_edit, language_server_reason)
  vim.api.nvim_create_autocmd('LspRequest', {
    group = group,
    callback = function(event)
      local asked = event.data.request
      if asked and asked.type == 'complete' and asked.method:find('^textDocument') then
        last_request = asked.method
      end
    end,
  })
  vim.api.nvim_create_autocmd('CmdlineLeave', {
    group = group,
    pattern = ':',
    callback = function()
      local ok, parsed = pcall(vim.api.nvim_parse_cmd, vim.fn.getcmdline(), {})
      command = not vim.v.event.abort and (ok and parsed.cmd or 'command') or nil
      local reason = command and BY_COMMAND[command]
      if reason == 'undo' or reason == 'redo' then
        suspected = { reason = reason, states = undo_states() }
      end
    end,
  })
end

return M
