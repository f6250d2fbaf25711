if vim.g.loaded_signoff then
  return
end
vim.g.loaded_signoff = true

vim.api.nvim_create_user_command('Signoff', function(options)
  require('signoff.commands').run(options.fargs, options.args)
end, {
  nargs = '*',
  desc = 'Signoff: status, pause, resume, task, note, stop, enable, forget, review, history, find, today',
  complete = function(lead, line)
    if #vim.split(vim.trim(line), '%s+') > (lead == '' and 1 or 2) then
      return {}
    end
    return vim.tbl_filter(function(verb)
      return vim.startswith(verb, lead)
    end, require('signoff.commands').verbs())
  end,
})
