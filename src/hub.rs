//! What open streams hear of, once it is stored.
//!
//! Facts are for what follows from them; a stream wants to know less. What it hears is small enough to
//! be told to the other processes of a node, too (`app::courier`).
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::{
    db::{
        self, Conn, conversations::Conversation, moderation::Deed, notifications::Notification,
        posts::Post,
    },
    domain::Fact,
    error::Result,
    types::{ActorId, AnnouncementId, ConversationId, NotificationId, PostId},
};

/// How many changes a slow listener may lag behind before it misses some.
const BACKLOG: usize = 1_024;
/// Most people whose client is told that a message to them is gone, if they listen elsewhere.
const MAX_MENTIONED: usize = 100;

/// One thing that somebody may hear of.
#[derive(Clone, Debug)]
pub enum News {
    /// A post is there, or a boost.
    Post(Post),
    /// A post changed.
    Edit(Post),
    /// A post is gone, or a boost.
    Gone {
        /// As it was, or at least its row.
        post: Post,
        /// Whom it mentioned.
        mentioned: Vec<ActorId>,
    },
    /// A member was told of something.
    Told(Notification),
    /// A direct message came or went.
    Conversed(Conversation),
    /// Some apps of a member's are signed out.
    SignedOut(ActorId),
    /// Something of a member's own changed.
    Own {
        /// Whose.
        member: ActorId,
        /// What.
        own: Own,
    },
    /// The operator tells every member something, or no longer.
    Announced {
        /// What.
        announcement: AnnouncementId,
        /// Or no longer.
        gone: bool,
    },
    /// Somebody reacted to an announcement, or no longer.
    Reacted {
        /// To which.
        announcement: AnnouncementId,
        /// How.
        name: String,
    },
}

/// What a member's clients read anew when they hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Own {
    /// Their filters.
    FiltersChanged,
    /// Their notifications.
    NotificationsMerged,
}

/// The same by ids alone, for another process with the same database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// [`News::Post`].
    Post(PostId),
    /// [`News::Edit`].
    Edit(PostId),
    /// [`News::Gone`].
    Gone(PostId, Vec<ActorId>),
    /// [`News::Told`].
    Told(ActorId, NotificationId),
    /// [`News::Conversed`].
    Conversed(ActorId, ConversationId),
    /// [`News::SignedOut`].
    SignedOut(ActorId),
    /// [`News::Own`].
    Own(ActorId, Own),
    /// [`News::Announced`].
    Announced(AnnouncementId, bool),
    /// [`News::Reacted`].
    Reacted(AnnouncementId, String),
}

impl News {
    /// What a fact is to those who listen; nothing, mostly.
    pub fn of(fact: Fact) -> Option<Self> {
        match fact {
            // What is fetched late belongs further down in the timelines, not on top of them.
            Fact::Posted { post, backfill, .. } => (!backfill).then_some(Self::Post(post)),
            Fact::Boosted { boost, .. } => Some(Self::Post(boost)),
            Fact::Edited { post, .. } | Fact::Settled { post, .. } => Some(Self::Edit(post)),
            Fact::QuoteSettled { post } => Some(Self::Edit(*post)),
            Fact::Deleted { post, mentioned, .. } => Some(Self::Gone { post, mentioned }),
            Fact::Unboosted { boost, .. } => {
                Some(Self::Gone { post: boost, mentioned: Vec::new() })
            }
            Fact::Moderated { act } => match (act.deed, act.post) {
                (Deed::Remove, Some(post)) => Some(Self::Gone { post, mentioned: Vec::new() }),
                _ => None,
            },
            Fact::Notified { notification } => Some(Self::Told(notification)),
            Fact::AppsSignedOut { actor } => Some(Self::SignedOut(actor)),
            Fact::NoticesMerged { member } => {
                Some(Self::Own { member, own: Own::NotificationsMerged })
            }
            Fact::FiltersChanged { owner } => {
                Some(Self::Own { member: owner, own: Own::FiltersChanged })
            }
            Fact::Conversed { conversation } => Some(Self::Conversed(conversation)),
            Fact::Announced { announcement, gone } => Some(Self::Announced { announcement, gone }),
            Fact::AnnouncementReacted { announcement, name } => {
                Some(Self::Reacted { announcement, name })
            }
            Fact::Followed { .. }
            | Fact::FollowRepeated { .. }
            | Fact::Submitted { .. }
            | Fact::ThreadStale { .. }
            | Fact::ActorStale { .. }
            | Fact::FollowAccepted { .. }
            | Fact::FollowRejected { .. }
            | Fact::Unfollowed { .. }
            | Fact::Liked { .. }
            | Fact::Unliked { .. }
            | Fact::Thanked { .. }
            | Fact::ForgetAsked { .. }
            | Fact::ThanksUndone { .. }
            | Fact::Declined { .. }
            | Fact::CountedOtherwise { .. }
            | Fact::PetitionCame { .. }
            | Fact::SummaryPlanned { .. }
            | Fact::KeysReplaced { .. }
            | Fact::CreateCame { .. }
            | Fact::Voted { .. }
            | Fact::PollEnded { .. }
            | Fact::ProfileChanged { .. }
            | Fact::LinkDue { .. }
            | Fact::PicturesDropped { .. }
            | Fact::FileDescribed { .. }
            | Fact::ActorDeleted { .. }
            | Fact::Reported { .. }
            | Fact::Disliked { .. }
            | Fact::Chosen { .. }
            | Fact::Moved { .. }
            | Fact::QuotersChanged { .. }
            | Fact::QuoteAsked { .. }
            | Fact::Quoted { .. }
            | Fact::QuoteRevoked { .. }
            | Fact::RequestAnswered { .. }
            | Fact::BanRefused { .. }
            | Fact::Planned { .. }
            | Fact::LetterDue { .. }
            | Fact::Blocked { .. } => None,
        }
    }

