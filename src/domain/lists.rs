//! Lists of accounts that a member keeps for themselves.
use crate::{
    db::{
        self,
        lists::{List, Replies},
    },
    domain::Tx,
    error::{Error, Result},
    types::{ActorId, ListId},
};

/// Most lists of a member.
pub const MAX_LISTS: i64 = 100;
/// Most accounts in a list.
const MAX_ACCOUNTS: i64 = 1_000;
/// Longest title, in characters.
const MAX_TITLE: usize = 255;

/// What a list is made of, or changed to; `None` leaves it as it is, or at its default.
#[derive(Clone, Debug, Default)]
pub struct ListChange {
    /// Plain text.
    pub title: Option<String>,
    /// Which replies it shows.
    pub replies: Option<Replies>,
    /// What it shows is left out of home.
    pub exclusive: Option<bool>,
}

fn check_title(title: &str) -> Result<String> {
    let title = title.trim();
    if title.is_empty() {
        return Err(Error::invalid("Validation failed: Title can't be blank"));
    }
    if title.chars().count() > MAX_TITLE {
        return Err(Error::invalid(format!(
            "Validation failed: Title is too long (maximum is {MAX_TITLE} characters)"
        )));
    }
    Ok(title.to_owned())
}

/// A list of a member's.
///
/// # Errors
/// `NotFound` where there is none.
pub fn get(conn: &mut db::Conn, owner: ActorId, id: ListId) -> Result<List> {
    db::lists::by_id(conn, owner, id)?.ok_or(Error::NotFound)
}

/// A new list.
///
/// # Errors
/// `Invalid` without a title, or when there are too many.
pub fn create(tx: &mut Tx, owner: ActorId, change: ListChange) -> Result<List> {
    let most = usize::try_from(MAX_LISTS).map_err(Error::internal)?;
    if db::lists::of_owner(tx, owner, MAX_LISTS)?.len() >= most {
        return Err(Error::invalid(format!(
            "Validation failed: You have {MAX_LISTS} lists, which is the most there can be"
        )));
    }
    let list = List {
        id: ListId(tx.new_id()),
        owner_id: owner,
        title: check_title(&change.title.unwrap_or_default())?,
        replies: change.replies.unwrap_or(Replies::List),
        exclusive: change.exclusive.unwrap_or(false),
        created_at: tx.now(),
    };
    db::lists::insert(tx, &list)?;
    Ok(list)
}

/// Changes a list.
///
/// # Errors
/// As [`get`] and [`create`].
pub fn change(tx: &mut Tx, owner: ActorId, id: ListId, change: ListChange) -> Result<List> {
    let mut list = get(tx, owner, id)?;
    if let Some(title) = change.title {
        list.title = check_title(&title)?;
    }
    list.replies = change.replies.unwrap_or(list.replies);
    list.exclusive = change.exclusive.unwrap_or(list.exclusive);
    db::lists::update(tx, &list)?;
    Ok(list)
}

/// Takes a list away.
///
/// # Errors
/// As [`get`].
pub fn delete(tx: &mut Tx, owner: ActorId, id: ListId) -> Result<()> {
    get(tx, owner, id)?;
    Ok(db::lists::delete(tx, id)?)
}

/// Puts accounts in a list.
///
/// # Errors
/// `NotFound` for a list of somebody else's and for an account that the member does not follow;
/// `Invalid` for one that is in it, and when it is full. Nobody is put in then.
pub fn add(tx: &mut Tx, owner: ActorId, id: ListId, accounts: &[ActorId]) -> Result<()> {
    let list = get(tx, owner, id)?;
    let many = i64::try_from(accounts.len()).map_err(Error::internal)?;
    if db::lists::size(tx, list.id)?.saturating_add(many) > MAX_ACCOUNTS {
        return Err(Error::invalid(format!(
            "Validation failed: a list holds at most {MAX_ACCOUNTS} accounts"
        )));
    }
    for account in accounts {
        if *account != owner && !db::follows::exists(tx, owner, *account)? {
            return Err(Error::NotFound);
        }
        let row = tx.new_id();
        if !db::lists::add(tx, row, list.id, *account)? {
            return Err(Error::invalid("Validation failed: Account has already been taken"));
        }
    }
    Ok(())
}

/// Takes accounts out of a list.
///
/// # Errors
/// As [`get`].
pub fn remove(tx: &mut Tx, owner: ActorId, id: ListId, accounts: &[ActorId]) -> Result<()> {
    let list = get(tx, owner, id)?;
    db::lists::remove(tx, list.id, accounts)?;
    Ok(())
}
