//! A chart with two logarithmic axes: what is in it, and how it looks in letters.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::found::{Found, number};
use crate::i18n::{Lang, grouped};
use crate::scaling::{Method, Reading};

/// Lines over two logarithmic axes, with their names.
pub struct Chart {
    pub title: String,
    pub across: String,
    pub up: String,
    pub lines: Vec<Line>,
}

/// One line of it, from left to right.
pub struct Line {
    /// Where it was measured it has this letter.
    pub mark: char,
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

pub(super) fn mark(method: Method) -> char {
    match method {
        Method::Select => 's',
        Method::Poll => 'p',
        Method::Level => 'L',
        Method::Edge => 'E',
        Method::OneShot => '1',
    }
}

pub(super) fn costs(found: &Found, lang: Lang) -> Chart {
    let line = |method: Method| Line {
        mark: mark(method),
        name: method.name(lang).to_owned(),
        points: found
            .costs(method)
            .filter_map(|(idle, cost)| Some((number(idle), cost.ok()?.whole.as_secs_f64() * 1e6)))
            .collect(),
    };
    Chart {
        title: lang.of("one wait, and serving ten connections connections", "一次等待，并服务十个连接").to_owned(),
        across: lang.of("idle connections", "空闲连接").to_owned(),
        up: "µs".to_owned(),
        lines: Method::ALL.map(line).into(),
    }
}

pub(super) fn reports(found: &Found, lang: Lang) -> Chart {
    let line = |(i, reading): (usize, Reading)| Line {
        mark: ['L', '1', 'E', 'e'][i % 4],
        name: reading.name(lang).to_owned(),
        points: found
            .rows
            .iter()
            .rev()
            .map(|row| (f64::from(row.read_size), number(usize::try_from(row.counted[i].reports).unwrap_or(0))))
            .collect(),
    };
    Chart {
        title: lang.of("reports of one message", "一条消息的报告次数").to_owned(),
        across: lang.of("bytes read at a time", "每次读取的字节数").to_owned(),
        up: lang.of("reports", "报告").to_owned(),
        lines: Reading::ALL.into_iter().enumerate().map(line).collect(),
    }
}

/// An axis, logarithmic, from one of 1, 2, 5, 10, 20, 50 … to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
}

impl Axis {
    /// One on which all of `values` are; from 1 to 10 where there are none.
    pub fn over(values: impl Iterator<Item = f64>) -> Self {
        let values = values.filter(|value| *value > 0.0);
        let (low, high) = values.fold((f64::MAX, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if high == 0.0 {
            return Self { low: 1.0, high: 10.0 };
        }
        let low = steps(low.log10().floor(), 1.0).filter(|step| *step <= low * 1.000_001).last().unwrap_or(low);
        let high = steps(high.log10().floor(), 2.0).find(|step| *step >= high * 0.999_999).unwrap_or(high);
        Self { low, high: if high > low { high } else { low * 10.0 } }
    }

    /// How far along the axis `value` is, of 1.
    pub fn at(self, value: f64) -> f64 {
        ((value / self.low).ln() / (self.high / self.low).ln()).clamp(0.0, 1.0)
    }

    /// What is written beside it: the powers of ten, or where there are few of them all the steps.
    pub fn ticks(self) -> Vec<f64> {
        let within = |step: &f64| *step >= self.low * 0.999_999 && *step <= self.high * 1.000_001;
        let all: Vec<f64> = steps(self.low.log10().floor(), 12.0).filter(within).collect();
        let tens: Vec<f64> =
            all.iter().copied().filter(|step| (step.log10() - step.log10().round()).abs() < 1e-9).collect();
        if tens.len() >= 3 { tens } else { all }
    }
}

/// The powers of ten that an axis lies between.
pub(super) fn decades(axis: Axis) -> (i32, i32) {
    #[allow(clippy::cast_possible_truncation, reason = "whole and small")]
    let power = |of: f64| of as i32;
    (power((axis.low.log10() + 1e-9).floor()), power((axis.high.log10() - 1e-9).ceil()))
}

/// 1, 2, 5, 10 … from this power of ten on, through `decades` decades.
fn steps(from: f64, decades: f64) -> impl Iterator<Item = f64> {
    #[allow(clippy::cast_possible_truncation, reason = "whole and small")]
    let (from, decades) = (from as i32, decades as i32);
    (from..=from + decades).flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)))
}

