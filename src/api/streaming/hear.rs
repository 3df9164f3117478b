//! What a fact means to somebody who listens: nothing, or frames on some of their streams.
//!
//! A stream carries what the timeline of the same name would show, and asks the same query.
use serde_json::json;

use super::stream::{Origin, Stream};
use crate::{
    api::entities::View,
    db::{
        self, Conn,
        page::Page,
        posts::Post,
        timelines::{self, PublicFilter, TagFilter},
    },
    error::{Error, Result},
    hub::{News, Own},
    types::{ActorId, PostId, Visibility},
};

/// Boosts of an edited post that are looked at, to find who has it in their home timeline.
const BOOSTS_ASKED: usize = 20;

/// One message to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The stream, as the client knows it.
    pub stream: Vec<String>,
    /// `update`, `delete`, `status.update` or `notification`.
    pub event: &'static str,
    /// JSON of an entity; of `delete` the id alone; empty where there is nothing to say.
    pub payload: String,
}

impl Frame {
    /// As a WebSocket carries it.
    pub fn text(&self) -> String {
        if self.payload.is_empty() {
            return json!({ "stream": self.stream, "event": self.event }).to_string();
        }
        json!({ "stream": self.stream, "event": self.event, "payload": self.payload }).to_string()
    }

    /// As an event source carries it.
    pub fn server_sent(&self) -> String {
        // What Mastodon writes where it has nothing to say; clients of its streams know it.
        let payload = if self.payload.is_empty() { "undefined" } else { &self.payload };
        format!("event: {}\ndata: {payload}\n\n", self.event)
    }
}

/// What it is called on a stream.
fn event(news: &News) -> &'static str {
    match news {
        News::Post(_) => "update",
        News::Edit(_) => "status.update",
        News::Gone { .. } => "delete",
        News::Told(_) => "notification",
        News::Conversed(_) => "conversation",
        // Ends a stream, and is not told on it.
        News::SignedOut(_) => "signed_out",
        News::Own { own: Own::FiltersChanged, .. } => "filters_changed",
        News::Own { own: Own::NotificationsMerged, .. } => "notifications_merged",
        News::Announced { gone: false, .. } => "announcement",
        News::Announced { gone: true, .. } => "announcement.delete",
        News::Reacted { .. } => "announcement.reaction",
    }
}

/// Who listens, to what.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    /// For whom entities are made.
    pub view: View,
    /// Their token allows notifications.
    pub notifications: bool,
    /// What they listen to.
    pub streams: Vec<Stream>,
}

impl Ear {
    /// Whether a fact may concern them; asks no database, since most facts concern few.
    pub fn may_hear(&self, news: &News) -> bool {
        match news {
            News::Told(told) => {
                self.notifications
                    && Some(told.recipient_id) == self.view.reader
                    && self.streams.iter().any(Stream::has_notifications)
            }
            News::Post(_) | News::Edit(_) | News::Gone { .. } => {
                self.streams.iter().any(|stream| *stream != Stream::UserNotification)
            }
            News::SignedOut(_) => false,
            News::Conversed(conversation) => {
                Some(conversation.actor_id) == self.view.reader
                    && self.streams.contains(&Stream::Direct)
            }
            News::Own { member, .. } => {
                Some(*member) == self.view.reader
                    && self.streams.iter().any(Stream::has_notifications)
            }
            News::Announced { .. } | News::Reacted { .. } => {
                self.view.reader.is_some() && self.streams.contains(&Stream::User)
            }
        }
    }

    /// The frames in which they hear of it.
    pub fn hear(&self, conn: &mut Conn, news: &News) -> Result<Vec<Frame>> {
        let mut on = Vec::new();
        for stream in &self.streams {
            if self.concerns(conn, stream, news)? {
                on.push(stream);
            }
        }
        if on.is_empty() {
            return Ok(Vec::new());
        }
        let Some(payload) = self.payload(conn, news)? else { return Ok(Vec::new()) };
        let frame = |stream: &Stream| Frame {
            stream: stream.name(),
            event: event(news),
            payload: payload.clone(),
        };
        Ok(on.into_iter().map(frame).collect())
    }

