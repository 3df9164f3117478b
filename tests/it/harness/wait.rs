//! Waiting for what other processes do, without ever sleeping for luck.
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Asks until there is an answer, for at most half a minute; `what` is said when none came.
pub async fn eventually<T, F, A>(what: &str, ask: F) -> T
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    eventually_within(Duration::from_secs(30), what, ask).await
}

/// Asks until there is an answer, for at most `most`; `what` is said when none came.
pub async fn eventually_within<T, F, A>(most: Duration, what: &str, mut ask: F) -> T
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    let start = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < most, "waited {most:?} in vain: {what}");
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_millis(250));
    }
}
