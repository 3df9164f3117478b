//! `/@name/ID`: a question, what helped, and the rest in the order of the tree.
use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    accept,
    attached::Attached,
    reader::Reader,
    show::{self, Cast, Lens},
    views::{Form, Page, Pager, Post as PostView, ThanksChoice, pages::ThreadPage, words},
};
use crate::{
    db::{
        Conn,
        actors::Actor,
        follows, posts,
        posts::Post,
        receipts::{self, Receipt},
        relations, timelines,
    },
    domain::threads as looks,
    error::{Error, Result},
    text,
    types::{ActorId, PostId},
};

/// How many posts of a thread are looked at.
const MOST_POSTS: i64 = 2_000;
/// How many replies stand on one page.
const PAGE_REPLIES: usize = 100;

/// Which page of the replies.
#[derive(serde::Deserialize)]
pub struct Query {
    page: Option<usize>,
}

/// What is at `/@name/ID`: a thread; of a reply, the place in its thread.
///
/// # Errors
/// `NotFound` for what is not here or not for the reader; `Gone` for what was deleted.
pub async fn show(
    reader: Reader,
    req: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<Query>,
) -> Result<HttpResponse> {
    let (acct, id) = path.into_inner();
    let id: PostId = id.parse().map_err(|_| Error::NotFound)?;
    let lens = reader.lens();
    let number = query.page.unwrap_or(1).max(1);
    let activity = accept::wants_activity(&req);
    let found =
        reader.app.read(move |conn| find(conn, &lens, (Some(&acct), id), number, activity)).await?;
    match found {
        Found::Activity(uri) => Ok(accept::to_activity(&uri)),
        Found::Reply(path) => Ok(reader.go(&path)),
        Found::Thread(thread) => {
            // Only who lives here has us ask elsewhere.
            if thread.stale && reader.member().is_ok() {
                let root = thread.root.id;
                reader.app.write(move |tx| looks::look_through(tx, root)).await?;
            }
            page(&reader, *thread, Form::default(), false)
        }
    }
}

/// The thread's page again, with what is wrong with the reply that was typed.
///
/// # Errors
/// As [`show`].
pub async fn again(reader: &Reader, root: PostId, form: Form) -> Result<HttpResponse> {
    let lens = reader.lens();
    match reader.app.read(move |conn| find(conn, &lens, (None, root), 1, false)).await? {
        Found::Thread(thread) => page(reader, *thread, form, true),
        Found::Activity(path) | Found::Reply(path) => Ok(reader.go(&path)),
    }
}

enum Found {
    /// For a program: the post's id.
    Activity(String),
    /// The place of a reply.
    Reply(String),
    Thread(Box<Thread>),
}

/// A thread as the reader may see it.
struct Thread {
    root: Post,
    group: Option<Actor>,
    question: PostView,
    helped: Vec<PostView>,
    replies: Vec<PostView>,
    total: usize,
    number: usize,
    may_reply: bool,
    /// It began elsewhere, and was not looked through there for a while.
    stale: bool,
    path: String,
}

fn find(
    conn: &mut Conn,
    lens: &Lens,
    (acct, id): (Option<&str>, PostId),
    number: usize,
    activity: bool,
) -> Result<Found> {
    let post = posts::by_id(conn, id)?;
    if post.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    if !timelines::may_read(conn, lens.viewer, id)? {
        return Err(Error::NotFound);
    }
    if activity {
        return Ok(Found::Activity(post.ap_id.to_string()));
    }
    let post = match post.boost_of_id {
        Some(original) => posts::by_id(conn, original)?,
        None => post,
    };
    if post.thread_id != post.id
        && let Ok(root) = posts::by_id(conn, post.thread_id)
        && root.deleted_at.is_none()
        && timelines::may_read(conn, lens.viewer, root.id)?
    {
        let cast = Cast::of(conn, std::slice::from_ref(&root), &[])?;
        let page = place(conn, lens, &root, post.id)?;
        let page = if page > 1 { format!("?page={page}") } else { String::new() };
        let path = cast.thread_path(&root, root.author_id);
        return Ok(Found::Reply(format!("{path}{page}#p-{}", post.id)));
    }
    let thread = thread(conn, lens, post, number)?;
    match acct {
        // A thread has one address: its group's, or its author's.
        Some(acct) if !thread.path.starts_with(&format!("/@{acct}/")) => {
            Ok(Found::Reply(thread.path))
        }
        _ => Ok(Found::Thread(Box::new(thread))),
    }
}

