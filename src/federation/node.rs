//! The node's standing among other servers: its [`App`], its keys, its one way out.
use std::{ops::Deref, sync::Arc};

use moka::sync::Cache;
use serde_json::Value;
use url::Url;

use super::fetch::{Fetcher, Signer};
use crate::{
    app::App,
    db,
    domain::actors::NODE_NAME,
    error::{Error, Result},
    keys::SigningKey,
    types::ActorId,
};

/// Most keys that are kept ready to sign with.
const KEYS: u64 = 10_000;

/// What the front doors and the worker use to talk with other servers. Cloning is cheap; it is an
/// [`App`] too.
#[derive(Clone)]
pub struct Federation(Arc<Inner>);

struct Inner {
    app: App,
    fetcher: Fetcher,
    keys: Cache<ActorId, Arc<Signing>>,
    /// Hosts that took the newer signatures only; see `deliver`.
    pub(super) prefers_rfc9421: Cache<String, ()>,
}

/// A local actor's key, ready to sign with.
pub struct Signing {
    /// Its id, with `#`.
    pub key_id: String,
    /// The key.
    pub key: SigningKey,
}

impl Federation {
    /// The standing of `app`.
    pub fn new(app: App) -> Self {
        let fetcher = Fetcher::new(app.config());
        let prefers_rfc9421 = Cache::new(KEYS);
        Self(Arc::new(Inner { app, fetcher, keys: Cache::new(KEYS), prefers_rfc9421 }))
    }

    /// The node.
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// The way out.
    pub fn fetcher(&self) -> &Fetcher {
        &self.0.fetcher
    }

    /// The key a local actor signs with.
    ///
    /// # Errors
    /// `NotFound` for an actor without keys.
    pub async fn signing(&self, actor: ActorId) -> Result<Arc<Signing>> {
        if let Some(known) = self.0.keys.get(&actor) {
            return Ok(known);
        }
        let (key_id, pem) = self
            .read(move |conn| {
                let keys = db::actors::keys(conn, actor)?;
                Ok((db::actors::by_id(conn, actor)?.key_id, keys.rsa_private))
            })
            .await?;
        let signing = Arc::new(Signing { key_id, key: SigningKey::from_pem(&pem)? });
        self.0.keys.insert(actor, Arc::clone(&signing));
        Ok(signing)
    }

    /// The key the node itself signs with: requests that no person or group makes.
    ///
    /// # Errors
    /// `Internal` when the node has lost its actor.
    pub async fn node_signing(&self) -> Result<Arc<Signing>> {
        let node = self
            .read(|conn| {
                db::actors::local_by_name(conn, NODE_NAME)?
                    .ok_or_else(|| Error::internal("the node's own actor is missing"))
            })
            .await?;
        self.signing(node.id).await
    }

    /// The `ActivityPub` document at `url`, asked for in the node's name.
    ///
    /// # Errors
    /// As [`Fetcher::get_document`].
    pub async fn get_document(&self, url: &Url) -> Result<Value> {
        let signing = self.node_signing().await?;
        let signer = Signer { key_id: &signing.key_id, key: &signing.key, now: self.now() };
        self.fetcher().get_document(url, Some(signer)).await
    }

    /// Whether a host takes only RFC 9421 signatures, as it showed.
    pub(super) fn prefers_rfc9421(&self, host: &str) -> bool {
        self.0.prefers_rfc9421.contains_key(host)
    }

    /// Remembers, or forgets, that a host takes only RFC 9421 signatures.
    pub(super) fn set_prefers_rfc9421(&self, host: &str, prefers: bool) {
        if prefers {
            self.0.prefers_rfc9421.insert(host.to_owned(), ());
        } else {
            self.0.prefers_rfc9421.invalidate(host);
        }
    }
}

impl Deref for Federation {
    type Target = App;
    fn deref(&self) -> &App {
        &self.0.app
    }
}
