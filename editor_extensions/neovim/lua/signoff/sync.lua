--- Tells the bridge of every change at once, without touching the rhythm of other servers.
---
--- Neovim keeps one debounce for all servers with the same position encoding, so a small one for
--- Signoff would be everybody's. Therefore Signoff's client announces no change notifications to
--- Neovim (see `take_over`) and this module sends them: a copy of each buffer's lines, and of every
--- change the smallest replacement that explains it.

local M = {}

local NONE = 0 -- LSP 3.17, TextDocumentSyncKind.None
local ENDINGS = { unix = '\n', dos = '\r\n', mac = '\r' }
local MOST_FULL_BYTES = 1024 * 1024

local buffers = {} -- what the bridge has, by buffer

--- Keep Neovim from sending changes itself. To be called before the first buffer is attached.
function M.take_over(client)
  local sync = client.server_capabilities.textDocumentSync
  if type(sync) == 'table' then
    sync.change = NONE
  end
end

function M.ending(buffer)
  return ENDINGS[vim.bo[buffer].fileformat] or '\n'
end

--- The whole text as `didOpen` has it.
function M.full_text(buffer)
  local ending = M.ending(buffer)
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), ending)
  return vim.bo[buffer].eol and text .. ending or text
end

--- Number of code units, in this encoding, of a piece of UTF-8.
function M.units(text, encoding)
  if encoding == 'utf-8' then
    return #text
  end
  return encoding == 'utf-32' and vim.fn.strchars(text) or vim.fn.strutf16len(text)
end

--- A lone CR ends a line in LSP and not in Neovim: positions would mean different places.
local function has_odd_ending(lines, ending)
  if ending == '\r' then
    return false
  end
  for _, line in ipairs(lines) do
    if line:find('\r', 1, true) then
      return true
    end
  end
  return false
end

--- The version of a buffer as the bridge knows it: Neovim's, and what was sent between two of them.
function M.version(buffer)
  local state = buffers[buffer]
  return vim.api.nvim_buf_get_changedtick(buffer) + (state and state.extra or 0)
end

--- Believe that the bridge has the buffer as it is now.
function M.begin(buffer, extra)
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)
  local ending = M.ending(buffer)
  buffers[buffer] = {
    lines = lines,
    ending = ending,
    has_final_ending = vim.bo[buffer].eol,
    is_odd = has_odd_ending(lines, ending),
    extra = extra or 0,
  }
end

function M.finish(buffer)
  buffers[buffer] = nil
end

local function send(buffer, change)
  require('signoff').notify('textDocument/didChange', {
    textDocument = {
      uri = vim.uri_from_bufnr(buffer),
      version = M.version(buffer),
    },
    contentChanges = { change },
  })
end

local function send_all(buffer, extra)
  M.begin(buffer, extra)
  send(buffer, { text = M.full_text(buffer) })
end

local function is_inside_character(text, place)
  local byte = text:byte(place)
  return byte ~= nil and byte >= 0x80 and byte < 0xC0
end

