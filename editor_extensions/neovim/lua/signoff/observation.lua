--- What is looked at: visible lines, cursor and selections, focus, diagnostics of all providers.

local messages = require('signoff.lsp_messages')
local sync = require('signoff.sync')

local M = {}

local VIEW_MS, SELECT_MS, DIAGNOSTICS_MS = 250, 100, 250
local MOST_ITEMS = 200
local VISUAL = { v = true, V = true, ['\22'] = true }

local function signoff()
  return require('signoff')
end

--- Call `action` for a buffer soon, once for many calls in between.
local function coalesced(wait_ms, action)
  local waiting = {}
  return function(buffer)
    if waiting[buffer] or not signoff().is_attached(buffer) then
      return
    end
    waiting[buffer] = true
    vim.defer_fn(function()
      waiting[buffer] = nil
      if vim.api.nvim_buf_is_valid(buffer) and signoff().is_attached(buffer) then
        pcall(action, buffer)
      end
    end, wait_ms)
  end
end

--- LSP position of a row and byte column, both from 0.
local function position(buffer, row, column)
  local line = vim.api.nvim_buf_get_lines(buffer, row, row + 1, false)[1] or ''
  local client = signoff().client()
  local encoding = client and client.offset_encoding or 'utf-16'
  return { line = row, character = sync.units(line:sub(1, column), encoding) }
end

local function visible_lines(window)
  return vim.api.nvim_win_call(window, function()
    local ranges, first, line, last = {}, nil, vim.fn.line('w0'), vim.fn.line('w$')
    while line <= last do
      local fold_end = vim.fn.foldclosedend(line)
      first = first or line
      if fold_end > 0 then
        ranges[#ranges + 1] = { first - 1, line - 1 }
        first, line = nil, fold_end
      end
      line = line + 1
    end
    if first then
      ranges[#ranges + 1] = { first - 1, last - 1 }
    end
    return ranges
  end)
end

local function send_view(buffer)
  local ranges = {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    vim.list_extend(ranges, visible_lines(window))
  end
  signoff().notify(messages.VIEW, {
    uri = vim.uri_from_bufnr(buffer),
    version = sync.version(buffer),
    ranges = ranges,
  })
end

local function selections(buffer)
  local mode = vim.api.nvim_get_mode().mode:sub(1, 1)
  if not VISUAL[mode] then
    return {}
  end
  local one, other = vim.fn.getpos('v'), vim.fn.getpos('.')
  if one[2] > other[2] or (one[2] == other[2] and one[3] > other[3]) then
    one, other = other, one
  end
  local found = {}
  for row = one[2], other[2] do
    local line = vim.api.nvim_buf_get_lines(buffer, row - 1, row, false)[1] or ''
    local low, high = 0, #line
    if mode == '\22' then
      low = math.min(one[3], other[3]) - 1
      high = math.min(#line, math.max(one[3], other[3]))
    elseif mode == 'v' then
      low = row == one[2] and one[3] - 1 or 0
      high = row == other[2] and math.min(#line, other[3]) or #line
    end
    local range = { start = position(buffer, row - 1, low), ['end'] = position(buffer, row - 1, high) }
    if mode ~= '\22' and #found > 0 then
      found[1]['end'] = range['end']
    elseif #found < MOST_ITEMS then
      found[#found + 1] = range
    end
  end
  return found
end

local function send_selection(buffer)
  if vim.api.nvim_get_current_buf() ~= buffer then
    return
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  signoff().notify(messages.SELECT, {
    uri = vim.uri_from_bufnr(buffer),
    version = sync.version(buffer),
    cursor = position(buffer, cursor[1] - 1, cursor[2]),
    selections = selections(buffer),
  })
end

local function send_diagnostics(buffer)
  local all, items = vim.diagnostic.get(buffer), {}
  for index = 1, math.min(#all, MOST_ITEMS) do
    local item = all[index]
    items[index] = {
      range = {
        start = position(buffer, item.lnum, item.col),
        ['end'] = position(buffer, item.end_lnum or item.lnum, item.end_col or item.col),
      },
      severity = item.severity,
      source = item.source,
      code = item.code,
      message = item.message,
    }
  end
  signoff().notify(messages.DIAGNOSTICS, {
    uri = vim.uri_from_bufnr(buffer),
    version = sync.version(buffer),
    items = items,
    left_out = #all - #items,
  })
end

local function send_focus(gained, to)
  local buffer = vim.api.nvim_get_current_buf()
  signoff().notify(messages.FOCUS, {
    gained = gained,
    to = to,
    uri = gained and signoff().is_attached(buffer) and vim.uri_from_bufnr(buffer) or nil,
  })
end

function M.setup(group)
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end

  local view = coalesced(VIEW_MS, send_view)
  local select = coalesced(SELECT_MS, send_selection)
  local diagnostics = coalesced(DIAGNOSTICS_MS, send_diagnostics)
  on({ 'WinScrolled', 'BufWinEnter', 'BufWinLeave', 'WinResized', 'LspAttach' }, function()
    for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
      view(vim.api.nvim_win_get_buf(window))
    end
  end)
  on({ 'CursorMoved', 'CursorMovedI', 'ModeChanged' }, function()
    select(vim.api.nvim_get_current_buf())
  end)
  on('DiagnosticChanged', function(event)
    diagnostics(event.buf)
  end)
  on('FocusGained', function()
    send_focus(true, 'editor')
  end)
  on('FocusLost', function()
    send_focus(false, 'other')
  end)
  on('TermEnter', function()
    send_focus(false, 'terminal')
  end)
  on('TermLeave', function()
    send_focus(true, 'editor')
  end)
end

return M
