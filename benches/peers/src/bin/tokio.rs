//! The echo server on tokio, in its current_thread runtime, a task a connection.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Poll, ready};

use peers::{MAX_EVENTS, begin};
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

thread_local! {
    /// One buffer for all, so that eight thousand tasks need not eight thousand.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn main() -> io::Result<()> {
    let (listener, buffer) = begin()?;
    BUFFER.set(buffer);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().max_io_events_per_tick(MAX_EVENTS).build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(echo(stream));
        }
    })
}

async fn echo(mut stream: TcpStream) {
    while let Ok(Some(unsent)) = poll_fn(|context| {
        BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(&mut stream).poll_read(context, &mut buffer))?;
            Poll::Ready(answer(&stream, buffer.filled()))
        })
    })
    .await
    {
        if !unsent.is_empty() && stream.write_all(&unsent).await.is_err() {
            return;
        }
    }
}

/// Sends `bytes` back and gives what did not fit; `None` at the end of the stream.
fn answer(stream: &TcpStream, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let sent = match stream.try_write(bytes) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        sent => sent?,
    };
    Ok(Some(bytes[sent..].to_vec()))
}