--- Lengths in bytes of what two texts have in common at their starts and ends. Neither splits a
--- character nor a CRLF.
local function common(old, new)
  local most = math.min(#old, #new)
  local head = 0
  while head < most and old:byte(head + 1) == new:byte(head + 1) do
    head = head + 1
  end
  while
    head > 0
    and (
      is_inside_character(old, head + 1)
      or is_inside_character(new, head + 1)
      or old:byte(head) == 13
    )
  do
    head = head - 1
  end
  local tail = 0
  while tail < most - head and old:byte(#old - tail) == new:byte(#new - tail) do
    tail = tail + 1
  end
  while tail > 0 and (is_inside_character(old, #old - tail + 1) or old:byte(#old - tail + 1) == 10) do
    if
      not is_inside_character(old, #old - tail + 1)
      and old:byte(#old - tail) ~= 13
      and new:byte(#new - tail) ~= 13
    then
      break
    end
    tail = tail - 1
  end
  return head, tail
end

--- LSP position of a byte offset in a text that starts at the beginning of a line.
local function position(text, offset, first_line, mark, encoding)
  local line, start = first_line, 1
  while true do
    local found = text:find(mark, start, true)
    if not found or found > offset then
      break
    end
    line, start = line + 1, found + 1
  end
  return { line = line, character = M.units(text:sub(start, offset), encoding) }
end

--- The lines [first, last) of the bridge's text become `fresh`: the change that says so, or nil.
local function difference(state, first, last, fresh, encoding)
  local lines = state.lines
  local stale = {}
  for row = first + 1, last do
    stale[#stale + 1] = lines[row]
  end
  local is_open_end = not state.has_final_ending and last == #lines
  if is_open_end and first > 0 then
    table.insert(stale, 1, lines[first])
    fresh = vim.list_extend({ lines[first] }, fresh)
    first = first - 1
  end
  local skipped = 0
  while skipped < #stale - 1 and skipped < #fresh - 1 and stale[skipped + 1] == fresh[skipped + 1] do
    skipped = skipped + 1
  end
  local old_end, new_end = #stale, #fresh
  while
    not is_open_end
    and old_end > skipped
    and new_end > skipped
    and stale[old_end] == fresh[new_end]
  do
    old_end, new_end = old_end - 1, new_end - 1
  end
  local closing = is_open_end and '' or state.ending
  local function joined(from, to)
    return to <= skipped and '' or table.concat(from, state.ending, skipped + 1, to) .. closing
  end
  local old, new = joined(stale, old_end), joined(fresh, new_end)
  if old == new then
    return nil
  end
  local head, tail = common(old, new)
  local mark, line = state.ending:sub(-1), first + skipped
  return {
    range = {
      start = position(old, head, line, mark, encoding),
      ['end'] = position(old, #old - tail, line, mark, encoding),
    },
    text = new:sub(head + 1, #new - tail),
  }
end

--- Put `fresh` in the place of the lines [first, last).
local function replace(lines, first, last, fresh)
  local count, grown = #lines, #fresh - (last - first)
  if grown > 0 then
    for row = count, last + 1, -1 do
      lines[row + grown] = lines[row]
    end
  elseif grown < 0 then
    for row = last + 1, count do
      lines[row + grown] = lines[row]
    end
    for row = count, count + grown + 1, -1 do
      lines[row] = nil
    end
  end
  for index, line in ipairs(fresh) do
    lines[first + index] = line
  end
end

--- The lines [first, last) have become [first, new_last). For `nvim_buf_attach`, `on_lines`.
---
--- Returns what came in, where exactly that was sent; nil where a whole text or nothing was.
function M.change(buffer, first, last, new_last)
  local state = buffers[buffer]
  if not state then
    return
  end
  local fresh = vim.api.nvim_buf_get_lines(buffer, first, new_last, false)
  local size = vim.api.nvim_buf_line_count(buffer)
  if size == 1 and new_last == first and last - first == #state.lines then
    fresh = vim.api.nvim_buf_get_lines(buffer, 0, 1, false) -- emptied: one line is left
  end
  local is_plain = last <= #state.lines
    and #state.lines - (last - first) + #fresh == size
    and M.ending(buffer) == state.ending
  state.is_odd = state.is_odd or has_odd_ending(fresh, state.ending)
  if state.is_odd then
    is_plain = is_plain and vim.api.nvim_buf_get_offset(buffer, size) > MOST_FULL_BYTES
  end
  if not is_plain then
    send_all(buffer, state.extra)
    return
  end
  local client = require('signoff').client()
  local change = difference(state, first, last, fresh, client and client.offset_encoding or 'utf-16')
  replace(state.lines, first, last, fresh)
  if change then
    send(buffer, change)
    return change.text
  end
end

--- Before writing: Neovim may add the last line ending only in the file, or change all of them.
function M.before_write(buffer)
  local state = buffers[buffer]
  if not state then
    return
  end
  local will_end = vim.bo[buffer].eol or (vim.bo[buffer].fixeol and not vim.bo[buffer].binary)
  if M.ending(buffer) ~= state.ending then
    send_all(buffer, state.extra + 1)
    state = buffers[buffer]
  end
  if will_end and not state.has_final_ending then
    state.has_final_ending, state.extra = true, state.extra + 1
    send(buffer, { text = table.concat(state.lines, state.ending) .. state.ending })
  end
end

return M
