# Signoff's hook for fish 3.2 and newer; docs/shell.md says what it does, and why.
# It reads plain files and appends to one; no program is started per prompt, but for `date` where
# there is no /proc.
if status is-interactive
    set -g __signoff_home @HOME@
    set -g __signoff_boot @BOOT@
    set -g __signoff_launcher @LAUNCHER@
    set -g __signoff_results @RESULTS@
    set -g __signoff_bare ''
    set -g __signoff_private ''
    set -g __signoff_booted @BOOTED@
    set -g __signoff_name shell-$fish_pid-@TAG@.spool
    set -g __signoff_mark
    set -q SIGNOFF_SHELL_MARK; and set -g __signoff_mark $SIGNOFF_SHELL_MARK
    set -e SIGNOFF_SHELL_MARK
    set -g __signoff_n 0
    set -g __signoff_fails 0
    set -g __signoff_hold 0
    set -g __signoff_id ''
    set -g __signoff_asked ''
    set -g __signoff_asked_at 0
    set -g __signoff_full 0
    set -g __signoff_now 0
    set -g __signoff_dir ''
    set -g __signoff_open ''
    set -g __signoff_begun ''
    set -g __signoff_session ''
    set -g __signoff_ended
    set -g __signoff_uptime ''
    set -g __signoff_wall ''

    function __signoff_inside
        test "$argv[1]" = "$argv[2]"
        or test (string sub -l (math (string length -- "$argv[2]") + 1) -- "$argv[1]") = "$argv[2]/"
    end

    # Fish has no clock: the time since boot by Linux's file, else the time of day by `date`.
    function __signoff_clock
        set -g __signoff_uptime ''
        set -g __signoff_wall ''
        if test -r /proc/uptime
            read -g __signoff_uptime __signoff_rest </proc/uptime
            set -g __signoff_now (math "floor($__signoff_booted + $__signoff_uptime)")
        else
            set -g __signoff_wall (command date +%s)
            set -g __signoff_now $__signoff_wall
        end
    end

    # Find where a line belongs: the folder of a session, or a session to be opened.
    function __signoff_target
        set -g __signoff_dir ''
        set -g __signoff_open ''
        set -g __signoff_cwd (builtin pwd -P)
        test -n "$__signoff_cwd" -a -s $__signoff_home/config/enabled.tsv
        or return
        __signoff_clock
        set -l found ''
        set -l dir ''
        set -l id ''
        set -l above ''
        if test -r $__signoff_home/state/active.tsv
            while read -l line
                set -l part (string split \t -- $line)
                test (count $part) -eq 5
                and test (string length -- $part[1]) -gt (string length -- "$found")
                and __signoff_inside $__signoff_cwd $part[1]
                and test "$part[3]" = $__signoff_boot -a "$part[4]" -gt $__signoff_now
                and test -e $__signoff_home/state/sessions/$part[2]/active
                or continue
                set found $part[1]
                set dir $__signoff_home/state/sessions/$part[2]
                set id $part[5]
            end <$__signoff_home/state/active.tsv
        end
        while read -l line
            set -l part (string split \t -- $line)
            test (count $part) -eq 5 -a "$part[4]" = directory
            or continue
            set -l is_on ''
            test $part[2] -gt $__signoff_now -a $part[5] -le $__signoff_now
            and set is_on 1
            if test (string length -- $part[1]) -gt (string length -- "$above")
                and __signoff_inside $__signoff_cwd $part[1]
                set above $part[1]
                set -g __signoff_id $part[3]
                set -g __signoff_open ''
                test -n "$is_on"
                and set -g __signoff_open $above
            end
            test -n "$found" -a "$part[3]" = "$id" -a -n "$is_on"
            and set -g __signoff_dir $dir
        end <$__signoff_home/config/enabled.tsv
        # The nearest opt-in counts: the folder itself, or a work tree whose session goes on.
        if test -n "$found" -a (string length -- "$found") -ge (string length -- "$above")
            set above $found
            set -g __signoff_open ''
            test -n "$__signoff_dir"
            and set -g __signoff_open $found
        else
            set -g __signoff_dir ''
        end
        # A repository inside it is off until it is enabled itself.
        set -l folder $__signoff_cwd
        while test (string length -- "$folder") -gt (string length -- "$above")
            if test -e $folder/.git -o -L $folder/.git
                set -g __signoff_dir ''
                set -g __signoff_open ''
                return
            end
            set folder (string replace -r '/[^/]*\z' '' -- $folder)
        end
    end

    # Whether a pattern of the person keeps a line out (capture/opt_in/command_ignoring.py).
    function __signoff_hidden
        test -s $__signoff_home/config/commands.tsv
        or return 1
        while read -l row
            set -l part (string split \t -- $row)
            test (count $part) -eq 4
            or continue
            test "$part[1]" = '*'
            or __signoff_inside $__signoff_cwd $part[1]
            or continue
            string match -qr -- $part[4] "$argv[1]"
            and return 0
        end <$__signoff_home/config/commands.tsv
        return 1
    end

    function __signoff_write
        if not test -f $argv[1]
            set -l before (umask)
            umask 077
            printf '' >>$argv[1]
            umask $before
        end
        # Fish tells the person of a full disk whatever one does: once in ten minutes is enough.
        printf '%s\0' '' $argv[2..-1] >>$argv[1]
        or set -g __signoff_full (math $__signoff_now + 600)
    end

    # Where lines are recorded and the person agreed, pytest finds our reporter by the last part of
    # PYTHONPATH; elsewhere, and for a private line, that part is taken out again.
    function __signoff_lend
        set -l is_on ''
        test -n "$__signoff_begun" -a -z "$__signoff_private" -a -f $__signoff_results
        and set is_on 1
        set -l place (contains -i -- $__signoff_results $PYTHONPATH)
        if test -n "$place" -a -z "$is_on"
            set -e PYTHONPATH[$place]
            test (count $PYTHONPATH) -eq 0 -a -z "$__signoff_bare"
            and set -e PYTHONPATH
        else if test -z "$place" -a -n "$is_on"
            # What is known to this shell alone, or set for every shell for good, is not ours.
            if not set -q PYTHONPATH
                set -g __signoff_bare ''
                set -gx --path PYTHONPATH $__signoff_results
            else if set -qgx PYTHONPATH
                set -g __signoff_bare set
                test -n "$PYTHONPATH"
                and set -gxa PYTHONPATH $__signoff_results
                or set -gx PYTHONPATH $__signoff_results
            end
        end
    end

    function __signoff_preexec --on-event fish_preexec
        __signoff_note "$argv[1]" 2>/dev/null
        __signoff_lend 2>/dev/null
        if test -n "$__signoff_session"; and test -t 1
            printf '\e]133;C;%s;%s;%s;%s\a' "$__signoff_mark" $__signoff_n "$__signoff_session" "$__signoff_name"
        end
    end

    function __signoff_note
        set -g __signoff_session ''
        set -g __signoff_begun ''
        set -g __signoff_private ''
        __signoff_target
        test $__signoff_now -lt $__signoff_full
        and return
        if test -n "$__signoff_dir"
            set -g __signoff_asked ''
            set -g __signoff_fails 0
            set -g __signoff_hold 0
        else if test $__signoff_now -lt $__signoff_hold
            set -g __signoff_open ''
        end
        test -n "$__signoff_dir$__signoff_open"
        or return
        set -g __signoff_n (math $__signoff_n + 1)
        set -g __signoff_begun $__signoff_dir
        test -n "$__signoff_dir"
        or set -g __signoff_begun open
        set -l record
        # Begun with a space, or a private fish: private.
        if test -n "$fish_private_mode"; or string match -qr '^\s|^\z' -- "$argv[1]"; or __signoff_hidden "$argv[1]"
            set record private 3 $__signoff_n "$__signoff_uptime" "$__signoff_wall"
            set -g __signoff_private 1
        else
            set -l markers
            for name in @MARKERS@
                test -n "$$name"
                and set -a markers $name
            end
            set record begin 6 $__signoff_n "$__signoff_uptime" "$__signoff_wall" "$__signoff_cwd" "$markers" "$argv[1]"
            test -n "$__signoff_mark" -a -n "$__signoff_dir"
            and set -g __signoff_session (string replace -r '.*/' '' -- $__signoff_dir)
        end
        if not test -n "$__signoff_dir" -a -f "$__signoff_dir/$__signoff_name"
            set -p record shell 4 1 fish "$version" "$SHLVL"
        end
        # A session that ended meanwhile may have been read already: the line goes to the next one.
        if test -n "$__signoff_dir" -a -e "$__signoff_dir/active"
            and __signoff_write $__signoff_dir/$__signoff_name $record
            and test -e $__signoff_dir/active
            return
        end
        set -g __signoff_session ''
        set -g __signoff_begun open
        test -n "$__signoff_open"
        or return
        __signoff_asks $record
        or return
        # The pipe holds 64 KiB, and fish would wait: a longer line is taken from a file.
        if test (string length -- "$argv[1]") -gt 15000
            __signoff_wait $record
            set record
        end
        printf '%s\0' '' $record | __signoff_opener
    end

    # Whether a session has to be asked for. While one is being opened, the records are left where
    # the one who opens it takes them from. A session that is not there after 20 seconds is asked
    # for again; the fourth time in vain, the hook rests.
    function __signoff_asks
        if test "$__signoff_open" = "$__signoff_asked"
            if test (math $__signoff_now - $__signoff_asked_at) -lt 20
                __signoff_wait $argv
                return 1
            end
            set -g __signoff_fails (math $__signoff_fails + 1)
            if test $__signoff_fails -gt 3
                set -g __signoff_fails 0
                set -g __signoff_hold (math $__signoff_now + 60)
                set -g __signoff_asked ''
                return 1
            end
        end
        set -g __signoff_asked $__signoff_open
        set -g __signoff_asked_at $__signoff_now
    end

    # Whoever comes so late that the session is there already may be too late for the one who opened
    # it: then another takes the records in.
    function __signoff_wait
        set -l file $__signoff_home/state/(string replace -r '\.spool\z' '' -- $__signoff_name).$__signoff_id.lines
        __signoff_write $file $argv
        __signoff_target
        test -n "$__signoff_dir" -a -e "$file"
        and printf '' | __signoff_opener
    end

    # Start the one who opens the session; what it reads becomes part of it.
    function __signoff_opener
        SIGNOFF_HOME=$__signoff_home command /bin/sh -c \
            'trap "" HUP INT QUIT TSTP; exec 3<&0; "$@" <&3 >/dev/null 2>&1 &' \
            sh $__signoff_launcher watch --open . --spool $__signoff_name
    end

    function __signoff_postexec --on-event fish_postexec
        set -l result $status
        if test -n "$__signoff_session"; and test -t 1
            printf '\e]133;D;%s;%s;%s;%s;%s\a' "$__signoff_mark" $__signoff_n "$__signoff_session" "$__signoff_name" $result
        end
        __signoff_prompt $result 2>/dev/null
    end

    # How the line ended that began a session is told when the session is there.
    function __signoff_late --on-event fish_prompt
        test (count $__signoff_ended) -gt 0
        and __signoff_prompt 2>/dev/null
    end

    function __signoff_prompt
        if test -n "$__signoff_begun"
            __signoff_clock
            test (count $__signoff_ended) -gt 60
            and set -g __signoff_ended
            set -g -a __signoff_ended end 4 $__signoff_n "$__signoff_uptime" "$__signoff_wall" $argv[1]
        end
        test (count $__signoff_ended) -gt 0
        or return
        if test -z "$__signoff_begun" -o "$__signoff_begun" = open
            __signoff_target
            if test -n "$__signoff_dir"
                __signoff_write $__signoff_dir/$__signoff_name $__signoff_ended
                set -g __signoff_ended
                set -g __signoff_fails 0
                set -g __signoff_asked ''
            else if test -n "$__signoff_asked" -a "$__signoff_open" = "$__signoff_asked"
                __signoff_wait $__signoff_ended
                set -g __signoff_ended
            end
        else
            test -f $__signoff_begun/$__signoff_name
            and __signoff_write $__signoff_begun/$__signoff_name $__signoff_ended
            set -g __signoff_ended
        end
        set -g __signoff_begun ''
        set -g __signoff_session ''
    end
end
