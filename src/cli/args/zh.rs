//! The short help, and what is wrong with a command line, in Chinese.

use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, Command};

/// What each command does; the first is the program itself.
const COMMANDS: &[(&str, &str)] = &[
    ("epollscope", "epoll 示波器：在真实内核上逐个调用地观察水平触发和边缘触发"),
    ("serve", "运行同样的服务器，没有屏幕，每个调用一行，直到 SIGINT 或 SIGTERM"),
    ("watch", "在屏幕上运行任意程序，停在第一个 epoll 调用之前：单步，看每个事件的原因和发现的错误"),
    ("grade", "给自己写的 epoll 回显服务器评分：专挑易错之处的客户端，每项都有结论和证据"),
    ("lab", "手动驱动 epoll，每行一个调用，作用于各种真实的 fd，用提示符或脚本"),
    ("replay", "在工作台的屏幕上查看录制文件，可前可后，但不能操作"),
    ("lesson", "学一课；不带参数时列出全部课程和进度"),
    ("new", "新建一个文件夹，里面是一课的雏形"),
    ("check", "预测十二种课程里没有的情形；学习前后各做一次，看看有什么变化"),
    ("demo", "自动播放一个场景，字幕说明接下来发生什么、该看哪里"),
    ("compare", "用同一个场景并排比较几个服务器：何处出现差异，为什么，各付出多少"),
    ("verify", "在这个内核上检查课程的每条断言；每课一行，不成立时给出证明"),
    ("diff", "找出两个录制文件中第一个有差异的调用，显示两边的前后文"),
    ("findings", "找出录制文件里的错误，附上证明它的调用和解决办法"),
    ("export", "把录制文件转换成其他程序能打开的格式"),
    ("bench", "测量一次等待的代价怎样随空闲连接增长：select、poll、epoll 水平、边缘、一次性"),
    ("completions", "打印 shell 的补全脚本，供它启动时读取"),
    ("config", "打印当前的设置及其默认值，和设置文件的位置"),
    ("man", "打印手册页，epollscope man | man -l -"),
];

/// What each option and argument is for; one that means something else in a command has that before its name.
const ARGUMENTS: &[(&str, &str)] = &[
    ("listen", "监听的地址和端口；端口 0 表示任选一个空闲的"),
    ("record", "把每个调用按跟踪格式写入文件，会覆盖已有的录制文件"),
    ("force", "让 --record 也覆盖不是录制文件的文件"),
    ("verify.record", "把每课的调用录制到这个文件夹，必要时新建"),
    ("format", "输出格式"),
    ("command", "程序和它的参数"),
    ("grade.command", "服务器和它的参数，其中 {port} 代表一个空闲端口；环境变量 PORT 也是它"),
    ("port", "服务器无论如何都监听的端口；0 表示它自己选的任意端口"),
    ("connect", "给在这个地址上运行的服务器评分，只看客户端所见；需要其进程的用例不适用"),
    ("case", "只做这些用例，用逗号分隔的 id"),
    ("points", "每个用例的分值文件，每行 ID = 分值（TOML）；没有写的用例为 1 分"),
    ("look", "在工作台的屏幕上查看所做的那一个用例，停在证明结论的时刻"),
    ("skeleton", "打印一个程序的雏形后退出"),
    ("grade.list", "列出用例后退出"),
    ("watch.pid", "查看正在运行的进程及其子进程的 epoll，不停下它；加 --format text 只看一次"),
    ("watch.name", "同上，按进程名（有几个时，取其余各个的父进程）"),
    ("json", "与 -p 或 --name 一起用，只看一次，输出 JSON"),
    ("trace", "与 -p 或 --name 一起用，还跟踪它的调用，如同在这里启动的程序；之后它继续运行"),
    ("watch.output", "不用屏幕时，把调用和发现项写到哪里（默认标准错误）"),
    ("quiet", "只写发现项，不用屏幕"),
    ("hold", "在屏幕上从何处停住程序：第一个调用之前，第一个 epoll 调用之前，或不停（默认 epoll；加 --trace 时不停）"),
    ("no_source", "不查找程序在源码的哪一行发出调用"),
    ("findings", "有发现项时怎么办；deny 让退出码为 1"),
    ("trigger", "就绪的 fd 何时报告"),
    ("oneshot", "一次性，报告一次就停用，直到 EPOLL_CTL_MOD 重新启用"),
    ("read", "每次报告读多少"),
    ("read_size", "读取长度，即一次 recv 的缓冲区字节数"),
    ("accept", "每次报告接受几个连接"),
    ("write", "何时关注 EPOLLOUT"),
    ("budget", "轮流服务，每轮最多从一个连接读 N 字节（默认由 --read 决定）"),
    ("max_events", "maxevents，即一次 epoll_wait 最多返回几个事件"),
    ("timeout", "epoll_wait 的超时，毫秒；-1 表示无限等待"),
    ("out_of_fds", "accept4 得不到空闲的 fd 时怎么办"),
    ("half_close", "对端关闭了写方向时怎么办"),
    ("fault", "打开教程的服务器的缺陷（第 30 课），用逗号分隔"),
    ("lang", "屏幕和所有句子的语言（默认由 LC_ALL、LC_MESSAGES 或 LANG 决定）"),
    ("projector", "投影模式：面板更少，没有灰色"),
    ("no_mouse", "不使用鼠标（按住 Shift 时总是选择文本）"),
    ("linear", "供读屏软件使用，没有面板，每个变化一行；按键也按行读取"),
    ("no_welcome", "直接显示各面板，不显示欢迎页"),
    ("verbs", "列出脚本语言的动词后退出"),
    ("lab.file", "脚本；- 表示标准输入，标准输入不是终端时可省略"),
    ("file", "录制文件；- 表示标准输入"),
    ("a", "一个录制文件；- 表示标准输入"),
    ("b", "另一个录制文件"),
    ("variant", "compare 的录制文件里的哪个变体（默认第一个）"),
    ("lesson", "课程的编号或名字，或自己写的一课所在的文件夹"),
    ("lessons", "课程的编号、名字或文件夹，或装有这些文件夹的文件夹（默认全部内置课程）"),
    ("plain", "不用屏幕，打印成文本；从标准输入读取预测，每行一个"),
    ("folder", "新的文件夹"),
    ("scene", "内置场景、课程的编号或名字，或服务器场景的文件"),
    ("against", "要比较的 2 到 4 个服务器，用逗号分隔；每个是用 + 连接的策略词，如 edge、edge+drain、oneshot"),
    ("list", "列出内置场景后退出"),
    ("speed", "播放速度，2 表示快一倍"),
    ("endless", "播完后重新开始，一再循环"),
    ("cast", "把屏幕录成终端动画（asciicast v2），字幕作为标记"),
    ("svg", "把最后的屏幕画成图片"),
    ("bench.svg", "另把图表画成 SVG，会覆盖已有的文件"),
    ("at", "画第 N 条字幕所说的情形；不用屏幕"),
    ("size", "动画和图片的大小；不用屏幕，以内核允许的最快速度（默认 120x40）"),
    ("also", "也比较这些，用逗号分隔"),
    ("without", "不比较这些，用逗号分隔"),
    ("to", "输出格式，用于浏览器、ui.perfetto.dev 或电子表格"),
    ("calls", "网页显示哪些调用，按编号（默认全部；太多时只显示有事发生的前后）"),
    ("page", "写成一个网页文件，任何浏览器都能打开"),
    ("output", "输出文件（默认标准输出）"),
    ("quick", "减少轮数，只要几秒，但不够精确"),
    ("shell", "哪种 shell"),
];

