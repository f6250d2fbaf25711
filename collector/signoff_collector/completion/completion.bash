# What Tab offers behind `signoff` in bash 4.4 and newer; docs/cli.md, "Completion".
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    __signoff_complete() {
        \builtin local kind word rest
        COMPREPLY=()
        while IFS=$'\t' \builtin read -r kind word rest; do
            case $kind in
            word) COMPREPLY+=("$word") ;;
            files) \builtin compopt -o default -o filenames ;;
            folders) \builtin compopt -o dirnames -o filenames ;;
            commands)
                \builtin mapfile -t COMPREPLY < <(\builtin compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
                ;;
            esac
        done < <(@LAUNCHER@ completion --answer "$((COMP_CWORD - 1))" -- "${COMP_WORDS[@]:1}" 2>/dev/null </dev/null)
        [ "${#COMPREPLY[@]}" -eq 0 ] || \builtin compopt -o nosort
    }
    \builtin complete -F __signoff_complete signoff
fi
