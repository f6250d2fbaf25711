--- What the bridge says of itself, kept for the statusline.

local messages = require('signoff.lsp_messages')
local M = {}

local REFRESH_MS = 2000

local latest = { workspaces = {} }
local asked_at = 0
local is_lost = false

local function row_of(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  local path = name ~= '' and (vim.uv.fs_realpath(name) or name) or ''
  local best
  for _, row in ipairs(latest.workspaces or {}) do
    local is_inside = vim.startswith(path, row.root:gsub('/$', '') .. '/')
    if is_inside and (not best or #row.root > #best.root) then
      best = row
    end
  end
  return best
end

local function short(count)
  return count < 1000 and tostring(count) or ('%.1fk'):format(count / 1000)
end

--- How many steps there are of all kinds.
function M.count(steps)
  local sum = 0
  for _, count in pairs(steps or {}) do
    sum = sum + count
  end
  return sum
end

--- The counts by kind, most first: "12 edit, 3 view".
function M.by_kind(steps)
  local kinds = vim.tbl_keys(steps or {})
  table.sort(kinds, function(one, other)
    return steps[one] > steps[other] or (steps[one] == steps[other] and one < other)
  end)
  local parts = vim.tbl_map(function(kind)
    return ('%d %s'):format(steps[kind], kind)
  end, kinds)
  return #parts > 0 and table.concat(parts, ', ') or 'no step yet'
end

local MORE = ' … (:Signoff status)'

local function cut(text, room)
  while text ~= '' and vim.fn.strdisplaywidth(text) > room do
    text = vim.fn.strcharpart(text, 0, vim.fn.strchars(text) - 1)
  end
  return text
end

--- Say something unasked, on one line: two would ask for Enter and take the next key that is typed.
function M.say(text)
  if vim.api.nvim_get_mode().mode:sub(1, 1) == 'c' then
    vim.api.nvim_create_autocmd('CmdlineLeave', {
      once = true,
      callback = vim.schedule_wrap(function()
        M.say(text)
      end),
    })
    return
  end
  text = text:gsub('%s+', ' ')
  local room = vim.v.echospace
  if vim.fn.strdisplaywidth(text) > room then
    local more = room < 40 and '…' or MORE
    text = cut(text, room - vim.fn.strdisplaywidth(more)) .. more
  end
  vim.cmd.redraw() -- what was said before would scroll, and ask for Enter too
  vim.api.nvim_echo({ { text } }, false, {})
end

--- A new answer of `signoff/status`.
function M.take(state)
  local before = vim.g.signoff_state
  latest, is_lost = state, false
  vim.g.signoff_state = state.recording and 'recording' or state.reason
  if state.recording and before ~= 'recording' then
    M.say('Signoff is recording here (:Signoff pause)')
  end
end

--- The bridge has ended though nobody asked it to.
function M.lose()
  is_lost = #(latest.workspaces or {}) > 0
  vim.g.signoff_state = 'lost'
end

local function refresh()
  local now = vim.uv.now()
  if now - asked_at < REFRESH_MS then
    return
  end
  asked_at = now
  vim.schedule(function()
    require('signoff').request(messages.STATUS, {}, function(_, state)
      if state then
        M.take(state)
        vim.cmd.redrawstatus()
      end
    end)
  end)
end

--- For a statusline. Empty where nothing is recorded; the sign changes only on a problem.
function M.statusline()
  if is_lost then
    return '▲ signoff ended'
  end
  refresh()
  local row = row_of(vim.api.nvim_get_current_buf())
  if not row or row.state == 'off' then
    return ''
  end
  if row.state == 'stopped' then
    return '▲ signoff stopped'
  end
  return '● signoff ' .. (row.state == 'paused' and 'paused' or short(M.count(row.steps)))
end

--- What `:Signoff status` shows.
function M.describe(state)
  if #(state.workspaces or {}) == 0 then
    return 'Signoff records nothing here: ' .. state.reason
  end
  local lines = {}
  for _, row in ipairs(state.workspaces) do
    local line = ('Signoff %s: %s, %s'):format(row.state, row.root, M.by_kind(row.steps))
    lines[#lines + 1] = row.trouble and line .. ', ' .. row.trouble or line
  end
  vim.list_extend(lines, state.announcements or {})
  return table.concat(lines, '\n')
end

return M
