//! The JSON shapes of the Mastodon API: <https://docs.joinmastodon.org/entities/>
//!
//! Clients lose whole timelines over one `null` where they expect a value: booleans, lists and
//! counts are never null, and a key that may be null is there all the same.
use serde::{Serialize, Serializer};

use crate::types::Time;

pub(crate) use crate::api::describe::Nothing;

mod account;
mod activity;
mod emojis;
mod group;
mod instance;
mod lists;
pub(crate) mod load;
mod media;
mod moderation;
mod node;
mod oauth;
mod own;
mod push;
pub(crate) mod render;
mod status;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(in crate::api) use tests::schemas as published;

pub(crate) use account::{
    Account, CredentialAccount, CustomEmoji, Field, Profile, Relationship, Role, Source,
};
pub(crate) use activity::{Marker, Notification, Report, Search, Tag, Week};
pub(crate) use emojis::{Worded, Words};
pub(crate) use group::{
    Charter, Group, GroupMembership, GroupOwner, GroupRelationship, GroupSource,
};
pub(crate) use instance::Instance;
pub(crate) use lists::{FamiliarFollowers, List, Preferences, Rule};
pub(crate) use load::View;
pub(crate) use media::{Dimensions, Focus, MediaAttachment, Meta, Original, Playing};
pub(crate) use moderation::{Act, Ban};
pub(crate) use node::{ExtendedDescription, Language, NodeV1, NodeV2};
pub(crate) use oauth::{Application, CredentialApplication, Metadata, Token, UserInfo};
pub(crate) use own::{
    Announcement, Conversation, Count, FeaturedTag, Filter, FilterKeyword, FilterResult,
    FilterStatus, GroupedNotifications, Merged, NotificationGroup, NotificationPolicy,
    NotificationRequest, PolicySummary, PostReaction, Reaction, ScheduledParams, ScheduledPoll,
    ScheduledStatus, V1Filter, V1NotificationPolicy,
};
pub(crate) use push::WebPushSubscription;
pub(crate) use status::{
    Context, Mention, Own, Poll, PollOption, Quote, QuoteApproval, Quoted, Status,
    StatusApplication, StatusEdit, StatusSource, StatusTag, Submission, Thanks,
};

/// An id as clients want it: digits in a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(pub i64);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

/// A time as clients want it: `YYYY-MM-DDTHH:MM:SS.mmmZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(pub Time);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0.rfc3339())
    }
}

macro_rules! id_from {
    ($($name:ident),+) => {$(
        impl From<crate::types::$name> for Id {
            fn from(id: crate::types::$name) -> Self {
                Self(id.0)
            }
        }
    )+};
}
id_from!(
    ActorId,
    PostId,
    MediaId,
    FollowId,
    NotificationId,
    PollId,
    AppId,
    ListId,
    FilterId,
    FilterKeywordId,
    FilterPostId,
    FeaturedTagId,
    ConversationId,
    ScheduledId,
    AnnouncementId,
    NoticeRequestId,
    SubscriptionId
);
