//! Whole threads: what of one that began elsewhere never came here is read where it lives.
//!
//! The server of a thread may list all of it (`context`,
//! [FEP-7888](https://w3id.org/fep/7888)); else each post lists the answers it knows (`replies`).
//! A list is a hint: every post is read at its own server and must say itself that it belongs here.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{actors as others, posts as found};
use crate::{
    activitypub::{
        Object,
        collection::{Collection, More},
    },
    app::App,
    db::{self, posts::Post},
    domain::threads,
    error::{Error, Result},
    types::{PostId, Uri},
};

/// Most posts that are read at once.
const MOST_POSTS: usize = 50;
/// Most servers they are read from.
const MOST_HOSTS: usize = 5;
/// Most pages of lists that are read at once.
const MOST_PAGES: usize = 20;
/// Most entries of lists that are looked at.
const MOST_ENTRIES: usize = 500;

/// Reads what is missing of a thread. What cannot be had is left for the next time.
///
/// # Errors
/// `Internal` when it is to be tried again.
pub async fn look_through(app: &App, thread: PostId) -> Result<()> {
    let root = app.read(move |conn| Ok(db::posts::by_id(conn, thread)?)).await?;
    if root.local || root.deleted_at.is_some() || !root.visibility.is_open() {
        return Ok(());
    }
    let mut search = Search::new(app, thread);
    match search.run(&root).await {
        Err(error @ Error::Internal(_)) => Err(error),
        Err(error) => {
            tracing::debug!(thread = %thread, cause = %error.cause(), "a thread stays as it is");
            Ok(())
        }
        Ok(()) => {
            tracing::debug!(thread = %thread, new = search.new, "looked a thread through");
            Ok(())
        }
    }
}

/// One look through a thread, and what it may still ask for.
struct Search<'a> {
    app: &'a App,
    thread: PostId,
    hosts: BTreeSet<String>,
    posts_left: usize,
    pages_left: usize,
    /// How many posts it brought.
    new: usize,
}

impl<'a> Search<'a> {
    fn new(app: &'a App, thread: PostId) -> Self {
        let hosts = BTreeSet::new();
        Self { app, thread, hosts, posts_left: MOST_POSTS, pages_left: MOST_PAGES, new: 0 }
    }

    async fn run(&mut self, root: &Post) -> Result<()> {
        let document = others::document(self.app, &root.ap_id).await?;
        let object = Object::read(&document)?;
        if object.id != root.ap_id || !object.visibility(&[]).is_open() {
            return Ok(());
        }
        if let Some(context) = &object.context
            && self.by_context(root, context).await?
        {
            return Ok(());
        }
        self.by_replies(object.replies).await
    }

    /// Reads what the list of the whole thread names; `false` where it is none.
    async fn by_context(&mut self, root: &Post, context: &Uri) -> Result<bool> {
        // A group is a context too, on some servers, and no list of a thread.
        let listed = match self.entries(context).await {
            Ok(listed) => listed,
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(_) => return Ok(false),
        };
        if !listed.contains(&root.ap_id) {
            return Ok(false);
        }
        let (thread, uri) = (self.thread, context.to_string());
        self.app.write(move |tx| threads::set_context(tx, thread, Some(uri))).await?;
        for id in self.unknown(listed).await? {
            self.read(&id, |object, _| object.context.as_ref() == Some(context)).await?;
        }
        Ok(true)
    }

    /// Reads the answers that each post names, those to the root first.
    async fn by_replies(&mut self, replies: Option<Uri>) -> Result<()> {
        let mut lists: VecDeque<Uri> = replies.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(list) = lists.pop_front() {
            if !seen.insert(list.clone()) {
                continue;
            }
            let listed = match self.entries(&list).await {
                Ok(listed) => listed,
                Err(error @ Error::Internal(_)) => return Err(error),
                Err(_) => continue,
            };
            for id in self.unknown(listed).await? {
                lists.extend(self.read(&id, |_, answers_here| answers_here).await?);
            }
        }
        Ok(())
    }

    /// What a list and its pages name, in order.
    async fn entries(&mut self, list: &Uri) -> Result<Vec<Uri>> {
        let mut entries = Vec::new();
        let mut next = Some(More::At(list.clone()));
        let mut seen = BTreeSet::new();
        while let Some(more) = next.take() {
            let page = match more {
                More::Here(page) => *page,
                More::At(uri) => {
                    let spent = self.pages_left == 0 || !self.may_ask(&uri);
                    if spent || !uri.same_origin(list) || !seen.insert(uri.clone()) {
                        break;
                    }
                    self.pages_left -= 1;
                    match others::document(self.app, &uri).await {
                        Ok(document) => Collection::read(&document)?,
                        // What came so far is better than nothing.
                        Err(error) if entries.is_empty() => return Err(error),
                        Err(_) => break,
                    }
                }
            };
            entries.extend(page.items);
            if entries.len() >= MOST_ENTRIES {
                entries.truncate(MOST_ENTRIES);
                break;
            }
            next = page.more;
        }
        Ok(entries)
    }

    /// Those that never came here, each once.
    async fn unknown(&self, listed: Vec<Uri>) -> Result<Vec<Uri>> {
        let node = self.app.node();
        let mut seen = BTreeSet::new();
        let others: Vec<Uri> =
            listed.into_iter().filter(|uri| !node.owns(uri) && seen.insert(uri.clone())).collect();
        let ids: Vec<String> = others.iter().map(ToString::to_string).collect();
        let known: BTreeMap<String, PostId> =
            self.app.read(move |conn| Ok(db::threads::known_among(conn, &ids)?)).await?;
        Ok(others.into_iter().filter(|uri| !known.contains_key(uri.as_str())).collect())
    }

    /// Whether one more thing may be asked of a server.
    fn may_ask(&mut self, uri: &Uri) -> bool {
        let host = uri.authority();
        if self.hosts.contains(&host) {
            return true;
        }
        self.hosts.len() < MOST_HOSTS && self.hosts.insert(host)
    }

    /// Reads one post where it lives and keeps it if it says itself that it `belongs` here; gives
    /// the list of its answers.
    async fn read(
        &mut self,
        id: &Uri,
        belongs: impl Fn(&Object, bool) -> bool,
    ) -> Result<Option<Uri>> {
        if self.posts_left == 0 || !self.may_ask(id) {
            return Ok(None);
        }
        self.posts_left -= 1;
        let document = match others::document(self.app, id).await {
            Ok(document) => document,
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let Ok(object) = Object::read(&document) else { return Ok(None) };
        let parent = object.in_reply_to.as_ref().map(Uri::to_string);
        let answers_here = match parent {
            Some(parent) => self.is_in_thread(parent).await?,
            None => false,
        };
        let open = object.visibility(&[]).is_open();
        if object.id != *id || !open || !(answers_here || belongs(&object, answers_here)) {
            return Ok(None);
        }
        match found::keep(self.app, id, document).await {
            Ok(_) => self.new += 1,
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(_) => return Ok(None),
        }
        Ok(object.replies)
    }

    async fn is_in_thread(&self, id: String) -> Result<bool> {
        let thread = self.thread;
        let known = self.app.read(move |conn| Ok(db::threads::known_among(conn, &[id])?)).await?;
        Ok(known.values().any(|found| *found == thread))
    }
}
