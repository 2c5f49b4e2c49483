//! What was found, for people: tables, a chart, and what they say.

use std::io::{self, Write};
use std::time::Duration;

use super::chart::{costs, mark};
use super::found::{Found, number};
use crate::i18n::wrap::{left, right};
use crate::i18n::{Lang, grouped, words};
use crate::scaling::{Cost, MESSAGE, Method, Reading, SENT};
use crate::sys::{Errno, SelectSet};

/// Cells of what a row is called, and of a figure.
const NAME: usize = 18;
const FIGURE: usize = 8;
/// So much below the theory's power a measured one needs a word.
const FAR: f64 = 0.1;

pub(super) fn write(out: &mut impl Write, found: &Found, lang: Lang) -> io::Result<()> {
    let rounds = grouped(found.measured.rounds as u64);
    let (kernel, active) = (&found.kernel, found.active);
    let said = words!(
        lang,
        "Linux {kernel}. One wait for {active} connections that have sent {MESSAGE} bytes and for the given number of\n\
         idle ones, then serving the {active} (recv, send): µs of processor time, medians of {rounds} rounds.\n\
         Connections are socketpairs (AF_UNIX, stream); the wait includes both ends of an idle pair.",
        "Linux {kernel}。一次等待：{active} 个连接各发来 {MESSAGE} 字节，其余空闲；然后服务这 {active} 个（recv、send）。\n\
         单位 µs，CPU 时间，{rounds} 轮的中位数。\n\
         连接是 socketpair（AF_UNIX，stream）；空闲的一对两端都在等待之列。",
    );
    writeln!(out, "{said}\n")?;
    table(out, found, lang.of("idle", "空闲"), |cost| cost.whole, lang)?;
    writeln!(out)?;
    table(out, found, lang.of("the wait alone", "仅等待"), |cost| cost.wait, lang)?;
    writeln!(out)?;
    let chart = costs(found, lang);
    writeln!(out, "{}", chart.title)?;
    chart.write(out)?;
    writeln!(out)?;
    growth(out, found, lang)?;
    for note in notes(found, lang) {
        writeln!(out, "- {note}")?;
    }
    writeln!(out)?;
    reports(out, found, lang)
}

fn table(out: &mut impl Write, found: &Found, head: &str, of: fn(Cost) -> Duration, lang: Lang) -> io::Result<()> {
    let sizes = found.sizes().map(|idle| right(&grouped(idle as u64), FIGURE));
    writeln!(out, "{}{}", left(head, NAME), sizes.collect::<String>())?;
    for method in Method::ALL {
        let costs = found.costs(method).map(|(_, cost)| cost.map_or_else(|_| "–".to_owned(), |cost| micros(of(cost))));
        let figures: String = costs.map(|cost| right(&cost, FIGURE)).collect();
        writeln!(out, "{}{figures}", left(&called(method, lang), NAME))?;
    }
    Ok(())
}

fn called(method: Method, lang: Lang) -> String {
    format!("{} {}", mark(method), method.name(lang))
}

fn growth(out: &mut impl Write, found: &Found, lang: Lang) -> io::Result<()> {
    let heads = [
        ("all sizes", "全部规模"),
        ("last two", "最大两个"),
        ("wait alone", "仅等待"),
        ("theory", "理论"),
        ("an idle fd adds", "每个空闲 fd"),
    ];
    let widths = [11, 11, 12, 9, 17];
    let heads: String = heads.iter().zip(widths).map(|(head, width)| right(lang.pick(*head), width)).collect();
    writeln!(out, "{}{heads}", left(lang.of("growth: slope", "增长：斜率"), NAME))?;
    for method in Method::ALL {
        let growth = found.growth(method);
        let slope = |slope: Option<f64>| slope.map_or_else(|| "–".to_owned(), signed);
        let figures = [
            slope(growth.all),
            slope(growth.last),
            slope(growth.wait),
            method.theory().to_string(),
            growth.each.map_or_else(|| "–".to_owned(), nanos),
        ];
        let figures: String = figures.iter().zip(widths).map(|(figure, width)| right(figure, width)).collect();
        writeln!(out, "{}{figures}", left(&called(method, lang), NAME))?;
    }
    let said = lang.of(
        "slope: the cost grows with this power of the number of watched fds (least squares, log-log);\n\
         wait alone: between the last two sizes; theory: 1 checks every fd, 0 only the reported ones",
        "斜率是开销随被等待的 fd 数增长的幂（双对数，最小二乘），“仅等待”取最大两个规模之间；\n\
         理论值 1 表示逐个检查所有 fd，0 表示只看报告的 fd",
    );
    writeln!(out, "{said}")
}

/// What one fd adds; less than a nanosecond is noise.
fn nanos(nanos: f64) -> String {
    if nanos < 1.0 { "≈ 0".to_owned() } else { format!("{nanos:.0} ns") }
}

