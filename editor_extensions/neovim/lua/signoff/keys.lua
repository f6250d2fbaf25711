--- Which key Neovim works on, and whether it can only have come from the keyboard.
---
--- A key counts from the moment Neovim takes it until it waits again (`SafeState`). What was put
--- into the queue by a mapping, a macro or a plugin is not typed and stands in `tail`. Neovim takes
--- keys from its user interfaces and from any other program that is connected in the same way, so
--- nothing is sure while one is: see `is_sure`.

local M = {}

M.SETTLE_MS = 64 -- after a doubt, and how long evidence of keys is held back

local PREFIXES = { ['\22'] = true, ['\17'] = true, ['\11'] = true } -- literal, literal, digraph
local REGISTER, PUT_LITERALLY = '\18', { ['\18'] = true, ['\15'] = true, ['\16'] = true }

local now = nil -- what is worked on: see `take`
local generation = 0
local last_key = ''
local prefix = nil -- 'register' or 'literal': how the next key of insert mode is meant
local is_loose = false -- a digraph or code was begun: keys and text may differ
local is_doubtful, doubtful_since = true, 0
local doubted = {} -- to be called when a doubt arises

--- @class signoff.Key
--- @field key string what Neovim acts on, after mappings
--- @field typed string what was pressed
--- @field before string the key before it
--- @field mode string as `nvim_get_mode` named it before the key
--- @field tail string keys that followed without being typed
--- @field is_macro boolean
--- @field is_register boolean the key names a register to be put in
--- @field is_loose boolean
--- @field presses integer typed keys since the last change
--- @field text string the characters among them

--- @return signoff.Key? what Neovim works on now
function M.current()
  return now
end

--- Nothing but a user interface can have sent the keys.
function M.is_sure()
  return not is_doubtful
end

--- The keys so far have led to a change.
function M.spend()
  is_loose = false
  if now then
    now.presses, now.text, now.is_loose = 0, '', false
  end
end

local function forget(number)
  if number == generation then
    now = nil
  end
end

local function is_character(key)
  local byte = key:byte()
  return byte ~= nil and byte >= 0x20 and byte ~= 0x7f and byte ~= 0x80
end

--- Neovim writes a byte 0x80 inside a character as three.
local function plain(key)
  return (key:gsub('\128\254X', '\128'))
end

--- Follow what `<C-r>`, `<C-v>` and `<C-k>` make of the next key. Returns whether a register is named.
local function follow_prefix(key, mode)
  if not mode:find('^[iR]') then
    prefix, is_loose = nil, false
    return false
  end
  if prefix == 'register' and not PUT_LITERALLY[key] then
    prefix = nil
    return true
  elseif prefix == nil and key == REGISTER then
    prefix = 'register'
  elseif prefix == nil and PREFIXES[key] then
    prefix, is_loose = 'literal', true
  elseif prefix == 'literal' then
    prefix = nil
  end
  return false
end

local function take(key, typed)
  local mode = vim.api.nvim_get_mode().mode
  local is_register = follow_prefix(key, mode)
  local earlier = now and now.mode:sub(1, 1) == mode:sub(1, 1) and now or { presses = 0, text = '' }
  now = {
    key = key,
    typed = typed,
    before = last_key,
    mode = mode,
    tail = '',
    is_macro = vim.fn.reg_executing() ~= '',
    is_register = is_register,
    is_loose = is_loose,
    presses = earlier.presses + 1,
    text = earlier.text .. (is_character(key) and plain(key) or ''),
  }
  last_key = key
  generation = generation + 1
  local number = generation
  vim.schedule(function()
    forget(number)
  end)
end

local function on_key(key, typed)
  if typed ~= nil and typed ~= '' then
    take(key, typed)
    for _, heard in ipairs(M.listeners) do
      heard(now)
    end
  elseif now then
    now.tail = now.tail .. plain(key)
    now.is_macro = now.is_macro or vim.fn.reg_executing() ~= ''
  end
end

M.listeners = {} -- called with every typed key

--- Whether another program than the user interfaces is connected, or there is none of them.
function M.has_strangers()
  local interfaces = {}
  for _, interface in ipairs(vim.api.nvim_list_uis()) do
    interfaces[interface.chan] = true
  end
  if next(interfaces) == nil then
    return true
  end
  for _, channel in ipairs(vim.api.nvim_list_chans()) do
    if channel.mode == 'rpc' and not interfaces[channel.id] then
      return true
    end
  end
  return false
end

--- Keys may come from elsewhere from now on; what was not said yet is not said.
local function doubt()
  is_doubtful, doubtful_since = true, vim.uv.now()
  for _, heard in ipairs(doubted) do
    heard()
  end
end

local function settle()
  now = nil
  if
    is_doubtful
    and vim.uv.now() - doubtful_since >= M.SETTLE_MS
    and vim.fn.getchar(1) == 0
    and not M.has_strangers()
  then
    is_doubtful = false
  end
end

--- A plugin that puts keys into the queue as if they were typed.
local function watch_feeding()
  local input, feed, feed_vim = vim.api.nvim_input, vim.api.nvim_feedkeys, vim.fn.feedkeys
  vim.api.nvim_input = function(...)
    doubt()
    return input(...)
  end
  vim.api.nvim_feedkeys = function(keys, mode, ...)
    if type(mode) == 'string' and mode:find('t', 1, true) then
      doubt()
    end
    return feed(keys, mode, ...)
  end
  vim.fn.feedkeys = function(keys, mode, ...)
    if type(mode) == 'string' and mode:find('t', 1, true) then
      doubt()
    end
    return feed_vim(keys, mode, ...)
  end
end

--- Call `heard` when it is not sure any more where keys come from.
function M.on_doubt(heard)
  doubted[#doubted + 1] = heard
end

function M.setup(group)
  vim.on_key(on_key, vim.api.nvim_create_namespace('signoff'))
  watch_feeding()
  if vim.fn.exists('##SafeState') == 1 then -- without it nothing is ever sure
    vim.api.nvim_create_autocmd('SafeState', { group = group, callback = settle })
  end
  vim.api.nvim_create_autocmd({ 'UIEnter', 'UILeave' }, { group = group, callback = doubt })
  vim.api.nvim_create_autocmd('ChanOpen', {
    group = group,
    callback = function()
      if vim.v.event.info.mode == 'rpc' then
        doubt()
      end
    end,
  })
end

return M
