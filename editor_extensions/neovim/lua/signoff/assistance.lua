--- What the editor offered and what was searched for: `signoff/assist`, `signoff/search`.
---
--- Only what was chosen is told, with the labels that stood beside it; hover text and what a menu
--- explains of its items never are.

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

local function complete_done()
  local chosen = vim.v.completed_item
  if vim.tbl_isempty(chosen) or (chosen.word or '') == '' then
    return
  end
  local info = vim.fn.complete_info({ 'items', 'mode' })
  local offered = {}
  for index = 1, math.min(#info.items, MOST_LABELS) do
    offered[index] = label(info.items[index])
  end
  tell(messages.ASSIST, {
    feature = 'completion',
    provider = of_server(chosen) or 'builtin',
    trigger = info.mode ~= '' and info.mode or nil,
    offered = offered,
    chosen = label(chosen),
    outcome = 'accepted',
  })
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
  on('CompleteDonePre', '*', function()
    pcall(complete_done)
  end)
  on('CmdlineLeave', { '/', '\\?' }, search_in_file)
  on('CmdlineLeave', ':', keep_words)
  on('QuickFixCmdPost', '*grep*', search_in_workspace)
end

return M
