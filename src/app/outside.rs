//! The node as it speaks to other servers: with which keys, and through which door.
use std::sync::Arc;

use moka::sync::Cache;
use serde_json::Value;
use url::Url;

use super::App;
use crate::{
    config::Config,
    db::{self, actors::Actor},
    domain::actors::{self, NODE_NAME},
    error::Result,
    fetch::{Fetcher, Signer},
    keys::{KeyPair, SigningKey},
    types::ActorId,
};

/// Most keys, and most habits of hosts, that are kept ready.
const KEPT: u64 = 10_000;

/// What it takes to speak to other servers.
pub(super) struct Outside {
    fetcher: Fetcher,
    keys: Cache<ActorId, Arc<Signing>>,
    /// Hosts that take RFC 9421 signatures only, as they showed.
    rfc9421: Cache<String, ()>,
}

/// A local actor's key, ready to sign with.
pub struct Signing {
    /// Its id, with `#`.
    pub key_id: String,
    /// The key.
    pub key: SigningKey,
}

impl Outside {
    pub(super) fn new(config: &Config) -> Self {
        Self { fetcher: Fetcher::new(config), keys: Cache::new(KEPT), rfc9421: Cache::new(KEPT) }
    }
}

impl App {
    /// The one door out.
    pub fn fetcher(&self) -> &Fetcher {
        &self.0.outside.fetcher
    }

    /// The key a local actor signs with.
    ///
    /// # Errors
    /// `NotFound` for an actor without keys.
    pub async fn signing(&self, actor: ActorId) -> Result<Arc<Signing>> {
        if let Some(known) = self.0.outside.keys.get(&actor) {
            return Ok(known);
        }
        let (key_id, pem) = self
            .read(move |conn| {
                let keys = db::actors::keys(conn, actor)?;
                Ok((db::actors::by_id(conn, actor)?.key_id, keys.rsa_private))
            })
            .await?;
        let signing = Arc::new(Signing { key_id, key: SigningKey::from_pem(&pem)? });
        self.0.outside.keys.insert(actor, Arc::clone(&signing));
        Ok(signing)
    }

    /// The node's own actor. On the very first start it is made here, beside everything else: its
    /// key takes longer than all the rest of a start.
    ///
    /// # Errors
    /// `Internal` from the database, or when no key can be made.
    pub async fn node_actor(&self) -> Result<Actor> {
        let known = self.read(|conn| Ok(db::actors::local_by_name(conn, NODE_NAME)?)).await?;
        if let Some(actor) = known {
            return Ok(actor);
        }
        let keys = tokio::task::spawn_blocking(KeyPair::generate).await??;
        self.write(move |tx| actors::node_actor(tx, || Ok(keys))).await
    }

    /// The key the node itself signs with: requests that no person or group makes.
    ///
    /// # Errors
    /// As [`App::node_actor`].
    pub async fn node_signing(&self) -> Result<Arc<Signing>> {
        let node = self.node_actor().await?;
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
    pub fn prefers_rfc9421(&self, host: &str) -> bool {
        self.0.outside.rfc9421.contains_key(host)
    }

    /// Remembers, or forgets, that a host takes only RFC 9421 signatures.
    pub fn set_prefers_rfc9421(&self, host: &str, prefers: bool) {
        if prefers {
            self.0.outside.rfc9421.insert(host.to_owned(), ());
        } else {
            self.0.outside.rfc9421.invalidate(host);
        }
    }
}
