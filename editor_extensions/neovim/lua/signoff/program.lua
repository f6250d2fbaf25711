--- Runs verbs of the command line program beside the editor: nothing waits, nothing is asked.

local M = {}

--- What went wrong, in the program's one sentence.
local function complaint(done)
  local said = ('\n' .. (done.stderr or '')):match('\nerror: ([^\n]+)')
  return said or ('the program ended with code %d'):format(done.code)
end

local function fail(text)
  vim.notify('Signoff: ' .. text, vim.log.levels.ERROR)
end

--- Run a verb in a folder; `take` is called with what it printed, later and only when it went well.
---@param words string[]
---@param place string
---@param take fun(output: string)
function M.run(words, place, take)
  local argv = vim.list_extend(vim.list_extend({}, require('signoff').cli()), words)
  local finish = vim.schedule_wrap(function(done)
    if done.code == 0 then
      take(done.stdout or '')
    else
      fail(complaint(done))
    end
  end)
  local ok = pcall(vim.system, argv, { cwd = place }, finish)
  if not ok then
    fail(argv[1] .. ' cannot be run (:checkhealth signoff)')
  end
end

--- Run a verb with `--json`; `take` is called with its rows.
---@param words string[] the verb first; `--json` is put behind it
---@param place string
---@param take fun(rows: table[])
function M.rows(words, place, take)
  local asked = vim.list_extend({ words[1], '--json' }, vim.list_slice(words, 2))
  M.run(asked, place, function(output)
    local rows = {}
    for line in output:gmatch('[^\n]+') do
      local ok, row = pcall(vim.json.decode, line, { luanil = { object = true } })
      if ok and type(row) == 'table' then
        rows[#rows + 1] = row
      end
    end
    take(rows)
  end)
end

return M
