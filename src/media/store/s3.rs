//! Files in a bucket of a store that speaks S3.
use std::{ops::Range, time::Duration};

use actix_web::web::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};
use moka::sync::Cache;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _,
    RetryConfig, WriteMultipart, aws::AmazonS3, aws::AmazonS3Builder, path::Path,
};
use tokio::io::AsyncReadExt as _;

use super::Source;
use crate::{
    config::S3Settings,
    error::{Error, Result},
};

/// Bytes that are sent at once; the least that S3 takes but for the last.
const PIECE: usize = 5 << 20;
/// Sizes of files that are remembered: they never change.
const SIZES: u64 = 20_000;

/// A bucket.
#[derive(Debug)]
pub struct Bucket {
    store: AmazonS3,
    prefix: Path,
    sizes: Cache<String, u64>,
}

impl Bucket {
    /// # Errors
    /// `Internal` where the settings cannot be.
    pub(super) fn new(settings: &S3Settings, bucket: &str, prefix: &str) -> Result<Self> {
        let client = ClientOptions::new()
            .with_connect_timeout(Duration::from_secs(5))
            // From byte to byte, and not for a whole film.
            .with_timeout_disabled()
            .with_read_timeout(Duration::from_mins(1))
            .with_http1_only()
            .with_allow_http(settings.endpoint.as_ref().is_some_and(|url| url.scheme() == "http"));
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_bucket_name(bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key_id)
            .with_virtual_hosted_style_request(!settings.path_style)
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig {
                    init_backoff: Duration::from_millis(100),
                    max_backoff: Duration::from_secs(2),
                    base: 2.0,
                },
                max_retries: 3,
                retry_timeout: Duration::from_secs(15),
            });
        if let Some(secret) = &settings.secret_access_key {
            builder = builder.with_secret_access_key(secret.expose());
        }
        if let Some(endpoint) = &settings.endpoint {
            let endpoint = endpoint.as_str().trim_end_matches('/');
            // Where the bucket is in the host the address is taken with it.
            builder =
                builder.with_endpoint(match (settings.path_style, endpoint.split_once("://")) {
                    (false, Some((scheme, host))) => format!("{scheme}://{bucket}.{host}"),
                    _ => endpoint.to_owned(),
                });
        }
        let store =
            builder.build().map_err(|e| Error::internal(format_args!("media_store: {e}")))?;
        Ok(Self {
            store,
            prefix: Path::from(prefix),
            sizes: Cache::builder().max_capacity(SIZES).build(),
        })
    }

    fn at(&self, path: &str) -> Path {
        self.prefix.parts().chain(Path::from(path).parts()).collect()
    }

    pub(super) async fn put(&self, path: &str, source: &Source) -> Result<()> {
        match source {
            Source::Bytes(bytes) => {
                let sent = self.store.put(&self.at(path), bytes.clone().into()).await;
                sent.map_err(|e| failed("keeping", path, &e))?;
            }
            Source::File(from) => self.send(path, from).await?,
        }
        // It may be another one than before, of another size.
        self.sizes.invalidate(path);
        Ok(())
    }

    /// Sends a file piece by piece; a whole one is there in the end, or none.
    async fn send(&self, path: &str, from: &std::path::Path) -> Result<()> {
        let mut file = tokio::fs::File::open(from).await?;
        let first = piece(&mut file).await?;
        if first.len() < PIECE {
            let sent = self.store.put(&self.at(path), first.into()).await;
            return sent.map(drop).map_err(|e| failed("keeping", path, &e));
        }
        let upload = self.store.put_multipart(&self.at(path)).await;
        let upload = upload.map_err(|e| failed("keeping", path, &e))?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PIECE);
        let mut next = first;
        while !next.is_empty() {
            if let Err(error) = upload.wait_for_capacity(2).await {
                let _ = upload.abort().await; // the first error is the one that matters
                return Err(failed("keeping", path, &error));
            }
            upload.put(next);
            next = match piece(&mut file).await {
                Ok(next) => next,
                Err(error) => {
                    let _ = upload.abort().await; // as above
                    return Err(error);
                }
            };
        }
        upload.finish().await.map(drop).map_err(|e| failed("keeping", path, &e))
    }

    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        self.sizes.invalidate(path);
        match self.store.delete(&self.at(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed("deleting", path, &error)),
        }
    }

    pub(super) async fn size(&self, path: &str) -> Result<u64> {
        if let Some(size) = self.sizes.get(path) {
            return Ok(size);
        }
        let found = self.store.head(&self.at(path)).await;
        let size = found.map_err(|e| failed("reading", path, &e))?.size;
        self.sizes.insert(path.to_owned(), size);
        Ok(size)
    }

    pub(super) async fn stream(
        &self,
        path: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let got = self.store.get_opts(&self.at(path), options).await;
        let got = got.map_err(|e| failed("reading", path, &e))?;
        let name = path.to_owned();
        Ok(got
            .into_stream()
            .map(move |piece| piece.map_err(|e| failed("reading", &name, &e)))
            .boxed())
    }
}

/// The next piece of a file; a shorter one at its end.
async fn piece(file: &mut tokio::fs::File) -> Result<Bytes> {
    let mut piece = Vec::with_capacity(PIECE);
    let limit = u64::try_from(PIECE).map_err(Error::internal)?;
    file.take(limit).read_to_end(&mut piece).await?;
    Ok(piece.into())
}

/// Where the store does not do what it should, only the operator can help; the log tells them what
/// happened. Neither holds the secret: requests are signed with it, and it is never sent.
fn failed(doing: &str, path: &str, error: &object_store::Error) -> Error {
    if matches!(error, object_store::Error::NotFound { .. }) {
        return Error::NotFound;
    }
    tracing::error!(%error, path, "the store for files failed while {doing} a file");
    super::no_store()
}
