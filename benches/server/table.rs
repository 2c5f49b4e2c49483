//! Medians, and tables in Markdown.

/// The middle of `values`, of an even number the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// Prints a heading and, under it, a table whose first column is words and whose others are figures.
pub(crate) fn print(heading: &str, columns: &[String], rows: &[(String, Vec<String>)]) {
    let mut lines = vec![columns.to_vec()];
    lines.extend(rows.iter().map(|(name, cells)| [std::slice::from_ref(name), cells].concat()));
    let width = |i: usize| lines.iter().filter_map(|line| line.get(i)).map(|cell| cell.chars().count()).max();
    println!("\n**{heading}**\n");
    for (number, line) in lines.iter().enumerate() {
        let cell = |(i, cell): (usize, &String)| {
            let width = width(i).unwrap_or(0);
            if i == 0 { format!("| {cell:<width$} ") } else { format!("| {cell:>width$} ") }
        };
        println!("{}|", line.iter().enumerate().map(cell).collect::<String>());
        if number == 0 {
            let rule = |i: usize| {
                let dashes = "-".repeat(width(i).unwrap_or(0) + 1);
                if i == 0 { format!("|{dashes}-") } else { format!("|{dashes}:") }
            };
            println!("{}|", (0..columns.len()).map(rule).collect::<String>());
        }
    }
}
