# Signoff's hook for bash 4.4 and newer; docs/shell.md says what it does, and why in this way.
# It reads plain files and appends to one; no program is started per prompt. A command line is
# noted in a subshell that PS0 starts, where nothing can disturb this shell.
if [[ $- == *i* ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) &&
    (PS0='' PROMPT_COMMAND='' && __signoff_n=0 && unset __signoff_n) 2>/dev/null; then
    __signoff_home=@HOME@
    __signoff_boot=@BOOT@
    __signoff_launcher=@LAUNCHER@
    __signoff_results=@RESULTS@
    __signoff_name=shell-$$-@TAG@.spool
    __signoff_mark=${SIGNOFF_SHELL_MARK-}
    \builtin unset SIGNOFF_SHELL_MARK
    __signoff_n=1 __signoff_ran=0 __signoff_fails=0 __signoff_hold=0 __signoff_now=0
    __signoff_id='' __signoff_asked='' __signoff_asked_at=0
    __signoff_dir='' __signoff_open='' __signoff_pwd='' __signoff_cwd='' __signoff_ended=()
    __signoff_armed='' __signoff_next='' __signoff_last='' __signoff_taken='' __signoff_control='' __signoff_e='' __signoff_bare=''
    # Called by a variable, so that a child that inherits PS0 or PROMPT_COMMAND does nothing.
    __signoff_p=__signoff_precmd __signoff_b=__signoff_preexec __signoff_entry='"${__signoff_p:-:}"'

    # Whether $1 is $2 or a folder in it.
    __signoff_inside() {
        [ "${1:0:${#2}}" = "$2" ] && { [ "$1" = "$2" ] || [ "${1:${#2}:1}" = / ]; }
    }

    # Find where the line to come belongs: the folder of a session, or a session to be opened.
    __signoff_target() {
        \builtin local tab=$'\t' line root rest session boot until found='' dir='' id='' above='' is_on=''
        \builtin local -a lines
        lines=() __signoff_dir='' __signoff_open=''
        [ -s "$__signoff_home/config/enabled.tsv" ] || \builtin return 0
        if [ "$PWD" != "$__signoff_pwd" ]; then
            __signoff_pwd=$PWD
            __signoff_cwd=$(\builtin pwd -P && \builtin printf x) || __signoff_cwd=''
            __signoff_cwd=${__signoff_cwd%$'\n'x}
        fi
        [ -n "$__signoff_cwd" ] || \builtin return 0
        \builtin printf -v __signoff_now '%(%s)T' -1
        \builtin mapfile -t -n 4000 lines <"$__signoff_home/state/active.tsv"
        for line in "${lines[@]}"; do
            root=${line%%"$tab"*} rest=${line#*"$tab"}
            [ "${#root}" -gt "${#found}" ] && __signoff_inside "$__signoff_cwd" "$root" || continue
            session=${rest%%"$tab"*} rest=${rest#*"$tab"}
            boot=${rest%%"$tab"*} rest=${rest#*"$tab"}
            until=${rest%%"$tab"*} rest=${rest#*"$tab"}
            [ "$boot" = "$__signoff_boot" ] && [ "$until" -gt "$__signoff_now" ] &&
                [ -e "$__signoff_home/state/sessions/$session/active" ] || continue
            found=$root id=$rest dir=$__signoff_home/state/sessions/$session
        done
        lines=()
        \builtin mapfile -t -n 4000 lines <"$__signoff_home/config/enabled.tsv"
        for line in "${lines[@]}"; do
            root=${line%%"$tab"*} rest=${line#*"$tab"}
            until=${rest%%"$tab"*} rest=${rest#*"$tab"}
            boot=${rest%%"$tab"*} rest=${rest#*"$tab"}
            [ "${rest%%"$tab"*}" = directory ] || continue
            is_on=''
            [ "$until" -gt "$__signoff_now" ] && [ "${rest#*"$tab"}" -le "$__signoff_now" ] &&
                is_on=1
            if [ "${#root}" -gt "${#above}" ] && __signoff_inside "$__signoff_cwd" "$root"; then
                above=$root __signoff_open=${is_on:+$root} __signoff_id=$boot
            fi
            [ -n "$found" ] && [ "$boot" = "$id" ] && [ -n "$is_on" ] && __signoff_dir=$dir
        done
        # The nearest opt-in counts: the folder itself, or a work tree whose session goes on.
        if [ -n "$found" ] && [ "${#found}" -ge "${#above}" ]; then
            above=$found __signoff_open=${__signoff_dir:+$found}
        else
            __signoff_dir=''
        fi
        # A repository inside it is off until it is enabled itself.
        rest=$__signoff_cwd
        while [ "${#rest}" -gt "${#above}" ]; do
            if [ -e "$rest/.git" ] || [ -L "$rest/.git" ]; then
                __signoff_dir='' __signoff_open=''
                \builtin return 0
            fi
            rest=${rest%/*}
        done
    }

    # Ask for the last line of the history, with its number and time. A file of our own is cheaper
    # than a subshell; it holds what the history holds, and is emptied at once.
    __signoff_ask() {
        \builtin local file=$__signoff_dir/${__signoff_name%.spool}.line
        \builtin local -a got
        got=()
        if [ -n "$__signoff_dir" ] && [ -f "$file" ]; then
            HISTTIMEFORMAT='%s ' \builtin history 1 >"$file"
            \builtin mapfile -d '' got <"$file"
            : >"$file"
        else
            got=("$(HISTTIMEFORMAT='%s ' \builtin history 1)")
        fi
        __signoff_line=${got[0]-} __signoff_number=${__signoff_line#"${__signoff_line%%[0-9]*}"}
        __signoff_line=${__signoff_line%$'\n'} __signoff_number=${__signoff_number%%[!0-9]*}
        __signoff_line=${__signoff_line#*[0-9][\* ] } __signoff_at=${__signoff_line%% *}
        __signoff_line=${__signoff_line#* }
    }

    # Bash does not tell a line it left out as a repetition (ignoredups) from a private one. While
    # lines are recorded, the hook takes that over: it removes repetitions from the history itself.
    __signoff_history() {
        __signoff_armed=$__signoff_dir$__signoff_open
        if [ -z "$__signoff_dir$__signoff_open" ]; then
            [ -n "$__signoff_taken" ] && [ "${HISTCONTROL-}" = "$__signoff_taken" ] &&
                HISTCONTROL=$__signoff_control
            __signoff_taken=''
            \builtin return 0
        fi
        __signoff_ask
        if [ -n "$__signoff_taken" ] && ((__signoff_ran)) &&
            [ "$__signoff_number" = "$__signoff_next" ] &&
            [ "$__signoff_line" = "$__signoff_last" ] && \builtin history -d "$__signoff_number"; then
            __signoff_number=$((__signoff_number - 1))
        fi
        __signoff_next=$((__signoff_number + 1)) __signoff_last=$__signoff_line
        case :${HISTCONTROL-}: in
        *:ignoredups:* | *:ignoreboth:*)
            __signoff_control=$HISTCONTROL __signoff_taken=:$HISTCONTROL:
            __signoff_taken=${__signoff_taken//:ignoredups:/:}
            __signoff_taken=${__signoff_taken//:ignoreboth:/:ignorespace:}
            __signoff_taken=${__signoff_taken#:} __signoff_taken=${__signoff_taken%:}
            if (HISTCONTROL=$__signoff_taken); then
                HISTCONTROL=$__signoff_taken
            else
                __signoff_taken=''
            fi
            ;;
        esac
    }

    # Where lines are recorded and the person agreed, pytest finds our reporter by the last part of
    # PYTHONPATH; elsewhere that part is taken out again and all others stay as they are.
    __signoff_lend() {
        \builtin local path=:${PYTHONPATH-}: is_on=''
        [ -n "$__signoff_dir$__signoff_open" ] && [ -f "$__signoff_results" ] && is_on=1
        case $path in
        *":$__signoff_results:"*) [ -z "$is_on" ] || \builtin return 0 ;;
        *) [ -n "$is_on" ] || \builtin return 0 ;;
        esac
        # Not ours to touch: read-only, a list, or known to this shell alone.
        [[ ${PYTHONPATH@a} == *[aAr]* || ( -n ${PYTHONPATH+x} && ${PYTHONPATH@a} != *x* ) ]] &&
            \builtin return 0
        if [ -n "$is_on" ]; then
            __signoff_bare=${PYTHONPATH+set}
            \builtin export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$__signoff_results"
            \builtin return 0
        fi
        path=${path//":$__signoff_results:"/:}
        path=${path#:}
        PYTHONPATH=${path%:}
        [ -n "$PYTHONPATH$__signoff_bare" ] || \builtin unset -v PYTHONPATH
    }

    __signoff_precmd() {
        { \builtin local - status=$?; \builtin set +exuvTEfC; } 2>/dev/null
        { __signoff_prompt "$status"; } 2>/dev/null
        \builtin return "$__signoff_gives"
    }

    __signoff_marks_end() {
        if [ -n "$__signoff_mark" ] && ((__signoff_ran)) && [ -t 1 ]; then
            \builtin printf '\e]133;D;%s;%s;%s;%s;%s\a' "$__signoff_mark" "$1" "$__signoff_e" "$__signoff_name" "$2"
        fi
    }

    __signoff_prompt() {
        \builtin local uptime='' dir=$__signoff_dir open=$__signoff_open n=$__signoff_n
        __signoff_gives=$1 # the rest of a string would not get the status; elements of an array do
        [[ ${PROMPT_COMMAND@a} != *a* || $PROMPT_COMMAND != "$__signoff_entry" ]] || __signoff_gives=0
        # First of all: what is typed ahead is echoed until then, and would be in the output.
        [ -n "$__signoff_e" ] && __signoff_marks_end "$n" "$1"
        if ((__signoff_ran)); then
            \builtin read -r uptime </proc/uptime
            __signoff_ended+=(end 4 "$__signoff_n" "${uptime%% *}" "${EPOCHREALTIME-}" "$1")
            if [ -n "$dir" ] && [ -e "$dir/active" ]; then
                [ -f "$dir/$__signoff_name" ] && __signoff_end "$dir"
                __signoff_ended=()
            elif [ -z "$open" ] || [ "${#__signoff_ended[@]}" -gt 60 ]; then
                __signoff_ended=()
            fi
            __signoff_n=$((__signoff_n + 1))
        fi
        __signoff_target
        # A session that began behind the last prompt is the one that the mark in front names.
        if [ -z "$__signoff_e" ] && [ -n "$__signoff_dir" ]; then
            __signoff_e=${__signoff_dir##*/}
            __signoff_marks_end "$n" "$1"
        fi
        # How the line ended that began this session, or lines typed before it was there.
        if [ -n "$__signoff_dir" ]; then
            [ "${#__signoff_ended[@]}" -gt 0 ] && __signoff_end "$__signoff_dir"
            __signoff_ended=() __signoff_fails=0 __signoff_asked='' __signoff_hold=0
        elif ((__signoff_ran && __signoff_now >= __signoff_hold)) && [ -z "$dir" ] && [ -n "$open" ]; then
            __signoff_asks
        fi
        __signoff_history
        __signoff_lend
        __signoff_e=''
        [ -n "$__signoff_mark" ] && __signoff_e=${__signoff_dir##*/}
        __signoff_hang
        __signoff_ran=0
    }

    # The line asked for a session, or waits for the one that was asked for: so does its end. A
    # session that is not there after 20 seconds is asked for again; the fourth time in vain, the
    # hook rests.
    __signoff_asks() {
        if [ "$open" != "$__signoff_asked" ]; then
            __signoff_asked=$open __signoff_asked_at=$__signoff_now
        elif ((__signoff_now - __signoff_asked_at >= 20)); then
            __signoff_asked=''
            (((__signoff_fails += 1) > 3)) && __signoff_fails=0 __signoff_hold=$((__signoff_now + 60))
        fi
        if [ "$open" = "$__signoff_open" ]; then
            __signoff_wait "${__signoff_ended[@]}"
            __signoff_ended=()
        fi
    }

    # Leave records where the one who opens the session takes them from. Whoever comes so late that
    # the session is there already may be too late for that one: then another takes them in.
    __signoff_wait() {
        \builtin local file=$__signoff_home/state/${__signoff_name%.spool}.$__signoff_id.lines
        (\builtin umask 077; \builtin printf '%s\0' '' "$@" >>"$file")
        __signoff_target
        [ -n "$__signoff_dir" ] && [ -e "$file" ] || \builtin return 0
        (
            \builtin trap '' HUP INT QUIT TSTP
            SIGNOFF_HOME=$__signoff_home "$__signoff_launcher" watch --open . --spool "$__signoff_name" </dev/null &
        ) >/dev/null
    }

    __signoff_end() {
        if [ -f "$1/$__signoff_name" ]; then
            \builtin printf '%s\0' '' "${__signoff_ended[@]}" >>"$1/$__signoff_name"
        else
            (\builtin umask 077; \builtin printf '%s\0' '' "${__signoff_ended[@]}" >>"$1/$__signoff_name")
        fi
    }

    # Whether a pattern of the person keeps the line $1 out (capture/opt_in/command_ignoring.py).
    __signoff_hidden() {
        \builtin local tab=$'\t' row root
        \builtin local -a rows
        rows=()
        [ -s "$__signoff_home/config/commands.tsv" ] || \builtin return 1
        \builtin mapfile -t -n 1000 rows <"$__signoff_home/config/commands.tsv"
        for row in "${rows[@]}"; do
            root=${row%%"$tab"*} row=${row%"$tab"*} row=${row##*"$tab"}
            [ -n "$row" ] || continue
            [ "$root" = '*' ] || __signoff_inside "$__signoff_cwd" "$root" || continue
            [[ $1 == $row* || $1 == *[!A-Za-z0-9_]$row* ]] && \builtin return 0
        done
        \builtin return 1
    }

    # Runs in a subshell; what it prints becomes part of what PS0 shows.
    __signoff_preexec() {
        { \builtin set +exuvTEfC; __signoff_note; } 2>/dev/null
        if [ -n "$__signoff_e" ]; then
            \builtin printf '\e]133;C;%s;%s;%s;%s\a' "$__signoff_mark" "$__signoff_n" "$__signoff_e" "$__signoff_name"
        fi
    }

    __signoff_note() {
        \builtin local uptime='' wall=${EPOCHREALTIME-} line name file
        \builtin local prompted=$__signoff_now session=$__signoff_e is_marked=$__signoff_mark
        \builtin local markers=''
        \builtin local -a record
        record=() __signoff_e=''
        # Not recorded when the prompt was shown, or not any more.
        [ -n "$__signoff_dir$__signoff_open" ] || \builtin return
        __signoff_target
        [ -n "$__signoff_dir$__signoff_open" ] || \builtin return
        file=$__signoff_dir/$__signoff_name
        \builtin umask 077
        \builtin read -r uptime </proc/uptime
        if [ -n "$__signoff_dir" ] && ! [ -f "${file%.spool}.line" ]; then
            : >"${file%.spool}.line"
        fi
        __signoff_ask
        line=$__signoff_line
        # Not in the history, or begun with a space: not for us either.
        if [ "$__signoff_number" != "$__signoff_next" ] && [ "$line" = "$__signoff_last" ] &&
            ! [ "$__signoff_at" -gt "$prompted" ]; then
            line=' '
        fi
        __signoff_hidden "$line" && line=' '
        case $line in
        '' | [[:space:]]*)
            record=(private 3 "$__signoff_n" "${uptime%% *}" "$wall")
            is_marked=''
            ;;
        *)
            for name in @MARKERS@; do
                [ -n "${!name-}" ] && markers+=" $name"
            done
            record=(begin 6 "$__signoff_n" "${uptime%% *}" "$wall" "$__signoff_cwd" "${markers# }" "$line")
            ;;
        esac
        if [ -z "$__signoff_dir" ] || ! [ -f "$file" ]; then
            record=(shell 4 1 bash "${BASH_VERSION%%[!0-9.]*}" "${SHLVL-}" "${record[@]}")
        fi
        # A session that ended meanwhile may have been read already: the line goes to the next one.
        if [ -n "$__signoff_dir" ] && [ -e "$__signoff_dir/active" ] &&
            \builtin printf '%s\0' '' "${record[@]}" >>"$file" && [ -e "$__signoff_dir/active" ]; then
            session=${session:-${__signoff_dir##*/}}
            [ -n "$is_marked" ] && [ "$session" = "${__signoff_dir##*/}" ] && __signoff_e=$session
            \builtin return
        fi
        [ -n "$__signoff_open" ] && ((__signoff_now >= __signoff_hold)) || \builtin return
        if [ "$__signoff_open" = "$__signoff_asked" ] && ((__signoff_now - __signoff_asked_at < 20)); then
            __signoff_wait "${record[@]}"
            \builtin return
        fi
        \builtin trap '' HUP INT QUIT TSTP
        {
            \builtin printf '%s\0' '' "${record[@]}" |
                SIGNOFF_HOME=$__signoff_home "$__signoff_launcher" watch --open . --spool "$__signoff_name" &
        } >/dev/null
    }

    # Without `promptvars` bash would show the words themselves.
    __signoff_hang() {
        if ! \builtin shopt -q promptvars; then
            PS0=${PS0//"$__signoff_ps0"/}
        elif [[ ${PS0-} != *"$__signoff_ps0"* ]]; then
            PS0=${PS0-}$__signoff_ps0
        fi
    }
    __signoff_ps0='${__signoff_e[__signoff_ran=1,0]+}${__signoff_armed:+$("${__signoff_b:-:}")}'

    __signoff_hook() {
        case ${PROMPT_COMMAND[*]-} in
        *__signoff_p*) ;;
        '') PROMPT_COMMAND=$__signoff_entry ;;
        *)
            # VS Code runs the first entry inside its own and takes a later one for a command.
            if [ "${TERM_PROGRAM-}" != vscode ] &&
                { [[ ${PROMPT_COMMAND@a} == *a* ]] || ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); }; then
                PROMPT_COMMAND=("$__signoff_entry" "${PROMPT_COMMAND[@]}")
            else
                PROMPT_COMMAND=$__signoff_entry$'\n'$PROMPT_COMMAND
            fi
            ;;
        esac
        __signoff_hang
    }
    __signoff_hook
fi
