//! The last bytes of each connection, received and sent, as text.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{View, padded, put, title};
use crate::analysis::why::{NotReported, why_not_reported};
use crate::i18n::{grouped, words};
use crate::record::{Call, Dir, Record};
use crate::trace::Piece;
use crate::trace::world::{File, FileId, Stream};
use crate::tui::escape::{escape, fit};

/// How many records are searched for them.
const HORIZON: u64 = 4_000;

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let what = view.lang.of(": the last ones of recv and send", "：最近一次经过 recv 和 send 的内容");
    let extra = vec![Span::styled(what, view.theme.label)];
    let area = title(view.theme, view.lang.of("Bytes", "字节"), extra, area, buf);
    let shown = view.connections(usize::from(area.height / 2)).into_iter();
    let streams = shown.filter_map(|id| view.world.file(id).and_then(|file| Some((id, file, file.stream()?))));
    for (i, (id, file, stream)) in streams.enumerate() {
        let y = 2 * u16::try_from(i).unwrap_or(0);
        let from = since(view, id, HORIZON);
        let mine = about(view, file, view.timeline.pieces_with_bytes(from, view.at), usize::MAX);
        let name = format!("{} {}", file.fd, view.world.name(id, view.lang));
        let area = Rect { y: area.y + y, height: 1, ..area };
        let came = last_call(view, &mine, Dir::In, stream.received);
        line(view, [&name, view.lang.of("in ", "收 ")], &came, Span::raw(""), area, buf);
        let went = last_call(view, &mine, Dir::Out, stream.sent);
        let (note, below) = (waits(view, id, file, stream), Rect { y: area.y + 1, ..area });
        line(view, ["", view.lang.of("out", "发 ")], &went, note, below, buf);
    }
}

fn line(view: &View<'_>, [name, way]: [&str; 2], bytes: &Span<'_>, note: Span<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let room = usize::from(area.width).saturating_sub(17 + note.width());
    let spans = vec![
        Span::styled(format!(" {} ", padded(name, 11)), theme.value),
        Span::styled(format!("{way} "), theme.label),
        Span::styled(fit(&bytes.content, room), bytes.style),
        note,
    ];
    put(area, 0, spans, buf);
}

/// What the client at the other end still waits for, if the trace knows. An alarm if nothing is going to bring it.
fn waits(view: &View<'_>, id: FileId, file: &File, stream: &Stream) -> Span<'static> {
    let client = stream.other.and_then(|other| view.world.file(other)).and_then(|file| file.stream());
    let Some(client) = client.filter(|_| view.at_rest()) else { return Span::raw("") };
    let (missing, taken) = (client.sent.saturating_sub(stream.sent), stream.sent.saturating_sub(client.received));
    if missing == 0 {
        let taken = (taken > 0).then(|| grouped(taken));
        let note =
            taken.map(|n| words!(view.lang, " {n} bytes not read by its client ", " {n} 字节尚未被其客户端读取 "));
        return Span::styled(note.unwrap_or_default(), view.theme.label);
    }
    let item = view.world.epoll().and_then(|epoll| Some((epoll, epoll.item(file.fd).filter(|item| item.file == id)?)));
    let stranded = item
        .is_some_and(|(epoll, item)| matches!(why_not_reported(view.world, epoll, item), NotReported::Stranded { .. }));
    let n = grouped(missing);
    if stranded {
        Span::styled(words!(view.lang, " {n} bytes not echoed ", " {n} 字节没有回显 "), view.theme.alert)
    } else {
        Span::styled(words!(view.lang, " {n} bytes not echoed yet ", " {n} 字节尚未回显 "), view.theme.label)
    }
}

/// The last `most` records about `file` among the last `horizon`, latest first.
pub(super) fn records_of(view: &View<'_>, id: FileId, file: &File, horizon: u64, most: usize) -> Vec<Record> {
    about(view, file, view.timeline.pieces(since(view, id, horizon), view.at), most)
}

/// The position `horizon` records ago, or at which the file `id` came.
fn since(view: &View<'_>, id: FileId, horizon: u64) -> u64 {
    view.at.saturating_sub(horizon).max(id.seq().saturating_sub(1))
}

/// The last `most` records about `file` in `pieces`, latest first.
fn about<'a>(
    view: &View<'_>,
    file: &File,
    pieces: impl DoubleEndedIterator<Item = Piece<'a>>,
    most: usize,
) -> Vec<Record> {
    let mut found = Vec::new();
    for piece in pieces.rev() {
        let about = piece.iter().rev().filter(|record| {
            let call = &record.call;
            let mine = call.fd() == Some(file.fd) && view.world.means(record.tid, file.fd, file);
            mine && (call.is_syscall() || matches!(call, Call::Event { .. } | Call::Data { .. }))
        });
        found.extend(about.take(most - found.len()));
        if found.len() == most {
            break;
        }
    }
    found
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

/// The bytes of the last call in one direction; `moved` is how many bytes have gone that way in all.
fn last_call(view: &View<'_>, mine: &[Record], way: Dir, moved: u64) -> Span<'static> {
    let of_way = |record: &&Record| matches!(record.call, Call::Data { dir, .. } if dir == way);
    let end = mine.iter().skip_while(|record| !of_way(record)).take_while(|record| of_way(record)).copied();
    let bytes = payload(&end.collect::<Vec<_>>(), way);
    if bytes.is_empty() && moved > 0 {
        let n = grouped(HORIZON);
        let is_of_way = |record: &Record| match record.call.plain() {
            Call::Recvfrom { ret, .. } => way == Dir::In && ret.ok().is_some_and(|n| n > 0),
            Call::Sendto { ret, .. } => way == Dir::Out && ret.ok().is_some_and(|n| n > 0),
            _ => false,
        };
        let text = if mine.iter().any(is_of_way) {
            view.lang.of("not kept, in a flood", "数据过多，没有保留").to_owned()
        } else {
            words!(view.lang, "not among the last {n} records", "不在最近 {n} 条记录之中")
        };
        return Span::styled(text, view.theme.label);
    }
    Span::styled(escape(&bytes), view.theme.value)
}