/// `0.98`; a small negative one is 0 with noise on it.
fn signed(slope: f64) -> String {
    let text = format!("{slope:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// What the figures do not say by themselves.
fn notes(found: &Found, lang: Lang) -> Vec<String> {
    let mut notes: Vec<String> = Method::ALL.into_iter().filter_map(|method| beneath(found, method, lang)).collect();
    notes.extend(Method::ALL.into_iter().filter_map(|method| above(found, method, lang)));
    for method in Method::ALL {
        let Some((idle, errno)) = found.refused(method) else { continue };
        let (idle, name, most) = (grouped(idle as u64), method.name(lang), grouped(SelectSet::NUMBERS as u64));
        notes.push(if (method, errno) == (Method::Select, Errno::EINVAL) {
            words!(
                lang,
                "select cannot go to {idle}: a set has bits only for fd numbers below FD_SETSIZE, {most};\n   \
                 the limit is on the numbers, not on how many fds there are (select(2), BUGS)",
                "select 到不了 {idle}：集合只为小于 FD_SETSIZE（{most}）的 fd 编号各留一位；\n  \
                 限制的是编号，不是个数（select(2)，BUGS）"
            )
        } else {
            words!(lang, "{name} failed at {idle}: {errno:?}", "{name} 在 {idle} 处被拒绝：{errno:?}")
        });
    }
    if let Some((idle, errno)) = found.measured.cut {
        let idle = grouped(idle as u64);
        notes.push(words!(
            lang,
            "there are too few fds for {idle} idle connections ({errno:?}): `ulimit -Hn` shows the limit",
            "容不下 {idle} 个空闲连接（{errno:?}）：`ulimit -Hn` 显示可打开多少 fd"
        ));
    }
    notes
}

/// Why the measured power is less than the theory's, where it is.
fn beneath(found: &Found, method: Method, lang: Lang) -> Option<String> {
    let growth = found.growth(method);
    let (all, each) = (growth.all?, growth.each.filter(|each| *each > 0.0)?);
    if all > f64::from(method.theory()) - FAR {
        return None;
    }
    let (idle, cost) = found.costs(method).find_map(|(idle, cost)| Some((idle, cost.ok()?)))?;
    let fixed = (cost.whole.as_secs_f64() * 1e9 - each * number(idle)).max(0.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
    let (as_many, fixed) = ((fixed / each).round() as u64, Duration::from_nanos(fixed as u64));
    let (name, all, fixed, as_many) = (method.name(lang), signed(all), micros(fixed), grouped(as_many));
    let (active, theory) = (found.active, method.theory());
    Some(words!(
        lang,
        "{name}: {all} is less than {theory}, because each figure contains a fixed cost: to enter the kernel and serve the\n  \
         {active} takes {fixed} µs, as much as {as_many} idle fds cost; with few fds it hides the growth",
        "{name}：{all} 小于 {theory}，因为每个数字都含固定开销，即进入内核并服务 {active} 个连接需 {fixed} µs，与空闲数无关，\n  \
         相当于 {as_many} 个空闲 fd 的开销；fd 少时它掩盖了增长"
    ))
}

/// Why the measured power is more than the theory's at last, where it is.
fn above(found: &Found, method: Method, lang: Lang) -> Option<String> {
    let wait = found.growth(method).wait?;
    if method.theory() == 0 || wait < f64::from(method.theory()) + FAR {
        return None;
    }
    let (name, wait, theory) = (method.name(lang), signed(wait), method.theory());
    Some(words!(
        lang,
        "{name}: {wait} at the end is more than {theory}: the theory counts checks, and each check costs more when the\n  \
         sockets no longer fit into the processor's caches",
        "{name}：最后的 {wait} 大于 {theory}，因为理论数的是检查次数；而当被检查的东西（每个 fd 一个套接字）\n  \
         再也装不进 CPU 缓存时，每次检查都更贵"
    ))
}

fn reports(out: &mut impl Write, found: &Found, lang: Lang) -> io::Result<()> {
    let sent = grouped(SENT as u64);
    let said = words!(
        lang,
        "One message of {sent} bytes to the real server, by the read size for each report: reports / system calls\n\
         (counted, not timed; the wait that blocks afterwards is not counted)",
        "向真实服务器发送一条 {sent} 字节的消息，按每次报告读取多少：报告次数 / 系统调用次数\n\
         （是计数而非计时；之后阻塞的那次等待不计入）"
    );
    writeln!(out, "{said}")?;
    let sizes = found.rows.iter().map(|row| right(&grouped(u64::from(row.read_size)), FIGURE));
    let wide = NAME + 5;
    writeln!(out, "{}{}", left(lang.of("read size", "读取长度"), wide), sizes.collect::<String>())?;
    for (i, reading) in Reading::ALL.into_iter().enumerate() {
        let figures =
            found.rows.iter().map(|row| right(&format!("{}/{}", row.counted[i].reports, row.counted[i].calls), FIGURE));
        writeln!(out, "{}{}", left(reading.name(lang), wide), figures.collect::<String>())?;
        if found.rows.iter().any(|row| row.counted[i].stranded > 0) {
            let figures = found.rows.iter().map(|row| match row.counted[i].stranded {
                0 => right("–", FIGURE),
                bytes => right(&grouped(bytes), FIGURE),
            });
            let name = left(lang.of("   bytes stranded", "   滞留字节"), wide);
            writeln!(out, "{name}{}", figures.collect::<String>())?;
        }
    }
    Ok(())
}

/// Microseconds, three digits of them or more.
fn micros(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..9.995 => format!("{micros:.2}"),
        ..99.95 => format!("{micros:.1}"),
        _ => {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive")]
            let whole = micros.round() as u64;
            grouped(whole)
        }
    }
}
