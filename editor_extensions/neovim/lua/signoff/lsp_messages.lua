--- The names of the `signoff/*` messages, each written once (PROTOCOL.md).

return {
  HELLO = 'signoff/hello',
  EVIDENCE = 'signoff/evidence',
  VIEW = 'signoff/view',
  SELECT = 'signoff/select',
  FOCUS = 'signoff/focus',
  DIAGNOSTICS = 'signoff/diagnostics',
  ASSIST = 'signoff/assist',
  SEARCH = 'signoff/search',
  TEXT = 'signoff/text',
  COMMAND = 'signoff/command',
  REPOSITORY = 'signoff/repository',
  SHARED = 'signoff/shared',
  QUIT = 'signoff/quit',
  REVIEWING = 'signoff/reviewing',

  ANCHOR = 'signoff/anchor',
  STATE = 'signoff/state',
  REVIEW = 'signoff/review',

  STATUS = 'signoff/status',
  CAPTURED = 'signoff/captured',
  TERMINAL_ENVIRONMENT = 'signoff/terminalEnvironment',
}
