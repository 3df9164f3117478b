//! The node as it speaks to other servers: with which keys, and through which door.
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use moka::sync::Cache;
use serde_json::Value;
use url::{Position, Url};

use super::App;
use crate::{
    config::Config,
    db::{self, actors::Actor, keys::SignatureForm, servers::ServerClass},
    domain::actors::{self, NODE_NAME},
    error::Result,
    fetch::{Fetcher, Signer},
    keys::{KeyPair, SigningKey},
    types::{ActorId, Time},
};

/// Most keys, and most habits of hosts, that are kept ready.
const KEPT: u64 = 10_000;

/// What it takes to speak to other servers.
pub(super) struct Outside {
    fetcher: Fetcher,
    keys: Cache<ActorId, Arc<Signing>>,
    /// How hosts want requests to be signed.
    forms: Cache<String, Habit>,
}

/// A key of a local actor, ready to sign with.
pub struct Key {
    /// Its id, with `#`.
    pub id: String,
    /// The key.
    pub key: SigningKey,
}

/// The keys of a local actor, ready to sign with.
pub struct Signing {
    /// RSA: what everybody takes.
    pub main: Key,
    /// Ed25519, for who takes it.
    pub ed25519: Key,
    /// Since when these are its keys.
    pub since: Time,
    /// The main key before: for what was on its way by then.
    pub former: Option<Key>,
}

/// How a host wants requests to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// The form to use.
    pub form: SignatureForm,
    /// It has taken that form before; else it is our guess.
    pub shown: bool,
}

impl Outside {
    pub(super) fn new(config: &Config) -> Self {
        Self { fetcher: Fetcher::new(config), keys: lasting(60), forms: lasting(600) }
    }
}

/// What the command line changes beside the running node is noticed when this is over.
fn lasting<K, V>(secs: u64) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().max_capacity(KEPT).time_to_live(Duration::from_secs(secs)).build()
}

impl App {
    /// The one door out.
    pub fn fetcher(&self) -> &Fetcher {
        &self.0.outside.fetcher
    }

    /// The keys a local actor signs with.
    ///
    /// # Errors
    /// `NotFound` for an actor without keys.
    pub async fn signing(&self, actor: ActorId) -> Result<Arc<Signing>> {
        if let Some(known) = self.0.outside.keys.get(&actor) {
            return Ok(known);
        }
        let (actor, keys, former) = self
            .read(move |conn| {
                let keys = db::actors::keys(conn, actor)?;
                let former = db::keys::former(conn, actor)?;
                Ok((db::actors::by_id(conn, actor)?, keys, former))
            })
            .await?;
        let rsa = |id: &str, pem: &str| -> Result<Key> {
            Ok(Key { id: id.to_owned(), key: SigningKey::from_pem(pem)? })
        };
        let signing = Arc::new(Signing {
            main: rsa(&actor.key_id, &keys.rsa_private)?,
            ed25519: Key {
                id: keys.ed25519_id(&actor),
                key: SigningKey::from_seed(&keys.ed25519_private)?,
            },
            since: keys.created_at,
            former: former.map(|former| rsa(&former.key_id, &former.rsa_private)).transpose()?,
        });
        self.0.outside.keys.insert(actor.id, Arc::clone(&signing));
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
        let host = authority(url);
        let habit = self.habit(host).await?;
        let learned = OnceLock::new();
        let signer = Signer {
            key_id: &signing.main.id,
            key: &signing.main.key,
            now: self.now(),
            newer: habit.form == SignatureForm::Rfc9421,
            learned: &learned,
        };
        let document = self.fetcher().get_document(url, Some(signer)).await;
        if let Some(newer) = learned.get() {
            let form = if *newer { SignatureForm::Rfc9421 } else { SignatureForm::Cavage };
            self.takes(host, form).await?;
        }
        document
    }

    /// How a host wants requests to be signed: as it showed; else our own kind with Ed25519 and
    /// everyone else in the form that nobody refuses.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub async fn habit(&self, host: &str) -> Result<Habit> {
        if let Some(known) = self.0.outside.forms.get(host) {
            return Ok(known);
        }
        let name = host.to_owned();
        let known = self.read(move |conn| Ok(db::keys::signature_form(conn, &name)?)).await?;
        let (class, shown) = known.unwrap_or((ServerClass::Unknown, None));
        let guess = match class {
            ServerClass::Commonhold => SignatureForm::Ed25519,
            ServerClass::Unknown | ServerClass::Microblog | ServerClass::Group => {
                SignatureForm::Cavage
            }
        };
        let habit = Habit { form: shown.unwrap_or(guess), shown: shown.is_some() };
        self.0.outside.forms.insert(host.to_owned(), habit);
        Ok(habit)
    }

    /// Guesses anew: more is known of a host now.
    pub fn forget_habit(&self, host: &str) {
        self.0.outside.forms.invalidate(host);
    }

    /// Remembers for a while that the guess about a host was right.
    pub fn guessed_well(&self, host: &str) {
        if let Some(habit) = self.0.outside.forms.get(host).filter(|habit| !habit.shown) {
            self.0.outside.forms.insert(host.to_owned(), Habit { shown: true, ..habit });
        }
    }

    /// Remembers, also after a restart, that a host refused one form of signatures and took this.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub async fn takes(&self, host: &str, form: SignatureForm) -> Result<()> {
        let habit = Habit { form, shown: true };
        if self.0.outside.forms.get(host) == Some(habit) {
            return Ok(());
        }
        let name = host.to_owned();
        self.write(move |tx| Ok(db::keys::set_signature_form(tx, &name, form)?)).await?;
        self.0.outside.forms.insert(host.to_owned(), habit);
        Ok(())
    }
}

fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}
