//! Writing, reading, changing posts: <https://docs.joinmastodon.org/methods/statuses/>
use std::collections::BTreeMap;

use actix_web::web::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    access::{Ctx, IdempotencyKey, Member, PathId, Viewer, scope},
    describe::Api,
    entities::{Account, At, Context, Id, Poll, ScheduledStatus, Status, StatusEdit, StatusSource},
    page::{Edges, Listing, Page, Paged},
    params::{self, Params},
    quotes::quoters,
    resolve, scheduled,
};
use crate::{
    db::{self, Conn, posts::Post},
    domain::{
        self,
        media::Words,
        polls::NewPoll,
        posts::{self, Change, Draft},
        threads,
    },
    error::{Error, Result},
    types::{MediaId, PostId, Time, Visibility},
};

/// Most posts of a thread that a client is given.
const MAX_THREAD: i64 = 2_000;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post("/api/v1/statuses", create, "Publishes a post, now or later")
        .get("/api/v1/statuses", several, "Posts by their ids")
        .get("/api/v1/statuses/{id}", one, "One post")
        .put("/api/v1/statuses/{id}", edit, "Edits a post")
        .patch("/api/v1/statuses/{id}", edit, "Edits a post")
        .delete("/api/v1/statuses/{id}", delete, "Deletes a post and answers its source")
        .get("/api/v1/statuses/{id}/context", context, "What a post answers, and what answers it")
        .get("/api/v1/statuses/{id}/source", source, "What was typed")
        .get("/api/v1/statuses/{id}/history", history, "Every version of a post")
        .get("/api/v1/statuses/{id}/favourited_by", favourited_by, "Who favourited a post")
        .get("/api/v1/statuses/{id}/reblogged_by", reblogged_by, "Who boosted a post");
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NewStatus {
    #[serde(default)]
    status: String,
    #[serde(default)]
    media_ids: Vec<String>,
    poll: Option<PollForm>,
    #[serde(default, deserialize_with = "params::blank_or")]
    in_reply_to_id: Option<PostId>,
    sensitive: Option<bool>,
    #[serde(default)]
    spoiler_text: String,
    #[schemars(extend("enum" = Visibility::WORDS))]
    visibility: Option<String>,
    language: Option<String>,
    scheduled_at: Option<String>,
    #[serde(default, deserialize_with = "params::blank_or")]
    quoted_status_id: Option<PostId>,
    #[schemars(extend("enum" = ["public", "followers", "nobody"]))]
    quote_approval_policy: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct PollForm {
    #[serde(default)]
    options: Vec<String>,
    expires_in: Option<i64>,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    hide_totals: bool,
}

/// How long a poll is open where the client does not say, seconds.
const POLL_SECS: i64 = 86_400;

impl NewStatus {
    fn draft(self) -> Result<Draft> {
        Ok(Draft {
            source: self.status,
            sensitive: self.sensitive.unwrap_or(false),
            visibility: visibility(self.visibility.as_deref())?,
            language: self.language.filter(|code| !code.is_empty()),
            in_reply_to: self.in_reply_to_id,
            media: media_ids(&self.media_ids)?,
            spoiler_text: self.spoiler_text,
            quoters: quoters(self.quote_approval_policy.as_deref())?.unwrap_or_default(),
            quotes: self.quoted_status_id,
            poll: self.poll.filter(|poll| !poll.options.is_empty()).map(|poll| NewPoll {
                options: poll.options,
                expires_in_secs: poll.expires_in.unwrap_or(POLL_SECS),
                multiple: poll.multiple,
                hide_totals: poll.hide_totals,
            }),
            ..Draft::default()
        })
    }
}

fn visibility(word: Option<&str>) -> Result<Option<Visibility>> {
    let known = |word| {
        Visibility::from_word(word).ok_or_else(|| {
            Error::invalid("Validation failed: Visibility is not included in the list")
        })
    };
    word.filter(|word| !word.is_empty()).map(known).transpose()
}

fn media_ids(ids: &[String]) -> Result<Vec<MediaId>> {
    let unknown = |_| Error::invalid("Validation failed: a picture is not there");
    ids.iter().map(|id| id.trim().parse().map_err(unknown)).collect()
}

/// What became of what a member wrote.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(untagged)]
enum Written {
    Now(Box<Status>),
    Later(Box<ScheduledStatus>),
}

async fn create(
    member: Member<scope::WriteStatuses>,
    key: IdempotencyKey,
    form: Params<NewStatus>,
    ctx: Ctx,
) -> Result<Json<Written>> {
    let (view, form) = (member.view(&ctx), form.into_inner());
    let due_at = scheduled::due_at(form.scheduled_at.as_deref(), view.now)?;
    let draft = Draft { app: member.app_id, idempotency_key: key.0, ..form.draft()? };
    resolve::mentions(&ctx, &draft.source).await?;
    ctx.write(move |tx| {
        if let Some(due_at) = due_at {
            let planned = domain::scheduled::plan(tx, member.id, &draft, due_at)?;
            return Ok(Json(Written::Later(Box::new(view.scheduled(tx, &planned)?))));
        }
        let post = posts::publish(tx, &member.actor, draft)?;
        Ok(Json(Written::Now(Box::new(view.status(tx, &post)?))))
    })
    .await
}

async fn one(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    let view = viewer.view(&ctx);
    ctx.read(move |conn| {
        let post = resolve::readable_post(conn, view.reader, id.0)?;
        Ok(Json(view.status(conn, &post)?))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Ids {
    #[serde(default, deserialize_with = "params::ids")]
    id: Vec<PostId>,
}

async fn several(
    viewer: Viewer<scope::ReadStatuses>,
    form: Params<Ids>,
    ctx: Ctx,
) -> Result<Json<Vec<Status>>> {
    let (view, mut ids) = (viewer.view(&ctx), form.into_inner().id);
    ids.truncate(40);
    ctx.read(move |conn| {
        let readable = db::timelines::readable_among(conn, view.reader, &ids)?;
        let posts = db::posts::by_ids(conn, &readable)?;
        let posts: BTreeMap<PostId, Post> = posts.into_iter().map(|p| (p.id, p)).collect();
        let posts: Vec<Post> = ids.iter().filter_map(|id| posts.get(id).cloned()).collect();
        Ok(Json(view.statuses(conn, &posts)?))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ChangedStatus {
    status: Option<String>,
    spoiler_text: Option<String>,
    sensitive: Option<bool>,
    language: Option<String>,
    media_ids: Option<Vec<String>>,
    #[serde(default)]
    media_attributes: Vec<MediaWords>,
    #[schemars(extend("enum" = ["public", "followers", "nobody"]))]
    quote_approval_policy: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct MediaWords {
    id: String,
    description: Option<String>,
    focus: Option<String>,
}

/// `x,y`, both from -1 to 1.
pub(super) fn focus(text: &str) -> Option<(f64, f64)> {
    let (x, y) = text.split_once(',')?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    Some((number(x)?.clamp(-1.0, 1.0), number(y)?.clamp(-1.0, 1.0)))
}

impl ChangedStatus {
    /// `source` is what stays where no new text is given.
    fn change(self, source: String) -> Result<Change> {
        let words = |words: MediaWords| {
            let id = media_ids(&[words.id])?.pop().ok_or(Error::NotFound)?;
            let focus = words.focus.as_deref().and_then(focus);
            Ok((id, Words { description: words.description, focus }))
        };
        Ok(Change {
            source: self.status.unwrap_or(source),
            title: None,
            spoiler_text: self.spoiler_text,
            sensitive: self.sensitive,
            language: self.language.filter(|code| !code.is_empty()),
            media: self.media_ids.as_deref().map(media_ids).transpose()?,
            quoters: quoters(self.quote_approval_policy.as_deref())?,
            media_words: self.media_attributes.into_iter().map(words).collect::<Result<_>>()?,
        })
    }
}

async fn edit(
    member: Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    form: Params<ChangedStatus>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    let (view, form) = (member.view(&ctx), form.into_inner());
    resolve::mentions(&ctx, form.status.as_deref().unwrap_or_default()).await?;
    ctx.write(move |tx| {
        let source = db::posts::by_id(tx, id.0)?.source.unwrap_or_default();
        let post = posts::edit(tx, &member.actor, id.0, form.change(source)?)?;
        Ok(Json(view.status(tx, &post)?))
    })
    .await
}

async fn delete(
    member: Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        // One that its group took out too: it is not theirs to keep.
        let post = db::posts::by_id(tx, id.0)?;
        if post.author_id != member.id {
            return Err(Error::NotFound);
        }
        // Looked at before it is emptied: the answer serves to write it anew.
        let status = view.status(tx, &post)?;
        posts::delete(tx, &member.actor, id.0)?;
        Ok(Json(Status { text: Some(post.source.unwrap_or_default()), ..status }))
    })
    .await
}

async fn context(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Context>> {
    let view = viewer.view(&ctx);
    let (found, stale) = ctx
        .read(move |conn| {
            let mut post = resolve::readable_post(conn, view.reader, id.0)?;
            if let Some(original) = post.boost_of_id {
                post = resolve::readable_post(conn, view.reader, original)?;
            }
            let thread = readable_thread(conn, view.reader, &post)?;
            let (before, after) = (ancestors(&thread, &post), descendants(&thread, &post));
            let split = before.len();
            let all: Vec<Post> = before.into_iter().chain(after).cloned().collect();
            let (before, after) = all.split_at(split);
            // Only who lives here has us ask elsewhere.
            let stale = match view.reader {
                Some(_) => stale_thread(conn, &post, view.now)?,
                None => None,
            };
            let found = Json(Context {
                ancestors: view.statuses(conn, before)?,
                descendants: view.statuses(conn, after)?,
            });
            Ok((found, stale))
        })
        .await?;
    if let Some(thread) = stale {
        ctx.write(move |tx| threads::look_through(tx, thread)).await?;
    }
    Ok(found)
}

/// The thread of a post, if it is time to look it through where it began.
fn stale_thread(conn: &mut Conn, post: &Post, now: Time) -> Result<Option<PostId>> {
    let root = db::posts::by_id(conn, post.thread_id)?;
    Ok(threads::is_stale(conn, &root, now)?.then_some(root.id))
}

/// The posts of a thread that the reader may see, oldest first.
fn readable_thread(
    conn: &mut Conn,
    reader: Option<crate::types::ActorId>,
    post: &Post,
) -> Result<Vec<Post>> {
    let mut thread = db::posts::thread(conn, post.thread_id, MAX_THREAD)?;
    let closed: Vec<PostId> =
        thread.iter().filter(|post| !post.visibility.is_open()).map(|post| post.id).collect();
    if !closed.is_empty() {
        let readable = db::timelines::readable_among(conn, reader, &closed)?;
        thread.retain(|post| post.visibility.is_open() || readable.contains(&post.id));
    }
    Ok(thread)
}

/// From the thread's beginning to the post's parent.
fn ancestors<'a>(thread: &'a [Post], post: &Post) -> Vec<&'a Post> {
    let by_id: BTreeMap<PostId, &Post> = thread.iter().map(|post| (post.id, post)).collect();
    let mut chain: Vec<&Post> = Vec::new();
    let mut next = post.in_reply_to_id;
    while let Some(parent) = next.and_then(|id| by_id.get(&id)) {
        // A circle cannot be written here, but may be claimed elsewhere.
        if chain.len() >= by_id.len() {
            break;
        }
        chain.push(parent);
        next = parent.in_reply_to_id;
    }
    chain.reverse();
    chain
}

/// Everything below the post, depth first, the older answer before the newer.
fn descendants<'a>(thread: &'a [Post], post: &Post) -> Vec<&'a Post> {
    let mut children: BTreeMap<PostId, Vec<&Post>> = BTreeMap::new();
    for child in thread {
        if let Some(parent) = child.in_reply_to_id {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut below = Vec::new();
    // Each list of children is taken once, so a circle ends.
    let mut open: Vec<&Post> = children.remove(&post.id).unwrap_or_default();
    open.reverse();
    while let Some(next) = open.pop() {
        below.push(next);
        let answers = children.remove(&next.id).unwrap_or_default();
        open.extend(answers.into_iter().rev());
    }
    below
}

async fn source(
    member: Member<scope::ReadStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<StatusSource>> {
    ctx.read(move |conn| {
        let post = resolve::readable_post(conn, Some(member.id), id.0)?;
        if post.author_id != member.id {
            return Err(Error::NotFound);
        }
        Ok(Json(StatusSource {
            id: Id::from(post.id),
            text: post.source.unwrap_or_default(),
            spoiler_text: post.spoiler_text,
        }))
    })
    .await
}

async fn history(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Vec<StatusEdit>>> {
    let view = viewer.view(&ctx);
    ctx.read(move |conn| {
        let post = resolve::readable_post(conn, view.reader, id.0)?;
        let edits = db::posts::edits(conn, post.id)?;
        let now = view.status(conn, &post)?;
        let earlier = edits.into_iter().map(|edit| StatusEdit {
            content: super::entities::render::content(edit.title.as_deref(), &edit.content),
            spoiler_text: edit.spoiler_text,
            sensitive: edit.sensitive,
            created_at: At(edit.created_at),
            account: now.account.clone(),
            media_attachments: now.media_attachments.clone(),
            emojis: Vec::new(),
            poll: now.poll.as_ref().map(Poll::edited),
            quote: now.quote.clone(),
        });
        let current = StatusEdit {
            content: now.content.clone(),
            spoiler_text: now.spoiler_text.clone(),
            sensitive: now.sensitive,
            created_at: now.edited_at.unwrap_or(now.created_at),
            account: now.account.clone(),
            media_attachments: now.media_attachments.clone(),
            emojis: Vec::new(),
            poll: now.poll.as_ref().map(Poll::edited),
            quote: now.quote.clone(),
        };
        let mut all: Vec<StatusEdit> = earlier.chain([current]).collect();
        view.with_emojis(conn, &mut all)?;
        Ok(Json(all))
    })
    .await
}

async fn favourited_by(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PostId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let reader = viewer.id;
    let rows = move |conn: &mut Conn, page: Page| {
        let post = resolve::readable_post(conn, reader, id.0)?;
        Ok(db::reactions::likers(conn, post.id, &page.rows(40, 80))?)
    };
    listing.accounts(viewer.view(&listing.ctx), rows).await
}

async fn reblogged_by(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PostId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let view = viewer.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let post = resolve::readable_post(conn, view.reader, id.0)?;
            let rows = db::posts::boosters(conn, post.id, &page.rows(40, 80))?;
            let ids: Vec<_> = rows.iter().map(|(_, actor)| *actor).collect();
            let edges = Edges::of(rows.iter().map(|(id, _)| *id));
            Ok((edges, view.accounts_by_ids(conn, &ids)?))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ActorId, Time, Uri};

    fn post(id: i64, parent: Option<i64>) -> Post {
        Post {
            id: PostId(id),
            ap_id: Uri::parse(&format!("https://oak.example/p/{id}")).unwrap(),
            url: None,
            author_id: ActorId(1),
            local: true,
            kind: "Note".into(),
            group_id: None,
            thread_id: PostId(1),
            in_reply_to_id: parent.map(PostId),
            in_reply_to_uri: None,
            boost_of_id: None,
            visibility: Visibility::Public,
            title: None,
            content: String::new(),
            source: None,
            spoiler_text: String::new(),
            sensitive: false,
            language: None,
            is_ask: false,
            helped: false,
            app_id: None,
            replies_count: 0,
            likes_count: 0,
            boosts_count: 0,
            dislikes_count: 0,
            created_at: Time(0),
            edited_at: None,
            deleted_at: None,
        }
    }

    fn thread(posts: &[(i64, Option<i64>)]) -> Vec<Post> {
        posts.iter().map(|(id, parent)| post(*id, *parent)).collect()
    }

    fn ids(posts: &[&Post]) -> Vec<i64> {
        posts.iter().map(|post| post.id.0).collect()
    }

    #[test]
    fn answers_come_depth_first_and_what_is_above_from_the_beginning() {
        let all = thread(&[
            (1, None),
            (2, Some(1)),
            (3, Some(1)),
            (4, Some(2)),
            (5, Some(4)),
            (6, Some(3)),
        ]);
        assert_eq!(ids(&descendants(&all, &all[0])), [2, 4, 5, 3, 6]);
        assert_eq!(ids(&descendants(&all, &all[1])), [4, 5]);
        assert_eq!(ids(&ancestors(&all, &all[4])), [1, 2, 4]);
        assert!(ancestors(&all, &all[0]).is_empty());
    }

    #[test]
    fn a_circle_in_a_thread_has_an_end() {
        let all = thread(&[(1, Some(3)), (2, Some(1)), (3, Some(2)), (4, Some(4))]);
        assert!(descendants(&all, &all[0]).len() <= 4);
        assert!(ancestors(&all, &all[0]).len() <= 4);
        assert!(ancestors(&all, &all[3]).len() <= 4);
        assert!(descendants(&all, &all[3]).len() <= 4);
    }

    #[test]
    fn a_thread_as_deep_as_it_is_long_is_no_danger() {
        let all: Vec<Post> = (1..2_000).map(|id| post(id, (id > 1).then(|| id - 1))).collect();
        assert_eq!(descendants(&all, &all[0]).len(), 1_998);
        assert_eq!(ancestors(&all, &all[1_998]).len(), 1_998);
    }

    #[test]
    fn a_focus_is_two_numbers() {
        assert_eq!(focus("0.5, -2"), Some((0.5, -1.0)));
        for bad in ["", "1", "a,b", "NaN,1", "inf,0"] {
            assert_eq!(focus(bad), None, "{bad}");
        }
    }
}
