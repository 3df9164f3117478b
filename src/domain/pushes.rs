//! Telling members' devices: where they want to hear of what, and what is to be said there.
use url::Url;

use crate::{
    db::{
        self, Conn,
        notifications::{Notification, NotificationKind},
        pushes::{Push, PushPolicy, Subscription},
    },
    domain::Tx,
    error::{Error, Result},
    keys::{
        self,
        push::{Receiver, Vapid},
    },
    types::{ActorId, SubscriptionId, TokenId},
};

const PUBLIC: &str = "vapid_public";
const PRIVATE: &str = "vapid_private";
/// Longest endpoint, bytes.
const MAX_ENDPOINT: usize = 2_048;

/// The public key by which this node signs pushes, if it was made already; base64url.
///
/// # Errors
/// `Internal` from the database.
pub fn known_key(conn: &mut Conn) -> Result<Option<String>> {
    Ok(db::settings::get(conn, PUBLIC)?)
}

/// The same, made when it is first asked for.
///
/// # Errors
/// `Internal` when it can be neither read nor made.
pub fn vapid_key(tx: &mut Tx) -> Result<String> {
    if let Some(known) = known_key(tx)? {
        return Ok(known);
    }
    db::lock(tx, 1)?;
    if let Some(known) = known_key(tx)? {
        return Ok(known);
    }
    let (public, private) = keys::vapid_keys()?;
    db::settings::set(tx, PRIVATE, &private)?;
    db::settings::set(tx, PUBLIC, &public)?;
    Ok(public)
}

/// The key ready to sign with; none before anybody asked for it.
///
/// # Errors
/// `Internal` when what is stored is no key.
pub fn vapid(conn: &mut Conn) -> Result<Option<Vapid>> {
    let (public, private) = (known_key(conn)?, db::settings::get(conn, PRIVATE)?);
    public.zip(private).map(|(public, private)| Vapid::read(&public, &private)).transpose()
}

/// What an app wants to be told of.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Kinds of notifications in the words of the API.
    pub alerts: Vec<String>,
    /// Whose doings.
    pub policy: PushPolicy,
}

impl Wishes {
    /// What can be wished for, kept.
    fn alerts(&self) -> String {
        let kinds = NotificationKind::ALL.iter().map(|kind| alert(*kind));
        let mut wanted: Vec<&str> =
            kinds.filter(|kind| self.alerts.iter().any(|alert| alert == kind)).collect();
        wanted.dedup();
        wanted.join(" ")
    }
}

/// The word by which apps ask for a kind; a thank-you comes as a favourite.
#[must_use]
pub fn alert(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Thanks => NotificationKind::Like.as_str(),
        kind => kind.as_str(),
    }
}

/// Where and how an app wants to be told.
#[derive(Clone, Debug)]
pub struct Device {
    /// At the push service; it may be called.
    pub endpoint: Url,
    /// Its keys.
    pub receiver: Receiver,
    /// Sealed as RFC 8291 has it.
    pub standard: bool,
}

/// An app with `token` of `member` wants to be told; what it wanted before is over.
///
/// # Errors
/// `Invalid` for an endpoint that is too long.
pub fn subscribe(
    tx: &mut Tx,
    token: TokenId,
    member: ActorId,
    device: &Device,
    wishes: &Wishes,
) -> Result<Subscription> {
    let Device { endpoint, receiver, standard } = device;
    if endpoint.as_str().len() > MAX_ENDPOINT {
        return Err(Error::invalid("Validation failed: the endpoint is too long"));
    }
    vapid_key(tx)?;
    let (p256dh, auth) = receiver.texts();
    let row = Subscription {
        id: SubscriptionId(tx.new_id()),
        token_id: token,
        actor_id: member,
        endpoint: endpoint.to_string(),
        p256dh,
        auth,
        standard: *standard,
        alerts: wishes.alerts(),
        policy: wishes.policy,
        created_at: tx.now(),
    };
    db::pushes::put(tx, &row)?;
    Ok(row)
}

/// The app of `token` wants to be told of other things.
///
/// # Errors
/// `NotFound` where it is told of nothing.
pub fn change(tx: &mut Tx, token: TokenId, wishes: &Wishes) -> Result<Subscription> {
    let row = db::pushes::of_token(tx, token)?.ok_or(Error::NotFound)?;
    let alerts = wishes.alerts();
    db::pushes::set_wishes(tx, row.id, &alerts, wishes.policy)?;
    Ok(Subscription { alerts, policy: wishes.policy, ..row })
}

/// A member is told of something: so are those of their devices that want it.
///
/// # Errors
/// `Internal` from the database.
pub fn told(tx: &mut Tx, notification: &Notification) -> Result<()> {
    let (recipient, kind) = (notification.recipient_id, alert(notification.kind));
    for subscription in db::pushes::of_actor(tx, recipient)? {
        if !subscription.wants(kind) || !allows(tx, subscription.policy, notification)? {
            continue;
        }
        // One that is no URL any more would never be sent.
        let Ok(endpoint) = Url::parse(&subscription.endpoint) else { continue };
        let push = Push {
            notification_id: notification.id,
            subscription_id: subscription.id,
            host: host(&endpoint),
            due_at: tx.now(),
            attempts: 0,
            created_at: notification.created_at,
        };
        db::pushes::insert(tx, &push)?;
        tx.rouse();
    }
    Ok(())
}

fn allows(tx: &mut Tx, policy: PushPolicy, notification: &Notification) -> Result<bool> {
    let (recipient, from) = (notification.recipient_id, notification.from_id);
    Ok(match policy {
        PushPolicy::All => true,
        PushPolicy::Followed => db::follows::exists(tx, recipient, from)?,
        PushPolicy::Follower => db::follows::exists(tx, from, recipient)?,
        PushPolicy::None => false,
    })
}

/// Which server an endpoint is on, with a port where it has one.
fn host(endpoint: &Url) -> String {
    let host = endpoint.host_str().unwrap_or_default();
    endpoint.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_there_is_can_be_wished_for() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let alerts =
            |said: &[&str]| Wishes { alerts: words(said), policy: PushPolicy::All }.alerts();
        assert_eq!(alerts(&["favourite", "mention", "thanks", "nonsense"]), "mention favourite");
        assert_eq!(alerts(&[]), "");
    }
}