/// A tick in words: `1,000`, `0.5`.
pub(super) fn tick(value: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and far below 2^53")]
    let whole = value.round() as u64;
    if value < 1.0 { format!("{value}") } else { grouped(whole) }
}

/// Cells for the figures beside the chart, and of the chart itself.
const MARGIN: usize = 9;
const WIDTH: usize = 68;
const HEIGHT: usize = 16;

impl Chart {
    pub(super) fn axes(&self) -> (Axis, Axis) {
        let points = || self.lines.iter().flat_map(|line| line.points.iter());
        (Axis::over(points().map(|point| point.0)), Axis::over(points().map(|point| point.1)))
    }

    /// In letters, within 80 cells: dots for a line, its letter where it was measured. No letter hides another.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (across, up) = self.axes();
        let mut cells = vec![[' '; WIDTH + 1]; HEIGHT];
        let place = |(x, y): (f64, f64)| (cell(across.at(x), WIDTH), HEIGHT - 1 - cell(up.at(y), HEIGHT));
        for pair in self.lines.iter().flat_map(|line| line.points.windows(2)) {
            let (from, to) = (place(pair[0]).0, place(pair[1]).0);
            let rise = up.at(pair[1].1) - up.at(pair[0].1);
            let along = |x| up.at(pair[0].1) + rise * number(x - from) / number((to - from).max(1));
            (from..=to).for_each(|x| cells[HEIGHT - 1 - cell(along(x), HEIGHT)][x] = '·');
        }
        for line in &self.lines {
            for point in &line.points {
                let (x, y) = place(*point);
                let free = (x..=WIDTH).chain((0..x).rev()).find(|x| matches!(cells[y][*x], ' ' | '·'));
                cells[y][free.unwrap_or(x)] = line.mark;
            }
        }
        writeln!(out, "{:>MARGIN$}", self.up)?;
        let ticks: Vec<(usize, String)> =
            up.ticks().into_iter().map(|value| (HEIGHT - 1 - cell(up.at(value), HEIGHT), tick(value))).collect();
        for (y, row) in cells.iter().enumerate() {
            let tick = ticks.iter().find(|(at, _)| *at == y).map(|(_, text)| text.as_str());
            let row: String = row.iter().collect();
            let (text, joint) = tick.map_or(("", '│'), |text| (text, '┤'));
            writeln!(out, "{text:>width$} {joint}{}", row.trim_end(), width = MARGIN - 2)?;
        }
        let (mut rule, mut below) = (vec!['─'; WIDTH], " ".repeat(MARGIN + WIDTH));
        for value in across.ticks() {
            let (x, text) = (cell(across.at(value), WIDTH), tick(value));
            rule[x] = '┬';
            // Under its place, but not past the end.
            let at = (MARGIN + x).saturating_sub(text.len() / 2).min(MARGIN + WIDTH - text.len());
            below.replace_range(at..at + text.len(), &text);
        }
        writeln!(out, "{} └{}", " ".repeat(MARGIN - 2), rule.into_iter().collect::<String>())?;
        writeln!(out, "{}", below.trim_end())?;
        let legend = self.lines.iter().filter(|line| !line.points.is_empty());
        let legend = legend.map(|line| format!("{} {}", line.mark, line.name)).collect::<Vec<_>>().join("   ");
        writeln!(
            out,
            "{:>width$}",
            self.across,
            width = MARGIN + WIDTH - (self.across.width() - self.across.chars().count())
        )?;
        writeln!(out, "{}{legend}", " ".repeat(MARGIN))
    }
}

/// The cell, of `cells`, at this part of the axis.
pub fn cell(part: f64, cells: usize) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and the number of cells")]
    let cell = (part.clamp(0.0, 1.0) * number(cells - 1)).round() as usize;
    cell
}
