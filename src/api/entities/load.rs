//! From rows to entities, many at once: whatever the length of a page, so many queries and no more.
use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{
    super::page::Edges, Account, At, Id, MediaAttachment, Mention, Notification, Own, Poll, Status,
    StatusApplication, StatusTag, Submission, render,
};
use crate::{
    db::{
        self, Conn,
        actors::Actor,
        notifications::{Notification as Told, NotificationKind},
        oauth::App as OauthApp,
        policies::Policy,
        posts::Post,
        submissions::Submission as Judged,
    },
    error::{Error, Result},
    types::{ActorId, AppId, PollId, PostId, Time},
};

/// For whom entities are made, where and when.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Addresses begin with it.
    pub origin: Url,
    /// Who reads; nobody in particular without a token.
    pub reader: Option<ActorId>,
    /// The time by the node's clock.
    pub now: Time,
}

/// Everything that a page of posts refers to, by id.
struct Surroundings {
    originals: BTreeMap<PostId, Post>,
    actors: BTreeMap<ActorId, Actor>,
    parents: BTreeMap<PostId, ActorId>,
    media: BTreeMap<PostId, Vec<MediaAttachment>>,
    mentions: BTreeMap<PostId, Vec<ActorId>>,
    tags: BTreeMap<PostId, Vec<(String, String)>>,
    polls: BTreeMap<PostId, Poll>,
    apps: BTreeMap<AppId, OauthApp>,
    submissions: BTreeMap<PostId, Judged>,
    policies: BTreeMap<PostId, Policy>,
    own: Option<OwnMarks>,
}

/// Which posts the reader marked in which way.
#[derive(Default)]
struct OwnMarks {
    liked: BTreeSet<PostId>,
    boosted: BTreeSet<PostId>,
    bookmarked: BTreeSet<PostId>,
    pinned: BTreeSet<PostId>,
}

impl View {
    /// The entities of posts that the reader may see, in their order.
    ///
    /// A boost whose original is gone, or not for the reader, is left out.
    pub fn statuses(&self, conn: &mut Conn, posts: &[Post]) -> Result<Vec<Status>> {
        if posts.is_empty() {
            return Ok(Vec::new());
        }
        let around = self.surroundings(conn, posts)?;
        Ok(posts.iter().filter_map(|post| self.status_or_boost(&around, post)).collect())
    }

    /// The entity of one post.
    pub fn status(&self, conn: &mut Conn, post: &Post) -> Result<Status> {
        let mut statuses = self.statuses(conn, std::slice::from_ref(post))?;
        statuses.pop().ok_or(Error::NotFound)
    }

    /// The entities of actors.
    pub fn accounts(&self, actors: &[Actor]) -> Vec<Account> {
        actors.iter().map(|actor| self.account(actor)).collect()
    }

    /// A page of actors, each with the id by which it is paged.
    pub fn account_page(&self, rows: &[(i64, Actor)]) -> (Option<Edges>, Vec<Account>) {
        let edges = Edges::of(rows.iter().map(|(id, _)| *id));
        (edges, rows.iter().map(|(_, actor)| self.account(actor)).collect())
    }

    /// A page of posts that are listed by their own ids, with its edges.
    pub fn statuses_page(
        &self,
        conn: &mut Conn,
        posts: &[Post],
    ) -> Result<(Option<Edges>, Vec<Status>)> {
        let edges = Edges::of(posts.iter().map(|post| post.id.0));
        Ok((edges, self.statuses(conn, posts)?))
    }

    /// The entity of one actor.
    pub fn account(&self, actor: &Actor) -> Account {
        render::account(&self.origin, actor)
    }

    /// The accounts of ids, in their order; unknown ones left out.
    pub fn accounts_by_ids(&self, conn: &mut Conn, ids: &[ActorId]) -> Result<Vec<Account>> {
        let actors = by_id(db::actors::by_ids(conn, ids)?);
        Ok(ids.iter().filter_map(|id| actors.get(id)).map(|actor| self.account(actor)).collect())
    }

    /// The entities of notifications, in their order.
    pub fn notifications(&self, conn: &mut Conn, rows: &[Told]) -> Result<Vec<Notification>> {
        let post_ids: Vec<PostId> = rows.iter().filter_map(|row| row.post_id).collect();
        let posts = db::posts::by_ids(conn, &unique(post_ids))?;
        let statuses: BTreeMap<i64, Status> =
            self.statuses(conn, &posts)?.into_iter().map(|status| (status.id.0, status)).collect();
        let from = unique(rows.iter().map(|row| row.from_id));
        let actors = by_id(db::actors::by_ids(conn, &from)?);
        let entity = |row: &Told| {
            let status = match row.post_id {
                // About a post that is gone it says nothing any more.
                Some(id) => Some(statuses.get(&id.0).cloned()?),
                None => None,
            };
            Some(Notification {
                id: Id::from(row.id),
                kind: wire_kind(row.kind).to_owned(),
                created_at: At(row.created_at),
                group_key: format!("ungrouped-{}", row.id),
                account: self.account(actors.get(&row.from_id)?),
                status,
            })
        };
        Ok(rows.iter().filter_map(entity).collect())
    }