/// The page of the thread on which a reply stands.
fn place(conn: &mut Conn, lens: &Lens, root: &Post, reply: PostId) -> Result<usize> {
    let rows = visible(conn, lens, root)?;
    let rest = rows.into_iter().filter(|post| !post.helped).collect();
    let index = in_tree_order(root.id, rest).iter().position(|(post, _)| post.id == reply);
    Ok(index.unwrap_or(0) / PAGE_REPLIES + 1)
}

/// The replies of a thread that the reader may and wants to see, oldest first.
fn visible(conn: &mut Conn, lens: &Lens, root: &Post) -> Result<Vec<Post>> {
    let rows = posts::thread(conn, root.thread_id, MOST_POSTS)?;
    let ids: Vec<PostId> = rows.iter().map(|post| post.id).collect();
    let readable: BTreeSet<PostId> =
        timelines::readable_among(conn, lens.viewer, &ids)?.into_iter().collect();
    let authors: Vec<ActorId> =
        rows.iter().map(|post| post.author_id).collect::<BTreeSet<_>>().into_iter().collect();
    let shunned: BTreeSet<ActorId> = match lens.viewer {
        Some(viewer) => relations::blocked_among(conn, viewer, &authors)?.into_iter().collect(),
        None => BTreeSet::new(),
    };
    Ok(rows
        .into_iter()
        .filter(|post| post.id != root.id)
        .filter(|post| readable.contains(&post.id) && !shunned.contains(&post.author_id))
        .collect())
}

/// Replies, each after what it answers, with its depth; what answers nothing here stands at depth 1.
fn in_tree_order(root: PostId, rows: Vec<Post>) -> Vec<(Post, usize)> {
    let here: BTreeSet<PostId> = rows.iter().map(|post| post.id).collect();
    let mut children: BTreeMap<PostId, Vec<Post>> = BTreeMap::new();
    for post in rows {
        let parent = post.in_reply_to_id.filter(|id| here.contains(id) && *id != post.id);
        children.entry(parent.unwrap_or(root)).or_default().push(post);
    }
    let mut stack: Vec<(Post, usize)> = Vec::new();
    let push = |stack: &mut Vec<(Post, usize)>, posts: Option<Vec<Post>>, depth: usize| {
        stack.extend(posts.into_iter().flatten().rev().map(|post| (post, depth)));
    };
    push(&mut stack, children.remove(&root), 1);
    let mut order = Vec::new();
    while let Some((post, depth)) = stack.pop() {
        push(&mut stack, children.remove(&post.id), depth + 1);
        order.push((post, depth));
    }
    order
}