    fn concerns(&self, conn: &mut Conn, stream: &Stream, news: &News) -> Result<bool> {
        match news {
            News::Told(told) => Ok(self.notifications
                && stream.has_notifications()
                && Some(told.recipient_id) == self.view.reader),
            News::Post(post) => self.stands_in(conn, stream, post),
            News::Edit(post) => Ok(self.stands_in(conn, stream, post)?
                || *stream == Stream::User && self.has_by_boost(conn, post.id)?),
            News::Gone { post, mentioned } => self.may_have_had(conn, stream, post, mentioned),
            News::SignedOut(_) => Ok(false),
            News::Conversed(_) => Ok(*stream == Stream::Direct),
            News::Own { own: Own::NotificationsMerged, .. } => {
                Ok(self.notifications && stream.has_notifications())
            }
            News::Own { own: Own::FiltersChanged, .. }
            | News::Announced { .. }
            | News::Reacted { .. } => Ok(*stream == Stream::User),
        }
    }

    /// Whether the timeline of a stream shows a post.
    fn stands_in(&self, conn: &mut Conn, stream: &Stream, post: &Post) -> Result<bool> {
        let (reader, now) = (self.view.reader, self.view.now);
        let page = only(post.id);
        let found = match (stream, reader) {
            (Stream::User, Some(reader)) => timelines::is_in_home(conn, reader, post.id, now)?,
            (Stream::Direct, Some(_)) => {
                post.visibility == Visibility::Direct && timelines::may_read(conn, reader, post.id)?
            }
            (Stream::List(id), Some(me)) => match db::lists::by_id(conn, me, *id)? {
                Some(list) => !timelines::list(conn, me, &list, &page, now)?.is_empty(),
                None => !timelines::group(conn, reader, ActorId(id.0), &page, now)?.is_empty(),
            },
            (Stream::Public { from, only_media }, _) => {
                let filter = PublicFilter { only_media: *only_media, ..filter(*from) };
                !timelines::public(conn, reader, filter, &page, now)?.is_empty()
            }
            (Stream::Hashtag { tag, local, .. }, _) => {
                let tags = TagFilter { any: vec![tag.clone()], ..TagFilter::default() };
                let filter = filter(if *local { Origin::Local } else { Origin::All });
                !timelines::tagged(conn, reader, &tags, filter, &page, now)?.is_empty()
            }
            (Stream::UserNotification, _)
            | (Stream::User | Stream::Direct | Stream::List(_), None) => false,
        };
        Ok(found)
    }