/// The words that clap itself has in a help.
const OF_CLAP: &[(&str, &str)] = &[
    ("Usage: ", "用法："),
    ("       epollscope", "      epollscope"),
    ("Commands:", "命令："),
    ("Arguments:", "参数："),
    ("Options:", "选项："),
    ("Screen:", "屏幕："),
    ("Pictures:", "图片："),
    ("Policy (each can be switched while the server runs):", "策略（服务器运行中都可以切换）："),
    ("Print help (see more with '--help')", "显示帮助（--help 更详细，部分是英文）"),
    ("Print help (see a summary with '-h')", "显示帮助（-h 是摘要）"),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
    ("Print this message or the help of the given subcommand(s)", "显示这份帮助，或某个命令的帮助"),
];

/// The command with all that its short help says in Chinese. What only the long help says stays English.
pub(super) fn in_chinese(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let about = of(COMMANDS, &name).unwrap_or_default();
    let long = command.get_long_about().map(|long| format!("{about}\n\n（以下是英文的详细说明）\n{long}"));
    let command = command.mut_args(|arg| argument(arg, &name)).mut_subcommands(in_chinese).about(about);
    match long {
        Some(long) => command.long_about(long),
        None => command,
    }
}

fn argument(arg: Arg, command: &str) -> Arg {
    let id = arg.get_id().as_str();
    let Some(help) = of(ARGUMENTS, &format!("{command}.{id}")).or_else(|| of(ARGUMENTS, id)) else { return arg };
    let mut help = help.to_owned();
    let list = |values: Vec<String>| values.join("、");
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let possible: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let takes_one = arg.get_action().takes_values();
    if !possible.is_empty() && takes_one {
        help = format!("{help} [可选 {}]", list(possible));
    }
    if !defaults.is_empty() && takes_one {
        help = format!("{help} [默认 {}]", list(defaults));
    }
    let arg = arg.help(help);
    // clap refuses to hide the values of a flag, which has none.
    if takes_one { arg.hide_default_value(true).hide_possible_values(true) } else { arg }
}

fn of(table: &'static [(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, said)| *said)
}

/// A help, or what is wrong with a command line, as a whole text.
pub(super) fn text(error: &clap::Error) -> String {
    let said = error.render().to_string();
    let help = OF_CLAP.iter().fold(said, |said, (en, zh)| said.replace(en, zh));
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let (arg, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    let (prior, valid) = (context(ContextKind::PriorArg), context(ContextKind::ValidValue));
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有 {arg} 这个参数"),
        ErrorKind::InvalidSubcommand => format!("没有 {} 这个命令", context(ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} 需要一个值"),
        ErrorKind::InvalidValue if !valid.is_empty() => format!("{arg} 的值 {value} 无效，可选 {valid}"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{arg} 的值 {value} 无效"),
        ErrorKind::MissingRequiredArgument => format!("缺少 {arg}"),
        ErrorKind::ArgumentConflict if !prior.is_empty() => format!("{arg} 不能与 {prior} 一起用"),
        _ => return help,
    };
    format!("错误：{what}\n\n更多信息见 --help。\n")
}
