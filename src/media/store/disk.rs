//! Files in a folder. Once a file is kept it survives a crash; nothing is ever half there.
use std::{
    fs::{self, File},
    io::{self, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use actix_web::web::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::Source;
use crate::error::{Error, Result};

/// Bytes that are read at once on their way to a reader.
const PIECE: usize = 128 << 10;

/// A folder of files.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Keeps a file at `path`, in place of one that is there. Blocking.
    pub(super) fn put(&self, path: &str, source: &Source) -> Result<()> {
        let to = self.root.join(path);
        let failed = |e: io::Error| failed("keeping", path, &e);
        let name = to.file_name().and_then(|name| name.to_str());
        let (Some(folder), Some(name)) = (to.parent(), name) else { return Err(Error::NotFound) };
        fs::create_dir_all(folder).map_err(failed)?;
        // Two that keep the same file at the same time do not write into each other's.
        let draft = folder.join(format!(".{name}.{:08x}.part", rand::random::<u32>()));
        let written = write(&draft, source)
            .and_then(|()| fs::rename(&draft, &to))
            .and_then(|()| File::open(folder)?.sync_all());
        if let Err(error) = written {
            let _ = fs::remove_file(&draft); // the first error is the one that matters
            return Err(failed(error));
        }
        Ok(())
    }

    pub(super) fn delete(&self, path: &str) -> Result<()> {
        match fs::remove_file(self.root.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed("deleting", path, &error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(super) async fn size(&self, path: &str) -> Result<u64> {
        let file = tokio::fs::metadata(self.root.join(path)).await;
        file.map(|file| file.len()).map_err(|e| failed("reading", path, &e))
    }

    /// A piece of a file, little by little.
    pub(super) async fn stream(
        &self,
        path: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let name = path.to_owned();
        let broke = move |e: io::Error| failed("reading", &name, &e);
        let mut file = tokio::fs::File::open(self.root.join(path)).await.map_err(&broke)?;
        file.seek(io::SeekFrom::Start(range.start)).await.map_err(&broke)?;
        let left = range.end.saturating_sub(range.start);
        let pieces = stream::try_unfold((file, left), move |(mut file, left)| {
            let broke = broke.clone();
            async move {
                let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
                let mut piece = Vec::with_capacity(most);
                if most == 0 {
                    return Ok(None);
                }
                let limit = u64::try_from(most).map_err(Error::internal)?;
                (&mut file).take(limit).read_to_end(&mut piece).await.map_err(&broke)?;
                if piece.is_empty() {
                    return Err(Error::internal("a file became shorter while it was read"));
                }
                let read = u64::try_from(piece.len()).map_err(Error::internal)?;
                Ok(Some((Bytes::from(piece), (file, left.saturating_sub(read)))))
            }
        });
        Ok(pieces.boxed())
    }
}

fn write(path: &Path, source: &Source) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    match source {
        Source::Bytes(bytes) => file.write_all(bytes)?,
        Source::File(from) => {
            io::copy(&mut File::open(from)?, &mut file)?;
        }
    }
    file.sync_all()
}

fn failed(doing: &str, path: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::NotFound,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            tracing::error!(%error, "no room on the disk for a file");
            super::no_room()
        }
        _ => Error::internal(format_args!("{doing} {path}: {error}")),
    }
}
