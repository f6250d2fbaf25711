--- Signoff for Neovim (0.10 or newer): starts the bridge as one more language server and tells it
--- what LSP does not carry. Decides nothing: what is recorded is the bridge's affair.
---
---   require('signoff').setup()          -- see :help signoff

local messages = require('signoff.lsp_messages')
local M = {}

local RESTART_MS = 1000

local config = { cmd = { 'signoff', 'lsp' }, cli = nil, debounce = 0 }
local has_complained = false
local may_restart = true -- a bridge that was killed is started again, once
local listeners = {} -- the one listener of each buffer that counts

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

--- Ask the bridge; false when it does not run.
function M.request(method, params, handler)
  local client = M.client()
  if not client then
    return false
  elseif vim.fn.has('nvim-0.11') == 1 then
    return client:request(method, params, handler)
  end
  return client.request(method, params, handler)
end

--- Ask the bridge and wait; nil when no answer comes in time.
function M.request_sync(method, params, limit_ms)
  local answer
  M.request(method, params, function(_, result)
    answer = result
  end)
  vim.wait(limit_ms, function()
    return answer ~= nil
  end, 20)
  return answer
end

--- The command line program: the bridge's command without its last word, unless set.
function M.cli()
  return config.cli or vim.list_slice(config.cmd, 1, math.max(1, #config.cmd - 1))
end

--- Whether changes go to the bridge at once and not in Neovim's rhythm.
function M.has_own_sync()
  return config.debounce == 0
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

--- For a statusline: empty while nothing is recorded, else a sign and the number of steps.
function M.status()
  return require('signoff.state').statusline()
end

local function send_text(_, params)
  local sync = require('signoff.sync')
  local buffer = vim.uri_to_bufnr(params.uri)
  if M.is_attached(buffer) then
    M.notify(messages.TEXT, {
      uri = params.uri,
      version = sync.version(buffer),
      languageId = vim.bo[buffer].filetype,
      text = sync.full_text(buffer),
    })
  end
end

local function take_state(_, state)
  require('signoff.state').take(state)
end

--- Tell the bridge of every change of a buffer that was just opened there.
local function listen(buffer)
  local sync, evidence = require('signoff.sync'), require('signoff.evidence')
  local this = {}
  listeners[buffer] = this
  local function is_over()
    return listeners[buffer] ~= this or not M.is_attached(buffer)
  end
  if M.has_own_sync() then
    sync.begin(buffer)
  end
  vim.api.nvim_buf_attach(buffer, false, {
    on_lines = function(_, _, _, first, last, new_last)
      if is_over() then
        return true -- detach
      end
      local text = sync.change(buffer, first, last, new_last)
      if text or not M.has_own_sync() then
        evidence.tell(buffer, text, debug.getinfo(2, 'f') ~= nil)
      end
    end,
    on_reload = function()
      if not is_over() and M.has_own_sync() then
        sync.begin(buffer)
      end
    end,
    on_detach = function()
      if listeners[buffer] == this then
        evidence.flush(true)
        listeners[buffer] = nil
        sync.finish(buffer)
      end
    end,
  })
end

local function greet(client)
  if M.has_own_sync() then
    require('signoff.sync').take_over(client)
  end
  local version = vim.version()
  vim.schedule(function()
    M.notify(messages.HELLO, {
      name = 'signoff.nvim',
      version = ('%d.%d.%d'):format(version.major, version.minor, version.patch),
      protocol = 1,
      anchors = true,
    })
  end)
end

--- Tell whether somebody quit Neovim. Where its terminal is closed it goes the same way, without an
--- `ExitPre` and with no user interface left; a signal sets `v:dying`. `:cq` has no `ExitPre` either.
local function tell_quit(group)
  local is_quitting = false
  vim.api.nvim_create_autocmd('ExitPre', {
    group = group,
    callback = function()
      is_quitting = true
      vim.schedule(function()
        is_quitting = false -- Neovim goes on: something was not saved
      end)
    end,
  })
  vim.api.nvim_create_autocmd('VimLeavePre', {
    group = group,
    callback = function()
      local is_asked = is_quitting or #vim.api.nvim_list_uis() > 0
      M.notify(messages.QUIT, { by_person = vim.v.dying == 0 and is_asked })
    end,
  })
end

local function attach_all()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    M.attach(buffer)
  end
end

--- The bridge has ended. Twice in one Neovim is a fault that starting it again does not mend.
local function after_exit(is_crash)
  require('signoff.state').lose()
  if is_crash and may_restart and vim.v.exiting == vim.NIL then
    may_restart = false
    vim.defer_fn(attach_all, RESTART_MS)
  end
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
    flags = { debounce_text_changes = config.debounce > 0 and config.debounce or nil },
    on_init = greet,
    on_exit = function(code, signal)
      vim.schedule(function()
        after_exit(code ~= 0 or signal ~= 0)
      end)
    end,
    handlers = {
      [messages.ANCHOR] = send_text,
      [messages.STATE] = take_state,
      ['window/showMessage'] = function(_, message)
        require('signoff.state').say('Signoff: ' .. message.message)
      end,
    },
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
      -- A command may open and change a file in one breath (`:cdo`, a macro): what it had before is
      -- seen only now. Not at BufReadPost, which `:vimgrep` has for files that nobody opens.
      local client = M.client()
      if event.event == 'FileType' and client and client.initialized then
        M.attach(event.buf)
        return
      end
      vim.schedule(function()
        if vim.api.nvim_buf_is_valid(event.buf) then
          M.attach(event.buf)
        end
      end)
    end,
  })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == 'signoff' then
        listen(event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd('BufWritePre', {
    group = group,
    callback = function(event)
      if M.is_attached(event.buf) then
        require('signoff.sync').before_write(event.buf)
      end
    end,
  })
  require('signoff.evidence').setup(group)
  tell_quit(group) -- behind the evidence that is still held back
  require('signoff.observation').setup(group)
  require('signoff.assistance').setup(group)
  attach_all()
end

return M
