//! Where files are kept, each under a name nobody can guess: on disk, or in any store that speaks S3.
mod disk;
mod names;
mod s3;

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_web::web::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};
use tokio::io::AsyncWriteExt as _;

pub use names::{CACHE, derived};

use self::{disk::Disk, names::is_ours, s3::Bucket};
use crate::{
    config::{Config, StorePlace},
    error::{Error, Result},
};

/// Where files are kept. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Store(Place);

#[derive(Clone, Debug)]
enum Place {
    Disk(Arc<Disk>),
    Bucket(Arc<Bucket>),
}

/// What a file is made of.
#[derive(Clone, Debug)]
pub enum Source {
    /// These bytes.
    Bytes(Bytes),
    /// What this file on disk holds.
    File(PathBuf),
}

impl Source {
    /// How many bytes that is.
    ///
    /// # Errors
    /// `Internal` when the disk fails.
    pub async fn size(&self) -> Result<i64> {
        let size = match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).map_err(Error::internal)?,
            Self::File(path) => tokio::fs::metadata(path).await?.len(),
        };
        i64::try_from(size).map_err(Error::internal)
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl Store {
    /// The store of the settings. Nothing is asked there yet.
    ///
    /// # Errors
    /// `Internal` where the settings cannot be.
    pub fn open(config: &Config) -> Result<Self> {
        Ok(match &config.media.store {
            StorePlace::Disk => Self::on_disk(&config.data_dir),
            StorePlace::S3 { bucket, prefix } => {
                let bucket = Bucket::new(&config.media.s3, bucket, prefix)?;
                Self(Place::Bucket(Arc::new(bucket)))
            }
        })
    }

    /// The folder `media` of a data folder; made when the first file comes.
    pub fn on_disk(data_dir: &Path) -> Self {
        Self(Place::Disk(Arc::new(Disk::new(data_dir.join("media")))))
    }

    /// Keeps a file under a new name and says where: `ab/cd/<random>.ext`. Once this returns it
    /// survives a crash.
    ///
    /// # Errors
    /// `Unreachable`, in words for people, when there is no room or the store does not answer;
    /// `Internal` when the disk fails. Nothing is kept then.
    pub async fn put(&self, source: Source, extension: &str) -> Result<String> {
        let path = names::fresh(extension);
        self.put_at(&path, source).await?;
        Ok(path)
    }

    /// As [`Store::put`], at a path that was made by [`derived`], in place of what is there.
    ///
    /// # Errors
    /// As [`Store::put`].
    pub async fn put_at(&self, path: &str, source: Source) -> Result<()> {
        ours(path)?;
        match &self.0 {
            Place::Disk(disk) => {
                let (disk, path) = (Arc::clone(disk), path.to_owned());
                tokio::task::spawn_blocking(move || disk.put(&path, &source)).await?
            }
            Place::Bucket(bucket) => bucket.put(path, &source).await,
        }
    }

    /// How many bytes the file at `path` has.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, or `path` is none of ours; else as [`Store::put`].
    pub async fn size(&self, path: &str) -> Result<u64> {
        ours(path)?;
        match &self.0 {
            Place::Disk(disk) => disk.size(path).await,
            Place::Bucket(bucket) => bucket.size(path).await,
        }
    }

    /// The bytes `range` of the file at `path`, little by little.
    ///
    /// # Errors
    /// As [`Store::size`].
    pub async fn stream(
        &self,
        path: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        ours(path)?;
        match &self.0 {
            Place::Disk(disk) => disk.stream(path, range).await,
            Place::Bucket(bucket) => bucket.stream(path, range).await,
        }
    }

    /// Copies the file at `path` into a file on disk.
    ///
    /// # Errors
    /// As [`Store::size`].
    pub async fn copy_to(&self, path: &str, to: &Path) -> Result<()> {
        let size = self.size(path).await?;
        let mut pieces = self.stream(path, 0..size).await?;
        let mut file = tokio::fs::File::create(to).await?;
        while let Some(piece) = pieces.next().await {
            file.write_all(&piece?).await?;
        }
        Ok(file.flush().await?)
    }

    /// All bytes of the file at `path`; for small ones.
    ///
    /// # Errors
    /// As [`Store::size`].
    pub async fn read(&self, path: &str) -> Result<Vec<u8>> {
        let size = self.size(path).await?;
        let mut pieces = self.stream(path, 0..size).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(bytes)
    }

    /// Forgets the file at `path`; fine when it is gone already.
    ///
    /// # Errors
    /// `NotFound` when `path` is none of ours; else as [`Store::put`].
    pub async fn delete(&self, path: &str) -> Result<()> {
        ours(path)?;
        match &self.0 {
            Place::Disk(disk) => {
                let (disk, path) = (Arc::clone(disk), path.to_owned());
                tokio::task::spawn_blocking(move || disk.delete(&path)).await?
            }
            Place::Bucket(bucket) => bucket.delete(path).await,
        }
    }

    /// Deletes files that nothing refers to; what cannot be deleted is said in the log and left.
    pub async fn forget(&self, paths: impl IntoIterator<Item = String>) {
        for path in paths {
            if let Err(error) = self.delete(&path).await {
                tracing::warn!(cause = %error.cause(), "a file that nothing refers to stays");
            }
        }
    }

    /// Keeps a small file, reads it and deletes it again.
    ///
    /// # Errors
    /// Whatever goes wrong on the way.
    pub async fn check(&self) -> Result<()> {
        let words = b"commonhold doctor".to_vec();
        let path = self.put(words.clone().into(), "txt").await?;
        let read = self.read(&path).await;
        self.delete(&path).await?;
        if read? == words {
            Ok(())
        } else {
            Err(Error::internal("the store gives back something else than was kept"))
        }
    }
}

