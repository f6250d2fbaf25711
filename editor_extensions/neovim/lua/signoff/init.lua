--- Signoff for Neovim (0.10 or newer): starts the bridge as one more language server and tells it
--- what LSP does not carry. Decides nothing: what is recorded is the bridge's affair.
---
---   require('signoff').setup()          -- { cmd = { 'signoff', 'lsp' }, debounce = 0 }
---
--- `debounce = 0` records every key by itself. Neovim shares the shortest debounce among servers
--- with the same position encoding, so they too then hear of each change at once.

local M = {}

local config = { cmd = { 'signoff', 'lsp' }, debounce = 0 }
local has_complained = false

---@return vim.lsp.Client?
function M.client()
  return vim.lsp.get_clients({ name = 'signoff' })[1]
end

--- Send a notification to the bridge, if it runs.
function M.notify(method, params)
  local client = M.client()
  if not client then
    return
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

local function request(method, params, handler)
  local client = M.client()
  if not client then
    vim.notify('Signoff is not running here', vim.log.levels.WARN)
  elseif vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, handler, 0)
  else
    client.request(method, params, handler, 0)
  end
end

--- Whether a buffer holds a file, so that the bridge may want it.
function M.is_file(buffer)
  if not vim.api.nvim_buf_is_loaded(buffer) or vim.bo[buffer].buftype ~= '' then
    return false
  end
  local name = vim.api.nvim_buf_get_name(buffer)
  return name ~= '' and not name:match('^%a[%w+.-]*://')
end

--- The buffers that the bridge has open now.
function M.is_attached(buffer)
  local client = M.client()
  return client ~= nil and vim.lsp.buf_is_attached(buffer, client.id)
end

local function full_text(buffer)
  local endings = { unix = '\n', dos = '\r\n', mac = '\r' }
  local ending = endings[vim.bo[buffer].fileformat] or '\n'
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), ending)
  return vim.bo[buffer].eol and text .. ending or text
end

local function send_text(_, params)
  local buffer = vim.uri_to_bufnr(params.uri)
  if M.is_attached(buffer) then
    M.notify('signoff/text', {
      uri = params.uri,
      version = vim.api.nvim_buf_get_changedtick(buffer),
      languageId = vim.bo[buffer].filetype,
      text = full_text(buffer),
    })
  end
end

local function take_state(_, state)
  local before = vim.g.signoff_state
  vim.g.signoff_state = state.recording and 'recording' or state.reason
  if state.recording and before ~= 'recording' then
    vim.api.nvim_echo({ { 'Signoff is recording here (:Signoff pause)' } }, false, {})
  end
end

--- For a statusline: empty while nothing is recorded.
function M.status()
  return vim.g.signoff_state == 'recording' and '● signoff' or ''
end

function M.attach(buffer)
  if not M.is_file(buffer) then
    return
  end
  if vim.fn.executable(config.cmd[1]) ~= 1 then
    if not has_complained then
      has_complained = true
      vim.notify('Signoff: cannot run ' .. config.cmd[1], vim.log.levels.WARN)
    end
    return
  end
  vim.lsp.start({
    name = 'signoff',
    cmd = config.cmd,
    flags = { debounce_text_changes = config.debounce },
    on_init = function()
      local version = vim.version()
      vim.schedule(function()
        M.notify('signoff/hello', {
          name = 'signoff.nvim',
          version = ('%d.%d.%d'):format(version.major, version.minor, version.patch),
          protocol = 1,
          anchors = true,
        })
      end)
    end,
    handlers = { ['signoff/anchor'] = send_text, ['signoff/state'] = take_state },
  }, {
    bufnr = buffer,
    reuse_client = function(client)
      return client.name == 'signoff'
    end,
  })
end

function M.setup(options)
  config = vim.tbl_extend('force', config, options or {})
  local group = vim.api.nvim_create_augroup('signoff', { clear = true })
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile', 'BufFilePost', 'FileType' }, {
    group = group,
    callback = function(event)
      vim.schedule(function()
        if vim.api.nvim_buf_is_valid(event.buf) then
          M.attach(event.buf)
        end
      end)
    end,
  })
  require('signoff.evidence').setup(group)
  require('signoff.observation').setup(group)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    M.attach(buffer)
  end
end

--- `:Signoff status|pause [minutes]|resume|task TEXT|note TEXT`
function M.command(arguments)
  local verb = arguments[1] or 'status'
  local rest = table.concat(arguments, ' ', 2)
  local given = {}
  if verb == 'pause' and tonumber(rest) then
    given = { tonumber(rest) }
  elseif rest ~= '' then
    given = { rest }
  end
  local params = { command = 'signoff.' .. verb, arguments = given }
  request('workspace/executeCommand', params, function(error, result)
    local text = error and error.message or ('Signoff: ' .. result.reason)
    vim.notify(text, error and vim.log.levels.ERROR or vim.log.levels.INFO)
  end)
end

return M
