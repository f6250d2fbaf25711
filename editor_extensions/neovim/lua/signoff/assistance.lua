--- What the editor offered and what was searched for: `signoff/assist`, `signoff/search`.
---
--- What was chosen is told with the labels that stood beside it, what was refused or passed over
--- with those of a language server; hover text and what a menu explains of its items never are.

local messages = require('signoff.lsp_messages')
local M = {}

local MOST_LABELS, MOST_LABEL_BYTES = 10, 200
local MOST_HITS, COUNT_MS = 999, 20
local FEATURES = {
  rename = 'rename',
  formatting = 'format',
  rangeFormatting = 'format',
  codeAction = 'code_action',
}

local menu = nil -- what stands in the menu of completions; empty until it is read
local passed_over = nil -- of a language server, not taken; another menu may go on with it
local searched = nil -- words of the command line that fills the quickfix list now

local function tell(method, params)
  local signoff, buffer = require('signoff'), vim.api.nvim_get_current_buf()
  if signoff.is_attached(buffer) then
    params.uri = vim.uri_from_bufnr(buffer)
    params.version = require('signoff.sync').version(buffer)
    signoff.notify(method, params)
  end
end

local function label(item)
  local text = item.abbr ~= nil and item.abbr ~= '' and item.abbr or item.word
  return vim.fn.strpart(text or '', 0, MOST_LABEL_BYTES)
end

local function of_server(item)
  local found = type(item.user_data) == 'table' and vim.tbl_get(item.user_data, 'nvim', 'lsp') or nil
  local client = found and vim.lsp.get_client_by_id(found.client_id or -1)
  return client and client.name or nil
end

--- Labels of what was shown and not taken; only a language server's. A menu of words of open files
--- may show words of a file that is not recorded.
local function labels_of_server(items)
  local found = {}
  for _, item in ipairs(items) do
    if #found < MOST_LABELS and of_server(item) then
      found[#found + 1] = label(item)
    end
  end
  return found
end

--- Where the word before the cursor begins: a menu that comes back there goes on.
local function word_place()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local before = vim.api.nvim_get_current_line():sub(1, column)
  return ('%d:%d:%d'):format(vim.api.nvim_get_current_buf(), row, vim.fn.match(before, '\\k*$'))
end

--- Tell that what a language server offered was passed over, once no menu goes on with it.
local function tell_passed_over()
  local one = passed_over
  passed_over = nil
  if one and vim.api.nvim_get_current_buf() == one.buffer then
    tell(messages.ASSIST, one.params)
  end
end

--- Read the menu while it is still known.
local function complete_done_pre()
  local info = vim.fn.complete_info({ 'items', 'mode' })
  menu = { items = info.items, mode = info.mode, was_shown = menu ~= nil, place = word_place() }
end

local function complete_done()
  local done, chosen, reason = menu, vim.v.completed_item, vim.v.event.reason
  menu = nil
  if not done or #done.items == 0 then
    return
  end
  if passed_over and passed_over.place ~= done.place then
    tell_passed_over()
  end
  passed_over = nil
  local params = { feature = 'completion', trigger = done.mode ~= '' and done.mode or nil }
  if reason ~= 'cancel' and not vim.tbl_isempty(chosen) and (chosen.word or '') ~= '' then
    params.provider, params.chosen = of_server(chosen) or 'builtin', label(chosen)
    params.offered, params.outcome = {}, 'accepted'
    for index = 1, math.min(#done.items, MOST_LABELS) do
      params.offered[index] = label(done.items[index])
    end
    tell(messages.ASSIST, params)
    return
  end
  params.offered = labels_of_server(done.items)
  params.provider = of_server(done.items[1]) or 'builtin'
  if reason == 'cancel' then
    params.outcome = 'rejected'
    tell(messages.ASSIST, params)
  elseif reason == 'discard' and done.was_shown and #params.offered > 0 then
    params.outcome = 'superseded'
    passed_over = { params = params, place = done.place, buffer = vim.api.nvim_get_current_buf() }
  end
end

--- A language server's edits are applied; `method` was answered last.
function M.applied(method, server)
  local feature = FEATURES[(method or ''):match('[^/]*$')]
  if feature then
    tell(messages.ASSIST, { feature = feature, provider = server, outcome = 'accepted' })
  end
end

local function search_in_file()
  local query = vim.fn.getcmdline()
  if vim.v.event.abort or query == '' then
    return
  end
  vim.schedule(function()
    local ok, count = pcall(vim.fn.searchcount, { maxcount = MOST_HITS, timeout = COUNT_MS })
    tell(messages.SEARCH, {
      query = query,
      scope = 'file',
      is_regex = true,
      hits = ok and count.incomplete == 0 and count.total or nil,
    })
  end)
end

local function search_in_workspace()
  if searched then
    tell(messages.SEARCH, {
      query = searched,
      scope = 'workspace',
      is_regex = true,
      hits = #vim.fn.getqflist(),
    })
  end
  searched = nil
end

local function keep_words()
  local ok, parsed = pcall(vim.api.nvim_parse_cmd, vim.fn.getcmdline(), {})
  local is_search = ok and not vim.v.event.abort and parsed.cmd:find('grep', 1, true)
  searched = is_search and table.concat(parsed.args, ' ') or nil
end

function M.setup(group)
  local function on(events, pattern, callback)
    vim.api.nvim_create_autocmd(events, { group = group, pattern = pattern, callback = callback })
  end
  on('CompleteChanged', '*', function()
    menu = menu or {}
  end)
  on('CompleteDonePre', '*', function()
    pcall(complete_done_pre)
  end)
  on('CompleteDone', '*', function()
    pcall(complete_done)
  end)
  on({ 'InsertLeave', 'BufLeave' }, '*', function()
    pcall(tell_passed_over)
  end)
  on('CmdlineLeave', { '/', '\\?' }, search_in_file)
  on('CmdlineLeave', ':', keep_words)
  on('QuickFixCmdPost', '*grep*', search_in_workspace)
end

return M