    /// The entity of a picture.
    pub fn media(&self, row: &db::media::Media) -> MediaAttachment {
        render::media(&self.origin, row)
    }

    fn surroundings(&self, conn: &mut Conn, posts: &[Post]) -> Result<Surroundings> {
        let originals = self.originals(conn, posts)?;
        let shown = || posts.iter().filter(|post| !post.is_boost()).chain(originals.values());
        let ids = unique(shown().map(|post| post.id));
        let mentions = db::posts::mentions_of(conn, &ids)?;
        let parents = unique(shown().filter_map(|post| post.in_reply_to_id));
        let parents = if parents.is_empty() {
            BTreeMap::new()
        } else {
            db::posts::authors_of(conn, &parents)?
        };
        let named = mentions.values().flatten().copied();
        let authors = posts.iter().chain(originals.values()).map(|post| post.author_id);
        let actors = unique(authors.chain(named));
        let apps = unique(shown().filter_map(|post| post.app_id));
        let may_wait =
            |post: &&Post| post.local && (post.group_id.is_some() || post.in_reply_to_id.is_some());
        let may_wait = unique(shown().filter(may_wait).map(|post| post.id));
        let here = unique(shown().filter(|post| post.local).map(|post| post.id));
        let questions = unique(shown().filter(|p| p.kind == "Question").map(|post| post.id));
        Ok(Surroundings {
            actors: by_id(db::actors::by_ids(conn, &actors)?),
            parents,
            media: self.media_of(conn, &ids)?,
            mentions,
            tags: db::posts::tags_of(conn, &ids)?,
            polls: self.polls(conn, &questions)?,
            apps: if apps.is_empty() {
                BTreeMap::new()
            } else {
                let apps = db::oauth::apps_by_ids(conn, &apps)?;
                apps.into_iter().map(|app| (app.id, app)).collect()
            },
            submissions: if may_wait.is_empty() {
                BTreeMap::new()
            } else {
                let judged = db::submissions::of_posts(conn, &may_wait)?.into_iter();
                judged.filter_map(|(id, all)| Some((id, all.into_iter().next()?))).collect()
            },
            policies: if here.is_empty() {
                BTreeMap::new()
            } else {
                db::policies::of_posts(conn, &here)?
            },
            own: self.reader.map(|reader| own_marks(conn, reader, &ids)).transpose()?,
            originals,
        })
    }

    /// What the boosts among `posts` pass on, as far as the reader may see it.
    fn originals(&self, conn: &mut Conn, posts: &[Post]) -> Result<BTreeMap<PostId, Post>> {
        let ids = unique(posts.iter().filter_map(|post| post.boost_of_id));
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut originals: BTreeMap<PostId, Post> =
            db::posts::by_ids(conn, &ids)?.into_iter().map(|post| (post.id, post)).collect();
        let closed: Vec<PostId> = originals
            .values()
            .filter(|post| !post.visibility.is_open())
            .map(|post| post.id)
            .collect();
        if !closed.is_empty() {
            let readable = db::timelines::readable_among(conn, self.reader, &closed)?;
            originals.retain(|id, post| post.visibility.is_open() || readable.contains(id));
        }
        Ok(originals)
    }

    fn media_of(
        &self,
        conn: &mut Conn,
        posts: &[PostId],
    ) -> Result<BTreeMap<PostId, Vec<MediaAttachment>>> {
        let rows = db::media::of_posts(conn, posts)?;
        let entities = |media: Vec<db::media::Media>| {
            media.iter().map(|media| render::media(&self.origin, media)).collect()
        };
        Ok(rows.into_iter().map(|(post, media)| (post, entities(media))).collect())
    }

    fn polls(&self, conn: &mut Conn, posts: &[PostId]) -> Result<BTreeMap<PostId, Poll>> {
        if posts.is_empty() {
            return Ok(BTreeMap::new());
        }
        let polls = db::polls::of_posts(conn, posts)?;
        let ids: Vec<PollId> = polls.values().map(|poll| poll.id).collect();
        let votes = match self.reader {
            Some(reader) => db::polls::votes_of(conn, reader, &ids)?,
            None => BTreeMap::new(),
        };
        let entity = |poll: &db::polls::Poll| {
            let own = self.reader.map(|_| votes.get(&poll.id).map_or(&[][..], Vec::as_slice));
            (poll.post_id, render::poll(poll, own, self.now))
        };
        Ok(polls.values().map(entity).collect())
    }