    /// Whether a post came into the home timeline because somebody, or a group, passed it on.
    fn has_by_boost(&self, conn: &mut Conn, post: PostId) -> Result<bool> {
        let Some(reader) = self.view.reader else { return Ok(false) };
        for boost in db::posts::boosts_of(conn, post)?.iter().take(BOOSTS_ASKED) {
            if timelines::is_in_home(conn, reader, boost.id, self.view.now)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a client may show a post that is gone now; its id is all that is told.
    fn may_have_had(
        &self,
        conn: &mut Conn,
        stream: &Stream,
        post: &Post,
        mentioned: &[ActorId],
    ) -> Result<bool> {
        let is_reader = |id: ActorId| Some(id) == self.view.reader;
        let public = post.visibility == Visibility::Public && !post.is_boost();
        Ok(match stream {
            Stream::UserNotification => false,
            Stream::Public { from: Origin::All, .. } => public,
            Stream::Public { from: Origin::Local, .. } => public && post.local,
            Stream::Public { from: Origin::Remote, .. } => public && !post.local,
            Stream::Hashtag { local, .. } => public && (post.local || !local),
            // What a made list held is not known any more; an id is all that is told.
            Stream::List(id) => {
                let made = match self.view.reader {
                    Some(me) => db::lists::by_id(conn, me, *id)?.is_some(),
                    None => false,
                };
                (made || post.group_id == Some(ActorId(id.0)))
                    && self.knew(conn, post, mentioned)?
            }
            Stream::Direct => {
                post.visibility == Visibility::Direct
                    && (is_reader(post.author_id) || mentioned.iter().copied().any(is_reader))
            }
            Stream::User => self.knew(conn, post, mentioned)?,
        })
    }

    fn knew(&self, conn: &mut Conn, post: &Post, mentioned: &[ActorId]) -> Result<bool> {
        let Some(reader) = self.view.reader else { return Ok(post.visibility.is_open()) };
        if post.visibility.is_open() || post.author_id == reader || mentioned.contains(&reader) {
            return Ok(true);
        }
        if post.visibility == Visibility::Direct {
            return Ok(false);
        }
        let group = post.group_id.filter(|group| *group != post.author_id);
        let follows = db::follows::exists(conn, reader, post.author_id)?;
        Ok(match group {
            Some(group) => follows || db::follows::exists(conn, reader, group)?,
            None => follows,
        })
    }

    /// What is told; nothing where it was deleted in between.
    fn payload(&self, conn: &mut Conn, news: &News) -> Result<Option<String>> {
        let json = match news {
            News::Post(post) | News::Edit(post) => {
                let mut statuses = self.view.statuses(conn, std::slice::from_ref(post))?;
                statuses.pop().map(|status| serde_json::to_string(&status))
            }
            News::Told(told) => {
                let mut entities = self.view.notifications(conn, std::slice::from_ref(told))?;
                entities.pop().map(|entity| serde_json::to_string(&entity))
            }
            News::Gone { post, .. } => return Ok(Some(post.id.to_string())),
            News::SignedOut(_) => return Ok(None),
            News::Conversed(conversation) => {
                let rows = std::slice::from_ref(conversation);
                let mut entities = self.view.conversations(conn, rows)?;
                entities.pop().map(|entity| serde_json::to_string(&entity))
            }
            News::Own { own: Own::FiltersChanged | Own::NotificationsMerged, .. } => {
                return Ok(Some(String::new()));
            }
            News::Announced { announcement, gone: true } => {
                return Ok(Some(announcement.to_string()));
            }
            News::Announced { announcement, gone: false } => {
                let row = db::announcements::by_id(conn, *announcement)?;
                let mut entities = self.view.announcements(conn, row.into_iter().collect())?;
                entities.pop().map(|entity| serde_json::to_string(&entity))
            }
            News::Reacted { announcement, name } => {
                let all = db::announcements::reactions(conn, None, &[*announcement])?;
                let count = all.get(announcement).into_iter().flatten();
                let count = count.filter(|r| r.name == *name).map(|r| r.count).sum::<i64>();
                let id = announcement.to_string();
                let mut said = json!({ "name": name, "count": count, "announcement_id": id });
                let row = db::emojis::by_name(conn, "", name)?.filter(|row| !row.disabled);
                if let (Some(row), Some(said)) = (row, said.as_object_mut()) {
                    let emoji = self.view.emoji(&row);
                    said.insert("url".into(), emoji.url.into());
                    said.insert("static_url".into(), emoji.static_url.into());
                }
                return Ok(Some(said.to_string()));
            }
        };
        json.transpose().map_err(Error::internal)
    }
}

/// The page that holds one post, or nothing.
fn only(post: PostId) -> Page {
    Page {
        max_id: Some(post.0.saturating_add(1)),
        since_id: Some(post.0.saturating_sub(1)),
        min_id: None,
        limit: 1,
    }
}

fn filter(from: Origin) -> PublicFilter {
    PublicFilter {
        local: from == Origin::Local,
        remote: from == Origin::Remote,
        ..PublicFilter::default()
    }
}
