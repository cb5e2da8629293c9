//! A connection whose peer has to take what is sent to it.
//!
//! A client that stops reading would hold its connection, and what is to be sent, for ever. So as
//! long as something waits to be sent, some of it must go out in every window of time. Nobody is
//! hurried who takes what is there, however long a request or its answer lasts.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Within this time a waiting write must have sent [`LEAST_BYTES`].
const WINDOW: Duration = Duration::from_secs(30);

/// A kibibyte per second: less than the slowest of telephone lines.
const LEAST_BYTES: usize = 30 << 10;

/// A stream that fails when its peer does not take what is written.
pub(crate) struct Paced<S> {
    stream: S,
    /// Runs as long as a write waits.
    window: Option<Pin<Box<Sleep>>>,
    /// Bytes that went out in this window.
    sent: usize,
}

impl<S> Paced<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, window: None, sent: 0 }
    }

    /// Counts what went out; an error when it was too little for too long.
    fn pace(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = written {
            self.sent = self.sent.saturating_add(count);
        }
        if written.is_ready() {
            return written;
        }
        let window = self.window.get_or_insert_with(|| Box::pin(tokio::time::sleep(WINDOW)));
        ready!(window.as_mut().poll(context));
        if self.sent < LEAST_BYTES {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::TimedOut)));
        }
        self.sent = 0;
        window.as_mut().reset(Instant::now() + WINDOW);
        // Polled once, so that its end wakes the task.
        ready!(window.as_mut().poll(context));
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.pace(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.pace(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Whoever flushes has nothing left to send.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        (self.window, self.sent) = (None, 0);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_left() {
        let (near, _far) = duplex(1 << 10);
        let mut near = Paced::new(near);
        let began = Instant::now();
        let error = near.write_all(&[0; 4 << 10]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_trickles_is_left_and_a_slow_one_is_not() {
        for (bytes_per_second, taken) in [(64, false), (4 << 10, true)] {
            let (near, mut far) = duplex(1 << 10);
            let mut near = Paced::new(near);
            let reader = tokio::spawn(async move {
                let mut piece = vec![0; bytes_per_second];
                while far.read_exact(&mut piece).await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
            let written = near.write_all(&vec![0; 400 << 10]).await;
            assert_eq!(written.is_ok(), taken, "{bytes_per_second}");
            drop(near);
            reader.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_between_answers_count_for_nothing() {
        let (near, mut far) = duplex(1 << 10);
        let mut near = Paced::new(near);
        for _ in 0..3 {
            let read = tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(20)).await;
                far.read_exact(&mut [0; 2 << 10]).await.unwrap();
                far
            });
            near.write_all(&[0; 2 << 10]).await.unwrap();
            near.flush().await.unwrap();
            far = read.await.unwrap();
            tokio::time::sleep(WINDOW).await;
        }
    }
}