    /// The same by ids alone.
    pub fn note(&self) -> Note {
        match self {
            Self::Post(post) => Note::Post(post.id),
            Self::Edit(post) => Note::Edit(post.id),
            Self::Gone { post, mentioned } => {
                Note::Gone(post.id, mentioned.iter().take(MAX_MENTIONED).copied().collect())
            }
            Self::Told(told) => Note::Told(told.recipient_id, told.id),
            Self::Conversed(row) => Note::Conversed(row.actor_id, row.id),
            Self::SignedOut(actor) => Note::SignedOut(*actor),
            Self::Own { member, own } => Note::Own(*member, *own),
            Self::Announced { announcement, gone } => Note::Announced(*announcement, *gone),
            Self::Reacted { announcement, name } => Note::Reacted(*announcement, name.clone()),
        }
    }

    /// What another process noted, with all that there is to know of it; nothing where it is gone by
    /// now.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub fn read(conn: &mut Conn, note: Note) -> Result<Option<Self>> {
        let post =
            |conn: &mut Conn, id| Ok::<_, crate::Error>(db::posts::by_ids(conn, &[id])?.pop());
        Ok(match note {
            Note::Post(id) => post(conn, id)?.map(Self::Post),
            Note::Edit(id) => post(conn, id)?.map(Self::Edit),
            Note::Gone(id, mentioned) => {
                Some(Self::Gone { post: db::posts::by_id(conn, id)?, mentioned })
            }
            Note::Told(member, id) => db::notifications::by_id(conn, member, id)?.map(Self::Told),
            Note::Conversed(member, id) => {
                db::conversations::by_id(conn, member, id)?.map(Self::Conversed)
            }
            Note::SignedOut(actor) => Some(Self::SignedOut(actor)),
            Note::Own(member, own) => Some(Self::Own { member, own }),
            Note::Announced(announcement, gone) => Some(Self::Announced { announcement, gone }),
            Note::Reacted(announcement, name) => Some(Self::Reacted { announcement, name }),
        })
    }
}

/// The news of one change.
type Change = Arc<Vec<News>>;

/// Passes news on to whoever listens. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Hub(Arc<RwLock<Option<broadcast::Sender<Change>>>>);

impl Default for Hub {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(Some(broadcast::channel(BACKLOG).0))))
    }
}

impl Hub {
    /// Tells of the news of one change.
    pub fn tell(&self, news: Vec<News>) {
        if news.is_empty() {
            return;
        }
        if let Some(sender) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            // An error only means that nobody listens.
            let _ = sender.send(Arc::new(news));
        }
    }

    /// Hears of every change from now on; of none once the hub is closed.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        match &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            Some(sender) => sender.subscribe(),
            None => broadcast::channel(1).1,
        }
    }

    /// Ends every stream, so that a node that stops need not wait for those who listen.
    pub fn close(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::error::RecvError;

    use super::*;

    #[tokio::test]
    async fn a_closed_hub_ends_what_was_opened_before_and_after() {
        let hub = Hub::default();
        let mut before = hub.listen();
        hub.close();
        let mut after = hub.listen();
        assert!(matches!(before.recv().await, Err(RecvError::Closed)));
        assert!(matches!(after.recv().await, Err(RecvError::Closed)));
    }
}
