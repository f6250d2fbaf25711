--- `:Signoff VERB`. What changes whether anything is recorded, erased or shared is done by the
--- command line program in a terminal, which asks itself: the editor never enables.

local M = {}

local HEIGHT = 15

local function show(text, level)
  vim.notify(text, level or vim.log.levels.INFO)
end

local function execute(verb, given)
  local params = { command = 'signoff.' .. verb, arguments = given }
  local is_sent = require('signoff').request('workspace/executeCommand', params, function(error, state)
    if error then
      show('Signoff: ' .. error.message, vim.log.levels.ERROR)
    else
      require('signoff.state').take(state)
      show(require('signoff.state').describe(state))
    end
  end)
  if not is_sent then
    show('Signoff is not running here (:checkhealth signoff)', vim.log.levels.WARN)
  end
end

local function folder()
  local name = vim.api.nvim_buf_get_name(0)
  local is_file = vim.bo.buftype == '' and name ~= ''
  local start = is_file and vim.fs.dirname(name) or vim.fn.getcwd()
  local found = vim.fs.root(start, '.git') or start
  return vim.fn.isdirectory(found) == 1 and found or vim.fn.getcwd()
end

--- Run the command line program in a split, where it talks with the person.
local function converse(verb, given)
  local argv = vim.list_extend(vim.list_extend({}, require('signoff').cli()), { verb })
  vim.list_extend(argv, given)
  local place = folder()
  vim.cmd(('botright %dnew'):format(HEIGHT))
  vim.bo.bufhidden = 'wipe'
  if vim.fn.has('nvim-0.11') == 1 then
    vim.fn.jobstart(argv, { term = true, cwd = place })
  else
    vim.fn.termopen(argv, { cwd = place })
  end
  vim.cmd.startinsert()
end

local function without_options(verb, given)
  for _, word in ipairs(given) do
    if vim.startswith(word, '-') then
      show((':Signoff %s takes no options: the program asks itself'):format(verb), vim.log.levels.WARN)
      return
    end
  end
  converse(verb, given)
end

local function say(verb, given)
  local text = table.concat(given, ' ')
  if text == '' then
    show((':Signoff %s TEXT'):format(verb), vim.log.levels.WARN)
  else
    execute(verb, { text })
  end
end

local VERBS = {
  status = function()
    execute('status', {})
  end,
  pause = function(given)
    local minutes = tonumber(given[1])
    if given[1] and not minutes then
      show(':Signoff pause [MINUTES]', vim.log.levels.WARN)
    else
      execute('pause', { minutes })
    end
  end,
  resume = function()
    execute('resume', {})
  end,
  stop = function()
    execute('stop', {})
  end,
  task = function(given)
    say('task', given)
  end,
  note = function(given)
    say('note', given)
  end,
  enable = function(given)
    without_options('enable', given)
  end,
  review = function(given)
    without_options('review', given)
  end,
  forget = function(given)
    converse('forget', given)
  end,
  history = function(given)
    if #given > 0 then
      show(':Signoff history is of the current file', vim.log.levels.WARN)
    else
      require('signoff.history').file()
    end
  end,
  find = function(_, text)
    if text == '' then
      show(':Signoff find TEXT', vim.log.levels.WARN)
    else
      require('signoff.history').find(text, folder(), function(words)
        converse('replay', words)
      end)
    end
  end,
  today = function()
    require('signoff.history').today()
  end,
}

function M.verbs()
  local names = vim.tbl_keys(VERBS)
  table.sort(names)
  return names
end

--- Do what the words say; `line` is all of them as they were typed.
function M.run(words, line)
  local verb = words[1] or 'status'
  local act = VERBS[verb]
  if act then
    act(vim.list_slice(words, 2), vim.trim((line or ''):match('^%s*%S+(.*)$') or ''))
  else
    show(('Signoff has no command %q'):format(verb), vim.log.levels.WARN)
  end
end

return M
