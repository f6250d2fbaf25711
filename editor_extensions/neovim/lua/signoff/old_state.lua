--- Old states of files: fetched, shown beside the file, put into its buffer. Never written to it.
---
--- What is shown is no file: it has no swap file, no undo file, no filetype (so that no other
--- server or plugin takes it up), and is gone with its window.

local M = {}

local beside = {} -- the window that shows an old state of each buffer

local function read(path)
  local file = io.open(path, 'rb')
  local bytes = file and file:read('*a')
  if file then
    file:close()
  end
  return bytes
end

--- Get the bytes of a file at a moment, later; they are on disk only in Neovim's private folder,
--- and only until they are read.
---@param path string
---@param moment { session: string, at: string, disk: boolean? }
---@param take fun(bytes: string)
function M.fetch(path, moment, take)
  local target = vim.fn.tempname()
  local words = {
    'restore', '--session', moment.session, '--at', moment.at, '--to', target, '--', path,
  }
  if moment.disk then
    table.insert(words, 2, '--disk')
  end
  require('signoff.program').run(words, vim.fs.dirname(target), function()
    local bytes = read(target)
    vim.uv.fs_unlink(target)
    if bytes then
      take(bytes)
    end
  end)
end

--- The lines of a file's bytes, as Neovim would have them in this buffer; nil when it is no text.
function M.lines(bytes, buffer)
  local encoding, format = vim.bo[buffer].fileencoding, vim.bo[buffer].fileformat
  local text = bytes
  if encoding ~= '' and encoding ~= 'utf-8' then
    text = vim.iconv(bytes, encoding, 'utf-8') or bytes
  end
  text = text:gsub('^\239\187\191', '')
  if text:find('\0', 1, true) then
    return nil
  elseif format == 'dos' then
    text = text:gsub('\r\n', '\n')
  elseif format == 'mac' then
    text = text:gsub('\r', '\n')
  end
  return vim.split((text:gsub('\n$', '')), '\n', { plain = true })
end

--- Make a buffer hold these lines: one change, with one undo step of its own.
---@return boolean whether anything was different
function M.put(buffer, lines)
  local old = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)
  local most = math.min(#old, #lines)
  local head, tail = 0, 0
  while head < most and old[head + 1] == lines[head + 1] do
    head = head + 1
  end
  while tail < most - head and old[#old - tail] == lines[#lines - tail] do
    tail = tail + 1
  end
  if head == #old and head == #lines then
    return false
  end
  require('signoff.evidence').as_command('restore', function()
    vim.api.nvim_buf_call(buffer, function()
      vim.cmd('let &g:undolevels = &g:undolevels') -- ends the undo step that may be open
    end)
    local new = vim.list_slice(lines, head + 1, #lines - tail)
    vim.api.nvim_buf_set_lines(buffer, head, #old - tail, true, new)
  end)
  return true
end

local function scratch(lines, name, syntax)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, true, lines)
  pcall(vim.api.nvim_buf_set_name, buffer, 'signoff://' .. name)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].syntax = syntax
  return buffer
end

local function on_key(buffer, key, does, act)
  vim.keymap.set('n', key, act, { buffer = buffer, nowait = true, desc = 'Signoff: ' .. does })
end

local function close(window)
  if #vim.api.nvim_tabpage_list_wins(0) > 1 then
    pcall(vim.api.nvim_win_close, window, true)
  end
end

local function say_above(window, text)
  vim.wo[window].winbar = (text:gsub('%%', '%%%%')) -- a name is no statusline format
end

--- Show lines in a split of their own; `q` closes it.
---@return integer window
function M.show(lines, name, syntax, line)
  local buffer = scratch(lines, name, syntax)
  local window = vim.api.nvim_open_win(buffer, true, { split = 'below', win = 0 })
  on_key(buffer, 'q', 'close', function()
    close(window)
  end)
  vim.api.nvim_win_set_cursor(window, { math.max(1, math.min(line or 1, #lines)), 0 })
  return window
end

local function put_and_say(buffer, lines, name)
  if not vim.api.nvim_buf_is_loaded(buffer) then
    vim.notify(('Signoff: %s is not open any more'):format(name), vim.log.levels.WARN)
    return
  end
  local ok, is_different = pcall(M.put, buffer, lines)
  if not ok then
    vim.notify(('Signoff: %s cannot be changed here'):format(name), vim.log.levels.ERROR)
  elseif is_different then
    vim.notify(('Signoff: %s is as it was, unsaved; undo takes it back'):format(name))
  else
    vim.notify(('Signoff: %s is already as it was'):format(name))
  end
end

local function window_of(buffer)
  local window = vim.fn.bufwinid(buffer)
  if window == -1 then
    window = vim.api.nvim_open_win(buffer, false, { split = 'right', win = 0 })
  end
  return window
end

--- Show an old state beside a buffer, as a diff. Enter puts it into the buffer, `q` leaves it.
function M.compare(buffer, lines, when)
  local name = vim.fs.basename(vim.api.nvim_buf_get_name(buffer))
  close(beside[buffer] or -1)
  local file_window = window_of(buffer)
  local was_diff = vim.wo[file_window].diff
  local old = scratch(lines, ('%s at %s'):format(name, when), vim.bo[buffer].filetype)
  local window = vim.api.nvim_open_win(old, true, { split = 'left', win = file_window })
  beside[buffer] = window
  say_above(window, (' %s   Enter: put it into %s   q: leave it'):format(when, name))
  for _, one in ipairs({ file_window, window }) do
    vim.api.nvim_win_call(one, vim.cmd.diffthis)
  end
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = old,
    once = true,
    callback = function()
      beside[buffer] = nil
      if not was_diff and vim.api.nvim_win_is_valid(file_window) then
        vim.api.nvim_win_call(file_window, vim.cmd.diffoff)
      end
    end,
  })
  on_key(old, '<CR>', 'put it into the buffer', function()
    put_and_say(buffer, lines, name)
    close(window)
  end)
  on_key(old, 'q', 'leave it', function()
    close(window)
  end)
end

return M
