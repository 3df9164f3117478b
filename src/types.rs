//! Small values used everywhere: ids, time, addresses.
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str,
    sync::atomic::{AtomicI64, Ordering},
};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Text},
};
use serde::{Deserialize, Serialize};

macro_rules! big_int {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            AsExpression, FromSqlRow,
        )]
        #[diesel(sql_type = BigInt)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl<DB: Backend> ToSql<BigInt, DB> for $name where i64: ToSql<BigInt, DB> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }
        impl<DB: Backend> FromSql<BigInt, DB> for $name where i64: FromSql<BigInt, DB> {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                i64::from_sql(bytes).map($name)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

macro_rules! parsed_id {
    ($($name:ident),+ $(,)?) => {$(
        impl str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

big_int! {
    /// Names a row of `actors`.
    ActorId,
    /// Names a row of `posts`; a boost has one of its own.
    PostId,
    /// Names a row of `activities`.
    ActivityId,
    /// Names a row of `jobs`.
    JobId,
    /// Names a row of `media`.
    MediaId,
    /// Names a row of `follows`.
    FollowId,
    /// Names a row of `notifications`.
    NotificationId,
    /// Names a row of `receipts`.
    ReceiptId,
    /// Names a row of `polls`.
    PollId,
    /// Names a row of `staff_petitions`.
    PetitionId,
    /// Names a row of `oauth_apps`.
    AppId,
    /// Names a row of `lists`; of a group that is a list, the group.
    ListId,
    /// Names a row of `filters`.
    FilterId,
    /// Names a row of `filter_keywords`.
    FilterKeywordId,
    /// Names a row of `filter_posts`.
    FilterPostId,
    /// Names a row of `featured_tags`.
    FeaturedTagId,
    /// Names a row of `conversations`.
    ConversationId,
    /// Names a row of `scheduled_posts`.
    ScheduledId,
    /// Names a row of `announcements`.
    AnnouncementId,
    /// Names a row of `emojis`.
    EmojiId,
    /// Names a row of `notification_requests`.
    NoticeRequestId,
    /// Names a row of `oauth_tokens`.
    TokenId,
    /// Names a row of `push_subscriptions`.
    SubscriptionId,
    /// Milliseconds since 1970, UTC.
    Time,
}
parsed_id!(
    ActorId,
    PostId,
    MediaId,
    FollowId,
    NotificationId,
    ReceiptId,
    PollId,
    PetitionId,
    AppId,
    ListId,
    FilterId,
    FilterKeywordId,
    FilterPostId,
    FeaturedTagId,
    ConversationId,
    ScheduledId,
    AnnouncementId,
    NoticeRequestId
);

impl Time {
    /// The time by the machine's clock. Inside a change ask `Tx::now`.
    pub fn now() -> Self {
        let since =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// This time and `secs` seconds (back, where negative).
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1000)))
    }

    /// This time and `days` days of 24 hours (back, where negative).
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_secs(days.saturating_mul(86_400))
    }

    /// `YYYY-MM-DDTHH:MM:SS.mmmZ`, the one form that every client reads.
    pub fn rfc3339(self) -> String {
        self.date_time().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// `YYYY-MM-DD`, UTC.
    pub fn date(self) -> String {
        self.date_time().format("%Y-%m-%d").to_string()
    }

    /// The same instant as `chrono` has it; the epoch where it cannot.
    pub fn date_time(self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// Reads RFC 3339 with any zone and fraction; `None` if it is not that.
    pub fn parse(text: &str) -> Option<Self> {
        chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|t| Self(t.timestamp_millis()))
    }

    /// Whole seconds since 1970.
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// Makes ids that sort by time: `unix_ms << 16 | lease << 10 | counter`, below 2^63.
///
/// Mastodon clients turn dates into ids with the same shift. `lease` (0-63) is this process's own,
/// so that several processes on one database never make the same id.
#[derive(Debug)]
pub struct Ids {
    lease: i64,
    /// The last `ms << 10 | counter` handed out.
    last: AtomicI64,
}

impl Ids {
    /// Ids of the process that holds `lease`.
    pub fn new(lease: u8) -> Self {
        Self { lease: i64::from(lease & 63), last: AtomicI64::new(0) }
    }

    /// A new id for now; never twice the same, never smaller than the one before.
    pub fn next(&self, now: Time) -> i64 {
        let floor = now.0 << 10;
        let step = |last: i64| floor.max(last.saturating_add(1));
        let last = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(step(last)))
            .unwrap_or_else(|last| last);
        let tick = step(last);
        (tick >> 10 << 16) | (self.lease << 10) | (tick & 1023)
    }

    /// An id for something that happened at `at`, so that what is fetched late sorts where it belongs.
    ///
    /// Different from every other id of this process with high probability: the low bits come from `salt`.
    pub fn at(&self, at: Time, salt: u64) -> i64 {
        let low = i64::try_from(salt & 1023).unwrap_or_default();
        (at.0.max(0) << 16) | (self.lease << 10) | low
    }
}

/// A URL that names something on the fediverse; parsed once, at the edge, kept as it was written.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Uri(pub url::Url);

impl Uri {
    /// Reads an absolute http or https URL.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(text: &str) -> Result<Self, url::ParseError> {
        let url = url::Url::parse(text)?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(Self(url))
        } else {
            Err(url::ParseError::RelativeUrlWithoutBase)
        }
    }

    /// Host, with the port where it is not the scheme's own: `node.example`, `localhost:8081`.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether both live on one origin: scheme, host and port ([FEP-fe34](https://w3id.org/fep/fe34)).
    pub fn same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}
