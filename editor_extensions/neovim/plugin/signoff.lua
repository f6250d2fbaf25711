if vim.g.loaded_signoff then
  return
end
vim.g.loaded_signoff = true

vim.api.nvim_create_user_command('Signoff', function(options)
  require('signoff').command(options.fargs)
end, {
  nargs = '*',
  desc = 'Signoff: status, pause [minutes], resume, task TEXT, note TEXT',
  complete = function(lead)
    return vim.tbl_filter(function(verb)
      return vim.startswith(verb, lead)
    end, { 'status', 'pause', 'resume', 'task', 'note' })
  end,
})
