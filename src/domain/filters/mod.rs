//! What members do not want to see: kept here, found in posts here, folded or hidden by their client.
mod matching;

pub use matching::{Match, Sieve};

use crate::{
    db::{
        self,
        filters::{Filter, FilterAction, FilteredPost, Keyword, Whole},
    },
    domain::{Fact, Tx},
    error::{Error, Result},
    types::{ActorId, FilterId, FilterKeywordId, FilterPostId, PostId, Time},
};

/// Most filters of a member.
pub const MAX_FILTERS: i64 = 200;
/// Most words of a filter, and most posts.
const MAX_PARTS: usize = 500;
/// Longest title and longest word, in characters.
const MAX_CHARS: usize = 255;
/// Where filters can hold, in Mastodon's words.
const CONTEXTS: [&str; 5] = ["home", "notifications", "public", "thread", "account"];

/// What a filter is made of, or changed to; `None` leaves it as it is, or at its default.
#[derive(Clone, Debug, Default)]
pub struct FilterChange {
    /// Plain text.
    pub title: Option<String>,
    /// Where it holds.
    pub contexts: Option<Vec<String>>,
    /// What it does.
    pub action: Option<FilterAction>,
    /// When it ends.
    pub ends: Option<Ends>,
    /// Words to add, change or take away.
    pub keywords: Vec<KeywordChange>,
}

/// Until when a filter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// For ever.
    Never,
    /// Until then.
    At(Time),
}

impl Ends {
    fn time(self) -> Option<Time> {
        match self {
            Self::Never => None,
            Self::At(time) => Some(time),
        }
    }
}

/// A word to add, or, with an id, to change or take away.
#[derive(Clone, Debug, Default)]
pub struct KeywordChange {
    /// Of a word that is there.
    pub id: Option<FilterKeywordId>,
    /// As typed.
    pub keyword: Option<String>,
    /// Only where it stands alone.
    pub whole_word: Option<bool>,
    /// Take it away.
    pub destroy: bool,
}

fn short(name: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(format!("Validation failed: {name} can't be blank")));
    }
    if text.chars().count() > MAX_CHARS {
        return Err(Error::invalid(format!(
            "Validation failed: {name} is too long (maximum is {MAX_CHARS} characters)"
        )));
    }
    Ok(text.to_owned())
}

fn contexts(words: &[String]) -> Result<String> {
    if words.is_empty() {
        return Err(Error::invalid("Validation failed: Context can't be blank"));
    }
    if words.iter().any(|word| !CONTEXTS.contains(&word.as_str())) {
        return Err(Error::invalid("Validation failed: Context is not included in the list"));
    }
    let known = CONTEXTS.into_iter().filter(|word| words.iter().any(|named| named == word));
    Ok(known.collect::<Vec<&str>>().join(" "))
}

fn changed(tx: &mut Tx, owner: ActorId) {
    tx.record(Fact::FiltersChanged { owner });
}

/// A filter of a member's, with all that it looks for.
///
/// # Errors
/// `NotFound` where there is none.
pub fn get(conn: &mut db::Conn, owner: ActorId, id: FilterId) -> Result<Whole> {
    let filter = db::filters::by_id(conn, owner, id)?.ok_or(Error::NotFound)?;
    db::filters::whole(conn, vec![filter])?.pop().ok_or(Error::NotFound)
}

/// A member's filters.
///
/// # Errors
/// `Internal` from the database.
pub fn all(conn: &mut db::Conn, owner: ActorId) -> Result<Vec<Whole>> {
    let rows = db::filters::of_owner(conn, owner, MAX_FILTERS)?;
    Ok(db::filters::whole(conn, rows)?)
}

/// A new filter.
///
/// # Errors
/// `Invalid` for what has to be changed.
pub fn create(tx: &mut Tx, owner: ActorId, change: FilterChange) -> Result<Whole> {
    let most = usize::try_from(MAX_FILTERS).map_err(Error::internal)?;
    if db::filters::of_owner(tx, owner, MAX_FILTERS)?.len() >= most {
        return Err(Error::invalid(format!(
            "Validation failed: You have {MAX_FILTERS} filters, which is the most there can be"
        )));
    }
    let filter = Filter {
        id: FilterId(tx.new_id()),
        owner_id: owner,
        title: short("Title", &change.title.unwrap_or_default())?,
        contexts: contexts(&change.contexts.unwrap_or_default())?,
        action: change.action.unwrap_or(FilterAction::Warn),
        expires_at: change.ends.and_then(Ends::time),
        created_at: tx.now(),
    };
    db::filters::insert(tx, &filter)?;
    for word in change.keywords {
        change_keyword(tx, owner, filter.id, word)?;
    }
    changed(tx, owner);
    get(tx, owner, filter.id)
}

