//! The workbench in Chinese: what it answers to keys, which no recorded screen holds.

use super::{Bench, HOME, SMALL};
use crate::support::pty::{EPOLLSCOPE, Pty};

fn open(size: (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Bench {
    let args = [&["--listen", "127.0.0.1:0"], args].concat();
    Bench(Pty::spawn(EPOLLSCOPE, &args, size, env))
}

#[test]
fn it_answers_in_chinese() {
    let mut bench = open(HOME, &["--lang", "zh"], &[]);
    bench.sees(&["已暂停", "第 1 步，创建：epoll_create1(", "Space 执行下一个系统调用；"]);
    bench.press("s").sees(&["没有选中客户端，c 连接一个"]).press("\r").sees(&["此刻没有已注册的 fd 可查看"]);
    bench.press("w").sees(&["#1 超时 -1 → 阻塞"]).press("w").sees(&["没有就绪的 fd，epoll_wait 阻塞"]);
    bench.press("c").sees(&["accept 之前由内核在监听套接字上排队", "#1 超时 -1 → 1 个事件"]);
    bench.press("w").sees(&["#2 超时 -1 → 阻塞"]);
    bench
        .press("m")
        .sees(&["下一次等待之前对 2 个 fd 调用 EPOLL_CTL_MOD，重新检查", "#2 超时 -1 → EINTR（由 epollscope 中断）"]);
    bench.press("f").sees(&["客户端 a 停止读取；"]).press("f").sees(&["客户端 a 恢复读取"]);
    bench.press("s").sees(&["客户端 a 发送 3,000 字节"]).press("-").sees(&["速度：每秒 50 次调用（r 运行）"]);
    bench
        .press("S0\r")
        .sees(&["“0”应为 1 到 67,108,864（字节）", "要发送的字节数：0"])
        .press("\x1b")
        .sees(&["Space 单步"]);
    bench.press("h").sees(&["客户端 a 关闭了写方向，"]).press("s").sees(&["客户端 a：这个客户端已关闭写方向"]);
    bench.press("R").sees(&["客户端 a 重置了连接"]).press("s").sees(&["它的连接已关闭"]);
    bench.press("pjjj\r0\r").sees(&["读取长度（字节）：0", "“0”应为 1 到 1,048,576（字节）"]);
    bench.press("\x03");
    assert!(bench.0.wait_exit().success());
    assert!(bench.says().contains("第 7 步，销毁：关闭了 "), "{}", bench.says());
}

#[test]
fn the_locale_chooses_and_the_flag_overrules_it() {
    let zh = ("LC_ALL", "zh_CN.UTF-8");
    open(SMALL, &[], &[zh]).sees(&["已暂停", "兴趣列表"]).press("q");
    open(SMALL, &["--lang", "en"], &[zh]).sees(&["paused", "Interest list"]).press("q");
}
