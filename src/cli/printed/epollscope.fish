# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_epollscope_global_optspecs
    string join \n listen= record= trigger= oneshot read= read-size= accept= write= budget= max-events= timeout= fault= lang= projector h/help V/version
end

function __fish_epollscope_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_epollscope_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_epollscope_using_subcommand
    set -l cmd (__fish_epollscope_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c epollscope -n "__fish_epollscope_needs_command" -l listen -d 'Address and port to listen on; port 0 picks a free one' -r
complete -c epollscope -n "__fish_epollscope_needs_command" -l record -d 'Write every call to FILE, in the trace format; an existing file is written anew' -r -F
complete -c epollscope -n "__fish_epollscope_needs_command" -l trigger -d 'When epoll reports a ready fd' -r -f -a "level\t'At every wait while it is ready'
edge\t'When it becomes ready anew (EPOLLET)'"
complete -c epollscope -n "__fish_epollscope_needs_command" -l read -d 'How much is read for one report' -r -f -a "once\t'One recv'
drain\t'recv until EAGAIN, as epoll(7) asks of an edge-triggered reader'
drain-short\t'recv until EAGAIN or a short read, which on a stream says the same with one call less'"
complete -c epollscope -n "__fish_epollscope_needs_command" -l read-size -d 'Bytes asked for by one recv' -r
complete -c epollscope -n "__fish_epollscope_needs_command" -l accept -d 'How many connections are accepted for one report' -r -f -a "once\t'One accept4'
drain\t'accept4 until EAGAIN'"
complete -c epollscope -n "__fish_epollscope_needs_command" -l write -d 'When a connection asks for EPOLLOUT' -r -f -a "on-demand\t'While bytes wait to be sent'
always\t'All the time'"
complete -c epollscope -n "__fish_epollscope_needs_command" -l budget -d 'Take turns: read at most N bytes of a connection at a time (default: as much as --read says)' -r
complete -c epollscope -n "__fish_epollscope_needs_command" -l max-events -d 'The most events that one epoll_wait returns' -r
complete -c epollscope -n "__fish_epollscope_needs_command" -l timeout -d 'How long epoll_wait waits, in milliseconds; -1 is without end' -r
complete -c epollscope -n "__fish_epollscope_needs_command" -l fault -d 'What the server does wrong, as the notes\' program does; several with commas between them' -r -f -a "exact-match\t'Act on a report only if it is EPOLLIN and nothing else: a reset is never handled'
close-first\t'Close before EPOLL_CTL_DEL: EBADF ends the server when the first client leaves'
decode-text\t'Decode each chunk as UTF-8: characters that lie across two are lost'
blocking\t'Leave accepted sockets blocking: one peer can hang the server in recv or send'
unchecked-send\t'Ignore what send returned: what did not fit is lost'
notes\t'All of these: the notes\' server as it is written'"
complete -c epollscope -n "__fish_epollscope_needs_command" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_needs_command" -l oneshot -d 'Let each report disarm its fd until EPOLL_CTL_MOD'
complete -c epollscope -n "__fish_epollscope_needs_command" -l projector -d 'For a projector: fewer panels, no shades of grey'
complete -c epollscope -n "__fish_epollscope_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_needs_command" -s V -l version -d 'Print version'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "serve" -d 'Run the same server without a screen: a line a call, until SIGINT or SIGTERM'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "lab" -d 'Drive epoll by hand: one call a line, on real fds of any kind, at a prompt or from a script'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "replay" -d 'Look at a recording, forward and back: the same screen as the workbench, where nothing can be driven'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "lesson" -d 'Take a lesson; without one, list them with your progress'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "demo" -d 'Play a scene by itself, with captions that say what comes and what to look at'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "verify" -d 'Check every claim of the lessons against this kernel: a line each, and the proof where one fails'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "diff" -d 'Where two recordings part: the first call that differs, with both sides around it'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "export" -d 'Turn a recording into what other programs open'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "bench" -d 'Measure how the cost of one wait grows with idle connections: select, poll, epoll level, edge and one-shot'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "completions" -d 'Print the completions of a shell, for it to read at its start'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "man" -d 'Print the man page: `epollscope man | man -l -`'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "compare" -d 'Twins: play one scene against several servers, and see where they part, why, and what each costs'
complete -c epollscope -n "__fish_epollscope_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l format -d 'How the calls are written' -r -f -a "text\t'Readable and aligned, in the manner of strace(1)'
jsonl\t'The trace format: JSON Lines'
none\t'Nothing: nobody watches, and the server does no more than serve'"
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l listen -d 'Address and port to listen on; port 0 picks a free one' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l record -d 'Write every call to FILE, in the trace format; an existing file is written anew' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l trigger -d 'When epoll reports a ready fd' -r -f -a "level\t'At every wait while it is ready'
edge\t'When it becomes ready anew (EPOLLET)'"
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l read -d 'How much is read for one report' -r -f -a "once\t'One recv'
drain\t'recv until EAGAIN, as epoll(7) asks of an edge-triggered reader'
drain-short\t'recv until EAGAIN or a short read, which on a stream says the same with one call less'"
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l read-size -d 'Bytes asked for by one recv' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l accept -d 'How many connections are accepted for one report' -r -f -a "once\t'One accept4'
drain\t'accept4 until EAGAIN'"
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l write -d 'When a connection asks for EPOLLOUT' -r -f -a "on-demand\t'While bytes wait to be sent'
always\t'All the time'"
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l budget -d 'Take turns: read at most N bytes of a connection at a time (default: as much as --read says)' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l max-events -d 'The most events that one epoll_wait returns' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l timeout -d 'How long epoll_wait waits, in milliseconds; -1 is without end' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l fault -d 'What the server does wrong, as the notes\' program does; several with commas between them' -r -f -a "exact-match\t'Act on a report only if it is EPOLLIN and nothing else: a reset is never handled'
close-first\t'Close before EPOLL_CTL_DEL: EBADF ends the server when the first client leaves'
decode-text\t'Decode each chunk as UTF-8: characters that lie across two are lost'
blocking\t'Leave accepted sockets blocking: one peer can hang the server in recv or send'
unchecked-send\t'Ignore what send returned: what did not fit is lost'
notes\t'All of these: the notes\' server as it is written'"
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -l oneshot -d 'Let each report disarm its fd until EPOLL_CTL_MOD'
complete -c epollscope -n "__fish_epollscope_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand lab" -l format -d 'How what was done is written' -r -f -a "text\t'Each line of the script with its result'
jsonl\t'Every call, in the trace format'"
complete -c epollscope -n "__fish_epollscope_using_subcommand lab" -l record -d 'Write every call to FILE, in the trace format; an existing file is written anew' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand lab" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand lab" -l verbs -d 'List the verbs of the language, and end'
complete -c epollscope -n "__fish_epollscope_using_subcommand lab" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand replay" -l twin -d 'Whose calls are looked at, where `compare` has recorded several servers; the first one\'s if missing' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand replay" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand replay" -l projector -d 'For a projector: fewer panels, no shades of grey'
complete -c epollscope -n "__fish_epollscope_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and not __fish_seen_subcommand_from new help" -l record -d 'Write every call of the scene to FILE, in the trace format; a scene that begins anew begins the file anew' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and not __fish_seen_subcommand_from new help" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and not __fish_seen_subcommand_from new help" -l plain -d 'As linear text, without a screen; predictions are read from standard input, a line each'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and not __fish_seen_subcommand_from new help" -l projector -d 'For a projector: fewer panels, no shades of grey'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and not __fish_seen_subcommand_from new help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and not __fish_seen_subcommand_from new help" -a "new" -d 'Write a small lesson into a new folder, to begin one of your own with'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and not __fish_seen_subcommand_from new help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and __fish_seen_subcommand_from new" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and __fish_seen_subcommand_from help" -f -a "new" -d 'Write a small lesson into a new folder, to begin one of your own with'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l listen -d 'Address and port that its server listens on; port 0 picks a free one' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l speed -d 'So many times as fast as it is meant' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l format -d 'How it is shown without a screen (default where there is no terminal and no picture is asked for: text)' -r -f -a "text\t'Each caption, and below it every line of the scene with what came of it'"
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l cast -d 'Write a film of what is shown to FILE: an asciicast (v2), with the captions as its chapters' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l svg -d 'Write the last screen to FILE as a picture: the one on which the demo is left, or, without a terminal, its end' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l at -d 'The picture of what caption N announces, when it has happened; without a screen' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l size -d 'The size of film and picture; without a screen, and in no more time than the kernel takes (default 120x40)' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l record -d 'Write every call to FILE, in the trace format; an existing file is written anew' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l loop -d 'Begin anew at the end, again and again'
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -l projector -d 'For a projector: fewer panels, no shades of grey'
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand verify" -l record -d 'Write the calls of each lesson into FOLDER, to a recording with its name; the folder is made if it is not there' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand verify" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand diff" -l twin -d 'Whose calls are compared, where `compare` has recorded several servers; the first one\'s if missing. Two with a comma between them: that of A, and that of B' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand diff" -l also -d 'What counts too; several with commas between them' -r -f -a "fds\t'The numbers of fds'
ports\t'The numbers of ports'
samples\t'What the instrument asked the kernel: samples, backlogs, fdinfo, poll'
policy\t'The policy that the server is told to follow'"
complete -c epollscope -n "__fish_epollscope_using_subcommand diff" -l without -d 'What does not count; several with commas between them' -r -f -a "trigger\t'EPOLLET and EPOLLONESHOT in a mask, so that level and edge are told apart by what comes of them'
bytes\t'The bytes that were sent and received; their number still counts'"
complete -c epollscope -n "__fish_epollscope_using_subcommand diff" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand export" -l twin -d 'Whose calls are read, where `compare` has recorded several servers; the first one\'s if missing' -r
complete -c epollscope -n "__fish_epollscope_using_subcommand export" -l to -d 'For which program' -r -f -a "perfetto\t'A Chrome trace (JSON), for ui.perfetto.dev: threads, calls as slices, unread bytes as counters'
csv\t'A table of waits, for a spreadsheet'"
complete -c epollscope -n "__fish_epollscope_using_subcommand export" -l output -d 'Where to write it; standard output if missing' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand export" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand bench" -l format -d 'How what was found is written' -r -f -a "text\t'Tables, a chart, and what they say'
json\t'One JSON object; times in nanoseconds'"
complete -c epollscope -n "__fish_epollscope_using_subcommand bench" -l svg -d 'Draw the charts into FILE too, as SVG; an existing file is written anew' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand bench" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand bench" -l quick -d 'Fewer rounds: in a few seconds, and less exact'
complete -c epollscope -n "__fish_epollscope_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand completions" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand man" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -l format -d 'How it is shown (default: on the screen; as text where standard output is no terminal)' -r -f -a "text\t'A column a server, aligned'
jsonl\t'Every call, in the trace format, with the name of its server'"
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -l record -d 'Write every call of every server to FILE, in the trace format; an existing file is written anew' -r -F
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -l against -d 'The servers, 2 to 4 with commas between them; each the words of a policy with + between them, such as edge, edge+drain, oneshot, notes, edge+read-size+100; what they leave out is the scene\'s. Short words: drain (read drain accept drain), short (read drain-short accept drain), always (write always), notes (all faults), and each fault by its name, as `epollscope --help` lists them for --fault' -r -f -a "level\t''
edge\t''
oneshot\t''
edge+drain\t''
edge+short\t''
level+always\t''
edge+always\t''
exact-match\t''
close-first\t''
decode-text\t''
blocking\t''
unchecked-send\t''
notes\t''"
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -l lang -d 'Language of the screen and of its sentences (default: the locale\'s, from LC_ALL, LC_MESSAGES or LANG)' -r -f -a "en\t'English'
zh\t'简体中文'"
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -l list -d 'List the built-in scenes, and end'
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -l projector -d 'For a projector: fewer panels, no shades of grey'
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "serve" -d 'Run the same server without a screen: a line a call, until SIGINT or SIGTERM'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "lab" -d 'Drive epoll by hand: one call a line, on real fds of any kind, at a prompt or from a script'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "replay" -d 'Look at a recording, forward and back: the same screen as the workbench, where nothing can be driven'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "lesson" -d 'Take a lesson; without one, list them with your progress'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "demo" -d 'Play a scene by itself, with captions that say what comes and what to look at'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "verify" -d 'Check every claim of the lessons against this kernel: a line each, and the proof where one fails'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "diff" -d 'Where two recordings part: the first call that differs, with both sides around it'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "export" -d 'Turn a recording into what other programs open'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "bench" -d 'Measure how the cost of one wait grows with idle connections: select, poll, epoll level, edge and one-shot'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "completions" -d 'Print the completions of a shell, for it to read at its start'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "man" -d 'Print the man page: `epollscope man | man -l -`'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "compare" -d 'Twins: play one scene against several servers, and see where they part, why, and what each costs'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and not __fish_seen_subcommand_from serve lab replay lesson demo verify diff export bench completions man compare help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c epollscope -n "__fish_epollscope_using_subcommand help; and __fish_seen_subcommand_from lesson" -f -a "new" -d 'Write a small lesson into a new folder, to begin one of your own with'
complete -c epollscope -n "__fish_epollscope_using_subcommand lesson" -a "01-seven-steps 02-two-lists 03-api-tour 04-event-types 05-level-triggered 06-edge-triggered 07-edge-is-an-arrival 08-drain-to-eagain 09-listeners-edge 10-masks-not-equality 11-half-close-reset-hup 12-epollout-always 13-epollout-edge 14-one-shot 15-modify 16-timeouts 17-maxevents 18-starvation 19-ghost 20-fd-reuse 21-close-before-unregister 22-bytes-not-text 23-one-blocking-fd 24-slow-reader 25-nested 26-two-waiters 27-thundering-herd 28-refusals 29-scale 30-the-tutorial-server"
complete -c epollscope -n "__fish_epollscope_using_subcommand verify" -a "01-seven-steps 02-two-lists 03-api-tour 04-event-types 05-level-triggered 06-edge-triggered 07-edge-is-an-arrival 08-drain-to-eagain 09-listeners-edge 10-masks-not-equality 11-half-close-reset-hup 12-epollout-always 13-epollout-edge 14-one-shot 15-modify 16-timeouts 17-maxevents 18-starvation 19-ghost 20-fd-reuse 21-close-before-unregister 22-bytes-not-text 23-one-blocking-fd 24-slow-reader 25-nested 26-two-waiters 27-thundering-herd 28-refusals 29-scale 30-the-tutorial-server"
complete -c epollscope -n "__fish_epollscope_using_subcommand demo" -a "message drip two-at-once new-on-unread flood never-reads half-close reset thousand 01-seven-steps 02-two-lists 03-api-tour 04-event-types 05-level-triggered 06-edge-triggered 07-edge-is-an-arrival 08-drain-to-eagain 09-listeners-edge 10-masks-not-equality 11-half-close-reset-hup 12-epollout-always 13-epollout-edge 14-one-shot 15-modify 16-timeouts 17-maxevents 18-starvation 19-ghost 20-fd-reuse 21-close-before-unregister 22-bytes-not-text 23-one-blocking-fd 24-slow-reader 25-nested 26-two-waiters 27-thundering-herd 28-refusals 29-scale 30-the-tutorial-server"
complete -c epollscope -n "__fish_epollscope_using_subcommand compare" -a "message drip two-at-once new-on-unread flood never-reads half-close reset thousand 01-seven-steps 02-two-lists 03-api-tour 04-event-types 05-level-triggered 06-edge-triggered 07-edge-is-an-arrival 08-drain-to-eagain 09-listeners-edge 10-masks-not-equality 11-half-close-reset-hup 12-epollout-always 13-epollout-edge 14-one-shot 15-modify 16-timeouts 17-maxevents 18-starvation 19-ghost 20-fd-reuse 21-close-before-unregister 22-bytes-not-text 23-one-blocking-fd 24-slow-reader 25-nested 26-two-waiters 27-thundering-herd 28-refusals 29-scale 30-the-tutorial-server"
complete -c epollscope -n "__fish_epollscope_using_subcommand completions" -f -a "bash zsh fish"