/// Changes a filter.
///
/// # Errors
/// `NotFound` where there is none, `Invalid` for what has to be changed.
pub fn change(tx: &mut Tx, owner: ActorId, id: FilterId, change: FilterChange) -> Result<Whole> {
    let mut filter = get(tx, owner, id)?.filter;
    if let Some(title) = change.title {
        filter.title = short("Title", &title)?;
    }
    if let Some(words) = change.contexts {
        filter.contexts = contexts(&words)?;
    }
    filter.action = change.action.unwrap_or(filter.action);
    filter.expires_at = change.ends.map_or(filter.expires_at, Ends::time);
    db::filters::update(tx, &filter)?;
    for word in change.keywords {
        change_keyword(tx, owner, id, word)?;
    }
    changed(tx, owner);
    get(tx, owner, id)
}

/// Takes a filter away.
///
/// # Errors
/// `NotFound` where there is none.
pub fn delete(tx: &mut Tx, owner: ActorId, id: FilterId) -> Result<()> {
    get(tx, owner, id)?;
    db::filters::delete(tx, id)?;
    changed(tx, owner);
    Ok(())
}

/// A word of one of a member's filters, with the filter.
///
/// # Errors
/// `NotFound` where there is none.
pub fn keyword(
    conn: &mut db::Conn,
    owner: ActorId,
    id: FilterKeywordId,
) -> Result<(Keyword, Filter)> {
    db::filters::keyword(conn, owner, id)?.ok_or(Error::NotFound)
}

/// Adds a word to a filter, changes one, or takes it away; the word as it is then.
///
/// # Errors
/// `NotFound` for a filter or word of somebody else's, `Invalid` for what has to be changed.
pub fn change_keyword(
    tx: &mut Tx,
    owner: ActorId,
    filter: FilterId,
    change: KeywordChange,
) -> Result<Option<Keyword>> {
    let whole = get(tx, owner, filter)?;
    changed(tx, owner);
    if let Some(id) = change.id {
        let known = whole.keywords.into_iter().find(|word| word.id == id);
        let mut known = known.ok_or(Error::NotFound)?;
        if change.destroy {
            db::filters::delete_keyword(tx, id)?;
            return Ok(None);
        }
        if let Some(keyword) = change.keyword {
            known.keyword = short("Keyword", &keyword)?;
        }
        known.whole_word = change.whole_word.unwrap_or(known.whole_word);
        db::filters::update_keyword(tx, &known)?;
        return Ok(Some(known));
    }
    if change.destroy {
        return Ok(None);
    }
    if whole.keywords.len() >= MAX_PARTS {
        return Err(Error::invalid("Validation failed: this filter has too many words"));
    }
    let row = Keyword {
        id: FilterKeywordId(tx.new_id()),
        filter_id: filter,
        keyword: short("Keyword", &change.keyword.unwrap_or_default())?,
        whole_word: change.whole_word.unwrap_or(true),
    };
    db::filters::insert_keyword(tx, &row)?;
    Ok(Some(row))
}

/// Adds a post to a filter.
///
/// # Errors
/// `NotFound` for a filter of somebody else's, or a post that the member may not read; `Invalid` for
/// one that is in it.
pub fn add_post(
    tx: &mut Tx,
    owner: ActorId,
    filter: FilterId,
    post: PostId,
) -> Result<FilteredPost> {
    let whole = get(tx, owner, filter)?;
    if !db::timelines::may_read(tx, Some(owner), post)? {
        return Err(Error::NotFound);
    }
    if whole.posts.len() >= MAX_PARTS {
        return Err(Error::invalid("Validation failed: this filter has too many posts"));
    }
    let row = FilteredPost { id: FilterPostId(tx.new_id()), filter_id: filter, post_id: post };
    if !db::filters::insert_post(tx, &row)? {
        return Err(Error::invalid("Validation failed: Status has already been taken"));
    }
    changed(tx, owner);
    Ok(row)
}

/// A post of one of a member's filters.
///
/// # Errors
/// `NotFound` where there is none.
pub fn post(conn: &mut db::Conn, owner: ActorId, id: FilterPostId) -> Result<FilteredPost> {
    db::filters::post(conn, owner, id)?.ok_or(Error::NotFound)
}

/// Takes a post out of a filter.
///
/// # Errors
/// As [`post`].
pub fn remove_post(tx: &mut Tx, owner: ActorId, id: FilterPostId) -> Result<()> {
    post(tx, owner, id)?;
    db::filters::delete_post(tx, id)?;
    changed(tx, owner);
    Ok(())
}
