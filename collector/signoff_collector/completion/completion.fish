# What Tab offers behind `signoff` in fish; docs/cli.md, "Completion".
function __signoff_complete
    set -l current (commandline -ct)
    set -l before (commandline -opc)
    set -l at (math (count $before) - 1)
    set -e before[1]
    for line in (@LAUNCHER@ completion --answer $at -- $before "$current" 2>/dev/null </dev/null)
        set -l parts (string split -m 2 \t -- $line)
        switch $parts[1]
            case word
                printf '%s\t%s\n' $parts[2] $parts[3]
            case files
                __fish_complete_path "$current"
            case folders
                __fish_complete_directories "$current" ''
            case commands
                __fish_complete_command
        end
    end
end
complete -c signoff -e
complete -c signoff -f -k -a '(__signoff_complete)'
