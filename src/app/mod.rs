//! What every part of the node shares, and the one way to change anything.
mod courier;
mod figures;
mod health;
mod lease;
mod media;
mod memory;
mod outside;
mod record;
mod remote;

pub use figures::Figures;
pub use memory::Memory;
pub use outside::{Habit, Key, Signing};
pub use record::{Own, own_entries};

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicI64, Ordering},
};

use tokio::sync::{Notify, broadcast};
use url::Url;

use crate::{
    config::Config,
    db::{self, Conn, Db},
    domain::{Node, Tx},
    effects,
    error::{Error, Result},
    hub::{Hub, News},
    media::{Ffmpeg, Store},
    types::{Ids, Time},
};
use courier::Courier;
use lease::{LEASE_SECS, Lease};
use outside::Outside;

/// The node as handlers see it.
pub type Ctx = actix_web::web::Data<App>;

/// Handle to the node. Cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    config: Config,
    db: Db,
    node: Arc<Node>,
    ids: Arc<Ids>,
    lease: Lease,
    hub: Hub,
    courier: RwLock<Courier>,
    outside: Outside,
    store: Store,
    ffmpeg: Option<Ffmpeg>,
    remote: remote::Copies,
    memory: Memory,
    tallies: health::Tallies,
    counted: figures::Counted,
    work: Notify,
    /// How far the node's clock is ahead, in seconds; only tests move it.
    ahead_secs: AtomicI64,
}

impl App {
    /// Opens the node's database, brings it up to date and takes a share of the ids. Blocking.
    ///
    /// # Errors
    /// `Internal` when the database cannot be opened.
    pub fn open(config: Config) -> Result<Self> {
        let db = Db::open(config.database_url.expose(), config.database_connections)?;
        let (lease, ids) = lease::take(&db)?;
        let node = Arc::new(Node {
            origin: config.origin().clone(),
            domain: config.domain().to_owned(),
            sign_up: config.sign_up,
            min_account_age_days: i32::try_from(config.min_account_age_days)
                .map_err(Error::internal)?,
            max_post_chars: config.max_post_chars,
            max_attachments: config.max_attachments,
            quota_bytes: config.media.quota_bytes,
            limits: config.rate_limits,
            mail: config.smtp_url.is_some(),
            confirm_email: config.confirm_email,
        });
        let outside = Outside::new(&config);
        let courier = RwLock::new(Courier::start(&db, &lease.holder));
        let store = Store::open(&config)?;
        let ffmpeg = Ffmpeg::find(&config.media.ffmpeg);
        let app = Self(Arc::new(Inner {
            config,
            outside,
            store,
            ffmpeg,
            remote: remote::Copies::default(),
            memory: Memory::default(),
            tallies: health::Tallies::default(),
            counted: figures::Counted::default(),
            db,
            node,
            ids: Arc::new(ids),
            lease,
            hub: Hub::default(),
            courier,
            work: Notify::new(),
            ahead_secs: AtomicI64::new(0),
        }));
        Ok(app)
    }

    /// Every setting.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What the rules know of the node.
    pub fn node(&self) -> &Node {
        &self.0.node
    }

    /// Scheme, host and port this node is reached at; local ids start with it.
    pub fn origin(&self) -> &Url {
        &self.0.node.origin
    }

    /// The part after the @ of local handles.
    pub fn domain(&self) -> &str {
        &self.0.node.domain
    }

    /// The time by the node's own clock.
    pub fn now(&self) -> Time {
        Time::now().plus_secs(self.0.ahead_secs.load(Ordering::Relaxed))
    }

    /// Moves the clock on, so that tests need not wait.
    pub fn skip_secs(&self, secs: i64) {
        self.0.ahead_secs.fetch_add(secs, Ordering::Relaxed);
    }

    /// Runs queries that change nothing.
    ///
    /// # Errors
    /// What `f` returns; `Internal` when the database cannot be asked.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let app = self.clone();
        tokio::task::spawn_blocking(move || app.0.db.read(f)).await?
    }

    /// Makes one change, with everything that follows from it, in one transaction. When this
    /// returns it is on disk, and only then open streams hear of it.
    ///
    /// # Errors
    /// What `f` returns; `Internal` when it cannot be stored. Nothing has happened then.
    pub async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let app = self.clone();
        tokio::task::spawn_blocking(move || app.write_now(f)).await?
    }

    /// [`App::write`] where blocking is fine: on the command line and at the start.
    ///
    /// # Errors
    /// As [`App::write`].
    pub fn write_now<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (node, ids, now) = (Arc::clone(&self.0.node), Arc::clone(&self.0.ids), self.now());
        let (value, facts, rouses) = self.0.db.write(move |conn| {
            let mut tx = Tx::begin(conn, node, ids, now);
            let value = f(&mut tx)?;
            let facts = effects::follow_up(&mut tx)?;
            tx.settle()?;
            Ok((value, facts, tx.rouses()))
        })?;
        let news: Vec<News> = facts.into_iter().filter_map(News::of).collect();
        self.0.courier.read().unwrap_or_else(PoisonError::into_inner).send(rouses, &news);
        self.0.hub.tell(news);
        if rouses {
            self.0.work.notify_waiters();
        }
        Ok(value)
    }

    /// [`App::read`] where blocking is fine.
    ///
    /// # Errors
    /// As [`App::read`].
    pub fn read_now<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.0.db.read(f)
    }

    /// Hears of every change from now on: of this process, and of others where [`App::hear_others`]
    /// runs.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Vec<News>>> {
        self.0.hub.listen()
    }

    /// Ends every open stream; the first thing a node does that stops.
    pub fn hang_up(&self) {
        self.0.hub.close();
    }

    /// Ends when the next change of this process may have left work to do. Other processes (the
    /// command line) leave work too and do not say so: look now and then as well.
    pub fn work(&self) -> tokio::sync::futures::Notified<'_> {
        self.0.work.notified()
    }

    /// Says that this process still makes ids; call it well within two minutes. `false` where another
    /// process took its share meanwhile: this one must end rather than make ids twice.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub async fn keep_lease(&self) -> Result<bool> {
        let app = self.clone();
        self.write(move |tx| {
            let Lease { slot, holder } = &app.0.lease;
            // Leases are about this process's real life, so about the real clock.
            let until = Time::now().plus_secs(LEASE_SECS);
            Ok(db::settings::renew_lease(tx, *slot, holder, until)?)
        })
        .await
    }

    /// Gives the share of ids back; the last thing a process does. Blocking.
    pub fn close(&self) {
        self.0.courier.write().unwrap_or_else(PoisonError::into_inner).end();
        let app = self.clone();
        let given = self.0.db.write(move |conn| {
            let Lease { slot, holder } = &app.0.lease;
            Ok(db::settings::drop_lease(conn, *slot, holder)?)
        });
        if let Err(error) = given {
            // It runs out by itself.
            tracing::warn!(cause = %error.cause(), "could not give the share of ids back");
        }
    }
}
