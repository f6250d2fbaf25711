--- `:Signoff history`, `find`, `today`: the person's own history, read by the program.

local M = {}

-- As many as the program lists unless it is told `--all`.
local MOST_POINTS, MOST_HITS = 30, 20
local OLDER = {} -- the last entry of a list that was cut

local function say(text, level)
  vim.notify('Signoff: ' .. text, level or vim.log.levels.INFO)
end

--- Days since 1970 of a date of our calendar.
local function days(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local leaps = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- A time of the program (RFC 3339 in UTC) as the clock on this wall shows it.
function M.local_time(rfc3339)
  local found = { rfc3339:match('^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)') }
  if #found < 6 then
    return rfc3339
  end
  local year, month, day, hour, minute, second = unpack(vim.tbl_map(tonumber, found))
  local seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
  return os.date('%Y-%m-%d %H:%M:%S', seconds)
end

local function pick(prompt, rows, most, words_of, act)
  local items = vim.list_slice(rows)
  if #rows == most then
    items[#items + 1] = OLDER
  end
  vim.ui.select(items, {
    prompt = prompt,
    kind = 'signoff',
    format_item = function(item)
      return item == OLDER and '… older ones too' or words_of(item)
    end,
  }, function(item)
    if item then
      act(item)
    end
  end)
end

local function point_words(point)
  local view = point.view == 'masked' and '  (masked)' or ''
  local is_same = point.added + point.removed == 0
  local size = is_same and 'same as the file' or ('+%d -%d'):format(point.added, point.removed)
  return ('%s  %16s  %s%s'):format(M.local_time(point.t), size, point.why, view)
end

local function compare(buffer, path, point)
  require('signoff.old_state').fetch(path, point, function(bytes)
    if not vim.api.nvim_buf_is_loaded(buffer) then
      return
    end
    local lines = require('signoff.old_state').lines(bytes, buffer)
    if lines then
      require('signoff.old_state').compare(buffer, lines, M.local_time(point.t))
    else
      say('that state is not text: `signoff restore` restores it', vim.log.levels.WARN)
    end
  end)
end

local function list_points(buffer, path, is_all)
  local words = { 'restore', '--', path }
  if is_all then
    table.insert(words, 2, '--all')
  end
  local name = vim.fs.basename(path)
  require('signoff.program').rows(words, vim.fn.getcwd(), function(points)
    local most = not is_all and MOST_POINTS or nil
    pick(('States of %s'):format(name), points, most, point_words, function(point)
      if point == OLDER then
        list_points(buffer, path, true)
      elseif vim.api.nvim_buf_is_loaded(buffer) then
        compare(buffer, path, point)
      end
    end)
  end)
end

--- Choose a state of the current file, look at it beside the file, put it into the buffer.
function M.file()
  local buffer = vim.api.nvim_get_current_buf()
  if not require('signoff').is_file(buffer) then
    say('this buffer is not a file; `:edit` one first, also one that was deleted', vim.log.levels.WARN)
    return
  end
  list_points(buffer, vim.api.nvim_buf_get_name(buffer), false)
end

--- The path of a hit's file; a workspace may be a single file.
local function path_of(hit)
  local is_single = vim.fn.isdirectory(hit.root) == 0 and vim.fs.basename(hit.root) == hit.path
  return is_single and hit.root or vim.fs.joinpath(hit.root, hit.path)
end

--- The number of the line nearest to the one of the hit that still holds the text.
local function nearest(lines, text, near)
  local best
  for number, line in ipairs(lines) do
    local is_nearer = not best or math.abs(number - near) < math.abs(best - near)
    if is_nearer and line:lower():find(text:lower(), 1, true) then
      best = number
    end
  end
  return best or math.max(1, math.min(near, #lines))
end

local function open_file(path, hit, text)
  local ok, problem = pcall(vim.cmd, { cmd = 'edit', args = { path }, magic = { file = false } })
  if not ok then
    say(tostring(problem):match('E%d+: .*') or 'the file cannot be opened', vim.log.levels.ERROR)
    return
  end
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, true)
  vim.cmd("normal! m'")
  vim.api.nvim_win_set_cursor(0, { nearest(lines, text, hit.line or 1), 0 })
end

local function show_old(path, hit, text)
  require('signoff.old_state').fetch(path, hit, function(bytes)
    local lines = vim.split((bytes:gsub('\n$', '')), '\n', { plain = true })
    if bytes:find('\0', 1, true) then
      say('that state is not text: `signoff restore` restores it', vim.log.levels.WARN)
      return
    end
    local name = ('%s at %s'):format(vim.fs.basename(path), M.local_time(hit.t))
    local syntax = vim.filetype.match({ filename = path }) or ''
    require('signoff.old_state').show(lines, name, syntax, nearest(lines, text, hit.line or 1))
  end)
end

local function open_hit(hit, text, replay)
  if not hit.path then
    replay({ hit.session, '--from', hit.at })
    return
  end
  local path = path_of(hit)
  if not hit.deleted and (vim.fn.filereadable(path) == 1 or vim.fn.bufloaded(path) == 1) then
    open_file(path, hit, text)
  else
    show_old(path, hit, text)
  end
end

local function hit_words(hit)
  local place = hit.path and hit.path .. (hit.line and ':' .. hit.line or '') or hit.kind
  local state = hit.deleted and '  (deleted)' or ''
  return ('%s  %s%s  %s'):format(M.local_time(hit.t), place, state, vim.trim(hit.text))
end

--- Search the history of a workspace, and open what is chosen.
---@param text string
---@param place string a folder of the workspace
---@param replay fun(words: string[]) opens a moment that is in no file
function M.find(text, place, replay, is_all)
  local words = { 'find', '--', text }
  if is_all then
    table.insert(words, 2, '--all')
  end
  require('signoff.program').rows(words, place, function(hits)
    local most = not is_all and MOST_HITS or nil
    pick(('Where %s was'):format(text), hits, most, hit_words, function(hit)
      if hit == OLDER then
        M.find(text, place, replay, true)
      else
        open_hit(hit, text, replay)
      end
    end)
  end)
end

--- Show what was done today.
function M.today()
  require('signoff.program').run({ 'today', '--markdown' }, vim.fn.getcwd(), function(output)
    local lines = vim.split(vim.trim(output), '\n', { plain = true })
    require('signoff.old_state').show(lines, 'today', 'markdown')
  end)
end

return M