/// Refuses any path but one that a store could have made.
fn ours(path: &str) -> Result<()> {
    if is_ours(path) { Ok(()) } else { Err(Error::NotFound) }
}

fn no_room() -> Error {
    Error::Unreachable("This server has no room for files just now. Try again later.".into())
}

fn no_store() -> Error {
    Error::Unreachable(
        "The store of this server for files does not answer just now. Try again later.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_kept_read_in_pieces_and_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::on_disk(dir.path());
        let path = store.put(b"a green leaf".to_vec().into(), "png").await.unwrap();
        assert_eq!((store.read(&path).await.unwrap(), path.len()), (b"a green leaf".to_vec(), 42));
        let pieces: Vec<_> = store.stream(&path, 2..7).await.unwrap().collect().await;
        assert_eq!(pieces.into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["green"]);
        assert!(matches!(store.size("../x").await, Err(Error::NotFound)));
        store.delete(&path).await.unwrap();
        store.delete(&path).await.unwrap();
        assert!(matches!(store.read(&path).await, Err(Error::NotFound)));
        store.check().await.unwrap();
    }

    #[tokio::test]
    async fn nothing_half_written_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::on_disk(dir.path());
        let path = store.put(b"leaf".to_vec().into(), "png").await.unwrap();
        let gone = Source::File(dir.path().join("not there"));
        assert!(store.put_at(&path, gone).await.is_err());
        let folder = dir.path().join("media").join(&path[..5]);
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
        assert_eq!(store.read(&path).await.unwrap(), b"leaf", "what was there stays");
    }

    #[tokio::test]
    async fn large_files_come_whole_and_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::on_disk(dir.path());
        let bytes: Vec<u8> = (0..1_000_003_u32).flat_map(u32::to_le_bytes).collect();
        let from = dir.path().join("film");
        std::fs::write(&from, &bytes).unwrap();
        let path = derived("film", "file", "mp4");
        store.put_at(&path, Source::File(from)).await.unwrap();
        assert!(store.read(&path).await.unwrap() == bytes);
        let to = dir.path().join("copy");
        store.copy_to(&path, &to).await.unwrap();
        assert!(std::fs::read(to).unwrap() == bytes);
    }
}
