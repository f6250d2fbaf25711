# What Tab offers behind `signoff` in zsh, once `compinit` ran; docs/cli.md, "Completion".
_signoff() {
    local line kind word rest
    local -a offers
    for line in "${(@f)$(@LAUNCHER@ completion --answer $((CURRENT - 2)) -- "${(@)words[2,-1]}" 2>/dev/null </dev/null)}"; do
        kind=${line%%$'\t'*} rest=${line#*$'\t'}
        word=${rest%%$'\t'*} rest=${rest#*$'\t'}
        case $kind in
            word) offers+=("${word//:/\\:}:$rest") ;;
            files) _files ;;
            folders) _files -/ ;;
            commands) _command_names -e ;;
        esac
    done
    (( ! $#offers )) || _describe -V signoff offers
}
(( ! $+functions[compdef] )) || compdef _signoff signoff
