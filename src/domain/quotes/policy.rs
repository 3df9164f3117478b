//! Who may quote a post.
use crate::{
    db::{self, Conn, actors::Actor, policies::Policy, posts::Post},
    domain::{Fact, Tx, posts},
    error::{Error, Result},
    types::{PostId, Visibility},
};

/// How everyone is called in a list of ids.
pub const EVERYONE: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Who may quote a post of ours. What is not for everyone nobody quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Quoters {
    /// Whoever asks.
    #[default]
    Everyone,
    /// Who follows its author.
    Followers,
    /// Nobody else.
    Nobody,
}

impl Quoters {
    /// Those that the policy of a post here lets quote it.
    fn of(policy: Option<&Policy>, author: &Actor) -> Self {
        let Some(who) = policy.and_then(|policy| policy.can_quote.as_deref()) else {
            return Self::Everyone;
        };
        if ids(Some(who)).contains(&followers_of(author)) { Self::Followers } else { Self::Nobody }
    }

    /// The same as a list of ids; nothing means everyone.
    fn ids(self, author: &Actor) -> Option<[String; 1]> {
        match self {
            Self::Everyone => None,
            Self::Followers => Some([followers_of(author)]),
            Self::Nobody => Some([author.ap_id.to_string()]),
        }
    }
}

fn followers_of(author: &Actor) -> String {
    author.followers_uri.clone().unwrap_or_else(|| format!("{}/followers", author.ap_id))
}

fn ids(list: Option<&str>) -> Vec<String> {
    list.and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default()
}

/// Some of those whom a policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// Everyone.
    Public,
    /// Who follows the author.
    Followers,
    /// Whom the author follows.
    Following,
    /// Single people, or lists that only their keeper knows.
    Others,
}

/// Whom the author of a post lets quote it: at once, and when asked. A post from elsewhere that says
/// nothing of it nobody quotes, as Mastodon (4.5) has it: its author may not know that one can.
pub fn parties(post: &Post, policy: Option<&Policy>, author: &Actor) -> (Vec<Party>, Vec<Party>) {
    if !post.visibility.is_open() {
        return (Vec::new(), Vec::new());
    }
    if author.local {
        let at_once = match Quoters::of(policy, author) {
            Quoters::Everyone => vec![Party::Public],
            Quoters::Followers => vec![Party::Followers],
            Quoters::Nobody => Vec::new(),
        };
        return (at_once, Vec::new());
    }
    let of = |list: Option<&str>| {
        let mut parties: Vec<Party> = ids(list).iter().filter_map(|id| party(id, author)).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    };
    let can = policy.and_then(|policy| policy.can_quote.as_deref());
    (of(can), of(policy.and_then(|policy| policy.ask_quote.as_deref())))
}

/// Who is meant by an id; the author alone is nobody.
fn party(id: &str, author: &Actor) -> Option<Party> {
    if id == EVERYONE {
        Some(Party::Public)
    } else if id == author.ap_id.as_str() {
        None
    } else if id == followers_of(author) {
        Some(Party::Followers)
    } else if id == format!("{}/following", author.ap_id) {
        Some(Party::Following)
    } else {
        Some(Party::Others)
    }
}

/// What somebody may expect who wants to quote a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A yes at once.
    Automatic,
    /// An answer when its author has looked at it.
    Manual,
    /// Its server knows.
    Unknown,
    /// A no.
    Denied,
}

/// How somebody stands to the author of a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// They follow the author.
    pub follows: bool,
    /// The author follows them.
    pub followed: bool,
    /// One of the two blocks the other.
    pub blocked: bool,
}

/// Whether `asker` may quote a post, as far as that can be seen here.
pub fn foresee(
    asker: &Actor,
    post: &Post,
    policy: Option<&Policy>,
    author: &Actor,
    standing: Standing,
) -> Verdict {
    if asker.id == author.id {
        // What is said in a group that is not open stays there, also for who said it.
        let own = post.visibility == Visibility::Followers && post.group_id.is_none();
        return if post.visibility.is_open() || own { Verdict::Automatic } else { Verdict::Denied };
    }
    if standing.blocked || !author.is_active() {
        return Verdict::Denied;
    }
    let (at_once, later) = parties(post, policy, author);
    let among = |parties: &[Party]| {
        parties.iter().any(|party| match party {
            Party::Public => true,
            Party::Followers => standing.follows,
            Party::Following => standing.followed,
            Party::Others => false,
        })
    };
    let named = |list: Option<&str>| ids(list).iter().any(|id| id == asker.ap_id.as_str());
    let open = !author.local && post.visibility.is_open();
    let lists = policy.filter(|_| open);
    if among(&at_once) || named(lists.and_then(|policy| policy.can_quote.as_deref())) {
        Verdict::Automatic
    } else if among(&later) || named(lists.and_then(|policy| policy.ask_quote.as_deref())) {
        Verdict::Manual
    } else if at_once.iter().chain(&later).any(|party| *party == Party::Others) {
        Verdict::Unknown
    } else {
        Verdict::Denied
    }
}

/// The same, looking up how the two stand.
///
/// # Errors
/// `Internal` from the database.
pub fn verdict(conn: &mut Conn, asker: &Actor, post: &Post, author: &Actor) -> Result<Verdict> {
    let standing = Standing {
        follows: db::follows::exists(conn, asker.id, author.id)?,
        followed: db::follows::exists(conn, author.id, asker.id)?,
        blocked: db::relations::blocked_either_way(conn, asker.id, author.id)?,
    };
    let policy = db::policies::of(conn, post.id)?;
    Ok(foresee(asker, post, policy.as_ref(), author, standing))
}

/// Writes down who may quote a post of `author`.
///
/// # Errors
/// `Internal` from the database.
pub fn allow(tx: &mut Tx, author: &Actor, post: PostId, who: Quoters) -> Result<()> {
    let Some(ids) = who.ids(author) else {
        db::policies::forget(tx, post)?;
        return Ok(());
    };
    let can_quote = serde_json::to_string(&ids).map_err(Error::internal)?;
    let policy = Policy {
        post_id: post,
        can_reply: None,
        can_announce: None,
        can_quote: Some(can_quote),
        ask_reply: None,
        ask_quote: None,
    };
    Ok(db::policies::set(tx, &policy)?)
}

/// The author lets others quote a post from now on, or no longer. What was allowed stays.
///
/// # Errors
/// `NotFound` for a post of somebody else.
pub fn change(tx: &mut Tx, author: &Actor, id: PostId, who: Quoters) -> Result<Post> {
    let post = posts::own(tx, author, id)?;
    allow(tx, author, id, who)?;
    tx.record(Fact::QuotersChanged {
        post: Box::new(post.clone()),
        author: Box::new(author.clone()),
    });
    Ok(post)
}