fn thread(conn: &mut Conn, lens: &Lens, root: Post, number: usize) -> Result<Thread> {
    let rows = visible(conn, lens, &root)?;
    let (helped, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(|post| post.helped);
    let total = rest.len();
    // What answers a post that stands elsewhere on the page begins anew, and says whom it answers.
    let rest = in_tree_order(root.id, rest);
    let rest: Vec<_> =
        rest.into_iter().skip((number - 1) * PAGE_REPLIES).take(PAGE_REPLIES).collect();
    let mut shown: Vec<Post> = vec![root.clone()];
    shown.extend(helped.iter().chain(rest.iter().map(|(post, _)| post)).cloned());
    let parents = parents(conn, &shown)?;
    let others: Vec<ActorId> = parents.values().map(|post| post.author_id).collect();
    let cast = Cast::of(conn, &shown, &others)?;
    let attached = Attached::of(conn, lens, &shown)?;
    let mut waits = show::what_waits(conn, lens, &shown)?;
    let receipts = own_receipts(conn, lens, &root)?;
    let mut last = None;
    let mut view = |post: &Post, depth: usize, apart: bool| {
        let mut view = show::post_view(lens, &cast, post, &attached);
        view.depth = depth;
        view.waits = waits.remove(&post.id).unwrap_or_default();
        let parent = post.in_reply_to_id.and_then(|id| parents.get(&id));
        if let Some(parent) =
            parent.filter(|parent| parent.id != root.id && (apart || Some(parent.id) != last))
        {
            view.answer_to = cast.person(parent.author_id, &lens.domain).display;
            view.answer_to_pictured = cast.name(parent.author_id);
            view.answer_to_url = format!("#p-{}", parent.id);
        }
        thanks(&mut view, lens, &root, post, &receipts);
        last = (!apart).then_some(post.id);
        view
    };
    let mut question = view(&root, 0, false);
    question.group_pictured = root.group_id.map(|id| cast.name(id)).unwrap_or_default();
    let helped = helped.iter().map(|post| view(post, 1, true)).collect();
    let replies = rest.iter().map(|(post, depth)| view(post, *depth, false)).collect();
    let group = root.group_id.and_then(|id| cast.actor(id)).cloned();
    let may_reply = match (lens.viewer, &group) {
        (Some(viewer), Some(group)) if group.locked => follows::exists(conn, viewer, group.id)?,
        (viewer, _) => viewer.is_some(),
    };
    let stale = looks::is_stale(conn, &root, lens.now)?;
    // Where the beginning is not to be had, what is here is the beginning.
    let path = cast.thread_path(&Post { thread_id: root.id, ..root.clone() }, root.author_id);
    Ok(Thread { root, group, question, helped, replies, total, number, may_reply, stale, path })
}

fn parents(conn: &mut Conn, shown: &[Post]) -> Result<BTreeMap<PostId, Post>> {
    let ids: Vec<PostId> = shown.iter().filter_map(|post| post.in_reply_to_id).collect();
    Ok(posts::by_ids(conn, &ids)?.into_iter().map(|post| (post.id, post)).collect())
}

/// What the reader said about replies of this thread, if they began it.
fn own_receipts(conn: &mut Conn, lens: &Lens, root: &Post) -> Result<Vec<Receipt>> {
    if lens.viewer != Some(root.author_id) {
        return Ok(Vec::new());
    }
    Ok(receipts::of_thread(conn, root.id)?)
}

/// "This helped me": only for who began a thread in a group, about the answers of others.
fn thanks(view: &mut PostView, lens: &Lens, root: &Post, post: &Post, receipts: &[Receipt]) {
    let asker = lens.viewer == Some(root.author_id);
    if !asker || root.group_id.is_none() || post.id == root.id || post.author_id == root.author_id {
        return;
    }
    view.thanks = if post.helped { ThanksChoice::TakeBack } else { ThanksChoice::Thank };
    let receipt = receipts.iter().find(|receipt| receipt.reply_id == Some(post.id));
    if let Some(receipt) = receipt.filter(|receipt| !receipt.counted && post.helped) {
        view.not_counted = format!("Not counted: {}", super::help::why_not(receipt.reason));
    }
}

fn page(reader: &Reader, thread: Thread, form: Form, again: bool) -> Result<HttpResponse> {
    let Thread { root, group, question, helped, replies, total, number, may_reply, path, .. } =
        thread;
    let titled = !question.title.is_empty();
    let heading = match (titled, root.is_ask) {
        (true, _) => question.title.clone(),
        (false, true) => format!("An ask by {}", question.author.display),
        (false, false) => format!("Talk by {}", question.author.display),
    };
    let group_name = group.as_ref().map(show::display_name).unwrap_or_default();
    let title = if group_name.is_empty() {
        show::title_of(&root)
    } else {
        format!("{} · {group_name}", show::title_of(&root))
    };
    let link = |number: usize| format!("{path}?page={number}");
    let all = u64::try_from(total).unwrap_or_default();
    let frame = Page {
        description: text::excerpt(&root.content, 160),
        alternate: root.ap_id.to_string(),
        unlisted: root.visibility != crate::types::Visibility::Public,
        ..reader.page(&title)
    };
    let address = if root.local {
        format!("{}{}", reader.app.origin().as_str().trim_end_matches('/'), path)
    } else {
        root.url.clone().unwrap_or_else(|| root.ap_id.to_string())
    };
    let template = ThreadPage {
        page: frame,
        group_url: group.as_ref().map(show::actor_path).unwrap_or_default(),
        heading,
        titled,
        is_ask: root.is_ask,
        replies_title: match (total, helped.is_empty()) {
            (0, true) => "Answers".to_owned(),
            (0, false) => "No other answer".to_owned(),
            (_, true) => words::count(all, "answer", "answers"),
            (_, false) => words::count(all, "other answer", "other answers"),
        },
        pager: Pager {
            newer: if number > 1 { link(number - 1) } else { String::new() },
            older: if number * PAGE_REPLIES < total { link(number + 1) } else { String::new() },
        },
        can_reply: may_reply,
        why_not: format!("Only members of {group_name} can answer here. Join the group first."),
        reply_hint: if group_name.is_empty() {
            "Whoever can read this can read your answer.".to_owned()
        } else {
            format!("Everyone who can read {group_name} can read it.")
        },
        sign_in_next: utf8_percent_encode(&path, NON_ALPHANUMERIC).to_string(),
        address,
        group: group_name,
        question,
        helped,
        replies,
        form,
    };
    if again { reader.html_again(&template) } else { reader.html(&template) }
}
