//! Copies of files of other servers, fetched when somebody first wants them.
use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::sync::{Mutex, Semaphore};
use url::Url;

use super::App;
use crate::{
    db::{self, cached_files::CachedFile, servers::ServerPolicy},
    error::{Error, Result},
    media::{self, CACHE, Family, FileKind, Source},
    tasks::{self, Task},
    types::Time,
};

/// Files that are fetched at the same time; more wait.
const MOST_AT_ONCE: usize = 12;
/// Most files somebody waits for.
const MOST_WAITING: u64 = 10_000;
/// How long a file that is no good is not asked for again, seconds.
const REFUSED_SECS: i64 = 6 * 3_600;
/// How long a server that does not answer is not asked again, seconds.
const SILENT_SECS: i64 = 600;
/// Largest picture of another server, bytes.
const MAX_PICTURE_BYTES: u64 = 20 << 20;
/// Largest emoji of another server, bytes. Mastodon takes 256 KiB; those of Misskey are often larger.
const MAX_EMOJI_BYTES: u64 = 1 << 20;
/// How soon after a copy came is looked whether there is room for all, seconds.
const TRIM_SECS: i64 = 60;
/// How exactly is noted when a copy was used, seconds.
const USE_SECS: i64 = 3_600;

/// What a copy may be of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Pictures, sound and film.
    Any,
    /// Small pictures.
    Emoji,
}

/// Who waits for which file.
pub(super) struct Copies {
    turns: Cache<String, Arc<Mutex<()>>>,
    door: Semaphore,
}

impl Default for Copies {
    fn default() -> Self {
        let turns = Cache::builder().max_capacity(MOST_WAITING);
        Self {
            turns: turns.time_to_idle(Duration::from_mins(5)).build(),
            door: Semaphore::new(MOST_AT_ONCE),
        }
    }
}

impl App {
    /// Where the store keeps a copy of the file at `url`, which belongs to somebody of `host`. It is
    /// fetched where there is none yet, once however many ask.
    ///
    /// # Errors
    /// `NotFound` for what is not fetched or was no good, `Unreachable` where the other server or the
    /// store does not answer.
    pub async fn copy_of(&self, url: &str, host: &str) -> Result<String> {
        self.copy(url, host, Wanted::Any).await
    }

    /// The same of a small picture.
    ///
    /// # Errors
    /// As [`App::copy_of`].
    pub async fn emoji_copy_of(&self, url: &str, host: &str) -> Result<String> {
        self.copy(url, host, Wanted::Emoji).await
    }

    async fn copy(&self, url: &str, host: &str, wanted: Wanted) -> Result<String> {
        let digest = media::digest(url);
        let url = Url::parse(url).map_err(|_| Error::NotFound)?;
        let hosts = [url.host_str().unwrap_or_default(), host].map(str::to_owned);
        if let Some(path) = self.known_copy(&digest, &hosts).await? {
            return Ok(path);
        }
        let turn = self.0.remote.turns.get_with(digest.clone(), Arc::default);
        let _turn = turn.lock().await;
        // Whoever was before us may have fetched it.
        if let Some(path) = self.known_copy(&digest, &hosts).await? {
            return Ok(path);
        }
        let _door = self.0.remote.door.acquire().await.map_err(Error::internal)?;
        self.fetch_copy(&url, &digest, wanted).await
    }

    /// The copy that is there; `NotFound` where there was none a short time ago, and for all that is
    /// of a blocked server or lies there.
    async fn known_copy(&self, digest: &str, hosts: &[String; 2]) -> Result<Option<String>> {
        let (asked, hosts, now) = (digest.to_owned(), hosts.clone(), self.now());
        let row = self.read(move |conn| {
            if !db::servers::restricted(conn, &hosts, ServerPolicy::Blocked)?.is_empty() {
                return Err(Error::NotFound);
            }
            Ok(db::cached_files::find(conn, &asked)?)
        });
        let Some(row) = row.await? else { return Ok(None) };
        let Some(path) = row.path else {
            return if row.retry_at > now { Err(Error::NotFound) } else { Ok(None) };
        };
        let oldest = now.plus_days(-self.config().media.cache_days);
        if row.fetched_at < oldest {
            return Ok(None);
        }
        match self.store().size(&path).await {
            Ok(_) => {}
            // Deleted by hand, or trimmed by another process just now.
            Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        }
        if row.used_at < now.plus_secs(-USE_SECS) {
            let digest = digest.to_owned();
            self.write(move |tx| Ok(db::cached_files::used(tx, &digest, now)?)).await?;
        }
        Ok(Some(path))
    }

