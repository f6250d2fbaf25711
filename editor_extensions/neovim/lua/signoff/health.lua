--- `:checkhealth signoff`

local messages = require('signoff.lsp_messages')
local M = {}

local LIMIT_MS = 10000

local function check_program()
  local signoff = require('signoff')
  local argv = vim.list_extend(vim.list_extend({}, signoff.cli()), { '--version' })
  if vim.fn.executable(argv[1]) ~= 1 then
    vim.health.error(argv[1] .. ' cannot be run', 'Install Signoff, or set `cmd` in setup().')
    return
  end
  local ok, done = pcall(function()
    return vim.system(argv, { text = true }):wait(LIMIT_MS)
  end)
  if ok and done.code == 0 then
    vim.health.ok(vim.trim(done.stdout))
  else
    vim.health.error(table.concat(argv, ' ') .. ' failed', 'Run `signoff doctor` in a terminal.')
  end
end

local function check_bridge()
  local signoff = require('signoff')
  local client = signoff.client()
  if not client then
    vim.health.warn('The bridge is not running', 'It starts when the first file is opened.')
    return
  end
  vim.health.ok(('The bridge is running, positions in %s'):format(client.offset_encoding))
  local attached = vim.tbl_count(client.attached_buffers)
  vim.health.info(('it receives %d open files'):format(attached))
  if not signoff.has_own_sync() then
    vim.health.info('`debounce` is set: times of keys are rounded to it')
  end
  if require('signoff.keys').has_strangers() then
    vim.health.info(
      'Another program is connected to this Neovim and could send keys: changes count as unknown'
    )
  end
  local state = signoff.request_sync(messages.STATUS, {}, LIMIT_MS)
  if not state then
    vim.health.error('The bridge does not answer', 'Run `signoff doctor` in a terminal.')
  elseif #state.workspaces == 0 then
    vim.health.info(state.reason .. ' `:Signoff enable` asks.')
  end
  for _, row in ipairs(state and state.workspaces or {}) do
    local counts = require('signoff.state').by_kind(row.steps)
    local line = ('%s: %s, %s'):format(row.root, row.state, counts)
    if row.trouble then
      vim.health.error(line .. ', ' .. row.trouble, 'Run `signoff doctor` in a terminal.')
    else
      vim.health.ok(line)
    end
  end
end

function M.check()
  vim.health.start('signoff')
  if vim.fn.has('nvim-0.10') == 1 then
    vim.health.ok('Neovim is 0.10 or newer')
  else
    vim.health.error('Neovim 0.10 or newer is needed')
    return
  end
  check_program()
  check_bridge()
end

return M