    fn status_or_boost(&self, around: &Surroundings, post: &Post) -> Option<Status> {
        let Some(original) = post.boost_of_id else { return self.entity(around, post) };
        let original = self.entity(around, around.originals.get(&original)?)?;
        Some(Status {
            id: Id::from(post.id),
            created_at: At(post.created_at),
            uri: post.ap_id.to_string(),
            account: self.account(around.actors.get(&post.author_id)?),
            visibility: post.visibility.as_str(),
            in_reply_to_id: None,
            in_reply_to_account_id: None,
            pinned: None,
            application: None,
            reblog: Some(Box::new(original.clone())),
            ..original
        })
    }

    fn entity(&self, around: &Surroundings, post: &Post) -> Option<Status> {
        let author = around.actors.get(&post.author_id)?;
        let mentions = around.mentions.get(&post.id).into_iter().flatten();
        let mentions = mentions.filter_map(|id| around.actors.get(id)).map(mention).collect();
        let parent_author = post.in_reply_to_id.and_then(|id| around.parents.get(&id));
        Some(Status {
            id: Id::from(post.id),
            created_at: At(post.created_at),
            in_reply_to_id: parent_author.and(post.in_reply_to_id).map(Id::from),
            in_reply_to_account_id: parent_author.map(|id| Id::from(*id)),
            sensitive: post.sensitive,
            spoiler_text: post.spoiler_text.clone(),
            visibility: post.visibility.as_str(),
            language: post.language.clone(),
            uri: post.ap_id.to_string(),
            url: Some(render::post_url(&self.origin, post, author)),
            replies_count: post.replies_count,
            reblogs_count: post.boosts_count,
            favourites_count: post.likes_count,
            dislikes_count: post.dislikes_count,
            quotes_count: 0,
            quote_approval: post
                .local
                .then(|| render::quote_approval(post, around.policies.get(&post.id), author)),
            edited_at: post.edited_at.map(At),
            content: render::content(post.title.as_deref(), &post.content),
            reblog: None,
            application: post.app_id.and_then(|id| around.apps.get(&id)).map(|app| {
                StatusApplication { name: app.name.clone(), website: app.website.clone() }
            }),
            account: self.account(author),
            media_attachments: around.media.get(&post.id).cloned().unwrap_or_default(),
            mentions,
            tags: self.tags(around.tags.get(&post.id)),
            emojis: Vec::new(),
            card: None,
            poll: around.polls.get(&post.id).cloned(),
            own: around.own.as_ref().map(|own| own.of(post.id)),
            pinned: around
                .own
                .as_ref()
                .filter(|_| self.reader == Some(post.author_id))
                .map(|own| own.pinned.contains(&post.id)),
            text: None,
            submission: around.submissions.get(&post.id).map(|judged| Submission {
                state: judged.state.as_str(),
                account_id: Id::from(judged.judge_id),
                reason: judged.reason.clone().filter(|_| self.reader == Some(post.author_id)),
            }),
            thanks: None,
        })
    }

    fn tags(&self, tags: Option<&Vec<(String, String)>>) -> Vec<StatusTag> {
        let tags = tags.into_iter().flatten();
        tags.map(|(name, _)| StatusTag {
            name: name.clone(),
            url: render::tag_url(&self.origin, name),
        })
        .collect()
    }
}

impl OwnMarks {
    fn of(&self, post: PostId) -> Own {
        Own {
            favourited: self.liked.contains(&post),
            reblogged: self.boosted.contains(&post),
            muted: false,
            bookmarked: self.bookmarked.contains(&post),
            filtered: [],
        }
    }
}

fn own_marks(conn: &mut Conn, reader: ActorId, posts: &[PostId]) -> Result<OwnMarks> {
    Ok(OwnMarks {
        liked: db::reactions::liked_among(conn, reader, posts)?.into_iter().collect(),
        boosted: db::posts::boosted_by(conn, reader, posts)?.into_iter().collect(),
        bookmarked: db::reactions::bookmarked_among(conn, reader, posts)?.into_iter().collect(),
        pinned: db::posts::pinned_among(conn, reader, posts)?.into_iter().collect(),
    })
}

/// A thank-you shows as a favourite: clients know no other word for it.
fn wire_kind(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Thanks => NotificationKind::Like.as_str(),
        kind => kind.as_str(),
    }
}

fn mention(actor: &Actor) -> Mention {
    Mention {
        id: Id::from(actor.id),
        username: actor.name.clone(),
        url: actor.url.clone(),
        acct: actor.acct(),
    }
}

fn unique<T: Ord>(ids: impl IntoIterator<Item = T>) -> Vec<T> {
    ids.into_iter().collect::<BTreeSet<T>>().into_iter().collect()
}

fn by_id(actors: Vec<Actor>) -> BTreeMap<ActorId, Actor> {
    actors.into_iter().map(|actor| (actor.id, actor)).collect()
}
