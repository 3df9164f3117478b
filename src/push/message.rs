//! What a device is told: enough to show something at once, and little more.
use serde_json::json;
use url::Url;

use crate::{
    db::{
        self, Conn,
        actors::Actor,
        notifications::{Notification, NotificationKind},
        posts::Post,
    },
    domain::pushes,
    error::{Error, Result},
    keys, media, text,
    types::{ActorId, NotificationId, PostId},
};

/// Longest body, in characters as people count them.
const BODY: usize = 140;
/// Longest title.
const TITLE: usize = 120;

/// A message, before it is sealed.
#[derive(Clone, Debug)]
pub(super) struct Message {
    id: NotificationId,
    kind: NotificationKind,
    post: Option<PostId>,
    icon: String,
    title: String,
    body: String,
    /// As RFC 8030 has it.
    pub urgency: &'static str,
}

/// What is to be said of a notification; nothing where it was taken back, or is about what the
/// reader may not see any more. `copies`: pictures of other servers are shown as ours.
pub(super) fn compose(
    conn: &mut Conn,
    (origin, copies): (&Url, bool),
    recipient: ActorId,
    id: NotificationId,
) -> Result<Option<Message>> {
    let Some(told) = db::notifications::by_id(conn, recipient, id)? else { return Ok(None) };
    let post = match told.post_id {
        None => None,
        Some(post) if !db::timelines::may_read(conn, Some(recipient), post)? => return Ok(None),
        Some(post) => Some(db::posts::by_id(conn, post)?),
    };
    let from = db::actors::by_id(conn, told.from_id)?;
    let icon = media::face(origin, copies, &from);
    Ok(Some(Message::new(icon, &told, &from, post.as_ref())))
}

impl Message {
    fn new(icon: String, told: &Notification, from: &Actor, post: Option<&Post>) -> Self {
        let words = post.map_or_else(|| from.summary.clone(), words_of);
        Self {
            id: told.id,
            kind: told.kind,
            post: told.post_id,
            icon,
            title: text::excerpt(&text::escape(&title(told.kind, name(from))), TITLE),
            body: text::excerpt(&words, BODY),
            urgency: urgency(told.kind),
        }
    }

    /// For push services that take less than others.
    pub fn without_body(&self) -> Self {
        Self { body: String::new(), ..self.clone() }
    }

    /// As Mastodon writes it. The token is left empty: only its hash is known here, and who was told
    /// is known to the app by the endpoint, which is one for each of its accounts.
    pub fn json(&self) -> Result<Vec<u8>> {
        let message = json!({
            "access_token": "",
            "preferred_locale": "en",
            "notification_id": self.id.0,
            "notification_type": pushes::alert(self.kind),
            "icon": self.icon,
            "title": self.title,
            "body": self.body,
        });
        serde_json::to_vec(&message).map_err(Error::internal)
    }

    /// Messages of the same topic that wait for a device are one, the last: a post that was edited
    /// three times is told of once. Nobody else can tell what it is about.
    pub fn topic(&self, secret: &str) -> Option<String> {
        let edited = matches!(self.kind, NotificationKind::Update | NotificationKind::QuotedUpdate);
        let post = self.post.filter(|_| edited)?;
        Some(keys::mac(secret, &format!("{}:{post}", self.kind)).chars().take(32).collect())
    }
}

/// What a post says first: its content warning, if it has one, and nothing else then.
fn words_of(post: &Post) -> String {
    match (post.spoiler_text.as_str(), &post.title) {
        ("", None) => post.content.clone(),
        ("", Some(title)) => format!("<p>{}</p>{}", text::escape(title), post.content),
        (warning, _) => text::escape(warning),
    }
}

fn name(actor: &Actor) -> &str {
    let name = actor.display_name.trim();
    if name.is_empty() { &actor.name } else { name }
}

fn title(kind: NotificationKind, name: &str) -> String {
    match kind {
        NotificationKind::Mention => format!("{name} mentioned you"),
        NotificationKind::Status => format!("{name} posted"),
        NotificationKind::Boost => format!("{name} boosted your post"),
        NotificationKind::Follow => format!("{name} follows you"),
        NotificationKind::FollowRequest => format!("{name} asks to follow or join"),
        NotificationKind::Like => format!("{name} likes your post"),
        NotificationKind::Poll => format!("A poll by {name} has ended"),
        NotificationKind::Update | NotificationKind::QuotedUpdate => {
            format!("{name} edited a post")
        }
        NotificationKind::Quote => format!("{name} quoted your post"),
        NotificationKind::Thanks => format!("{name} says that you helped"),
        NotificationKind::Moderation => format!("Stewards of {name} made a decision about you"),
        NotificationKind::Report => format!("{name} was reported"),
    }
}

/// What waits for an answer comes at once, what is only nice to know when the device is awake.
fn urgency(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Boost
        | NotificationKind::Like
        | NotificationKind::Update
        | NotificationKind::QuotedUpdate => "low",
        NotificationKind::Mention
        | NotificationKind::Status
        | NotificationKind::Follow
        | NotificationKind::FollowRequest
        | NotificationKind::Poll
        | NotificationKind::Quote
        | NotificationKind::Thanks
        | NotificationKind::Moderation
        | NotificationKind::Report => "normal",
    }
}