impl std::ops::Deref for Uri {
    type Target = url::Url;
    fn deref(&self) -> &url::Url {
        &self.0
    }
}
impl<DB: Backend> ToSql<Text, DB> for Uri
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}
impl<DB: Backend> FromSql<Text, DB> for Uri
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_sql(bytes)?.parse()?))
    }
}

/// An enum stored, and sent, as a fixed word per variant.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word of each.
            pub const WORDS: &'static [&'static str] = &[$($text),+];
            /// The word it is stored and sent as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
            /// The variant of a word; `None` for any other word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where str: diesel::serialize::ToSql<diesel::sql_types::Text, DB> {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }
        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB> {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                Self::from_word(&word)
                    .ok_or_else(|| format!("{word:?} is no {}", stringify!($name)).into())
            }
        }
    };
}

text_enum! {
    /// Who may see a post, in the words of the Mastodon API.
    Visibility {
        /// Everyone, and listed.
        Public = "public",
        /// Everyone, not in public timelines.
        Unlisted = "unlisted",
        /// The author's followers (or a private group's members) and those mentioned.
        Followers = "private",
        /// Those mentioned, nobody else.
        Direct = "direct",
    }
}

impl Visibility {
    /// Whether anyone at all may read it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }
}

text_enum! {
    /// What kind of actor, as `ActivityStreams` names it.
    ActorKind {
        /// Somebody.
        Person = "Person",
        /// A group.
        Group = "Group",
        /// A server, or a program.
        Application = "Application",
        /// A bot.
        Service = "Service",
        /// An organisation; treated as a person.
        Organization = "Organization",
    }
}

text_enum! {
    /// Who may make an account.
    SignUp {
        /// Everyone.
        Open = "open",
        /// Everyone, once an operator has agreed.
        Approval = "approval",
        /// Who was invited.
        Invite = "invite",
        /// Nobody; operators make accounts.
        Closed = "closed",
    }
}

/// The address a request came from, behind the proxies that are trusted; kept with the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Where nothing is known of it: an address that is nobody's.
    pub const NOBODY: Self = Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

    /// What limits count by: an IPv6 client has a whole /64 to itself.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_carry_the_time_and_the_lease() {
        let ids = Ids::new(5);
        let now = Time(1_700_000_000_000);
        let (a, b) = (ids.next(now), ids.next(now));
        assert!(a < b);
        assert_eq!(a >> 16, now.0);
        assert_eq!((a >> 10) & 63, 5);
        assert!(ids.next(Time(0)) > b, "a clock that jumps back makes no smaller id");
    }

    #[test]
    fn a_full_millisecond_runs_into_the_next_one() {
        let ids = Ids::new(0);
        let all: Vec<i64> = (0..3000).map(|_| ids.next(Time(1_000))).collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn times_have_exactly_three_decimals() {
        assert_eq!(Time(1_700_000_000_000).rfc3339(), "2023-11-14T22:13:20.000Z");
        assert_eq!(Time::parse("2023-11-14T23:13:20+01:00"), Some(Time(1_700_000_000_000)));
    }
}