    /// Where the store keeps what stands for the picture at `url` where nothing may move: a copy of
    /// it, or of its first moment.
    ///
    /// # Errors
    /// As [`App::copy_of`].
    pub async fn still_copy_of(&self, url: &str, host: &str) -> Result<String> {
        let digest = media::digest(&format!("{url} still"));
        let at = Url::parse(url).map_err(|_| Error::NotFound)?;
        let hosts = [at.host_str().unwrap_or_default(), host].map(str::to_owned);
        if let Some(path) = self.known_copy(&digest, &hosts).await? {
            return Ok(path);
        }
        let whole = self.emoji_copy_of(url, host).await?;
        let bytes = self.store().read(&whole).await?;
        let made = tokio::task::spawn_blocking(move || media::still_of(&bytes)).await?;
        let made = match made {
            Ok(made) => made,
            Err(Error::Invalid(_)) => return Err(Error::NotFound),
            Err(error) => return Err(error),
        };
        let Some(still) = made else { return Ok(whole) };
        self.keep_copy(url, "still", &digest, (still.into(), "png")).await
    }

    async fn fetch_copy(&self, url: &Url, digest: &str, wanted: Wanted) -> Result<String> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("file");
        let films = u64::try_from(self.config().media.max_video_bytes).unwrap_or(u64::MAX);
        let judge = move |head: &[u8]| match FileKind::of_head(head) {
            Some(kind) if kind.family() == Family::Image => Ok(match wanted {
                Wanted::Any => MAX_PICTURE_BYTES,
                Wanted::Emoji => MAX_EMOJI_BYTES,
            }),
            Some(_) if wanted == Wanted::Any => Ok(films),
            _ => Err(Error::invalid("it is no picture, sound or film")),
        };
        let fetched = self.fetcher().get_file(url, &file, judge).await;
        let kind = match fetched {
            Ok(()) => {
                let file = file.clone();
                tokio::task::spawn_blocking(move || FileKind::of_file(&file)).await??
            }
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(error) => return self.no_copy(url, digest, error).await,
        };
        let Some(kind) = kind else {
            let error = Error::invalid("it is no picture, sound or film");
            return self.no_copy(url, digest, error).await;
        };
        self.keep_copy(url.as_str(), "copy", digest, (Source::File(file), kind.extension())).await
    }

    /// Keeps a `part` of what is at `url`.
    async fn keep_copy(
        &self,
        url: &str,
        part: &str,
        digest: &str,
        (source, extension): (Source, &str),
    ) -> Result<String> {
        let size_bytes = source.size().await?;
        let path = format!("{CACHE}{}", media::derived(url, part, extension));
        self.store().put_at(&path, source).await?;
        let now = self.now();
        let row = CachedFile {
            digest: digest.to_owned(),
            path: Some(path.clone()),
            size_bytes,
            fetched_at: now,
            used_at: now,
            retry_at: Time(0),
        };
        self.write(move |tx| {
            db::cached_files::set(tx, &row)?;
            let soon = tx.now().plus_secs(TRIM_SECS);
            tasks::enqueue_at(tx, &Task::TrimCopies, soon)
        })
        .await?;
        Ok(path)
    }

    /// Remembers for a while that there is none.
    async fn no_copy(&self, url: &Url, digest: &str, error: Error) -> Result<String> {
        tracing::debug!(cause = %error.cause(), host = url.host_str(), "no copy of a file");
        let now = self.now();
        let silent = matches!(error, Error::Unreachable(_));
        let wait = if silent { SILENT_SECS } else { REFUSED_SECS };
        let row = CachedFile {
            digest: digest.to_owned(),
            path: None,
            size_bytes: 0,
            fetched_at: now,
            used_at: now,
            retry_at: now.plus_secs(wait),
        };
        self.write(move |tx| Ok(db::cached_files::set(tx, &row)?)).await?;
        Err(if silent { error } else { Error::NotFound })
    }

    /// Forgets copies that are too old, and then those used least recently until there is room.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub async fn trim_copies(&self) -> Result<()> {
        let (days, most) = (self.config().media.cache_days, self.config().media.cache_bytes);
        loop {
            let old = move |tx: &mut crate::domain::Tx<'_>| {
                let before = tx.now().plus_days(-days);
                let mut rows = db::cached_files::older(tx, before, 500)?;
                if rows.is_empty() {
                    let mut over = db::cached_files::total_bytes(tx)?.saturating_sub(most);
                    rows = if over > 0 { db::cached_files::least_used(tx, 100)? } else { rows };
                    rows.retain(|row| {
                        let wanted = over > 0;
                        over = over.saturating_sub(row.size_bytes);
                        wanted
                    });
                }
                let digests: Vec<String> = rows.iter().map(|row| row.digest.clone()).collect();
                db::cached_files::delete(tx, &digests)?;
                let paths: Vec<String> = rows.into_iter().filter_map(|row| row.path).collect();
                if !paths.is_empty() {
                    tasks::enqueue(tx, &Task::DeleteFiles { paths })?;
                }
                Ok(!digests.is_empty())
            };
            if !self.write(old).await? {
                return Ok(());
            }
        }
    }
}
