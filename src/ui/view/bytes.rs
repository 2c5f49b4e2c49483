//! The bytes of each connection: what came in last, and what went out, as text that commands nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{View, put, title};
use crate::record::{Call, Dir, Record};
use crate::trace::why::grouped;
use crate::trace::world::{File, FileId, Stream};
use crate::ui::escape::escape;

/// Records looked at for one connection's last bytes.
const HORIZON: usize = 4_000;

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let extra = vec![Span::styled(": the last that went through recv and send", view.theme.label)];
    let area = title(view, "Bytes", extra, area, buf);
    for (i, id) in view.connections(usize::from(area.height / 2)).into_iter().enumerate() {
        let Some(file) = view.world.file(id) else { continue };
        let Some(stream) = file.stream() else { continue };
        let y = 2 * u16::try_from(i).unwrap_or(0);
        let mine = records_of(view, id, file, HORIZON, 16);
        let name = format!("{} {}", file.fd, view.world.name(id));
        line(view, &name, "in ", &last_call(&mine, Dir::In), "", Rect { y: area.y + y, ..area }, buf);
        let waits = waits(view, stream);
        line(view, "", "out", &last_call(&mine, Dir::Out), &waits, Rect { y: area.y + y + 1, ..area }, buf);
    }
}

fn line(view: &View<'_>, name: &str, way: &str, bytes: &[u8], note: &str, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let room = usize::from(area.width).saturating_sub(17 + note.len());
    let spans = vec![
        Span::styled(format!(" {name:<11} "), theme.value),
        Span::styled(format!("{way} "), theme.label),
        Span::styled(crate::ui::escape::fit(&escape(bytes), room), theme.value),
        Span::styled(note.to_owned(), theme.alert),
    ];
    put(Rect { height: 1, ..area }, 0, spans, buf);
}

/// What the client at the other end still waits for, where the trace knows it.
fn waits(view: &View<'_>, stream: &Stream) -> String {
    let client = stream.other.and_then(|other| view.world.file(other)).and_then(|file| file.stream());
    let missing = client.map_or(0, |client| client.sent.saturating_sub(client.received));
    if missing > 0 && view.at_rest() { format!(" {} bytes not echoed ", grouped(missing)) } else { String::new() }
}

/// The last `most` records about `file` among the last `horizon`, the latest first.
pub(super) fn records_of(view: &View<'_>, id: FileId, file: &File, horizon: usize, most: usize) -> Vec<Record> {
    let records = view.timeline.range(id.0.saturating_sub(1), view.at).rev().take(horizon);
    let about = records.filter(|record| {
        let call = &record.call;
        let shown = call.is_syscall() || matches!(call, Call::Event { .. } | Call::Data { .. });
        shown && call.fd().is_some_and(|fd| view.world.means(record.tid, fd, file))
    });
    about.take(most).copied().collect()
}

/// All bytes of one direction in `mine`, oldest first.
pub(super) fn payload(mine: &[Record], way: Dir) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in mine.iter().rev() {
        if let Call::Data { dir, chunk, .. } = record.call
            && dir == way
        {
            bytes.extend_from_slice(chunk.bytes());
        }
    }
    bytes
}

/// The bytes of the last call of one direction.
fn last_call(mine: &[Record], way: Dir) -> Vec<u8> {
    let of_way = |record: &&Record| matches!(record.call, Call::Data { dir, .. } if dir == way);
    let end = mine.iter().skip_while(|record| !of_way(record)).take_while(|record| of_way(record)).copied();
    payload(&end.collect::<Vec<_>>(), way)
}
