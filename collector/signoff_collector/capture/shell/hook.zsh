# Signoff's hook for zsh 5.4 and newer; docs/shell.md says what it does, and why in this way.
# It reads plain files and appends to one; no program is started per prompt.
typeset -ga precmd_functions preexec_functions
if [[ -o interactive ]] && zmodload zsh/datetime 2>/dev/null && autoload -Uz add-zsh-hook 2>/dev/null; then
    typeset -g +x __signoff_home=@HOME@
    typeset -g +x __signoff_boot=@BOOT@
    typeset -g +x __signoff_launcher=@LAUNCHER@
    typeset -g +x __signoff_results=@RESULTS@ __signoff_bare=''
    typeset -g +x __signoff_name=shell-$$-@TAG@.spool
    typeset -g +x __signoff_mark=${SIGNOFF_SHELL_MARK-}
    unset SIGNOFF_SHELL_MARK
    typeset -gi +x __signoff_n=0 __signoff_fails=0 __signoff_hold=0 __signoff_asked_at=0
    typeset -g +x __signoff_id='' __signoff_asked=''
    typeset -g +x __signoff_dir='' __signoff_open='' __signoff_cwd='' __signoff_begun='' __signoff_session=''
    typeset -ga +x __signoff_ended=()

    __signoff_inside() {
        [[ $1 == "$2" || ${1[1,${#2}+1]} == "$2/" ]]
    }

    # Find where a line belongs: the folder of a session, or a session to be opened.
    __signoff_target() {
        local line found='' dir='' id='' above='' folder
        local -a parts
        local -i is_on now=$EPOCHSECONDS
        __signoff_dir='' __signoff_open='' __signoff_cwd=${PWD:P}
        [[ -n $__signoff_cwd && -s $__signoff_home/config/enabled.tsv ]] || return 0
        for line in "${(@f)$(<$__signoff_home/state/active.tsv)}"; do
            parts=("${(@ps:\t:)line}")
            ((${#parts} == 5 && ${#parts[1]} > ${#found})) || continue
            __signoff_inside "$__signoff_cwd" "$parts[1]" || continue
            [[ $parts[3] == "$__signoff_boot" && $parts[4] == <-> ]] && ((parts[4] > now)) || continue
            [[ -e $__signoff_home/state/sessions/$parts[2]/active ]] || continue
            found=$parts[1] dir=$__signoff_home/state/sessions/$parts[2] id=$parts[5]
        done
        for line in "${(@f)$(<$__signoff_home/config/enabled.tsv)}"; do
            parts=("${(@ps:\t:)line}")
            [[ ${#parts} -eq 5 && $parts[4] == directory && $parts[2] == <-> && $parts[5] == <-> ]] || continue
            is_on=$((parts[2] > now && parts[5] <= now))
            if ((${#parts[1]} > ${#above})) && __signoff_inside "$__signoff_cwd" "$parts[1]"; then
                above=$parts[1] __signoff_open='' __signoff_id=$parts[3]
                ((is_on)) && __signoff_open=$above
            fi
            [[ -n $found && $parts[3] == "$id" ]] && ((is_on)) && __signoff_dir=$dir
        done
        # The nearest opt-in counts: the folder itself, or a work tree whose session goes on.
        if [[ -n $found ]] && ((${#found} >= ${#above})); then
            above=$found __signoff_open=${__signoff_dir:+$found}
        else
            __signoff_dir=''
        fi
        # A repository inside it is off until it is enabled itself.
        folder=$__signoff_cwd
        while ((${#folder} > ${#above})); do
            if [[ -e $folder/.git || -L $folder/.git ]]; then
                __signoff_dir='' __signoff_open=''
                return 0
            fi
            folder=${folder%/*}
        done
    }

    # Whether a pattern of the person keeps the line $1 out (capture/opt_in/command_ignoring.py).
    __signoff_hidden() {
        local row
        local -a parts
        [[ -s $__signoff_home/config/commands.tsv ]] || return 1
        for row in "${(@f)$(<$__signoff_home/config/commands.tsv)}"; do
            parts=("${(@ps:\t:)row}")
            [[ ${#parts} -eq 4 && -n $parts[3] ]] || continue
            [[ $parts[1] == '*' ]] || __signoff_inside "$__signoff_cwd" "$parts[1]" || continue
            [[ $1 == ${~parts[3]}* || $1 == *[^A-Za-z0-9_]${~parts[3]}* ]] && return 0
        done
        return 1
    }

    __signoff_write() {
        if [[ -f $1 ]]; then
            builtin printf '%s\0' '' "${@:2}" >>|$1
        else
            (umask 077; builtin printf '%s\0' '' "${@:2}" >>|$1)
        fi
    }

    # Where lines are recorded and the person agreed, pytest finds our reporter by the last part of
    # PYTHONPATH; elsewhere, and for a private line, that part is taken out again.
    __signoff_lend() {
        local before=${PYTHONPATH-} is_on='' kind=${(t)PYTHONPATH}
        local -a parts=("${(@s.:.)before}")
        [[ -n $__signoff_begun && $1 != private && -f $__signoff_results ]] && is_on=1
        if ((${parts[(Ie)$__signoff_results]})); then
            [[ -z $is_on ]] || return 0
        else
            [[ -n $is_on ]] || return 0
        fi
        # Not ours to touch: read-only, a list, or known to this shell alone.
        [[ $kind != *(readonly|array|association)* && ( -z $kind || $kind == *export* ) ]] || return 0
        if [[ -n $is_on ]]; then
            __signoff_bare=${PYTHONPATH+set}
            typeset -gx PYTHONPATH="${before:+$before:}$__signoff_results"
            return 0
        fi
        parts=("${(@)parts:#$__signoff_results}")
        PYTHONPATH=${(j.:.)parts}
        [[ -n $PYTHONPATH$__signoff_bare ]] || unset PYTHONPATH
    }

    __signoff_preexec() {
        emulate -L zsh
        setopt no_errexit no_errreturn no_xtrace no_verbose no_bgnice no_monitor no_notify no_multibyte
        local __signoff_kind=''
        { __signoff_note "$1"; __signoff_lend "$__signoff_kind" } 2>/dev/null
        if [[ -n $__signoff_session && -t 1 ]]; then
            builtin printf '\e]133;C;%s;%s;%s;%s\a' "$__signoff_mark" "$__signoff_n" "$__signoff_session" "$__signoff_name"
        fi
        return 0
    }

    __signoff_note() {
        local uptime='' wall=$EPOCHREALTIME name
        local -a markers record
        __signoff_session='' __signoff_begun=''
        __signoff_target
        if [[ -n $__signoff_dir ]]; then
            __signoff_asked='' __signoff_fails=0 __signoff_hold=0
        elif ((EPOCHSECONDS < __signoff_hold)); then
            __signoff_open=''
        fi
        [[ -n $__signoff_dir$__signoff_open ]] || return 0
        __signoff_n+=1
        __signoff_begun=${__signoff_dir:-open}
        builtin read -r uptime name </proc/uptime
        # Begun with a space, or not told because there is no history: private.
        if [[ -z $1 || $1 == [[:space:]]* ]] || __signoff_hidden "$1"; then
            record=(private 3 $__signoff_n "$uptime" "$wall")
            __signoff_kind=private
        else
            for name in @MARKERS@; do
                [[ -n ${(P)name-} ]] && markers+=($name)
            done
            record=(begin 6 $__signoff_n "$uptime" "$wall" "$__signoff_cwd" "${(j: :)markers}" "$1")
            [[ -n $__signoff_mark && -n $__signoff_dir ]] && __signoff_session=${__signoff_dir:t}
        fi
        if [[ -z $__signoff_dir || ! -f $__signoff_dir/$__signoff_name ]]; then
            record=(shell 4 1 zsh "$ZSH_VERSION" "$SHLVL" "${record[@]}")
        fi
        # A session that ended meanwhile may have been read already: the line goes to the next one.
        if [[ -n $__signoff_dir && -e $__signoff_dir/active ]] &&
            __signoff_write $__signoff_dir/$__signoff_name "${record[@]}" &&
            [[ -e $__signoff_dir/active ]]; then
            return 0
        fi
        __signoff_session='' __signoff_begun=open
        [[ -n $__signoff_open ]] || return 0
        __signoff_asks "${record[@]}" || return 0
        (
            trap '' HUP INT QUIT TSTP
            builtin printf '%s\0' '' "${record[@]}" |
                SIGNOFF_HOME=$__signoff_home $__signoff_launcher watch --open . --spool $__signoff_name &
        ) >/dev/null 2>&1
    }

    # Whether a session has to be asked for. While one is being opened, the records are left where
    # the one who opens it takes them from. A session that is not there after 20 seconds is asked
    # for again; the fourth time in vain, the hook rests.
    __signoff_asks() {
        if [[ $__signoff_open == "$__signoff_asked" ]]; then
            if ((EPOCHSECONDS - __signoff_asked_at < 20)); then
                __signoff_wait "$@"
                return 1
            fi
            if ((++__signoff_fails > 3)); then
                __signoff_fails=0 __signoff_hold=$((EPOCHSECONDS + 60)) __signoff_asked=''
                return 1
            fi
        fi
        __signoff_asked=$__signoff_open __signoff_asked_at=$EPOCHSECONDS
    }

    # Whoever comes so late that the session is there already may be too late for the one who opened
    # it: then another takes the records in.
    __signoff_wait() {
        local file=$__signoff_home/state/${__signoff_name%.spool}.$__signoff_id.lines
        __signoff_write "$file" "$@"
        __signoff_target
        [[ -n $__signoff_dir && -e $file ]] || return 0
        (
            trap '' HUP INT QUIT TSTP
            SIGNOFF_HOME=$__signoff_home $__signoff_launcher watch --open . --spool $__signoff_name </dev/null &
        ) >/dev/null 2>&1
    }

    __signoff_precmd() {
        local -i __signoff_status=$?
        emulate -L zsh
        setopt no_errexit no_errreturn no_xtrace no_verbose no_multibyte
        if [[ -n $__signoff_session && -t 1 ]]; then
            builtin printf '\e]133;D;%s;%s;%s;%s;%s\a' "$__signoff_mark" "$__signoff_n" "$__signoff_session" "$__signoff_name" "$__signoff_status"
        fi
        { __signoff_prompt $__signoff_status } 2>/dev/null
        return 0
    }

    __signoff_prompt() {
        local uptime='' rest=''
        if [[ -n $__signoff_begun ]]; then
            builtin read -r uptime rest </proc/uptime
            ((${#__signoff_ended} > 60)) && __signoff_ended=()
            __signoff_ended+=(end 4 $__signoff_n "$uptime" "$EPOCHREALTIME" $1)
        fi
        ((${#__signoff_ended})) || return 0
        if [[ $__signoff_begun == open || -z $__signoff_begun ]]; then
            __signoff_target
            if [[ -n $__signoff_dir ]]; then
                __signoff_write $__signoff_dir/$__signoff_name "${__signoff_ended[@]}"
                __signoff_ended=() __signoff_fails=0 __signoff_asked=''
            elif [[ -n $__signoff_asked && $__signoff_open == "$__signoff_asked" ]]; then
                __signoff_wait "${__signoff_ended[@]}"
                __signoff_ended=()
            fi
        else
            [[ -f $__signoff_begun/$__signoff_name ]] &&
                __signoff_write $__signoff_begun/$__signoff_name "${__signoff_ended[@]}"
            __signoff_ended=()
        fi
        __signoff_begun='' __signoff_session=''
    }

    add-zsh-hook preexec __signoff_preexec
    # First among the others, so that what they run is not counted as the command's time.
    precmd_functions=(__signoff_precmd ${precmd_functions:#__signoff_precmd})
fi
